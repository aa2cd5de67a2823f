// Reads heads of HTTP/1.x requests (RFC 9112 sections 2 to 6) as the bytes came, leniently, and says how each differs
// from RFC 7230. Nothing is decided here: what is blocked, and with which answer, is the listener's business.
//
// Almost every head passes one regular expression as a whole and then only the few fields with a meaning for framing
// and connections are looked at. The others take the slow way, line by line.

import type { ClassificationReason } from '../classification.ts'
import { RequestHead } from '../request-head.ts'
import { readConnectionFields, readFraming, skipWhitespace, trimEnd } from './request-semantics.ts'

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
 * letters, digits and hyphens only: what ALB calls valid header names (ALB-LB-168).
 */
const strictHead =
  /[!#$%&'*+\-.^_`|~0-9A-Za-z]+ [\x21-\x7e]+ HTTP\/1\.[01]\r\n(?:[-0-9A-Za-z]+:[\t\x20-\x7e]*\r\n)*\r\n/y

/** A line that ends without CR: taken, and acceptable rather than compliant (ALB-LB OQ-34). */
const bareLineFeed = /(?<!\r)\n/

/** How a TLS handshake begins, which has no end that a head has: refused at once instead of waited for. */
const TLS_HANDSHAKE = '\x16\x03'

const CR = 0x0d
const LF = 0x0a
const SPACE = 0x20
const TAB = 0x09

export class RequestReader {
  readonly head = new RequestHead()
  fault: HeadFault = 'malformed'
  /** Where the search for the end of an incomplete head goes on. */
  #scannedTo = 0

  /** To be called when the text that `read` is given no longer starts with the same bytes as before. */
  restart(): void {
    this.#scannedTo = 0
  }

  /**
   * Reads a head from latin1 `text` that starts at its first character. Returns the position after the head, NEED_MORE
   * (call again with the same text and more behind it), or FAULT. A text that was cut anywhere gives the same results.
   */
  read(text: string): number {
    if (this.#scannedTo === 0) {
      strictHead.lastIndex = 0
      if (strictHead.test(text)) return this.#readStrict(text, strictHead.lastIndex)
    }
    return this.#readLenient(text)
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
      const valueStart = skipWhitespace(text, colon + 1, lineEnd)
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

  #readLenient(text: string): number {
    if (text.startsWith(TLS_HANDSHAKE)) return this.#fail('malformed')
    let start = 0
    while (start < text.length && (text.charCodeAt(start) === CR || text.charCodeAt(start) === LF)) {
      if (++start > LEADING_BLANK_BYTES_MAX) return this.#fail('malformed')
    }
    const end = this.#findEnd(text, start)
    if (end <= 0) return end
    if (this.#exceedsLimits(text, start, end)) return FAULT
    this.#scannedTo = 0
    if (start > 0) {
      strictHead.lastIndex = start
      if (strictHead.test(text) && strictHead.lastIndex === end) {
        const result = this.#readStrict(text.slice(start, end), end - start)
        if (result > 0) this.head.headBytes = end
        return result > 0 ? end : result
      }
    }
    return this.#readLines(text, start, end)
  }

  #fail(fault: HeadFault): typeof FAULT {
    this.fault = fault
    return FAULT
  }

  /** Position after the blank line that ends the head, NEED_MORE, or FAULT as soon as a limit is broken. */
  #findEnd(text: string, start: number): number {
    let line = Math.max(this.#scannedTo, start)
    for (;;) {
      const lineFeed = text.indexOf('\n', line)
      if (lineFeed === -1) break
      const isBlank = lineFeed === line || (lineFeed === line + 1 && text.charCodeAt(line) === CR)
      if (isBlank && line > start) return lineFeed + 1
      line = lineFeed + 1
    }
    this.#scannedTo = line
    if (line === start) {
      if (text.length - start > REQUEST_LINE_BYTES_MAX + 1) return this.#fail('request-line-too-long')
    } else {
      const firstLineEnd = text.indexOf('\n', start)
      if (firstLineEnd - start > REQUEST_LINE_BYTES_MAX + 1) return this.#fail('request-line-too-long')
      if (text.length - line > HEADER_LINE_BYTES_MAX) return this.#fail('header-line-too-long')
      if (text.length - firstLineEnd - 1 > HEADERS_BYTES_MAX) {
        return this.#exceedsLimits(text, start, line) ? FAULT : this.#fail('headers-too-long')
      }
    }
    return NEED_MORE
  }

  #readLines(text: string, start: number, end: number): number {
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
    if (reasons === null || !readFieldLines(head, text, firstLineEnd + 1, end)) return this.#fail('malformed')
    if (bareLineFeed.test(text.slice(start, end))) head.classify('NonCompliantHeader')
    readConnectionFields(head)
    readFraming(head)
    // Within one class the first reason stands: fields before framing before the request line.
    for (const reason of reasons) head.classify(reason)
    return end
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
  if (first === SPACE || first === TAB) {
    readFoldedLine(head, text, line, lineEnd)
    return true
  }
  const colon = text.indexOf(':', line)
  if (colon === -1 || colon >= lineEnd) return false
  if (colon === line) head.classify('EmptyHeader')
  const valueStart = skipWhitespace(text, colon + 1, lineEnd)
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
  const start = skipWhitespace(text, line, lineEnd)
  const end = trimEnd(text, start, lineEnd)
  if (start === end) {
    head.classify('EmptyHeader')
    return
  }
  classifyFieldBytes(head, text.slice(start, end), end - start)
  const folded = text.slice(start, end)
  head.classify(/^[^\s:]+\s*:/.test(folded) ? 'SuspiciousHeader' : 'EmptyHeader')
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
  const trimmed = line.replace(/[ \t]+$/, '')
  const methodEnd = trimmed.search(/[ \t]/)
  if (methodEnd <= 0) return null
  head.method = trimmed.slice(0, methodEnd)
  const reasons: ClassificationReason[] = []
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(head.method)) reasons.push('BadMethod')
  if (trimmed !== line) reasons.push('NonCompliantVersion')
  let rest = trimmed.slice(methodEnd)
  const lastBlank = Math.max(rest.lastIndexOf(' '), rest.lastIndexOf('\t'))
  const version = rest.slice(lastBlank + 1)
  if (/^HTTP\//i.test(version)) {
    const target = rest.slice(0, lastBlank).replace(/[ \t]+$/, '')
    if (target.length !== lastBlank || rest[lastBlank] === '\t') reasons.push('NonCompliantVersion')
    reasons.push(...readVersion(head, version))
    rest = target
  } else {
    // HTTP/0.9 knew no version.
    head.version = 9
    head.keepAlive = false
    reasons.push('NonCompliantVersion')
  }
  head.target = rest.replace(/^[ \t]+/, '')
  if (head.target === '') return null
  if (rest.length - head.target.length > 1 || rest[0] === '\t') reasons.push('SpaceInUri')
  reasons.push(...classifyTarget(head.target))
  return reasons
}

/** Sets the version by which the message is understood: what is odd counts as the nearest one that is known. */
function readVersion(head: RequestHead, version: string): ClassificationReason[] {
  head.versionText = version
  const digits = /^HTTP\/(\d)\.(\d)$/.exec(version)
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
