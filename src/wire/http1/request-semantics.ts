// What the fields of a request head mean for its body and its connections: Host, Connection, Expect, Upgrade
// (RFC 9110 sections 7 and 10) and the framing fields (RFC 9112 section 6) with their desync classes.

import type { RequestHead } from '../request-head.ts'

/** Fields that end at each hop, whatever Connection says (RFC 9110 section 7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
])
/** Fields that the load balancer writes itself on the way to a target. */
const replaced = new Set([
  'host',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-amzn-trace-id',
])

const HOST = 'host'
/** First letters by their low five bits, which are the same in both cases. */
const LETTERS = 32
const LENGTHS = 32

/** By length and first letter: whether a field can be one of those above, Host or Expect. Most are not. */
const meaningful = new Uint8Array(LENGTHS * LETTERS)
for (const name of [...hopByHop, ...replaced, 'expect']) {
  meaningful[name.length * LETTERS + (name.charCodeAt(0) & 31)] = 1
}

/**
 * Reads the fields that concern the connection, and notes in `isPlain` whether the header lines need rewriting.
 * Host alone leaves a head plain: the writer compares its value.
 */
export function readConnectionFields(head: RequestHead): void {
  const fields = head.fields
  for (let index = 0; index < fields.count; index++) {
    const start = fields.nameStart(index)
    const length = fields.nameEnd(index) - start
    if (length >= LENGTHS) continue
    if (meaningful[length * LETTERS + (fields.text.charCodeAt(start) & 31)] === 0) continue
    if (length === HOST.length && fields.isNamed(index, HOST)) {
      if (head.hostCount++ === 0) head.host = fields.value(index)
    } else readConnectionField(head, index, fields.name(index).toLowerCase())
  }
  if (head.version < 11) head.keepAlive = head.connectionTokens?.includes('keep-alive') ?? false
  if (head.connectionTokens === null) {
    head.upgrade = null
    return
  }
  if (head.connectionTokens.includes('close')) head.keepAlive = false
  if (!head.connectionTokens.includes('upgrade') || head.version < 11) head.upgrade = null
}

function readConnectionField(head: RequestHead, index: number, name: string): void {
  switch (name) {
    case 'connection': {
      head.isPlain = false
      const tokens = splitList(head.fields.value(index))
      head.connectionTokens = head.connectionTokens === null ? tokens : head.connectionTokens.concat(tokens)
      return
    }
    case 'upgrade':
      head.isPlain = false
      head.upgrade = head.fields.value(index)
      return
    case 'expect':
      if (head.version < 11) head.isPlain = false
      else if (head.fields.value(index).toLowerCase() === '100-continue') head.expectsContinue = true
      return
    default:
      if (hopByHop.has(name) || replaced.has(name)) head.isPlain = false
  }
}

