// X-Amzn-Trace-Id: `Root=1-TIME-ID` and `Self=1-TIME-ID` (ALB-OBS-402 … 416).

import { randomBytes } from 'node:crypto'
import { trimBlanks } from './lists.ts'

const ID_DIGITS = 24
const POOL_BYTES = 12 * 512
/** Above this size of header lines the fields of the client are dropped (ALB-OBS-416). */
const HEADER_BYTES_MAX = 7 * 1024

/** Makes trace header values. One per worker: it keeps a pool of random digits and the digits of the present second. */
export class TraceIds {
  #pool = ''
  #used = 0
  #second = 0
  #prefix = ''

  /** `1-TIME-ID`, with digits from a cryptographic source. `dateMs` is milliseconds since 1970. */
  next(dateMs: number): string {
    const second = Math.floor(dateMs / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#prefix = `1-${second.toString(16).padStart(8, '0')}-`
    }
    if (this.#used === this.#pool.length) {
      this.#pool = randomBytes(POOL_BYTES).toString('hex')
      this.#used = 0
    }
    const start = this.#used
    this.#used = start + ID_DIGITS
    return this.#prefix + this.#pool.slice(start, start + ID_DIGITS)
  }

  /** Value for the target, from the values the client sent (all lines of the header, in order). */
  update(received: readonly string[], headerBytes: number, dateMs: number): string {
    const fresh = this.next(dateMs)
    if (received.length === 0 || headerBytes > HEADER_BYTES_MAX) return `Root=${fresh}`
    const kept: string[] = []
    let hasRoot = false
    let hasSelf = false
    for (const field of received.join(';').split(';')) {
      const text = trimBlanks(field)
      if (text === '') continue
      if (text.startsWith('Self=')) hasSelf = true
      else {
        if (text.startsWith('Root=')) hasRoot = true
        kept.push(text)
      }
    }
    const rest = kept.length === 0 ? '' : `;${kept.join(';')}`
    if (hasRoot) return `Self=${fresh}${rest}`
    return hasSelf ? `Self=${fresh};Root=${this.next(dateMs)}${rest}` : `Root=${fresh}${rest}`
  }
}
