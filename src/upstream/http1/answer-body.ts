// The body of an answer on its way from a target's connection into the exchange: where it ends, whose buffer it lies in,
// and when it is held back. One object serves all answers of a connection.

import { HEADROOM, returnBulk, takeBulk } from '../../sockets/bulk-buffers.ts'
import { TEXT_BYTES_MAX } from '../../sockets/socket-writer.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import type { HeaderFields } from '../../wire/header-fields.ts'
import { ChunkedReader, type ChunkSink } from '../../wire/http1/chunked-reader.ts'
import type { ResponseReader } from '../../wire/http1/response-reader.ts'
import { readTrailers } from '../../wire/http1/trailers.ts'

/** Answers up to this size are held until complete, so that a 504 can still be sent (ALB-OBS-513, OQ-27). */
const HELD_BYTES_MAX = 64 * 1024

type Kind = 'length' | 'held' | 'chunked' | 'until-close'

export class AnswerBody implements ChunkSink {
  isComplete = false
  /** The framing is broken. */
  isBad = false
  /** More came than the answer: whatever it is, it would be taken for the answer to the next request. */
  hasExcess = false
  /** The client does not take more at present. */
  isRefused = false
  trailers: HeaderFields | null = null
  /** A buffer for this body alone, into which the socket is to read from `HEADROOM` plus `held` on; null: the shared one. */
  bulk: Buffer | null = null
  /** Bytes of a held answer in `bulk`. */
  held = 0
  #kind: Kind = 'length'
  #remaining = 0
  #chunked: ChunkedReader | null = null
  // What `chunkData` refers to.
  #exchange: Exchange | null = null
  #buffer: Buffer | null = null
  #regionFrom = 0

  /** Begins with the body that the reader's head announces. `available`: how much of it is there already. */
  start(exchange: Exchange, reader: ResponseReader, available: number): void {
    const { head } = reader
    this.isComplete = false
    this.isBad = false
    this.hasExcess = false
    this.isRefused = false
    this.trailers = null
    this.held = 0
    this.#remaining = head.contentLength
    if (head.body === 'length' && available < head.contentLength) {
      // At once: the body may begin with the next read, which then goes there.
      this.bulk = takeBulk()
      this.#kind = head.contentLength <= HELD_BYTES_MAX ? 'held' : 'length'
    } else if (head.body === 'length') this.#kind = 'length'
    else if (reader.isChunked) {
      this.#kind = 'chunked'
      this.#chunked ??= new ChunkedReader()
      this.#chunked.reset()
    } else {
      this.#kind = 'until-close'
      this.bulk = takeBulk()
    }
    if (this.#kind !== 'held') exchange.respondHead(head)
  }

  /** Takes what belongs to the body, from any buffer but `bulk` while the answer is held. */
  take(exchange: Exchange, buffer: Buffer, start: number, end: number): number {
    switch (this.#kind) {
      case 'length': {
        const length = Math.min(this.#remaining, end - start)
        this.#remaining -= length
        this.isComplete = this.#remaining === 0
        this.#give(exchange, buffer, start, start + length, start)
        return start + length
      }
      case 'held': {
        const length = Math.min(this.#remaining, end - start)
        if (this.bulk !== null) buffer.copy(this.bulk, HEADROOM, start, start + length)
        this.held = length
        return start + length
      }
      case 'chunked':
        return this.#takeChunks(exchange, buffer, start, end)
      case 'until-close':
        this.#give(exchange, buffer, start, end, start)
        return end
    }
  }

  /** Whether the answer is held at present: bytes then go into `bulk`, and `hold` tells how many came. */
  get isHeld(): boolean {
    return this.#kind === 'held' && this.bulk !== null && !this.isComplete
  }

  /** More bytes of a held answer are in `bulk`. */
  hold(exchange: Exchange, reader: ResponseReader, length: number): void {
    const { bulk } = this
    if (bulk === null) return
    const taken = Math.min(length, this.#remaining - this.held)
    this.held += taken
    if (taken < length) this.hasExcess = true
    if (this.held < this.#remaining) return
    this.isComplete = true
    exchange.respondHead(reader.head)
    this.#give(exchange, bulk, HEADROOM, HEADROOM + this.held, HEADROOM)
  }

  /** The buffer may be somebody else's from now on; if the client has not taken its bytes yet it is left to them. */
  finish(): void {
    if (this.bulk !== null && !this.isRefused) returnBulk(this.bulk)
    this.bulk = null
    this.isRefused = false
  }

  /** A span of decoded body, from the chunked reader. Its framing before it is scratch by now. */
  chunkData(start: number, end: number): void {
    if (this.#exchange === null || this.#buffer === null) return
    this.#give(this.#exchange, this.#buffer, start, end, start - this.#regionFrom)
    this.#regionFrom = end
  }

  #takeChunks(exchange: Exchange, buffer: Buffer, start: number, end: number): number {
    const chunked = this.#chunked
    if (chunked === null) return end
    this.#exchange = exchange
    this.#buffer = buffer
    this.#regionFrom = start
    const at = chunked.read(buffer, start, end, this)
    this.#exchange = null
    this.#buffer = null
    if (chunked.state === 'end') {
      this.isComplete = true
      this.trailers = readTrailers(chunked.trailers)
    } else if (chunked.state === 'bad') this.isBad = true
    else if (this.bulk === null && end - start > TEXT_BYTES_MAX) this.bulk = takeBulk()
    return at
  }

  #give(exchange: Exchange, buffer: Buffer, start: number, end: number, headroom: number): void {
    if (!exchange.respondData(buffer, start, end, headroom, buffer === this.bulk)) this.isRefused = true
  }
}
