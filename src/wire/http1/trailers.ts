// Trailer fields that may be passed on: none that frames, routes or identifies the message (RFC 9110 section 6.5.1).

import { HeaderFields } from '../header-fields.ts'
import { skipBlanks, trimEnd } from '../lists.ts'
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

/** The fields of a trailer section that may be passed on; null where there is none. `lines`: each with its CRLF. */
export function readTrailers(lines: string): HeaderFields | null {
  if (lines === '') return null
  const fields = new HeaderFields()
  fields.reset(lines)
  for (let start = 0; start < lines.length;) {
    const end = lines.indexOf('\r\n', start)
    const colon = lines.indexOf(':', start)
    if (isPassable(lines.slice(start, end), colon - start)) {
      const valueStart = skipBlanks(lines, colon + 1, end)
      fields.add(start, colon, valueStart, trimEnd(lines, valueStart, end))
    }
    start = end + 2
  }
  return fields.count === 0 ? null : fields
}

/** Complete lines of trailers. */
export function trailerLines(trailers: HeaderFields | null): string {
  let lines = ''
  if (trailers === null) return lines
  for (let index = 0; index < trailers.count; index++) {
    lines += `${trailers.name(index)}: ${trailers.value(index)}\r\n`
  }
  return lines
}

function isPassable(line: string, colon: number): boolean {
  const name = line.slice(0, colon).toLowerCase()
  if (framingKind(line, 0, colon) !== Framing.none || isHopByHop(name) || forbidden.has(name)) return false
  return PLAIN_NAME.test(name) || !isDisguise(line)
}
