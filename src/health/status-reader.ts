// The status code of an HTTP/1.x response, out of its bytes as they come. A health check wants nothing else of it, but
// the whole head has to arrive, and interim responses come before it (RFC 9110 section 15.2).

/** A head that is longer than this is malformed. */
export const HEAD_BYTES_MAX = 16 * 1024

export type HeadResult =
  | { readonly type: 'more' }
  | { readonly type: 'status'; readonly code: number }
  | { readonly type: 'malformed' }

const MORE: HeadResult = { type: 'more' }
const MALFORMED: HeadResult = { type: 'malformed' }
const START = 'HTTP/1.'

export class StatusReader {
  #text = ''

  /** Takes the next bytes; after an answer other than `more` nothing may follow. */
  push(bytes: Buffer): HeadResult {
    this.#text += bytes.toString('latin1')
    if (!this.#text.startsWith(START.slice(0, this.#text.length))) return MALFORMED
    for (;;) {
      const end = /\r?\n\r?\n/.exec(this.#text)
      if (end === null) break
      if (end.index > HEAD_BYTES_MAX) return MALFORMED
      const code = Number(
        /^HTTP\/1\.[01] ([1-9]\d\d)(?: |\r?\n)/.exec(`${this.#text.slice(0, end.index)}\n`)?.[1],
      )
      if (Number.isNaN(code)) return MALFORMED
      if (code >= 200 || code === 101) return { type: 'status', code }
      this.#text = this.#text.slice(end.index + end[0].length)
    }
    return this.#text.length > HEAD_BYTES_MAX ? MALFORMED : MORE
  }
}
