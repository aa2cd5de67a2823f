// Bytes of a client that came behind the request that is being served: pipelined requests, kept in order. They are taken
// from the front and added at the back, without being moved for each request.

/** Bytes beyond which the client has to wait. */
const BYTES_MAX = 64 * 1024

/** What most connections have: a buffer of their own would cost each of them more than all else of a backlog. */
const NOTHING = Buffer.alloc(0)

export class Backlog {
  buffer: Buffer = NOTHING
  start = 0
  end = 0

  get isEmpty(): boolean {
    return this.start === this.end
  }

  /** Keeps a copy; whether it is now enough. */
  add(bytes: Buffer, start: number, end: number): boolean {
    this.#reserve(end - start)
    bytes.copy(this.buffer, this.end, start, end)
    this.end += end - start
    return this.end - this.start > BYTES_MAX
  }

  /** Everything before this position of `buffer` has been dealt with. */
  takenTo(position: number): void {
    this.start = position
    if (this.start === this.end) this.clear()
  }

  clear(): void {
    this.buffer = NOTHING
    this.start = 0
    this.end = 0
  }

  /** Makes room at the back: what is in front moves when there is as much room as it takes, so that each byte moves seldom. */
  #reserve(length: number): void {
    if (this.end + length <= this.buffer.length) return
    const kept = this.end - this.start
    const size = Math.max(kept + length, 2 * kept, 1024)
    const larger = Buffer.allocUnsafe(size)
    this.buffer.copy(larger, 0, this.start, this.end)
    this.buffer = larger
    this.start = 0
    this.end = kept
  }
}
