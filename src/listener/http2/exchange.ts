// One request of an HTTP/2 client and its answer: a stream, as the client's side of the exchange. Knows its windows, what
// has come of the request and what has been answered; its owner knows the other streams. Serves one stream after the
// other, of whatever connection takes it.

import { eventNow } from '../../clock/event-time.ts'
import { Timed } from '../../clock/timer-wheel.ts'
import { type ClientFacts, NO_CLIENT } from '../../exchange/client-facts.ts'
import type { AnswerLines, Exchange, OwnAnswer } from '../../exchange/exchange.ts'
import { type Failure, failures } from '../../exchange/failure.ts'
import { RequestRecord } from '../../exchange/record.ts'
import type { RelayEnd } from '../../exchange/relay.ts'
import type { TargetSide } from '../../exchange/target-side.ts'
import type { HeaderFields } from '../../wire/header-fields.ts'
import { ReceiveWindow } from '../../wire/http2/flow-window.ts'
import { RequestHead } from '../../wire/request-head.ts'
import type { ResponseHead } from '../../wire/response-head.ts'
import { Expectation } from '../expectation.ts'
import type { ServedListener } from '../binding.ts'
import type { ConnectionParts } from '../exchange-pool.ts'
import type { ConnectionTools } from '../handler.ts'
import { Answer, type AnswerOwner } from './answer.ts'
import type { Outlet } from './outlet.ts'

/** SETTINGS_INITIAL_WINDOW_SIZE: how much of a body the client may send that its target has not taken. */
export const STREAM_WINDOW_BYTES = 64 * 1024

/** The connection of an exchange, as the exchange sees it. */
export interface ExchangeOwner<Served, Passage> {
  readonly outlet: Outlet
  /** Bytes of request bodies have been dealt with. */
  released(bytes: number): void
  /** The exchange failed before its answer was on its way: somebody has to make one. */
  failed(exchange: Http2Exchange<Served, Passage>, failure: Failure): void
  /** The answer is complete. */
  answered(exchange: Http2Exchange<Served, Passage>): void
  /** The answer broke off, or nothing can be answered any more. */
  brokeOff(exchange: Http2Exchange<Served, Passage>): void
  /** The client has let the idle time-out pass. */
  timedOut(exchange: Http2Exchange<Served, Passage>): void
}

/** What of a body does not fit to its head, or to its windows. */
export type BodyFault = 'closed' | 'window' | 'length'

/** What all HTTP/2 connections of a worker are made with. */
export type Http2Parts<Served extends ServedListener, Passage> = ConnectionParts<
  Served,
  Passage,
  Http2Exchange<Served, Passage>
>

export class Http2Exchange<Served, Passage> extends Timed implements Exchange<Passage>, AnswerOwner {
  readonly record = new RequestRecord()
  readonly head = new RequestHead()
  readonly answer = new Answer(this.record, this)
  readonly passage: Passage
  client: ClientFacts = NO_CLIENT
  target: TargetSide | null = null
  /** Between the head of a request and the end of its answer. */
  isOpen = false
  isRequestComplete = true
  /** Number of the stream; 0 while it serves none. */
  stream = 0
  /** By whose listener it is served, or was to be. */
  served: Served | null = null
  /** When the request was complete, on the scale of `performance.now()`. */
  completedAt = 0
  /** Whether the target was given something that may still wait to leave. */
  isUnflushed = false
  readonly #window = new ReceiveWindow(STREAM_WINDOW_BYTES)
  readonly #tools: ConnectionTools
  #owner: ExchangeOwner<Served, Passage> | null = null
  #expectation: Expectation | null = null
  #idleTimeoutMs = 0
  /** Bytes of the body that have come. */
  #bodyBytes = 0
  /** Bytes that the target has and does not want more of: they are not given back yet. */
  #heldBytes = 0
  /** The target has to be told when the client takes more. */
  #isResumeOwed = false

  constructor(passage: Passage, tools: ConnectionTools) {
    super()
    this.passage = passage
    this.#tools = tools
  }

  /** A stream begins: from here on an answer is owed. */
  open(
    owner: ExchangeOwner<Served, Passage>,
    stream: number,
    client: ClientFacts,
    isRequestComplete: boolean,
  ): void {
    this.#owner = owner
    this.stream = stream
    this.client = client
    this.isOpen = true
    this.isRequestComplete = isRequestComplete
    this.isUnflushed = false
    this.#window.reset()
    this.#bodyBytes = 0
    this.#heldBytes = 0
    this.#isResumeOwed = false
    const { record } = this
    record.reset()
    record.type = 'h2'
    record.receivedAt = eventNow()
    record.createdDate = this.#tools.clock.dateAt(record.receivedAt)
    this.completedAt = record.receivedAt
    this.served = null
    this.answer.begin(owner.outlet, stream)
  }

