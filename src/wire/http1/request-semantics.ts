// What the fields of a request head mean for its body and its connections: Host, Connection, Expect, Upgrade
// (RFC 9110 sections 7 and 10) and the framing fields (RFC 9112 section 6) with their desync classes.

import { ConnectionOptions } from '../connection-options.ts'
import { trimBlanks } from '../lists.ts'
import type { RequestHead } from '../request-head.ts'
import {
  connectionFields,
  Framing,
  FRAMING_NAME_MIN,
  framingKind,
  isHopByHop,
  isReplaced,
} from './field-names.ts'

const HOST = 'host'
const CONNECTION = 'connection'
const KEEP_ALIVE = 'keep-alive'
/** First letters by their low five bits, which are the same in both cases. */
const LETTERS = 32
const LENGTHS = 32

/** By length and first letter: whether a field can be one of those that are looked at. Most are not. */
const meaningful = new Uint8Array(LENGTHS * LETTERS)
for (const name of connectionFields) meaningful[name.length * LETTERS + (name.charCodeAt(0) & 31)] = 1

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
    if (!head.isStrict && fields.isFolded(index)) continue
    if (length === HOST.length && fields.isNamed(index, HOST)) head.addHost(index)
    else if (length === CONNECTION.length && isLoneKeepAlive(head, index)) head.keepAliveField = index
    else readConnectionField(head, index, fields.name(index).toLowerCase())
  }
  const { connection } = head
  if (head.version < 11) head.keepAlive = connection?.has('keep-alive') ?? false
  if (connection === null) {
    head.upgrade = null
    return
  }
  if (connection.has('close')) head.keepAlive = false
  if (!connection.has('upgrade') || head.version < 11) head.upgrade = null
}

/** Whether a field of a head that is plain so far is the only Connection, and wants what HTTP/1.1 does anyway. */
function isLoneKeepAlive({ fields, version, isPlain, keepAliveField }: RequestHead, index: number): boolean {
  if (!isPlain || version !== 11 || keepAliveField !== -1) return false
  const start = fields.valueStart(index)
  if (fields.valueEnd(index) - start !== KEEP_ALIVE.length || !fields.isNamed(index, CONNECTION)) return false
  return fields.text.startsWith(KEEP_ALIVE, start) || fields.text.startsWith('Keep-Alive', start)
}

function readConnectionField(head: RequestHead, index: number, name: string): void {
  switch (name) {
    case 'connection':
      head.isPlain = false
      head.connection ??= new ConnectionOptions()
      head.connection.add(head.fields.value(index))
      return
    case 'upgrade':
      head.isPlain = false
      head.upgrade = head.fields.value(index)
      return
    case 'expect':
      if (head.version < 11) head.isPlain = false
      else if (head.fields.value(index).toLowerCase() === '100-continue') head.expectsContinue = true
      return
    default:
      if (isHopByHop(name) || isReplaced(name)) head.isPlain = false
  }
}

/**
 * Decides how the body is framed (RFC 9112 section 6.3) and classifies what is odd about it. The highest class wins,
 * in the order in which the reasons are found here.
 */
export function readFraming(head: RequestHead): void {
  const fields = head.fields
  let lengths: string[] | null = null
  let codings: string[] | null = null
  /** Where a name was disguised by blanks: some parsers read the field, others do not. */
  let hasBlankName = false
  for (let index = 0; index < fields.count; index++) {
    const start = fields.nameStart(index)
    const end = fields.nameEnd(index)
    if (end - start < FRAMING_NAME_MIN) continue
    const kind = framingKind(fields.text, start, end)
    if (kind === Framing.none) continue
    switch (kind) {
      case Framing.contentLength:
        if (fields.isFolded(index)) hasBlankName = suspect(head)
        else (lengths ??= []).push(fields.value(index))
        break
      case Framing.transferEncoding:
        if (fields.isFolded(index)) hasBlankName = suspect(head)
        else (codings ??= []).push(fields.value(index))
        break
      case Framing.blankContentLength:
      case Framing.blankTransferEncoding:
        hasBlankName = suspect(head)
        break
      case Framing.suspicious:
        suspect(head)
    }
  }
  if (hasBlankName) compareBlankNames(head)
  if (lengths === null && codings === null) return
  const isGetOrHead = head.method === 'GET' || head.method === 'HEAD'
  if (codings !== null) readTransferEncoding(head, codings, isGetOrHead)
  if (lengths !== null) readContentLength(head, lengths, codings !== null, isGetOrHead)
}

function suspect(head: RequestHead): true {
  head.isPlain = false
  head.classify('SuspiciousHeader')
  return true
}

