// Trailer fields that may be passed on: none that frames, routes or identifies the message (RFC 9110 section 6.5.1).

import { Framing, framingKind, isDisguise, isHopByHop } from './field-names.ts'

const forbidden = new Set([
  'host',
  'expect',
  'authorization',
  'cookie',
  'set-cookie',
  'content-type',
  'content-encoding',
  'content-range',
  'trailer',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-amzn-trace-id',
])

const PLAIN_NAME = /^[-0-9a-z]+$/

/** The lines of `trailers` (each with its CRLF) that may leave. */
export function passableTrailers(trailers: string): string {
  if (trailers === '') return ''
  return trailers
    .split('\r\n')
    .filter((line) => line !== '' && isPassable(line))
    .map((line) => `${line}\r\n`)
    .join('')
}

function isPassable(line: string): boolean {
  const colon = line.indexOf(':')
  const name = line.slice(0, colon).toLowerCase()
  if (framingKind(line, 0, colon) !== Framing.none || isHopByHop(name) || forbidden.has(name)) return false
  return PLAIN_NAME.test(name) || !isDisguise(line)
}
