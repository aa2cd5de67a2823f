// One client connection that speaks HTTP/1.x: its socket's events, the requests on it one after the other, and the
// client's side of each exchange. Knows bytes, time-outs and when a connection may go on; knows nothing of rules and
// targets, which are its handler's.

import { beginEvent, endEvent, eventNow } from '../../clock/event-time.ts'
import { Timed } from '../../clock/timer-wheel.ts'
import type { Exchange, TargetSide } from '../../exchange/exchange.ts'
import { type Failure, failures } from '../../exchange/failure.ts'
import type { RequestRecord } from '../../exchange/record.ts'
import { SocketWriter, type WriterEvents } from '../../sockets/socket-writer.ts'
import { Tier } from '../../wire/classification.ts'
import type { RequestHead } from '../../wire/request-head.ts'
import { FAULT, NEED_MORE, type RequestReader } from '../../wire/http1/request-reader.ts'
import { type ForwardingRules, ownLines } from '../../wire/http1/request-writer.ts'
import type { ResponseHead } from '../../wire/response-head.ts'
import { headFailure, refusal } from '../admission.ts'
import { Backlog } from './backlog.ts'
import { type AnswerLines, ClientAnswer } from './answer.ts'
import { acceptedBuffer } from '../../sockets/accept.ts'
import { addressAndPort, plainAddress, type Socket, type SocketEvents } from '../../sockets/socket.ts'
import { type BodySink, RequestBody } from './request-body.ts'
import { giveBack, takeReader, takeRecord } from '../spares.ts'
import type { Binding, ConnectionTools, RequestHandler, ServedListener } from '../serving.ts'

/** Request body bytes that are read and dropped after an early answer, to keep the connection. */
const DISCARD_BYTES_MAX = 1024 * 1024
/** How long a closed connection is still read from, so that the last answer is not lost to a reset. */
const LINGER_MS = 2000
/**
 * A FIN this soon after a complete request is a client that has nothing more to say and waits for its answer; a later
 * one is a client that has given up.
 */
const HALF_CLOSE_MS = 100
/** Head bytes that are looked at as text before the end of the head is searched for. */
const HEAD_TEXT_BYTES = 4096

type State =
  /** Waiting for a request, or in the middle of its head. */
  | 'head'
  /** A request is being served. */
  | 'exchange'
  /** The answer is out, the rest of the request is dropped. */
  | 'discard'
  /** Bytes pass both ways. */
  | 'relay'
  /** Our FIN is out. */
  | 'closing'
  | 'closed'

