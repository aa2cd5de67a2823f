// The body of the request that a connection is reading: where it ends, and what of the bytes is data.

import { ChunkedReader, type ChunkSink } from '../../wire/http1/chunked-reader.ts'
import type { HeaderFields } from '../../wire/header-fields.ts'
import { readTrailers } from '../../wire/http1/trailers.ts'
import type { RequestHead } from '../../wire/request-head.ts'

/** Request body bytes that are read and dropped after an early answer, to keep the connection. */
const DROPPED_BYTES_MAX = 1024 * 1024

/** Takes the data of a body; it is valid during the call only. */
export interface BodySink {
  bodyData(buffer: Buffer, start: number, end: number): void
}

export class RequestBody implements ChunkSink {
  isComplete = true
  /** The chunked framing is broken; nothing behind it can be trusted. */
  isBad = false
  /** Whether any byte of it has come. */
  hasBegun = false
  /** Once the body is complete: those that may be passed on. */
  trailers: HeaderFields | null = null
  /** Bytes that are still to come, where the length is known. */
  #remaining = 0
  #isChunked = false
  #chunked: ChunkedReader | null = null
  // Where `chunkData` finds and leaves data during a read.
  #buffer: Buffer | null = null
  #sink: BodySink | null = null

  /** Begins with the body that a head announces. */
  start(head: RequestHead): void {
    this.isBad = false
    this.hasBegun = false
    this.trailers = null
    this.#isChunked = head.body === 'unknown-length'
    this.#remaining = head.body === 'length' ? head.contentLength : 0
    this.isComplete = !this.#isChunked && this.#remaining === 0
    if (!this.#isChunked) return
    this.#chunked ??= new ChunkedReader()
    this.#chunked.reset()
  }

  /** Whether what is still to come is known to be little enough to be read for nothing. */
  get isDroppable(): boolean {
    return !this.#isChunked && this.#remaining <= DROPPED_BYTES_MAX
  }

  /** Gives up on what is still to come. */
  abandon(): void {
    this.isComplete = true
  }

  /** Takes what belongs to the body; returns the position behind it. */
  read(buffer: Buffer, start: number, end: number, sink: BodySink): number {
    this.hasBegun = true
    if (this.#isChunked) return this.#readChunks(buffer, start, end, sink)
    const length = Math.min(this.#remaining, end - start)
    this.#remaining -= length
    this.isComplete = this.#remaining === 0
    sink.bodyData(buffer, start, start + length)
    return start + length
  }

  #readChunks(buffer: Buffer, start: number, end: number, sink: BodySink): number {
    const chunked = this.#chunked
    if (chunked === null) return end
    this.#buffer = buffer
    this.#sink = sink
    const at = chunked.read(buffer, start, end, this)
    this.#buffer = null
    this.#sink = null
    this.isBad = chunked.state === 'bad'
    if (chunked.state === 'end') {
      this.isComplete = true
      this.trailers = readTrailers(chunked.trailers)
    }
    return at
  }

  chunkData(start: number, end: number): void {
    if (this.#buffer !== null) this.#sink?.bodyData(this.#buffer, start, end)
  }
}
