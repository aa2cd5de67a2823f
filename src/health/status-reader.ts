// The status code of an HTTP/1.x response, out of its bytes as they come. A health check wants nothing else of it, but
// the whole head has to arrive, and interim responses come before it (RFC 9110 section 15.2). Looks at each byte once.

/** A head that is longer than this is malformed. */
export const HEAD_BYTES_MAX = 16 * 1024
/** Interim responses before the final one; more are no honest target. */
export const INTERIMS_MAX = 32

export type HeadResult =
  | { readonly type: 'more' }
  | { readonly type: 'status'; readonly code: number }
  | { readonly type: 'malformed' }

const MORE: HeadResult = { type: 'more' }
const MALFORMED: HeadResult = { type: 'malformed' }
const START = 'HTTP/1.'
const LF = 0x0a
const CR = 0x0d
/** Of a status line only as much is kept as has the status. */
const STATUS_CHARACTERS = 16
const status = /^HTTP\/1\.[01] ([1-9]\d\d)(?: |\r?$)/

export class StatusReader {
  /** The first characters of the status line. */
  #start = ''
  /** Bytes of the present head, of its first line, and of the line that is being read. */
  #headBytes = 0
  #isFirstLine = true
  #lineBytes = 0
  #isBlank = true
  #interims = 0

  /** Takes the next bytes; after an answer other than `more` nothing may follow. */
  push(bytes: Buffer): HeadResult {
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number
      if (++this.#headBytes > HEAD_BYTES_MAX) return MALFORMED
      if (byte !== LF) {
        // A carriage return alone leaves a line blank.
        this.#isBlank = byte === CR && this.#lineBytes === 0
        this.#lineBytes++
        if (this.#isFirstLine && this.#start.length < STATUS_CHARACTERS) {
          this.#start += String.fromCharCode(byte)
          if (!isStart(this.#start)) return MALFORMED
        }
        continue
      }
      const isEnd = this.#isBlank
      if (isEnd && this.#isFirstLine) return MALFORMED
      this.#isFirstLine = false
      this.#lineBytes = 0
      this.#isBlank = true
      if (isEnd) {
        const result = this.#endHead()
        if (result !== MORE) return result
      }
    }
    return MORE
  }

  #endHead(): HeadResult {
    const code = Number(status.exec(this.#start)?.[1])
    if (Number.isNaN(code)) return MALFORMED
    if (code >= 200 || code === 101) return { type: 'status', code }
    this.#start = ''
    this.#headBytes = 0
    this.#isFirstLine = true
    return ++this.#interims > INTERIMS_MAX ? MALFORMED : MORE
  }
}

function isStart(text: string): boolean {
  return text.length < START.length ? START.startsWith(text) : text.startsWith(START)
}