  /** Nobody is served any more. */
  release(): void {
    this.#endExpectation()
    this.#tools.wheel.remove(this)
    if (this.#heldBytes > 0) this.#owner?.released(this.#heldBytes)
    this.answer.release()
    this.#heldBytes = 0
    this.#owner = null
    this.stream = 0
    this.served = null
    this.client = NO_CLIENT
    this.target = null
    this.isOpen = false
    this.head.reset('')
  }

  /** The client is timed from here on, whenever it owes something. */
  time(idleTimeoutMs: number): void {
    this.#idleTimeoutMs = idleTimeoutMs
    if (!this.isRequestComplete) this.#arm()
  }

  /** The time-out begins anew. */
  touch(): void {
    this.#arm()
  }

  /** The client waits to be told before it sends its body. */
  expectContinue(): void {
    this.#expectation = new Expectation(this.#tools.wheel, () => {
      this.#expectation = null
      if (this.isOpen && !this.answer.isStarted && !this.answer.hasContinued) this.answer.continue()
    })
  }

  // ---- the client's frames ----

  /** Bytes of the body; the result says what is wrong with them. `flowBytes` counts against the windows. */
  bodyData(buffer: Buffer, start: number, end: number, flowBytes: number): BodyFault | null {
    if (this.isRequestComplete) return 'closed'
    if (!this.#window.receive(flowBytes)) return 'window'
    this.#endExpectation()
    this.record.receivedBytes += end - start
    this.#bodyBytes += end - start
    const { head } = this
    if (head.body === 'length' && this.#bodyBytes > head.contentLength) return 'length'
    this.#arm()
    const { target } = this
    if (target !== null && start < end) {
      this.isUnflushed = true
      if (!target.sendBody(buffer, start, end, false)) {
        this.#heldBytes += flowBytes
        // Whoever does not take the bytes is to blame for the pause, and is timed for it.
        this.#disarm()
        return null
      }
    }
    this.#release(flowBytes)
    return null
  }

  /** The body is complete. */
  bodyEnd(trailers: HeaderFields | null): BodyFault | null {
    if (this.isRequestComplete) return 'closed'
    const { head } = this
    if (head.body === 'length' && this.#bodyBytes !== head.contentLength) return 'length'
    this.isRequestComplete = true
    this.completedAt = eventNow()
    this.#endExpectation()
    if (!this.#isResumeOwed) this.#disarm()
    this.isUnflushed = false
    this.target?.endBody(trailers)
    return null
  }

  /** End of a batch of frames. */
  batchEnded(): void {
    this.isUnflushed = false
    this.target?.flush()
  }

  /** Gives window back: to the connection at once, to the stream as long as more of the body is to come. */
  #release(bytes: number): void {
    const owner = this.#owner
    if (owner === null || bytes === 0) return
    const increment = this.isRequestComplete ? 0 : this.#window.release(bytes)
    owner.released(bytes)
    if (increment === 0) return
    owner.outlet.frames.windowUpdate(this.stream, increment)
    owner.outlet.touch()
  }

  // ---- the target's side calls ----

  interim(response: ResponseHead): void {
    if (response.status === 100) this.#endExpectation()
    this.answer.interim(response)
  }

  respondHead(response: ResponseHead): void {
    this.#endExpectation()
    this.answer.head(response, response.hasDate ? '' : this.#date())
  }

  respondData(buffer: Buffer, start: number, end: number, _headroom: number, isOwned: boolean): boolean {
    this.answer.data(buffer, start, end, isOwned)
    if (!this.answer.isWaiting) return true
    this.#isResumeOwed = true
    // From here the client is timed: it has to make room.
    this.#arm()
    return false
  }

  respondText(text: string): void {
    this.answer.text(text)
  }

  respondEnd(trailers: HeaderFields | null): void {
    this.target = null
    if (this.answer.end(trailers)) this.answerLeft()
    else this.#arm()
  }

  respondWith(answer: OwnAnswer): void {
    this.#endExpectation()
    this.target = null
    if (this.answer.whole(answer, this.head.method === 'HEAD', this.#date())) this.answerLeft()
    else this.#arm()
  }

  addLines(source: AnswerLines): void {
    this.answer.added = source
  }

  flush(): void {
    this.answer.flush()
  }

  resumeRequest(): void {
    const bytes = this.#heldBytes
    this.#heldBytes = 0
    this.#release(bytes)
    if (!this.isRequestComplete) this.#arm()
  }

  fail(failure: Failure): void {
    if (!this.isOpen) return
    const { answer, record } = this
    record.fails(failure)
    this.target = null
    if (answer.hasLeft) {
      // The status is out already: only the end of the stream can say that the answer is not complete.
      this.isOpen = false
      this.#owner?.brokeOff(this)
      return
    }
    answer.drop()
    this.#owner?.failed(this, failure)
  }

  becomeRelay(): RelayEnd {
    throw new Error('No request of HTTP/2 asks for an upgrade')
  }

  // ---- its answer ----

  answerMoved(): void {
    this.#arm()
    if (!this.#isResumeOwed || this.answer.isWaiting) return
    this.#isResumeOwed = false
    if (this.isRequestComplete) this.#disarm()
    this.target?.resumeResponse()
  }

  answerLeft(): void {
    this.isOpen = false
    this.#owner?.answered(this)
  }

  // ---- its owner calls ----

  /** The client is at fault in the middle of the exchange. */
  failClient(failure: Failure): void {
    this.#abortTarget()
    this.fail(failure)
  }

  /** The client has gone, or wants nothing more of this; what runs for it is ended. */
  abandon(): void {
    this.isOpen = false
    this.#abortTarget()
    this.record.fails(this.isRequestComplete ? failures.clientClosed : failures.clientClosedInBody)
  }

  /** Whether the client owes the rest of its body and nothing has been answered yet. */
  get isBodyOwed(): boolean {
    return !this.isRequestComplete && !this.answer.isStarted
  }

  override onTimeout(): void {
    this.#owner?.timedOut(this)
  }

  #abortTarget(): void {
    const { target } = this
    this.target = null
    target?.abort()
  }

  #arm(): void {
    this.#tools.wheel.arm(this, this.#idleTimeoutMs)
  }

  #disarm(): void {
    this.#tools.wheel.disarm(this)
  }

  #endExpectation(): void {
    this.#expectation?.end()
    this.#expectation = null
  }

  #date(): string {
    return this.#tools.httpDate.at(this.#tools.clock.date())
  }
}
