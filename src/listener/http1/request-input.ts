// The bytes of a client connection as requests, one after the other: heads, bodies, and what came too early for its turn.
// Says what it finds and stops where its connection has to decide first; knows nothing of answers and time.

import type { Failure } from '../../exchange/failure.ts'
import type { Socket } from '../../sockets/socket.ts'
import { FAULT, NEED_MORE } from '../../wire/http1/request-reader.ts'
import { headFailure } from '../admission.ts'
import { Backlog } from './backlog.ts'
import type { Http1Exchange } from './exchange.ts'
import type { BodySink } from './request-body.ts'

/** Head bytes that are looked at as text before the end of the head is searched for. */
const HEAD_TEXT_BYTES = 4096

/** What the next bytes are for. */
type Expected = 'head' | 'body' | 'nothing'

/** The connection of an input, which hears what is in its bytes. */
export interface InputSink<Passage> extends BodySink {
  /** The first byte of a request has come. */
  requestBegins(): Http1Exchange<Passage>
  /** The head has more bytes, and is not complete. */
  headGrew(): void
  headComplete(exchange: Http1Exchange<Passage>): void
  /** A head that never becomes a request: it is to be answered, recorded, and the connection closed. */
  headRefused(exchange: Http1Exchange<Passage>, failure: Failure, bytes: number): void
  /** The body is complete, or its framing is broken. */
  bodyEnded(exchange: Http1Exchange<Passage>): void
  /** All bytes of a batch have been dealt with. */
  batchEnded(): void
}

export class RequestInput<Passage> {
  readonly #socket: Socket
  readonly #sink: InputSink<Passage>
  readonly #backlog = new Backlog()
  #expected: Expected = 'head'
  #exchange: Http1Exchange<Passage> | null = null
  #isConsuming = false
  #isPaused = false
  #isStopped = false
  /** What is being read has more bytes than the present request. */
  #isFollowed = false

  constructor(socket: Socket, sink: InputSink<Passage>) {
    this.#socket = socket
    this.#sink = sink
  }

  /** Whether requests wait behind the present one, as far as its head tells. */
  get hasMore(): boolean {
    return this.#isConsuming ? this.#isFollowed : !this.#backlog.isEmpty
  }

  /** Whether bytes are being read right now: what is answered meanwhile was answered at once. */
  get isConsuming(): boolean {
    return this.#isConsuming
  }

  /** Whether bytes of the present request's body are still to come. */
  get isBodyAwaited(): boolean {
    return this.#expected === 'body' && this.#exchange?.body.isComplete === false
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Bytes that the socket has read. */
  take(buffer: Buffer, start: number, end: number): void {
    if (this.#isStopped) return
    const isNext = this.#backlog.isEmpty
    const at = isNext ? this.#consume(buffer, start, end) : start
    // Whoever sends more requests than can be answered has to wait.
    if (at < end && !this.#isStopped && this.#backlog.add(buffer, at, end)) this.pause()
    if (isNext) this.#sink.batchEnded()
  }

  /** The request is over; the next one may begin, with what has come of it already. */
  next(): void {
    this.#expected = 'head'
    this.#exchange = null
    this.resume()
    if (this.#isConsuming) return
    while (!this.#backlog.isEmpty && (this.#expected === 'head' || this.isBodyAwaited)) {
      const { buffer, start, end } = this.#backlog
      const at = this.#consume(buffer, start, end)
      if (!this.#isStopped) this.#backlog.takenTo(at)
      this.#sink.batchEnded()
    }
  }

  /** Nothing more is read here. */
  stop(): void {
    this.#isStopped = true
    this.#expected = 'nothing'
    this.#exchange = null
    this.#backlog.clear()
  }

  /** What came behind the present request, for somebody else; nothing more is read here. */
  leave(take: (buffer: Buffer, start: number, end: number) => void): void {
    const { buffer, start, end } = this.#backlog
    this.stop()
    if (start < end) take(buffer, start, end)
  }

  pause(): void {
    if (this.#isPaused) return
    this.#isPaused = true
    this.#socket.pause()
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#socket.resume()
  }

  /** Refuses the head that has begun, for another reason than its bytes. Returns how many there were. */
  refuseHead(): number {
    this.#expected = 'nothing'
    return this.#exchange?.reader.heldBytes ?? 0
  }

  /**
   * Reads as many requests as the bytes hold, in a loop: answers may come while their request is being read. Returns the
   * position behind what was read; the rest has to wait for the answer to the present request.
   */
  #consume(buffer: Buffer, start: number, end: number): number {
    this.#isConsuming = true
    let at = start
    while (at < end) {
      if (this.#expected === 'head') at = this.#readHead(buffer, at, end)
      else if (this.isBodyAwaited) at = this.#readBody(buffer, at, end)
      else break
    }
    this.#isConsuming = false
    this.#isFollowed = false
    return at
  }

  /** Position behind the head, or `end` when all bytes were taken up by an unfinished or refused one. */
  #readHead(buffer: Buffer, start: number, end: number): number {
    const exchange = this.#exchange ?? this.#sink.requestBegins()
    this.#exchange = exchange
    const { reader } = exchange
    const before = reader.heldBytes
    let cut = end
    if (end - start > HEAD_TEXT_BYTES) {
      // A large piece is mostly body: only the part that can be head becomes text.
      const blank = buffer.indexOf('\r\n\r\n', start, 'latin1')
      if (blank !== -1 && blank + 4 < end) cut = blank + 4
    }
    let consumed = reader.read(buffer.toString('latin1', start, cut))
    if (consumed === NEED_MORE && cut < end) consumed = reader.read(buffer.toString('latin1', cut, end))
    if (consumed === NEED_MORE) {
      this.#sink.headGrew()
      return end
    }
    if (consumed === FAULT) {
      this.#sink.headRefused(exchange, headFailure(reader.fault), this.refuseHead())
      return end
    }
    this.#expected = 'body'
    const next = start + consumed - before
    const { body, contentLength } = exchange.head
    this.#isFollowed = body !== 'unknown-length' && end - next > contentLength
    this.#sink.headComplete(exchange)
    return next
  }

  #readBody(buffer: Buffer, start: number, end: number): number {
    const exchange = this.#exchange
    if (exchange === null) return end
    const at = exchange.body.read(buffer, start, end, this.#sink)
    // Its data may have ended the request, or the connection.
    if (this.#exchange !== exchange) return end
    exchange.record.receivedBytes += at - start
    const isEnded = exchange.body.isBad || exchange.body.isComplete
    if (isEnded) this.#sink.bodyEnded(exchange)
    return exchange.body.isBad ? end : at
  }
}
