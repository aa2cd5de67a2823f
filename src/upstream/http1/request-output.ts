// One request on its way to an HTTP/1.1 target: its head, its body in the framing that the head announces, and what
// joins in one write. Knows nothing of the answer.

import { type SocketWriter, TEXT_BYTES_MAX } from '../../sockets/socket-writer.ts'
import type { HeaderFields } from '../../wire/header-fields.ts'
import { trailerLines } from '../../wire/http1/trailers.ts'

export class RequestOutput {
  /** The whole request was given here. */
  isComplete = true
  readonly #writer: SocketWriter
  #isChunked = false
  /** The target takes nothing any more. */
  #isBroken = false
  /** Text that waits for what follows it. */
  #unsent = ''

  constructor(writer: SocketWriter) {
    this.#writer = writer
  }

  /** Begins with another request. */
  begin(headText: string, hasBody: boolean, isChunked: boolean): void {
    this.isComplete = !hasBody
    this.#isChunked = isChunked
    // A body that came with the head leaves with it.
    if (hasBody) this.#unsent = headText
    else this.#writer.writeText(headText)
  }

  /** `false`: no more before the writer has drained. */
  data(buffer: Buffer, start: number, end: number, isOwned: boolean): boolean {
    if (this.#isBroken) return true
    const size = end - start
    const before = this.#isChunked ? `${this.#unsent}${size.toString(16)}\r\n` : this.#unsent
    const after = this.#isChunked ? '\r\n' : ''
    if (size <= TEXT_BYTES_MAX) {
      this.#unsent = before + buffer.toString('latin1', start, end) + after
      if (this.#unsent.length > TEXT_BYTES_MAX) this.flush()
    } else {
      this.#unsent = after
      this.#writer.write(before, buffer, start, end, 0, isOwned)
    }
    return !this.#writer.isPending()
  }

  end(trailers: HeaderFields | null): void {
    this.isComplete = true
    if (this.#isChunked) this.#unsent += `0\r\n${trailerLines(trailers)}\r\n`
    this.flush()
  }

  flush(): void {
    if (this.#unsent === '') return
    if (!this.#isBroken) this.#writer.writeText(this.#unsent)
    this.#unsent = ''
  }

  /** The target takes nothing any more: what is still to be sent is dropped. */
  breakOff(): void {
    this.#isBroken = true
    this.#unsent = ''
  }
}
