// Reads heads of HTTP/1.x requests (RFC 9112 sections 2 to 6) as the bytes came, leniently, and says how each differs
// from RFC 7230. Nothing is decided here: what is blocked, and with which answer, is the listener's business.
//
// Almost every head passes one regular expression as a whole and then only the few fields with a meaning for framing
// and connections are looked at. The others take the slow way, line by line.

import type { ClassificationReason } from '../classification.ts'
import { RequestHead } from '../request-head.ts'
import { isBlank, skipBlanks, trimEnd } from '../lists.ts'
import { readConnectionFields, readFraming } from './request-semantics.ts'
import { readTargetForm } from './request-target.ts'

/** Limits of the guide's HTTP 400, 413 and 414 rows (ALB-OBS-463 … 465, 479, 480). */
export const REQUEST_LINE_BYTES_MAX = 16 * 1024
export const HEADER_LINE_BYTES_MAX = 16 * 1024
export const HEADERS_BYTES_MAX = 64 * 1024
/** RFC 9112 section 2.2 wants at least one blank line before a request to be ignored; more than these are garbage. */
const LEADING_BLANK_BYTES_MAX = 8

/** Why a head is no request at all. */
export type HeadFault = 'malformed' | 'request-line-too-long' | 'header-line-too-long' | 'headers-too-long'

/** Result of `read` when the bytes so far are fine but the head is not complete. */
export const NEED_MORE = 0
/** Result of `read` when the head is refused; `fault` says why. */
export const FAULT = -1

/**
 * A whole head in the strict grammar of RFC 9112, nothing but visible ASCII, space and tab in it, and with names of
 * letters, digits and hyphens only: what ALB calls valid header names (ALB-LB-168). The target has no fragment.
 */