export class Http1Connection<Served extends ServedListener>
  extends Timed
  implements Exchange, BodySink, SocketEvents, WriterEvents
{
  readonly record: RequestRecord
  readonly clientAddress: string
  /** `address:port`, as logs and X-Forwarded-For with ports show it. */
  readonly clientText: string
  readonly localAddress: string
  readonly binding: Binding<Served>
  /** Rules for rewriting requests, made anew when the listener's configuration changes. */
  forwarding: ForwardingRules | null = null
  /** The lines that most requests get, see `ownLines`. */
  own = ''
  /** Set by the handler as soon as a target was chosen. */
  target: TargetSide | null = null

  readonly #socket: Socket
  readonly #writer: SocketWriter
  readonly #tools: ConnectionTools
  readonly #handler: RequestHandler<Served>
  readonly #reader: RequestReader
  readonly #openedAt: number
  readonly #keepAliveMs: number
  #served: Served | null
  readonly #body = new RequestBody()
  readonly #answer: ClientAnswer
  #state: State = 'head'
  readonly #backlog = new Backlog()
  #isConsuming = false
  #discarded = 0
  #completedAt = 0
  #isHalfClosed = false
  #isRecordPending = false
  #isReadingPaused = false
  #idleTimeoutMs: number
  #isResumeOwed = false

  constructor(
    socket: Socket,
    binding: Binding<Served>,
    handler: RequestHandler<Served>,
    tools: ConnectionTools,
  ) {
    super()
    this.record = takeRecord()
    this.#reader = takeReader()
    this.#socket = socket
    this.binding = binding
    this.#handler = handler
    this.#tools = tools
    this.#writer = new SocketWriter(socket, this)
    this.#answer = new ClientAnswer(this.#writer, this.record)
    this.clientAddress = plainAddress(socket.remoteAddress)
    this.clientText = addressAndPort(this.clientAddress, socket.remotePort ?? 0)
    this.localAddress = binding.address
    this.#served = binding.select('')
    this.#openedAt = tools.wheel.now
    this.#keepAliveMs = this.#served?.traffic.clientKeepAliveMs ?? 0
    this.#idleTimeoutMs = this.#served?.traffic.idleTimeoutMs ?? 0
    tools.wheel.arm(this, this.#idleTimeoutMs)
    handler.opened(this)
  }

  get head(): RequestHead {
    return this.#reader.head
  }

  /** Lines that the answer gets if it comes from a target. */
  addToAnswer(lines: AnswerLines): void {
    this.#answer.added = lines
  }

  get isRequestComplete(): boolean {
    return this.#body.isComplete
  }

  // ---- events of the socket ----

  /** Bytes from the client are in the buffer that all client connections share. */
  onRead(length: number): undefined {
    beginEvent()
    this.#take(acceptedBuffer, 0, length)
    endEvent()
  }

  #take(buffer: Buffer, start: number, end: number): void {
    switch (this.#state) {
      case 'head':
        this.#consume(buffer, start, end)
        return
      case 'exchange':
      case 'discard':
        if (this.#body.isComplete) {
          if (this.#backlog.add(buffer, start, end)) this.#pauseReading()
        } else {
          if (!this.#isReadingPaused) this.#tools.wheel.arm(this, this.#idleTimeoutMs)
          this.#consume(buffer, start, end)
        }
        return
      case 'relay':
        this.record.receivedBytes += end - start
        this.#passOn(buffer, start, end)
        return
      case 'closing':
      case 'closed':
    }
  }

  /** The client's FIN. */
  onEnd(): void {
    switch (this.#state) {
      case 'head':
        if (this.#reader.heldBytes === 0) this.#close()
        else this.#refuseHead(failures.malformedRequest)
        return
      case 'exchange':
        this.#endInExchange()
        return
      case 'relay':
        this.target?.relayEnd()
        return
      case 'discard':
        this.#close()
        return
      case 'closing':
      case 'closed':
    }
  }

  /** The socket is gone. `hadError`: by a reset or another fault. */
  onClose(hadError: boolean): void {
    if (this.#state === 'closed') return
    const state = this.#state
    this.#state = 'closed'
    this.#tools.wheel.remove(this)
    if (state === 'exchange') this.#abandon()
    else if (state === 'relay') {
      this.target?.abort()
      this.#writeRecord()
    } else if (this.#isRecordPending) {
      if (hadError) this.#noteClientGone()
      this.#writeRecord()
    }
    this.target = null
    this.#handler.closed(this)
    giveBack(this.#reader, this.record)
  }

  override onTimeout(): void {
    switch (this.#state) {
      case 'head':
        if (this.#reader.heldBytes === 0) this.#close()
        else this.#refuseHead(failures.requestTimeout)
        return
      case 'exchange':
        if (!this.#body.isComplete && !this.#answer.isStarted) this.#failClient(failures.requestTimeout)
        else this.#socket.destroy()
        return
      case 'relay':
      case 'discard':
      case 'closing':
        this.#socket.destroy()
        return
      case 'closed':
    }
  }

  /** Ends the connection as soon as it is idle; the present answer says so. */
  drain(): void {
    if (this.#state === 'head' && this.#reader.heldBytes === 0) this.#close()
  }

  // ---- requests ----

  /** Reads as many requests as the bytes hold, in a loop: answers may come while their request is being read. */
  #consume(buffer: Buffer, start: number, end: number): void {
    this.#isConsuming = true
    let at = start
    while (at < end) {
      if (this.#state === 'head') at = this.#readHead(buffer, at, end)
      else if (!this.#body.isComplete && (this.#state === 'exchange' || this.#state === 'discard')) {
        at = this.#readBody(buffer, at, end)
      } else break
    }
    this.#isConsuming = false
    this.target?.flush()
    if (at < end) this.#take(buffer, at, end)
    else if (this.#isHalfClosed) this.onEnd()
  }

  /** Position behind the head, or `end` when all bytes were taken up by an unfinished or refused one. */
  #readHead(buffer: Buffer, start: number, end: number): number {
    const before = this.#reader.heldBytes
    let cut = end
    if (end - start > HEAD_TEXT_BYTES) {
      // A large piece is mostly body: only the part that can be head becomes text.
      const blank = buffer.indexOf('\r\n\r\n', start, 'latin1')
      if (blank !== -1 && blank + 4 < end) cut = blank + 4
    }
    let consumed = this.#reader.read(buffer.toString('latin1', start, cut))
    if (consumed === NEED_MORE && cut < end) consumed = this.#reader.read(buffer.toString('latin1', cut, end))
    if (consumed === NEED_MORE) {
      if (before === 0) this.#startClock()
      this.#tools.wheel.arm(this, this.#idleTimeoutMs)
      return end
    }
    if (before === 0) this.#startClock()
    if (consumed === FAULT) {
      this.#refuseHead(headFailure(this.#reader.fault))
      return end
    }
    this.#begin()
    return start + consumed - before
  }

  #startClock(): void {
    const record = this.record
    record.reset()
    record.receivedAt = eventNow()
    record.createdDate = this.#tools.clock.dateAt(record.receivedAt)
  }

  #begin(): void {
    const record = this.record
    const head = this.#reader.head
    record.isParsed = true
    record.receivedBytes = head.headBytes
    record.tier = head.tier
    record.reason = head.reason
    this.#state = 'exchange'
    this.#startAnswer()
    const served = this.binding.select(head.askedHost.name)
    this.#use(served)
    this.#body.start(head)
    // The client is not timed while it is owed an answer.
    if (this.#body.isComplete) {
      this.#tools.wheel.disarm(this)
      this.#completedAt = record.receivedAt
    } else this.#tools.wheel.arm(this, this.#idleTimeoutMs)
    if (served === null) {
      this.fail(failures.listenerGone)
      return
    }
    if (served.admits !== null && this.binding.isShared && !served.admits(this.clientAddress)) {
      this.#state = 'closing'
      this.#socket.destroy()
      return
    }
    this.#answer.keepAlive = this.#mayGoOn(head, served)
    const refused = refusal(head, served.traffic)
    if (refused !== null) {
      this.fail(refused)
      return
    }
    if (head.upgrade !== null && (!this.#body.isComplete || head.upgrade.toLowerCase() === 'h2c'))
      head.upgrade = null
    this.#handler.handle(this, served)
  }

  #startAnswer(): void {
    this.#answer.reset()
    this.#isResumeOwed = false
    this.#discarded = 0
  }

  #mayGoOn(head: RequestHead, served: Served): boolean {
    if (!head.keepAlive || this.binding.isDraining) return false
    // Ambiguous requests in defensive mode end both connections (ALB-LB-275).
    if (head.tier === Tier.ambiguous && served.traffic.desyncMitigationMode === 'defensive') return false
    return this.#tools.wheel.now - this.#openedAt < this.#keepAliveMs
  }

  #use(served: Served | null): void {
    // Where no listener is left, the record goes to the last one.
    if (served === null || (served === this.#served && this.forwarding !== null)) return
    this.#served = served
    this.#answer.changes = served.responseHeaders
    const traffic = served.traffic
    this.#idleTimeoutMs = traffic.idleTimeoutMs
    this.forwarding = {
      protocol: served.protocol,
      listenerPort: served.listenerPort,
      localAddress: this.localAddress,
      clientText: traffic.xffClientPort ? this.clientText : this.clientAddress,
      xffMode: traffic.xffHeaderProcessingMode,
      preserveHost: traffic.preserveHostHeader,
      dropInvalidFields: traffic.dropInvalidHeaderFields,
    }
    this.own = ownLines(this.forwarding)
  }

  /** A head that never became a request: answered, recorded, closed. */
  #refuseHead(failure: Failure): void {
    const record = this.record
    record.receivedBytes = this.#reader.heldBytes
    this.#reader.restart()
    this.#reader.head.reset('')
    this.#state = 'exchange'
    this.#startAnswer()
    this.#body.abandon()
    this.#use(this.binding.select(''))
    this.fail(failure)
  }

  #readBody(buffer: Buffer, start: number, end: number): number {
    const body = this.#body
    const at = body.read(buffer, start, end, this)
    this.record.receivedBytes += at - start
    if (body.isBad) {
      if (this.#state === 'discard') this.#close()
      else this.#failClient(failures.malformedBody)
      return end
    }
    if (body.isComplete) this.#completeRequest(body.trailers)
    return at
  }

  bodyData(buffer: Buffer, start: number, end: number): void {
    if (this.#state === 'discard') this.#discard(end - start)
    else if (this.#state === 'exchange') this.#passOn(buffer, start, end)
  }

  #discard(length: number): void {
    this.#discarded += length
    if (this.#discarded > DISCARD_BYTES_MAX) this.#close()
  }

  #passOn(buffer: Buffer, start: number, end: number): void {
    if (this.target === null) return
    if (!this.target.sendBody(buffer, start, end, false)) this.#pauseReading()
  }

  #completeRequest(trailers: string): void {
    this.#completedAt = eventNow()
    if (this.#state === 'discard') {
      this.#nextRequest()
      return
    }
    if (this.#state !== 'exchange') return
    this.#tools.wheel.disarm(this)
    this.target?.endBody(trailers)
  }

  #pauseReading(): void {
    if (this.#isReadingPaused) return
    this.#isReadingPaused = true
    this.#socket.pause()
    // Whoever does not take the bytes is to blame for the pause, and is timed for it.
    if (this.#state === 'exchange') this.#tools.wheel.disarm(this)
  }

  resumeRequest(): void {
    if (!this.#isReadingPaused) return
    this.#isReadingPaused = false
    this.#socket.resume()
    if (this.#state === 'exchange' && !this.#body.isComplete) this.#tools.wheel.arm(this, this.#idleTimeoutMs)
  }

  #endInExchange(): void {
    if (!this.#body.isComplete) {
      this.#failClient(failures.clientClosedInBody)
      return
    }
    // Requests that wait behind this one were sent before the FIN, and are answered too.
    const hasMore = !this.#backlog.isEmpty
    if (hasMore || performance.now() - this.#completedAt <= HALF_CLOSE_MS) {
      this.#isHalfClosed = true
      if (!hasMore) this.#answer.keepAlive = false
      return
    }
    this.#abandon()
    this.#state = 'closing'
    this.#socket.destroy()
  }

  /** The client is at fault in the middle of an exchange. */
  #failClient(failure: Failure): void {
    const target = this.target
    this.target = null
    target?.abort()
    this.#body.abandon()
    this.#answer.keepAlive = false
    this.fail(failure)
  }

  /** The client has gone; what runs for it is ended and the record written. */
  #abandon(): void {
    const target = this.target
    this.target = null
    target?.abort()
    this.#noteClientGone()
    this.#writeRecord()
  }

  #noteClientGone(): void {
    const record = this.record
    record.failure = this.#body.isComplete ? failures.clientClosed : failures.clientClosedInBody
    record.status = record.failure.status
  }

  // ---- the answer ----

  interim(response: ResponseHead): void {
    this.#answer.interim(response, this.#reader.head.version)
  }

  respondHead(response: ResponseHead): void {
    this.#heedUnsentBody()
    const date = response.hasDate ? '' : this.#tools.httpDate.at(this.#tools.clock.date())
    this.#answer.head(response, this.#reader.head.version, date)
  }

  /** A client that waits for 100 may never send its body: nobody knows what its next bytes will be. */
  #heedUnsentBody(): void {
    const isAwaited = !this.#body.isComplete && this.#reader.head.expectsContinue
    if (isAwaited && !this.#answer.hasContinued) this.#answer.keepAlive = false
  }

  respondData(buffer: Buffer, start: number, end: number, headroom: number, isOwned: boolean): boolean {
    this.#answer.data(buffer, start, end, headroom, isOwned)
    if (!this.#answer.hasLeft || !this.#writer.isPending()) return true
    this.#isResumeOwed = true
    // From here the client is timed: it has to read.
    this.#tools.wheel.arm(this, this.#idleTimeoutMs)
    return false
  }

  respondText(text: string): void {
    this.#answer.text(text)
  }

  onWriteFailed(error: Error): void {
    this.#socket.destroy(error)
  }

  onDrained(): void {
    if (this.#state === 'closed' || !this.#isResumeOwed) return
    this.#isResumeOwed = false
    if (this.#state === 'exchange' && this.#body.isComplete) this.#tools.wheel.disarm(this)
    this.target?.resumeResponse()
  }

  flush(): void {
    this.#answer.flush()
  }

  respondEnd(trailers: string): void {
    this.#answer.end(trailers)
    this.#finish()
  }

  /** A whole answer that the load balancer makes itself. `lines` are complete header lines. */
  respondWith(status: number, statusText: string, lines: string, body: string): void {
    this.#heedUnsentBody()
    const date = this.#tools.httpDate.at(this.#tools.clock.date())
    this.#answer.whole(status, statusText, lines, this.#reader.head.method === 'HEAD', body, date)
    this.#finish()
  }

  fail(failure: Failure): void {
    const answer = this.#answer
    if (this.#state !== 'exchange' || answer.isEnded) return
    const record = this.record
    record.failure = failure
    record.status = failure.status
    if (failure.logReason !== null) record.errorReason = failure.logReason
    this.target = null
    if (failure.closesClient) answer.keepAlive = false
    if (answer.hasLeft) {
      // The status is out already: only a cut connection can say that the answer is not complete.
      answer.isEnded = true
      this.#writeRecord()
      this.#state = 'closing'
      this.#socket.destroy()
      return
    }
    answer.drop()
    this.#handler.answer(this, failure)
  }

  #finish(): void {
    this.target = null
    if (this.#isHalfClosed && this.#backlog.isEmpty) {
      this.#isRecordPending = true
      this.#close()
      return
    }
    this.#writeRecord()
    if (!this.#answer.keepAlive) this.#closeAfterAnswer()
    else if (!this.#body.isComplete) {
      this.#state = 'discard'
      this.resumeRequest()
      this.#tools.wheel.arm(this, this.#idleTimeoutMs)
    } else this.#nextRequest()
  }

  /** A client that asked for the end has nothing to send any more, so nothing can be lost by closing at once. */
  #closeAfterAnswer(): void {
    const isLast = !this.#reader.head.keepAlive && this.#body.isComplete && this.#backlog.isEmpty
    if (!isLast || this.#writer.isPending()) this.#close()
    else {
      this.#state = 'closing'
      this.#socket.destroy()
    }
  }

  #nextRequest(): void {
    this.#state = 'head'
    this.#reader.restart()
    this.#tools.wheel.arm(this, this.#idleTimeoutMs)
    this.resumeRequest()
    if (this.#isConsuming) return
    const backlog = this.#backlog.take()
    if (backlog !== null) this.#consume(backlog, 0, backlog.length)
  }

  #writeRecord(): void {
    this.#isRecordPending = false
    this.#handler.record(this, this.#served)
  }

  /** Sends our FIN and reads on for a while, so that what was sent arrives. */
  #close(): void {
    if (this.#state === 'closing' || this.#state === 'closed') return
    this.#state = 'closing'
    this.#backlog.take()
    this.#isReadingPaused = false
    this.#socket.end()
    this.#socket.resume()
    this.#tools.wheel.remove(this)
    this.#tools.wheel.arm(this, LINGER_MS)
  }

  // ---- after an upgrade ----

  switchProtocols(response: ResponseHead): void {
    this.record.type = this.#reader.head.upgrade?.toLowerCase() === 'websocket' ? 'ws' : 'http'
    this.#state = 'relay'
    this.#tools.wheel.disarm(this)
    this.#answer.switching(response)
    const backlog = this.#backlog.take()
    if (backlog !== null) this.#take(backlog, 0, backlog.length)
  }

  relayEnd(graceful: boolean): void {
    if (this.#state !== 'relay') return
    this.flush()
    if (!graceful) {
      this.#socket.destroy()
      return
    }
    this.#socket.end()
    this.#tools.wheel.arm(this, this.#writer.isPending() ? this.#idleTimeoutMs : LINGER_MS)
  }
}
