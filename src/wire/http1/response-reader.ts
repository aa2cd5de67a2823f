// Reads heads of HTTP/1.x responses (RFC 9112 sections 4 and 6.3) from targets. Strict where a mistake could change
// where the message ends; what is invalid becomes a 502 (ALB-OBS-500 … 502).

import { ResponseHead } from '../response-head.ts'
import { ConnectionOptions } from '../connection-options.ts'
import { isBlank, skipBlanks, splitList, trimEnd } from '../lists.ts'
import { isHopByHop } from './field-names.ts'

/** Limit of a response head in total (ALB-OBS-502). */
export const RESPONSE_HEAD_BYTES_MAX = 32 * 1024

export type ResponseFault = 'malformed-response' | 'response-head-too-long'

export const RESPONSE_NEED_MORE = 0
export const RESPONSE_FAULT = -1

const START = 'HTTP/1.'
const LF = 0x0a
const CR = 0x0d

/** What a text ends with, as far as it decides whether the next line feed ends a blank line. */
const WITHIN_LINE = 0
const AFTER_LF = 1
const AFTER_LF_CR = 2

const strictHead =
  /HTTP\/1\.[01] [1-9]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?\r\n(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*\r\n/y

export class ResponseReader {
  readonly head = new ResponseHead()
  fault: ResponseFault = 'malformed-response'
  /** Whether a body of unknown length comes in chunks; else it ends with the connection. */
  isChunked = false
  #hasLength = false
  /** Where in a line the text ends of which `read` wanted more. */
  #place = WITHIN_LINE

  get isUntilClose(): boolean {
    return this.head.body === 'unknown-length' && !this.isChunked
  }

  /**
   * Reads a head from latin1 `text` that starts at its first character. Returns the position after the head,
   * RESPONSE_NEED_MORE or RESPONSE_FAULT. `toHead`: the request was HEAD, so there is no body whatever the fields say.
   * After RESPONSE_NEED_MORE the text is given again with more behind it, `added`, and only that is looked at until it
   * has a blank line: a head that comes byte by byte is not read with every byte.
   */
  read(text: string, toHead: boolean, added = text): number {
    const before = text.length - added.length
    if (before >= START.length && text.length <= RESPONSE_HEAD_BYTES_MAX && !this.#addsBlankLine(added))
      return RESPONSE_NEED_MORE
    strictHead.lastIndex = 0
    if (strictHead.test(text)) {
      const end = strictHead.lastIndex
      if (end > RESPONSE_HEAD_BYTES_MAX) return this.#fail('response-head-too-long')
      return this.#interpret(text, end, toHead) ? end : RESPONSE_FAULT
    }
    return this.#readLenient(text, toHead)
  }

  #addsBlankLine(added: string): boolean {
    for (let at = 0; at < added.length; at++) {
      const code = added.charCodeAt(at)
      if (code === LF && this.#place !== WITHIN_LINE) return true
      this.#place = placeAfter(this.#place, code)
    }
    return false
  }

  #fail(fault: ResponseFault): typeof RESPONSE_FAULT {
    this.fault = fault
    return RESPONSE_FAULT
  }

  /** Bare line feeds and folded lines are tolerated from targets, as RFC 9112 sections 2.2 and 5.2 allow. */
  #readLenient(text: string, toHead: boolean): number {
    const blank = /\r?\n\r?\n/.exec(text)
    if (blank === null) {
      if (text.length > RESPONSE_HEAD_BYTES_MAX) return this.#fail('response-head-too-long')
      if (!couldBeResponse(text)) return this.#fail('malformed-response')
      this.#place = placeAfter(
        placeAfter(WITHIN_LINE, text.charCodeAt(text.length - 2)),
        text.charCodeAt(text.length - 1),
      )
      return RESPONSE_NEED_MORE
    }
    const end = blank.index + blank[0].length
    if (end > RESPONSE_HEAD_BYTES_MAX) return this.#fail('response-head-too-long')
    // A line that goes on before there is any would become part of the status (RFC 9112 section 2.2).
    if (isBlank(text.charCodeAt(text.indexOf('\n') + 1))) return this.#fail('malformed-response')
    const clean = text
      .slice(0, end)
      .replace(/\r?\n/g, '\r\n')
      .replace(/\r\n[ \t]+/g, ' ')
    strictHead.lastIndex = 0
    if (!strictHead.test(clean) || strictHead.lastIndex !== clean.length)
      return this.#fail('malformed-response')
    return this.#interpret(clean, clean.length, toHead) ? end : RESPONSE_FAULT
  }

  #interpret(text: string, end: number, toHead: boolean): boolean {
    const head = this.head
    const fields = head.fields
    fields.reset(text)
    const lineEnd = text.indexOf('\r\n')
    head.status =
      (text.charCodeAt(9) - 48) * 100 + (text.charCodeAt(10) - 48) * 10 + (text.charCodeAt(11) - 48)
    head.statusText = text.slice(9, lineEnd)
    head.body = 'unknown-length'
    this.isChunked = false
    this.#hasLength = false
    head.contentLength = 0
    head.keepAlive = text.charCodeAt(7) === 0x31
    head.hasDate = false
    head.isPlain = true
    head.dropped.length = 0
    head.upgrade = null
    head.connection = null
    head.fieldsStart = lineEnd + 2
    head.fieldsEnd = end - 2
    for (let line = lineEnd + 2; line < end - 2;) {
      const colon = text.indexOf(':', line)
      const next = text.indexOf('\r\n', colon)
      const valueStart = skipBlanks(text, colon + 1, next)
      fields.add(line, colon, valueStart, trimEnd(text, valueStart, next))
      if (!this.#readField(fields.count - 1, colon - line, text.charCodeAt(line) | 0x20)) {
        this.fault = 'malformed-response'
        return false
      }
      line = next + 2
    }
    if (head.connection !== null) this.#applyConnection(head.connection)
    // Whoever wrote both may go on behind the one that was not believed (RFC 9112 section 6.3).
    if (this.isChunked && this.#hasLength) head.keepAlive = false
    if (toHead || head.status < 200 || head.status === 204 || head.status === 304) head.body = 'none'
    else if (head.body === 'unknown-length' && !this.isChunked) head.keepAlive = false
    return true
  }

  #applyConnection(options: ConnectionOptions): void {
    const head = this.head
    if (options.has('close')) head.keepAlive = false
    else if (options.has('keep-alive')) head.keepAlive = true
  }

  /** `false`: the field makes the end of the message unknowable. */
  #readField(index: number, nameLength: number, letter: number): boolean {
    const fields = this.head.fields
    switch (nameLength) {
      case 4:
        if (letter === 0x64 && fields.isNamed(index, 'date')) this.head.hasDate = true
        return true
      case 14:
        return letter !== 0x63 || !fields.isNamed(index, 'content-length') || this.#readLength(index)
      case 17:
        return letter !== 0x74 || !fields.isNamed(index, 'transfer-encoding') || this.#readCoding(index)
      case 10:
        if (letter === 0x63 && fields.isNamed(index, 'connection')) this.#readConnection(index)
        else if (letter === 0x6b && fields.isNamed(index, 'keep-alive')) this.head.dropped.push(index)
        return true
      case 7:
        if (letter === 0x75 && fields.isNamed(index, 'upgrade')) {
          this.head.isPlain = false
          this.head.upgrade = fields.value(index)
        }
        return true
      case 16:
      case 2:
        if (isHopByHop(fields.name(index).toLowerCase())) this.head.isPlain = false
        return true
      default:
        return true
    }
  }

  #readConnection(index: number): void {
    const head = this.head
    head.dropped.push(index)
    const value = head.fields.value(index)
    // By far the most common value, and the only one that names no other field and changes nothing.
    if (value === 'keep-alive' && head.keepAlive) return
    if (value !== 'close') head.isPlain = false
    head.connection ??= new ConnectionOptions()
    head.connection.add(value)
  }

  #readLength(index: number): boolean {
    const head = this.head
    const length = head.fields.wholeNumber(index)
    if (length === -1) return false
    this.#hasLength = true
    if (head.body === 'length') {
      head.isPlain = false
      return length === head.contentLength
    }
    if (this.isChunked) {
      head.isPlain = false
      return true
    }
    head.body = 'length'
    head.contentLength = length
    return true
  }

  #readCoding(index: number): boolean {
    const head = this.head
    head.dropped.push(index)
    if (this.isChunked) return false
    if (head.body === 'length') head.isPlain = false
    const codings = splitList(head.fields.value(index)).filter((coding) => coding !== 'identity')
    if (codings.length === 0) return true
    if (codings.length > 1 || codings[0] !== 'chunked') return false
    head.body = 'unknown-length'
    this.isChunked = true
    return true
  }
}

/** Whether more bytes can still make a response of this. */
function couldBeResponse(text: string): boolean {
  return text.length < START.length ? START.startsWith(text) : text.startsWith(START)
}

function placeAfter(place: number, code: number): number {
  if (code === LF) return AFTER_LF
  return code === CR && place === AFTER_LF ? AFTER_LF_CR : WITHIN_LINE
}
