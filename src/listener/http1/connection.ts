// One client connection that speaks HTTP/1.x: its socket's events and the requests on it, one after the other. Knows
// bytes, time-outs and when the connection may go on; what is answered is the exchange's, and why is its handler's.

import { beginEvent, endEvent, eventNow } from '../../clock/event-time.ts'
import { Timed } from '../../clock/timer-wheel.ts'
import type { TlsFacts } from '../../exchange/client-facts.ts'
import { type Failure, failures } from '../../exchange/failure.ts'
import type { RelayEnd, SocketEnd } from '../../exchange/relay.ts'
import { acceptedBuffer } from '../../sockets/accept.ts'
import { closeLingering } from '../lingering-close.ts'
import { SocketWriter, type WriterEvents } from '../../sockets/socket-writer.ts'
import type { Socket, SocketEvents } from '../../sockets/socket.ts'
import type { Binding, ServedListener } from '../binding.ts'
import { ClientSession } from '../client-session.ts'
import { HALF_CLOSE_MS } from '../half-close.ts'
import type { LedgerEntry } from '../ledger.ts'
import type { ExchangeOwner, Http1Exchange, Http1Parts } from './exchange.ts'
import { type InputSink, RequestInput } from './request-input.ts'
import { Turn, type TurnTaker } from './turn.ts'
import { upgradedClient } from './upgraded.ts'

/** A head may take this long from its first byte, or the idle time-out where that is longer: no byte stretches it. */
const HEAD_MS = 60_000

type State =
  | 'head' // waiting for a request, or in the middle of its head
  | 'exchange' // a request is being served
  | 'discard' // the answer is out, the rest of the request is dropped
  | 'pause' // before the next request the client has to take its answers, or it is others' turn
  | 'left' // the socket is a relay's, or on its way to be closed