const strictHead =
  /[!#$%&'*+\-.^_`|~0-9A-Za-z]+ [\x21\x22\x24-\x7e]+ HTTP\/1\.[01]\r\n(?:[-0-9A-Za-z]+:[\t\x20-\x7e]*\r\n)*\r\n/y

/** A line that ends without CR: taken, and acceptable rather than compliant (ALB-LB OQ-34). */
const bareLineFeed = /(?<!\r)\n/

/** How a TLS handshake begins, which has no end that a head has: refused at once instead of waited for. */
const TLS_HANDSHAKE = '\x16\x03'

const CR = 0x0d
const LF = 0x0a
const TAB = 0x09
const SLASH = 0x2f

/** Pieces that an incomplete head is made of before they become one text, which bounds what many small ones hold. */
const PIECES_MAX = 256

export class RequestReader {
  /** What is filled; another one may take its place between two requests. */
  head = new RequestHead()
  fault: HeadFault = 'malformed'
  /** What came of an incomplete head, or of one that was refused. */
  #held = ''
  #pieces = 0
  /** Where the head begins, behind blank lines. */
  #start = 0
  /** Where the line that is not complete begins. */
  #lineStart = 0
  #lineBeginsWithCr = false
  /** Position of the line feed of the request line; -1 until it came. */
  #firstLineEnd = -1

  /** Bytes of a head that is not complete, or was refused. */
  get heldBytes(): number {
    return this.#held.length
  }

  /** Forgets what came of a head. */
  restart(): void {
    if (this.#held === '') return
    this.#held = ''
    this.#pieces = 0
    this.#start = 0
    this.#lineStart = 0
    this.#lineBeginsWithCr = false
    this.#firstLineEnd = -1
  }

  /**
   * Reads further latin1 bytes of a head. Returns the position after the head, counted from the first byte of the first
   * piece, NEED_MORE, or FAULT. It makes no difference where a head was cut, and little how often: each byte is looked at
   * when it comes, and once more when the head is complete.
   */
  read(piece: string): number {
    if (this.#held !== '') return this.#readOn(piece)
    strictHead.lastIndex = 0
    if (!strictHead.test(piece)) return this.#readOn(piece)
    const end = this.#readStrict(piece, strictHead.lastIndex)
    if (end === FAULT) this.#held = piece
    return end
  }

  #readOn(piece: string): number {
    const before = this.#held.length
    this.#held += piece
    if (++this.#pieces % PIECES_MAX === 0) this.#held.charCodeAt(0)
    if (before < 2 && this.#held.startsWith(TLS_HANDSHAKE)) return this.#fail('malformed')
    const from = this.#skipLeadingBlanks(piece, before)
    if (from === -1) return this.#fail('malformed')
    const end = this.#findEnd(piece, from, before)
    if (end === -1) return this.#limitFault()
    const text = this.#held
    const start = this.#start
    if (this.#exceedsLimits(text, start, end)) return FAULT
    strictHead.lastIndex = start
    if (strictHead.test(text) && strictHead.lastIndex === end) {
      this.#readStrict(start === 0 ? text : text.slice(start, end), end - start)
      this.head.headBytes = end
    } else if (!this.#readLines(text, start, end)) return this.#fail('malformed')
    this.restart()
    return end
  }

  /** Where in the piece the head begins or goes on; -1: too many blank lines before it. */
  #skipLeadingBlanks(piece: string, before: number): number {
    if (this.#start < before) return 0
    let at = 0
    while (at < piece.length && (piece.charCodeAt(at) === CR || piece.charCodeAt(at) === LF)) {
      if (++this.#start > LEADING_BLANK_BYTES_MAX) return -1
      at++
    }
    this.#lineStart = this.#start
    return at
  }

  #readStrict(text: string, end: number): number {
    const head = this.head
    head.reset(text)
    const methodEnd = text.indexOf(' ')
    const targetEnd = text.indexOf(' ', methodEnd + 1)
    // By far the most common one is a constant: nothing to allocate, and cheap to compare.
    head.method = text.startsWith('GET ') ? 'GET' : text.slice(0, methodEnd)
    head.target = text.slice(methodEnd + 1, targetEnd)
    const isVersion11 = text.charCodeAt(targetEnd + 8) === 0x31
    head.version = isVersion11 ? 11 : 10
    head.versionText = isVersion11 ? 'HTTP/1.1' : 'HTTP/1.0'
    if (text.charCodeAt(methodEnd + 1) !== SLASH) readTargetForm(head)
    const fieldsStart = targetEnd + 11
    if (end > HEADER_LINE_BYTES_MAX && this.#exceedsLimits(text, 0, end)) return FAULT
    head.headBytes = end
    head.fieldsStart = fieldsStart
    head.fieldsEnd = end - 2
    head.fieldBytes = end - 2 - fieldsStart
    const fields = head.fields
    let line = fieldsStart
    while (line < end - 2) {
      const colon = text.indexOf(':', line)
      const lineEnd = text.indexOf('\r\n', colon)
      const valueStart = skipBlanks(text, colon + 1, lineEnd)
      fields.add(line, colon, valueStart, trimEnd(text, valueStart, lineEnd))
      line = lineEnd + 2
    }
    readConnectionFields(head)
    readFraming(head)
    return end
  }

  /** Whether a complete head between `start` and `end` breaks a limit; sets the fault. Counts per line. */
  #exceedsLimits(text: string, start: number, end: number): boolean {
    let line = start
    let isRequestLine = true
    let fieldsStart = start
    while (line < end) {
      const lineEnd = text.indexOf('\n', line) + 1
      if (isRequestLine) {
        const length = lineEnd - line - (text.charCodeAt(lineEnd - 2) === CR ? 2 : 1)
        if (length > REQUEST_LINE_BYTES_MAX) return this.#refuse('request-line-too-long')
        fieldsStart = lineEnd
        isRequestLine = false
      } else if (lineEnd - line > HEADER_LINE_BYTES_MAX) return this.#refuse('header-line-too-long')
      if (lineEnd - fieldsStart > HEADERS_BYTES_MAX) return this.#refuse('headers-too-long')
      line = lineEnd
    }
    return false
  }

  #refuse(fault: HeadFault): true {
    this.fault = fault
    return true
  }

  #fail(fault: HeadFault): typeof FAULT {
    this.fault = fault
    return FAULT
  }

  /** Position after the blank line that ends the head, or -1; `piece` begins at `before`. */
  #findEnd(piece: string, from: number, before: number): number {
    let at = from
    for (;;) {
      // Where the line began in an earlier piece, its first character is remembered.
      if (this.#lineStart >= before)
        this.#lineBeginsWithCr = piece.charCodeAt(this.#lineStart - before) === CR
      const lineFeed = piece.indexOf('\n', at)
      if (lineFeed === -1) return -1
      const length = before + lineFeed - this.#lineStart
      const isEmpty = length === 0 || (length === 1 && this.#lineBeginsWithCr)
      if (isEmpty && this.#lineStart > this.#start) return before + lineFeed + 1
      if (this.#firstLineEnd === -1) this.#firstLineEnd = before + lineFeed
      at = lineFeed + 1
      this.#lineStart = before + at
    }
  }

  /** NEED_MORE, or FAULT as soon as an incomplete head breaks a limit. */
  #limitFault(): number {
    const length = this.#held.length
    if (this.#firstLineEnd === -1) {
      const isTooLong = length - this.#start > REQUEST_LINE_BYTES_MAX + 1
      return isTooLong ? this.#fail('request-line-too-long') : NEED_MORE
    }
    if (this.#firstLineEnd - this.#start > REQUEST_LINE_BYTES_MAX + 1)
      return this.#fail('request-line-too-long')
    if (length - this.#lineStart > HEADER_LINE_BYTES_MAX) return this.#fail('header-line-too-long')
    if (length - this.#firstLineEnd - 1 <= HEADERS_BYTES_MAX) return NEED_MORE
    const isFault = this.#exceedsLimits(this.#held, this.#start, this.#lineStart)
    return isFault ? FAULT : this.#fail('headers-too-long')
  }

  /** Reads a head in whatever grammar; false where it is no request. */
  #readLines(text: string, start: number, end: number): boolean {
    const head = this.head
    head.reset(text)
    head.headBytes = end
    head.isPlain = false
    head.isStrict = false
    const firstLineEnd = text.indexOf('\n', start)
    head.fieldsStart = firstLineEnd + 1
    head.fieldsEnd = end
    head.fieldBytes = end - firstLineEnd - 1
    const reasons = readRequestLine(head, text.slice(start, beforeLineEnd(text, firstLineEnd)))
    if (reasons === null || !readFieldLines(head, text, firstLineEnd + 1, end)) return false
    if (bareLineFeed.test(text.slice(start, end))) head.classify('NonCompliantHeader')
    readConnectionFields(head)
    readFraming(head)
    // Within one class the first reason stands: fields before framing before the request line.
    for (const reason of reasons) head.classify(reason)
    return true
  }
}

/** `lineFeed`, or the position before it where a CR stands there. */
function beforeLineEnd(text: string, lineFeed: number): number {
  return text.charCodeAt(lineFeed - 1) === CR ? lineFeed - 1 : lineFeed
}

/** Header lines in whatever grammar they came in. `false`: a line is no header at all. */
function readFieldLines(head: RequestHead, text: string, start: number, end: number): boolean {
  for (let line = start; line < end;) {
    const lineFeed = text.indexOf('\n', line)
    const lineEnd = beforeLineEnd(text, lineFeed)
    if (lineEnd > line && !readFieldLine(head, text, line, lineEnd)) return false
    line = lineFeed + 1
  }
  return true
}

function readFieldLine(head: RequestHead, text: string, line: number, lineEnd: number): boolean {
  const first = text.charCodeAt(line)
  if (isBlank(first)) {
    readFoldedLine(head, text, line, lineEnd)
    return true
  }
  const colon = text.indexOf(':', line)
  if (colon === -1 || colon >= lineEnd) return false
  if (colon === line) head.classify('EmptyHeader')
  const valueStart = skipBlanks(text, colon + 1, lineEnd)
  const valueEnd = trimEnd(text, valueStart, lineEnd)
  head.fields.add(line, colon, valueStart, valueEnd)
  classifyFieldBytes(head, text.slice(line, lineEnd), colon - line)
  return true
}

/**
 * A line that begins with a blank: the end of the field before it in old HTTP, a field of its own for many parsers.
 * It becomes a field whose name is the whole line and whose value is empty (ALB-OBS-522).
 */
function readFoldedLine(head: RequestHead, text: string, line: number, lineEnd: number): void {
  const start = skipBlanks(text, line, lineEnd)
  const end = trimEnd(text, start, lineEnd)
  if (start === end) {
    head.classify('EmptyHeader')
    return
  }
  classifyFieldBytes(head, text.slice(start, end), end - start)
  // Something stands before its colon: it looks like a field.
  const colon = text.indexOf(':', start)
  head.classify(colon > start && colon < end ? 'SuspiciousHeader' : 'EmptyHeader')
  head.fields.add(start, end, end, end)
}

function classifyFieldBytes(head: RequestHead, line: string, nameLength: number): void {
  if (/[\0\r]/.test(line)) head.classify('BadHeader')
  const name = line.slice(0, nameLength)
  if (!/^[-0-9A-Za-z]+$/.test(name)) head.hasInvalidName = true
  if (/[^\t\x20-\x7e]/.test(line) || /[^!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(name))
    head.classify('NonCompliantHeader')
}

/**
 * Method, target and version of a line that may hold anything. The version is what stands behind the last blank, the
 * method what stands before the first; all between is the target. Returns what is odd about the line, or `null` where
 * there is no target.
 */
function readRequestLine(head: RequestHead, line: string): ClassificationReason[] | null {
  const end = trimEnd(line, 0, line.length)
  let methodEnd = 0
  while (methodEnd < end && !isBlank(line.charCodeAt(methodEnd))) methodEnd++
  if (methodEnd === 0 || methodEnd === end) return null
  const targetStart = skipBlanks(line, methodEnd, end)
  let versionStart = end
  while (!isBlank(line.charCodeAt(versionStart - 1))) versionStart--
  head.method = line.slice(0, methodEnd)
  const reasons: ClassificationReason[] = []
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(head.method)) reasons.push('BadMethod')
  // A method that would end the line, or be another one, somewhere.
  if (/[\0-\x1f\x7f]/.test(head.method)) head.isLineBroken = true
  if (end !== line.length) reasons.push('NonCompliantVersion')
  const version = line.slice(versionStart, end)
  let targetEnd = end
  if (versionStart > targetStart) {
    targetEnd = trimEnd(line, targetStart, versionStart)
    if (targetEnd !== versionStart - 1 || line.charCodeAt(targetEnd) === TAB)
      reasons.push('NonCompliantVersion')
    reasons.push(...readVersion(head, version))
  } else if (/^HTTP\//i.test(version)) return null
  else {
    // HTTP/0.9 knew no version.
    head.version = 9
    head.keepAlive = false
    reasons.push('NonCompliantVersion')
  }
  head.target = line.slice(targetStart, targetEnd)
  if (targetStart - methodEnd > 1 || line.charCodeAt(methodEnd) === TAB) reasons.push('SpaceInUri')
  reasons.push(...classifyTarget(head.target))
  readTargetForm(head)
  return reasons
}

/** Sets the version by which the message is understood: what is odd counts as the nearest one that is known. */
function readVersion(head: RequestHead, version: string): ClassificationReason[] {
  head.versionText = version
  const digits = /^HTTP\/(\d)\.(\d)$/.exec(version)
  // Where the last word is no version at all, nobody knows where the target ends.
  if (!/^HTTP\/./i.test(version)) head.isLineBroken = true
  if (digits === null) {
    head.version = 10
    head.keepAlive = false
    return ['BadVersion']
  }
  const number = Number(digits[1]) * 10 + Number(digits[2])
  head.version = number > 11 && number < 20 ? 11 : number
  return head.version === number && number >= 10 ? [] : ['NonCompliantVersion']
}

function classifyTarget(target: string): ClassificationReason[] {
  const reasons: ClassificationReason[] = []
  if (/[\0\r\n]/.test(target)) reasons.push('BadUri')
  if (/[\x01-\x1f\x7f-\xff]/.test(target)) reasons.push('AmbiguousUri')
  if (target.includes(' ')) reasons.push('SpaceInUri')
  return reasons
}
