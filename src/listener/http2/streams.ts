// The streams of one HTTP/2 client that run at present: how they begin and how they end, by their answer, by a fault, or with
// the connection. Knows neither frames of the client nor its socket.

import { eventNow } from '../../clock/event-time.ts'
import { type Failure, failures } from '../../exchange/failure.ts'
import type { Http2Fault } from '../../wire/http2/faults.ts'
import { ReceiveWindow } from '../../wire/http2/flow-window.ts'
import { ErrorCode, WINDOW_AT_FIRST } from '../../wire/http2/frames.ts'
import type { ServedListener } from '../binding.ts'
import type { ClientSession } from '../client-session.ts'
import { HALF_CLOSE_MS } from '../half-close.ts'
import type { ExchangeOwner, Http2Exchange, Http2Parts } from './exchange.ts'
import { connectionFaults } from './faults.ts'
import { FloodGuard } from './flood-guard.ts'
import type { Outlet } from './outlet.ts'

/** SETTINGS_MAX_CONCURRENT_STREAMS (ALB-LSN-016). */
export const STREAMS_MAX = 128
/** What all streams together may send that their targets have not taken. */
const CONNECTION_WINDOW_BYTES = 1024 * 1024

/** The connection of the streams. */
export interface StreamsOwner {
  /** The connection ends by it. */
  fault(fault: Http2Fault): void
  /** No stream beyond `lastStream` is served. */
  goAway(lastStream: number): void
  /** The first stream began, or the last one ended. */
  busyChanged(): void
  /** The client acknowledged the settings. */
  settled(): void
  /** Ends the connection at once: the client may not use it. */
  cut(): void
}

export class Streams<Served extends ServedListener, Passage> implements ExchangeOwner<Served, Passage> {
  readonly outlet: Outlet
  readonly owner: StreamsOwner
  readonly session: ClientSession<Served>
  /** Number of the last one that was opened. */
  last = 0
  /** Streams beyond this one are not served. */
  lastServed = Infinity
  /** The connection is over: nothing that comes means anything any more. */
  isClosed = false
  readonly #parts: Http2Parts<Served, Passage>
  readonly #running = new Map<number, Http2Exchange<Served, Passage>>()
  readonly #window = new ReceiveWindow(CONNECTION_WINDOW_BYTES, WINDOW_AT_FIRST)
  readonly #guard: FloodGuard

  constructor(
    owner: StreamsOwner,
    outlet: Outlet,
    session: ClientSession<Served>,
    parts: Http2Parts<Served, Passage>,
  ) {
    this.owner = owner
    this.outlet = outlet
    this.session = session
    this.#parts = parts
    this.#guard = new FloodGuard(parts.tools.wheel.now)
  }

  get count(): number {
    return this.#running.size
  }

  /** Whether another one may begin. They count until their end has left, so that no turn has more than are promised. */
  get hasRoom(): boolean {
    return this.#running.size + this.outlet.unsentEnds < STREAMS_MAX
  }

  all(): Iterable<Http2Exchange<Served, Passage>> {
    return this.#running.values()
  }

  get(stream: number): Http2Exchange<Served, Passage> | undefined {
    return this.#running.get(stream)
  }

