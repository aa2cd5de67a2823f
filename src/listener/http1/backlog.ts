// Bytes of a client that came behind the request that is being served: pipelined requests, kept in order.

/** Bytes beyond which the client has to wait. */
const BYTES_MAX = 64 * 1024

export class Backlog {
  #bytes: Buffer | null = null

  get isEmpty(): boolean {
    return this.#bytes === null
  }

  /** Keeps a copy; whether it is now enough. */
  add(buffer: Buffer, start: number, end: number): boolean {
    const bytes = Buffer.from(buffer.subarray(start, end))
    this.#bytes = this.#bytes === null ? bytes : Buffer.concat([this.#bytes, bytes])
    return this.#bytes.length > BYTES_MAX
  }

  /** Everything that is kept, which is then no longer kept here. */
  take(): Buffer | null {
    const bytes = this.#bytes
    this.#bytes = null
    return bytes
  }
}