/** Lower-case items of a comma-separated list; empty ones are left out. */
export function splitList(value: string): string[] {
  if (!value.includes(',')) return value === '' ? [] : [value.toLowerCase()]
  return value
    .toLowerCase()
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** Whether a field of this lower-case name never leaves this hop. */
export function isHopByHop(lowerName: string): boolean {
  return hopByHop.has(lowerName)
}

/**
 * Decides how the body is framed (RFC 9112 section 6.3) and classifies what is odd about it. The highest class wins,
 * in the order in which the reasons are found here.
 */
export function readFraming(head: RequestHead): void {
  const fields = head.fields
  let lengths: string[] | null = null
  let codings: string[] | null = null
  for (let index = 0; index < fields.count; index++) {
    const kind = framingKind(fields.text, fields.nameStart(index), fields.nameEnd(index))
    if (kind === NOT_FRAMING) continue
    if (kind === CONTENT_LENGTH) (lengths ??= []).push(fields.value(index))
    else if (kind === TRANSFER_ENCODING) (codings ??= []).push(fields.value(index))
    else {
      head.isPlain = false
      head.classify('SuspiciousHeader')
    }
  }
  if (lengths === null && codings === null) return
  const isGetOrHead = head.method === 'GET' || head.method === 'HEAD'
  if (codings !== null) readTransferEncoding(head, codings, isGetOrHead)
  if (lengths !== null) readContentLength(head, lengths, codings !== null, isGetOrHead)
}

function readTransferEncoding(head: RequestHead, values: readonly string[], isGetOrHead: boolean): void {
  head.isPlain = false
  let chunkedCount = 0
  let isBad = false
  let isUnsupported = false
  let last = ''
  for (const value of values) {
    for (const item of value.split(',')) {
      last = item.trim().toLowerCase()
      if (last === 'chunked') chunkedCount++
      else if (last === 'gzip' || last === 'deflate' || last === 'compress') isUnsupported = true
      else if (last !== 'identity') isBad = true
    }
  }
  if (isBad) {
    head.classify('BadTransferEncoding')
    head.framingFault = 'unsupported-coding'
    return
  }
  if (chunkedCount > 1) head.classify('MultipleTransferEncodingChunked')
  if (isGetOrHead || head.version < 11) head.classify('UndefinedTransferEncodingSemantics')
  if (isUnsupported) head.framingFault = 'unsupported-coding'
  else if (chunkedCount > 0) {
    head.body = 'unknown-length'
    // Parsers disagree on a body whose last coding is not chunked.
    if (last !== 'chunked') head.classify('BadTransferEncoding')
  }
}

function readContentLength(
  head: RequestHead,
  values: readonly string[],
  hasTransferEncoding: boolean,
  isGetOrHead: boolean,
): void {
  const first = values[0] as string
  const areDigits = values.every(
    (value) => /^[0-9]+$/.test(value) && Number(value) <= Number.MAX_SAFE_INTEGER,
  )
  const length = Number(first)
  if (!areDigits) head.classify('BadContentLength')
  else if (values.some((value) => Number(value) !== length)) head.classify('MultipleContentLength')
  else if (values.length > 1) {
    head.isPlain = false
    head.classify('DuplicateContentLength')
  }
  if (hasTransferEncoding) {
    head.isPlain = false
    head.classify('BothTeClPresent')
  }
  if (head.framingFault !== null) return
  if (!areDigits || values.some((value) => Number(value) !== length)) {
    head.framingFault = 'untrusted'
    return
  }
  if (isGetOrHead)
    head.classify(length === 0 ? 'GetHeadZeroContentLength' : 'UndefinedContentLengthSemantics')
  if (head.version < 10) head.classify('UndefinedContentLengthSemantics')
  if (head.body === 'unknown-length') return
  head.body = 'length'
  head.contentLength = length
}

const NOT_FRAMING = 0
const CONTENT_LENGTH = 1
const TRANSFER_ENCODING = 2
/** A name that text normalisation somewhere on the way may turn into one of the two. */
const SUSPICIOUS = 3

/** Which framing field a name is, if any. */
export function framingKind(text: string, start: number, end: number): number {
  const length = end - start
  if (length < 13) return NOT_FRAMING
  const letter = text.charCodeAt(start) | 0x20
  const isLetter = letter >= 0x61 && letter <= 0x7a && text.charCodeAt(start) < 0x80
  if (isLetter && letter !== 0x63 && letter !== 0x74) return NOT_FRAMING
  const name = text.slice(start, end).toLowerCase()
  if (name === 'content-length') return CONTENT_LENGTH
  if (name === 'transfer-encoding') return TRANSFER_ENCODING
  // A folded line is a name that may hold a whole field.
  const colon = name.indexOf(':')
  const letters = (colon === -1 ? name : name.slice(0, colon)).replace(/[^a-z0-9]/g, '')
  return letters === 'contentlength' || letters === 'transferencoding' ? SUSPICIOUS : NOT_FRAMING
}

/** Position of the first character from `from` that is no space or tab. */
export function skipWhitespace(text: string, from: number, end: number): number {
  while (from < end && isWhitespace(text.charCodeAt(from))) from++
  return from
}

/** End of the text between `start` and `end` without trailing spaces and tabs. */
export function trimEnd(text: string, start: number, end: number): number {
  while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--
  return end
}

function isWhitespace(code: number): boolean {
  return code === 0x20 || code === 0x09
}
