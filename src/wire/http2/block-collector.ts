// A header block that comes in pieces, put together. Holds memory only while there is one.

const NOTHING = Buffer.alloc(0)
const FIRST_BYTES = 1024

export class BlockCollector {
  /** The longest block; who adds has looked at it. */
  readonly bytesMax: number
  bytes: Buffer = NOTHING
  length = 0

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax
  }

  add(buffer: Buffer, start: number, end: number): void {
    const needed = this.length + end - start
    if (needed > this.bytes.length) {
      // Twice as long each time, so that no byte is moved often.
      const larger = Buffer.allocUnsafe(
        Math.max(needed, Math.min(this.bytesMax, 2 * this.bytes.length), FIRST_BYTES),
      )
      this.bytes.copy(larger, 0, 0, this.length)
      this.bytes = larger
    }
    buffer.copy(this.bytes, this.length, start, end)
    this.length = needed
  }

  clear(): void {
    this.bytes = NOTHING
    this.length = 0
  }
}