/**
 * A framing field with blanks around its name beside another one of the same meaning: whoever reads it sees two. It
 * never frames the message here, but what the two say together decides the class, and a length that is not known is not
 * guessed.
 */
function compareBlankNames(head: RequestHead): void {
  const { fields } = head
  const lengths: string[] = []
  let codings = 0
  let chunked = 0
  for (let index = 0; index < fields.count; index++) {
    const kind = framingKind(fields.text, fields.nameStart(index), fields.nameEnd(index))
    const isLength = kind === Framing.contentLength || kind === Framing.blankContentLength
    if (isLength) lengths.push(trimBlanks(valueOf(head, index)))
    else if (kind === Framing.transferEncoding || kind === Framing.blankTransferEncoding) {
      codings++
      chunked += readCodings([trimBlanks(valueOf(head, index))]).chunked
    }
  }
  if (lengths.length > 1) compareLengths(head, lengths)
  if (codings > 1 && chunked > 1) head.classify('MultipleTransferEncodingChunked')
}

function compareLengths(head: RequestHead, lengths: readonly string[]): void {
  const isBad = !lengths.every(isLengthText)
  const length = Number(lengths[0])
  if (isBad) head.classify('BadContentLength')
  else if (lengths.some((value) => Number(value) !== length)) head.classify('MultipleContentLength')
  else return
  head.framingFault = 'untrusted'
}

/** The value of a field, also of one on a folded line. */
function valueOf({ fields }: RequestHead, index: number): string {
  if (!fields.isFolded(index)) return fields.value(index)
  const line = fields.name(index)
  const colon = line.indexOf(':')
  return colon === -1 ? '' : line.slice(colon + 1)
}

/** What one or more Transfer-Encoding fields ask for. */
interface Codings {
  /** How often `chunked` is among them. */
  chunked: number
  isChunkedLast: boolean
  /** Whether `chunked` has a parameter, which it has none of (RFC 9112 section 7.1). */
  hasParameter: boolean
  /** One that exists and is not offered. */
  isUnsupported: boolean
  /** Anything else. */
  isBad: boolean
}

/** One transfer coding with its parameters (RFC 9112 section 7), and the comma behind it. */
const coding =
  /[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)((?:[ \t]*;[ \t]*[!#$%&'*+\-.^_`|~0-9A-Za-z]+[ \t]*=[ \t]*(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"(?:[^"\\]|\\.)*"))*)[ \t]*(?:(,)|$)/y

function readCodings(values: readonly string[]): Codings {
  const codings = {
    chunked: 0,
    isChunkedLast: false,
    hasParameter: false,
    isUnsupported: false,
    isBad: false,
  }
  for (const value of values) addCodings(codings, value)
  return codings
}

function addCodings(codings: Codings, value: string): void {
  for (let at = 0; ;) {
    coding.lastIndex = at
    const item = coding.exec(value)
    if (item === null) {
      codings.isBad = true
      return
    }
    addCoding(codings, (item[1] as string).toLowerCase(), item[2] !== '')
    at = coding.lastIndex
    if (item[3] === undefined) return
  }
}

function addCoding(codings: Codings, name: string, hasParameter: boolean): void {
  codings.isChunkedLast = name === 'chunked'
  if (codings.isChunkedLast) {
    codings.chunked++
    if (hasParameter) codings.hasParameter = true
  } else if (name === 'gzip' || name === 'deflate' || name === 'compress') codings.isUnsupported = true
  else if (name !== 'identity' || hasParameter) codings.isBad = true
}

function readTransferEncoding(head: RequestHead, values: readonly string[], isGetOrHead: boolean): void {
  head.isPlain = false
  const { chunked, isChunkedLast, hasParameter, isUnsupported, isBad } = readCodings(values)
  if (isBad) {
    head.classify('BadTransferEncoding')
    head.framingFault = 'unsupported-coding'
    return
  }
  if (chunked > 1) head.classify('MultipleTransferEncodingChunked')
  if (isGetOrHead || head.version < 11 || hasParameter) head.classify('UndefinedTransferEncodingSemantics')
  if (isUnsupported) head.framingFault = 'unsupported-coding'
  else if (chunked > 0) {
    // A length that cannot be told stays so.
    if (head.framingFault === null) head.body = 'unknown-length'
    // Parsers disagree on a body whose last coding is not chunked.
    if (!isChunkedLast) head.classify('BadTransferEncoding')
  }
}

function readContentLength(
  head: RequestHead,
  values: readonly string[],
  hasTransferEncoding: boolean,
  isGetOrHead: boolean,
): void {
  const first = values[0] as string
  const areDigits = values.every(isLengthText)
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

function isLengthText(value: string): boolean {
  return /^[0-9]+$/.test(value) && Number(value) <= Number.MAX_SAFE_INTEGER
}
