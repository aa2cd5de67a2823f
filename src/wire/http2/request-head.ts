// The head of a request that came by HTTP/2 (RFC 9113 section 8). What HTTP/2 alone forbids is looked for here; then it is
// read as the request of HTTP/1.1 that it stands for, so that limits, classes of desync and oddities are the same for
// both, and nothing can mean one thing here and another behind an HTTP/1.1 target.

import type { HeaderFields } from '../header-fields.ts'
import { isHopByHop } from '../http1/field-names.ts'
import { type HeadFault, RequestReader } from '../http1/request-reader.ts'
import { readTrailers } from '../http1/trailers.ts'
import { Host } from '../host.ts'
import type { RequestHead } from '../request-head.ts'

/**
 * Why there is no request. `malformed`: an error of the stream (RFC 9113 section 8.1.1). `connect`: the method CONNECT,
 * which is not offered. The limits are those of HTTP/1.1.
 */
export type RequestFault = 'connect' | HeadFault

const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const SCHEME = /^[a-z][a-z0-9+.-]*$/i

/** Fields of connections of HTTP/1.1, which HTTP/2 forbids (RFC 9113 section 8.2.2). TE alone has a use. */
function isConnectionSpecific(name: string): boolean {
  return name !== 'te' && isHopByHop(name)
}

const reader = new RequestReader()

/**
 * Fills `head` with what the lines of `fields`, which may be its own, say. None of them is a forbidden field by itself.
 * `isEndStream`: no body follows.
 */
export function readHttp2Request(
  head: RequestHead,
  fields: HeaderFields,
  isEndStream: boolean,
): RequestFault | null {
  const pseudo = readPseudoFields(fields)
  if (pseudo === null) return 'malformed'
  if (pseudo.method === 'CONNECT') return 'connect'
  const { method, path, authority } = pseudo
  if (!METHOD.test(method) || !SCHEME.test(pseudo.scheme)) return 'malformed'
  if (!path.startsWith('/') && !(path === '*' && method === 'OPTIONS')) return 'malformed'
  const lines = regularLines(fields, pseudo.count, authority)
  if (lines === null) return 'malformed'
  const host = authority === null ? '' : `host: ${authority}\r\n`
  reader.head = head
  const text = `${method} ${path} HTTP/1.1\r\n${host}${lines}\r\n`
  if (reader.read(text) !== text.length) {
    reader.restart()
    return reader.fault
  }
  head.versionText = 'HTTP/2.0'
  return readFraming(head, isEndStream) ? null : 'malformed'
}

/**
 * The fields of a trailer section that may be passed on; null where there is none. `fields` are the lines of a whole
 * block.
 */
export function readHttp2Trailers(fields: HeaderFields): HeaderFields | null | 'malformed' {
  for (let index = 0; index < fields.count; index++) {
    if (isPseudo(fields, index) || isConnectionSpecific(fields.name(index))) return 'malformed'
  }
  return readTrailers(fields.text)
}

interface PseudoFields {
  method: string
  scheme: string
  path: string
  /** Null: none. */
  authority: string | null
  /** How many there are, all before the others. */
  count: number
}

/** Null: one is missing, twice there, not known, or behind a regular field (RFC 9113 section 8.3). */
function readPseudoFields(fields: HeaderFields): PseudoFields | null {
  let method: string | null = null
  let scheme: string | null = null
  let path: string | null = null
  let authority: string | null = null
  let count = 0
  for (; count < fields.count && isPseudo(fields, count); count++) {
    const value = fields.value(count)
    switch (fields.name(count)) {
      case ':method':
        if (method !== null) return null
        method = value
        break
      case ':scheme':
        if (scheme !== null) return null
        scheme = value
        break
      case ':path':
        if (path !== null) return null
        path = value
        break
      case ':authority':
        if (authority !== null) return null
        authority = value
        break
      default:
        return null
    }
  }
  for (let index = count; index < fields.count; index++) if (isPseudo(fields, index)) return null
  if (method === 'CONNECT') return { method, scheme: '', path: '', authority, count }
  return method === null || scheme === null || path === null
    ? null
    : { method, scheme, path, authority, count }
}

function isPseudo(fields: HeaderFields, index: number): boolean {
  return fields.text.charCodeAt(fields.nameStart(index)) === 0x3a
}

/**
 * The lines behind the pseudo-header fields as HTTP/1.1 has them: cookies in one field (RFC 9113 section 8.2.3), no Host
 * beside an authority, no TE. Null: a field that HTTP/2 forbids, or a Host that is not the authority.
 */
function regularLines(fields: HeaderFields, from: number, authority: string | null): string | null {
  let cookies = 0
  let isAsReceived = true
  for (let index = from; index < fields.count; index++) {
    const name = fields.name(index)
    if (isConnectionSpecific(name)) return null
    if (name === 'te') {
      if (fields.value(index).toLowerCase() !== 'trailers') return null
      isAsReceived = false
    } else if (name === 'cookie') {
      if (++cookies > 1) isAsReceived = false
    } else if (name === 'host' && authority !== null) {
      if (!isSameHost(fields.value(index), authority)) return null
      isAsReceived = false
    }
  }
  if (from === fields.count) return ''
  return isAsReceived ? fields.text.slice(fields.nameStart(from)) : joinedLines(fields, from, authority)
}

function joinedLines(fields: HeaderFields, from: number, authority: string | null): string {
  let lines = ''
  let cookie: string | null = null
  for (let index = from; index < fields.count; index++) {
    const name = fields.name(index)
    if (name === 'te' || (name === 'host' && authority !== null)) continue
    const value = fields.value(index)
    if (name === 'cookie') cookie = cookie === null ? value : `${cookie}; ${value}`
    else lines += `${name}: ${value}\r\n`
  }
  return cookie === null ? lines : `${lines}cookie: ${cookie}\r\n`
}

function isSameHost(host: string, authority: string): boolean {
  if (host === authority) return true
  const read = Host.read(host)
  return read !== null && read.text.toLowerCase() === Host.read(authority)?.text.toLowerCase()
}

/** The stream says where the body ends; a length that is no number or says otherwise is a lie (RFC 9113 section 8.1.1). */
function readFraming(head: RequestHead, isEndStream: boolean): boolean {
  if (head.framingFault !== null) return false
  if (isEndStream) {
    if (head.contentLength !== 0) return false
    head.body = 'none'
    return true
  }
  if (head.body === 'length') return true
  head.body = 'unknown-length'
  head.isPlain = false
  return true
}