  /** Tells the client how much it may send on the connection. */
  openWindow(): void {
    this.outlet.frames.windowUpdate(0, this.#window.openFully())
  }

  begin(stream: number, isRequestComplete: boolean): Http2Exchange<Served, Passage> {
    const exchange = this.#parts.exchanges.take()
    exchange.open(this, stream, this.session.client, isRequestComplete)
    exchange.served = this.session.served
    this.#running.set(stream, exchange)
    if (this.#running.size === 1) this.owner.busyChanged()
    return exchange
  }

  /** Gives a stream back as if it had never begun. */
  forget(exchange: Http2Exchange<Served, Passage>): void {
    this.#running.delete(exchange.stream)
    this.#parts.exchanges.giveBack(exchange)
  }

  /** Bytes of bodies have come; false: more than the window of the connection let in. */
  received(flowBytes: number): boolean {
    return this.#window.receive(flowBytes)
  }

  // ---- what a client may ask for ----

  /** A frame came that asks for next to nothing. */
  idleFrame(): void {
    if (this.isClosed) return
    const { now } = this.#parts.tools.wheel
    if (this.#guard.mayIdle(now)) return
    this.#guard.dataPassed(this.outlet.takeDataFrames())
    if (!this.#guard.mayIdle(now)) this.owner.fault(connectionFaults.tooManyIdleFrames)
  }

  /** A DATA frame with something in it came. */
  dataFrame(): void {
    this.#guard.dataPassed(1)
  }

  #takenBack(): void {
    if (!this.isClosed && !this.#guard.mayReset(this.#parts.tools.wheel.now))
      this.owner.fault(connectionFaults.tooManyResets)
  }

  // ---- the end of a stream by its client ----

  /** The client wants nothing more of it. */
  resetByClient(exchange: Http2Exchange<Served, Passage>): void {
    // What is taken back as soon as it is asked for makes no room for more of it at once.
    if (exchange.record.receivedAt === eventNow()) this.outlet.endedSilently()
    exchange.abandon()
    this.#end(exchange)
    this.#takenBack()
  }

  /** The request is none that could be answered: the stream ends, and the record says why. */
  malformed(exchange: Http2Exchange<Served, Passage>, failure: Failure): void {
    const { stream } = exchange
    exchange.abandon()
    exchange.record.fails(failure)
    this.#end(exchange)
    this.refuse(stream, ErrorCode.protocolError)
    this.#takenBack()
  }

  /** The client broke the stream. */
  brokenBy(exchange: Http2Exchange<Served, Passage>, code: ErrorCode): void {
    const { stream } = exchange
    exchange.abandon()
    this.#end(exchange)
    this.refuse(stream, code)
    this.#takenBack()
  }

  refuse(stream: number, code: ErrorCode): void {
    this.outlet.frames.rstStream(stream, code)
    this.outlet.touch()
  }

  // ---- the exchanges call ----

  released(bytes: number): void {
    if (this.isClosed) return
    const increment = this.#window.release(bytes)
    if (increment === 0) return
    this.outlet.frames.windowUpdate(0, increment)
    this.outlet.touch()
  }

  failed(exchange: Http2Exchange<Served, Passage>, failure: Failure): void {
    this.#parts.handler.answer(exchange, failure)
  }

  answered(exchange: Http2Exchange<Served, Passage>): void {
    this.#guard.answered()
    this.outlet.unsentEnds++
    // RFC 9113 section 8.1: the rest of the request is of no interest.
    if (!exchange.isRequestComplete) this.refuse(exchange.stream, ErrorCode.noError)
    this.#end(exchange)
  }

  brokeOff(exchange: Http2Exchange<Served, Passage>): void {
    this.outlet.unsentEnds++
    this.refuse(exchange.stream, ErrorCode.internalError)
    this.#end(exchange)
  }

  timedOut(exchange: Http2Exchange<Served, Passage>): void {
    if (exchange.isBodyOwed) exchange.failClient(failures.requestTimeout)
    // Of a client that takes nothing at all the connection keeps the time.
    else if (this.outlet.isBlocked) exchange.touch()
    else this.brokenBy(exchange, ErrorCode.cancel)
  }

  /** All that belongs to a stream is done. */
  #end(exchange: Http2Exchange<Served, Passage>): void {
    this.#running.delete(exchange.stream)
    this.#parts.handler.record(exchange, exchange.served)
    this.#parts.exchanges.giveBack(exchange)
    if (this.#running.size === 0 && !this.isClosed) this.owner.busyChanged()
  }

  // ---- the end of the connection ----

  /**
   * The client has sent its FIN. What it owes will not come; a FIN soon after a complete request is a client that has
   * nothing more to say and waits for its answer, a later one is a client that has given up.
   */
  clientEnded(): void {
    const now = performance.now()
    for (const exchange of this.#running.values()) {
      if (!exchange.isRequestComplete) exchange.failClient(failures.clientClosedInBody)
      else if (now - exchange.completedAt > HALF_CLOSE_MS) {
        exchange.abandon()
        this.#end(exchange)
      }
    }
  }

  /** The client has gone: what runs for it is ended and recorded. */
  abandon(): void {
    this.isClosed = true
    for (const exchange of this.#running.values()) {
      exchange.abandon()
      this.#end(exchange)
    }
  }

  /** What runs fails, as far as the client can still be told. */
  failAll(failure: Failure): void {
    for (const exchange of this.#running.values()) exchange.failClient(failure)
  }

  /** A record of a fault that belongs to no request. */
  recordFault(failure: Failure): void {
    const { exchanges, handler } = this.#parts
    const exchange = exchanges.take()
    exchange.open(this, 0, this.session.client, true)
    exchange.served = this.session.served
    exchange.head.reset('')
    exchange.record.fails(failure)
    handler.record(exchange, exchange.served)
    exchanges.giveBack(exchange)
  }
}