export class Http1Connection<Served extends ServedListener, Passage>
  extends Timed
  implements SocketEvents, WriterEvents, InputSink<Passage>, ExchangeOwner, TurnTaker, LedgerEntry
{
  readonly binding: Binding<Served>
  readonly #socket: Socket
  readonly #writer: SocketWriter
  readonly #parts: Http1Parts<Served, Passage>
  readonly #session: ClientSession<Served>
  /** From the first byte of a request until all that belongs to it is done. */
  #exchange: Http1Exchange<Passage> | null = null
  #state: State = 'head'
  readonly #input: RequestInput<Passage>
  /** By when the head has to be complete, on the wheel's clock. */
  #headDeadline = 0
  #completedAt = 0
  #isHalfClosed = false
  #isRecordPending = false
  #isResumeOwed = false
  readonly #turn = new Turn()
  /** After an upgrade. */
  #relay: SocketEnd | null = null

  /** `tls`: what was agreed in the handshake, null for clear text. */
  constructor(
    socket: Socket,
    binding: Binding<Served>,
    tls: TlsFacts | null,
    parts: Http1Parts<Served, Passage>,
  ) {
    super()
    this.#socket = socket
    this.binding = binding
    this.#parts = parts
    this.#writer = new SocketWriter(socket, this)
    this.#input = new RequestInput(socket, this)
    const { ledger, wheel } = parts.tools
    this.#session = new ClientSession(socket, binding, tls, wheel.now)
    this.#arm(this.#session.idleTimeoutMs)
    ledger.opened(this, this.#session.served?.counters ?? null)
  }

  // ---- events of the socket ----

  /** Bytes from the client are in the buffer that all accepted connections share. */
  onRead(length: number): undefined {
    beginEvent()
    if (this.#input.isBodyAwaited && !this.#input.isPaused) this.#arm(this.#session.idleTimeoutMs)
    this.#input.take(acceptedBuffer, 0, length)
    endEvent()
  }

  /** The client's FIN. */
  onEnd(): void {
    switch (this.#state) {
      case 'head':
        if (this.#exchange === null) this.#close()
        else this.headRefused(this.#exchange, failures.malformedRequest, this.#input.refuseHead())
        return
      case 'exchange':
        this.#endInExchange()
        return
      case 'discard':
      case 'pause':
        // Requests that wait were sent before the FIN, and are answered too.
        if (this.#state === 'pause' && this.#input.hasMore) this.#isHalfClosed = true
        else this.#close()
        return
      case 'left':
    }
  }

  /** The socket is gone. `hadError`: by a reset or another fault. */
  onClose(hadError: boolean): void {
    const exchange = this.#exchange
    if (exchange !== null && this.#state === 'exchange') {
      exchange.abandon()
      this.#writeRecord(exchange)
    } else if (exchange !== null && this.#isRecordPending) {
      if (hadError) exchange.noteClientGone()
      this.#writeRecord(exchange)
    }
    this.#ended()
  }

  onDrained(): void {
    if (this.#state === 'pause') this.#nextRequest()
    if (!this.#isResumeOwed) return
    this.#isResumeOwed = false
    if (this.#state === 'exchange' && !this.#input.isBodyAwaited) this.#disarm()
    this.#exchange?.target?.resumeResponse()
  }

  onWriteFailed(error: Error): void {
    this.#socket.destroy(error)
  }

  override onTimeout(): void {
    const exchange = this.#exchange
    switch (this.#state) {
      case 'head':
        if (exchange === null) this.#close()
        else this.headRefused(exchange, failures.requestTimeout, this.#input.refuseHead())
        return
      case 'exchange':
        if (exchange !== null && this.#input.isBodyAwaited && !exchange.answer.isStarted)
          exchange.failClient(failures.requestTimeout)
        else this.#timedOut()
        return
      case 'discard':
      case 'pause':
        this.#timedOut()
        return
      case 'left':
    }
  }

  /** A client that is slow, and takes what is sent to it, is waited for. */
  #timedOut(): void {
    if (this.#writer.hasMoved()) this.#arm(this.#session.idleTimeoutMs)
    else this.#socket.destroy()
  }

  /** Ends the connection as soon as it is idle; the present answer says so. */
  drain(): void {
    if (this.#state === 'head' && this.#exchange === null) this.#close()
    else if (this.#state === 'exchange' && this.#exchange?.answer.isStarted === false)
      this.#exchange.answer.keepAlive = this.#input.hasMore && this.#exchange.answer.keepAlive
  }

  cut(): void {
    const exchange = this.#exchange
    switch (this.#state) {
      case 'head':
        if (exchange === null) this.#cut()
        else this.headRefused(exchange, failures.listenerGone, this.#input.refuseHead())
        return
      case 'exchange':
        exchange?.failClient(failures.listenerGone)
        return
      case 'discard':
      case 'pause':
        this.#cut()
        return
      case 'left':
        // A client that has not taken the last of its answer may still owe a record.
        if (this.#relay === null) this.#socket.destroy()
        else this.#relay.cutBoth()
    }
  }

  // ---- requests, as the input finds them ----

  requestBegins(): Http1Exchange<Passage> {
    const { tools, exchanges } = this.#parts
    const exchange = exchanges.take()
    exchange.take(this, this.#session.client)
    exchange.record.receivedAt = eventNow()
    exchange.record.createdDate = tools.clock.dateAt(exchange.record.receivedAt)
    this.#exchange = exchange
    this.#headDeadline = tools.wheel.now + Math.max(HEAD_MS, this.#session.idleTimeoutMs)
    return exchange
  }

  headGrew(): void {
    this.#arm(Math.min(this.#session.idleTimeoutMs, this.#headDeadline - this.#parts.tools.wheel.now))
  }

  headComplete(exchange: Http1Exchange<Passage>): void {
    const { record, head, body, answer } = exchange
    record.isParsed = true
    record.receivedBytes = head.headBytes
    record.tier = head.tier
    record.reason = head.reason
    this.#state = 'exchange'
    this.#isResumeOwed = false
    exchange.open(this.#writer)
    const served = this.#session.select(head.askedHost.name)
    body.start(head)
    // The client is not timed while it is owed an answer.
    if (body.isComplete) {
      this.#disarm()
      this.#completedAt = record.receivedAt
    } else this.#arm(this.#session.idleTimeoutMs)
    if (served === null) {
      exchange.fail(failures.listenerGone)
      return
    }
    if (!this.#session.isAdmitted(served)) {
      this.#cut()
      return
    }
    answer.changes = served.responseHeaders
    answer.keepAlive = this.#session.mayGoOn(head, served, this.#input.hasMore, this.#parts.tools.wheel.now)
    if (head.expectsContinue && !body.isComplete) exchange.expectContinue()
    this.#parts.handler.handle(exchange, served, this.#session.forwarding(served))
  }

  headRefused(exchange: Http1Exchange<Passage>, failure: Failure, bytes: number): void {
    exchange.record.receivedBytes = bytes
    exchange.reader.restart()
    exchange.head.reset('')
    this.#state = 'exchange'
    exchange.body.abandon()
    exchange.open(this.#writer)
    exchange.answer.changes = this.#session.select('')?.responseHeaders ?? null
    exchange.fail(failure)
  }

  bodyData(buffer: Buffer, start: number, end: number): void {
    const exchange = this.#exchange
    if (this.#state !== 'exchange' || exchange === null || exchange.bodyData(buffer, start, end)) return
    this.#input.pause()
    // Whoever does not take the bytes is to blame for the pause, and is timed for it.
    this.#disarm()
  }

  bodyEnded(exchange: Http1Exchange<Passage>): void {
    this.#completedAt = eventNow()
    const { body } = exchange
    if (this.#state === 'exchange') {
      if (body.isBad) exchange.failClient(failures.malformedBody)
      else {
        this.#disarm()
        exchange.target?.endBody(body.trailers)
      }
    } else if (this.#state === 'discard') {
      if (body.isBad) this.#close()
      else this.#nextRequest()
    }
  }

  batchEnded(): void {
    this.#exchange?.target?.flush()
    if (this.#isHalfClosed && !this.#input.hasMore) this.onEnd()
  }

  #endInExchange(): void {
    const exchange = this.#exchange
    if (exchange === null) return
    if (!exchange.body.isComplete) {
      exchange.failClient(failures.clientClosedInBody)
      return
    }
    // Requests that wait behind this one were sent before the FIN, and are answered too.
    const { hasMore } = this.#input
    if (hasMore || performance.now() - this.#completedAt <= HALF_CLOSE_MS) {
      this.#isHalfClosed = true
      if (!hasMore) exchange.answer.keepAlive = false
      return
    }
    exchange.abandon()
    this.#writeRecord(exchange)
    this.#cut()
  }

  // ---- the exchange calls ----

  resumeRequest(): void {
    if (!this.#input.isPaused) return
    this.#input.resume()
    if (this.#state === 'exchange' && this.#input.isBodyAwaited) this.#arm(this.#session.idleTimeoutMs)
  }

  awaitDrained(): void {
    this.#isResumeOwed = true
    // From here the client is timed: it has to read.
    this.#arm(this.#session.idleTimeoutMs)
  }

  failed(failure: Failure): void {
    if (this.#exchange !== null) this.#parts.handler.answer(this.#exchange, failure)
  }

  brokeOff(): void {
    const exchange = this.#exchange
    if (exchange === null) return
    this.#writeRecord(exchange)
    if (exchange.answer.isUntilClose) {
      // A FIN would say that this was all.
      this.#leave()
      this.#socket.reset()
    } else this.#cut()
  }

  answered(): void {
    const exchange = this.#exchange
    if (exchange === null) return
    if (this.#isHalfClosed && !this.#input.hasMore) {
      this.#isRecordPending = true
      this.#close()
      return
    }
    this.#writeRecord(exchange)
    if (!exchange.answer.keepAlive || this.#isAtEnd) this.#closeAfterAnswer(exchange)
    else if (!exchange.body.isComplete) {
      this.#state = 'discard'
      this.#input.resume()
      this.#arm(this.#session.idleTimeoutMs)
    } else this.#nextRequest()
  }

  /** A client that asked for the end has nothing to send any more, so nothing can be lost by closing at once. */
  #closeAfterAnswer({ head, body }: Http1Exchange<Passage>): void {
    const isLast = !head.keepAlive && body.isComplete && !this.#input.hasMore
    // A TLS session has an end of its own, without which what was sent may have been cut short.
    if (!isLast || this.#session.client.tls !== null || this.#writer.isPending()) this.#close()
    else this.#cut()
  }

  /** Whether nothing is to be served any more: requests that are here already still are. */
  get #isAtEnd(): boolean {
    return this.binding.isDraining && !this.#input.hasMore
  }

  #nextRequest(): void {
    this.#arm(this.#session.idleTimeoutMs)
    if (this.#turn.mustWait(this.#writer, this.#input.isConsuming, this)) {
      this.#state = 'pause'
      return
    }
    if (this.#isAtEnd) {
      this.#close()
      return
    }
    this.#state = 'head'
    this.#releaseExchange()
    this.#input.next()
  }

  turnCame(): void {
    if (this.#state === 'pause' && !this.#writer.isPending()) this.#nextRequest()
  }

  #releaseExchange(): void {
    const exchange = this.#exchange
    this.#exchange = null
    if (exchange !== null) this.#parts.exchanges.giveBack(exchange)
  }

  #writeRecord(exchange: Http1Exchange<Passage>): void {
    this.#isRecordPending = false
    this.#parts.handler.record(exchange, this.#session.served)
  }

  /** Sends our FIN and reads on for a while, so that what was sent arrives. */
  #close(): void {
    const { wheel } = this.#parts.tools
    this.#leave()
    closeLingering({
      socket: this.#socket,
      writer: this.#writer,
      wheel,
      idleTimeoutMs: this.#session.idleTimeoutMs,
      onClosed: (hadError) => this.onClose(hadError),
    })
  }

  /** Ends the connection at once. */
  #cut(): void {
    this.#leave()
    this.#socket.destroy()
  }

  /** Nothing more is read as requests. */
  #leave(): void {
    this.#state = 'left'
    this.#input.stop()
    this.#parts.tools.wheel.remove(this)
  }

  #ended(): void {
    const { wheel, ledger } = this.#parts.tools
    this.#state = 'left'
    wheel.remove(this)
    this.#releaseExchange()
    ledger.closed(this)
  }

  #arm(delayMs: number): void {
    this.#parts.tools.wheel.arm(this, delayMs)
  }

  #disarm(): void {
    this.#parts.tools.wheel.disarm(this)
  }

  /** After an upgrade. */
  relay(target: RelayEnd): RelayEnd {
    const exchange = this.#exchange
    if (exchange === null) throw new Error('A connection without a request cannot be upgraded')
    const { wheel } = this.#parts.tools
    this.#state = 'left'
    wheel.remove(this)
    const onClosed = (): void => {
      this.#writeRecord(exchange)
      this.#ended()
    }
    const { idleTimeoutMs } = this.#session
    const parts = { socket: this.#socket, writer: this.#writer, input: this.#input, record: exchange.record }
    this.#relay = upgradedClient({ ...parts, wheel, idleTimeoutMs, onClosed }, target)
    return this.#relay
  }
}
