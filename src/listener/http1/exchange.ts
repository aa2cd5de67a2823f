// One request of an HTTP/1.x client and its answer: the client's side of the exchange. Knows what has been answered and
// what of it has left; its connection knows the socket and what comes next on it. Serves one request after the other, of
// whatever connection takes it.

import { type ClientFacts, NO_CLIENT } from '../../exchange/client-facts.ts'
import type { AnswerLines, Exchange, OwnAnswer } from '../../exchange/exchange.ts'
import { type Failure, failures } from '../../exchange/failure.ts'
import { RequestRecord } from '../../exchange/record.ts'
import type { RelayEnd } from '../../exchange/relay.ts'
import type { TargetSide } from '../../exchange/target-side.ts'
import type { SocketWriter } from '../../sockets/socket-writer.ts'
import type { HeaderFields } from '../../wire/header-fields.ts'
import { RequestReader } from '../../wire/http1/request-reader.ts'
import type { RequestHead } from '../../wire/request-head.ts'
import type { ResponseHead } from '../../wire/response-head.ts'
import type { ServedListener } from '../binding.ts'
import type { ConnectionParts } from '../exchange-pool.ts'
import type { ConnectionTools } from '../handler.ts'
import { Answer } from './answer.ts'
import { Expectation } from '../expectation.ts'
import { RequestBody } from './request-body.ts'

/** The connection of an exchange, as the exchange sees it. */
export interface ExchangeOwner {
  /** Reads the request body again, after it was paused. */
  resumeRequest(): void
  /** The client has to take what was sent before it gets more. */
  awaitDrained(): void
  /** The exchange failed before its answer was on its way: somebody has to make one. */
  failed(failure: Failure): void
  /** The answer is complete. */
  answered(): void
  /** The answer broke off, or nothing can be answered any more. */
  brokeOff(): void
  /** From now on bytes pass between the client and `target`. */
  relay(target: RelayEnd): RelayEnd
}

/** What all HTTP/1.x connections of a worker are made with. */
export type Http1Parts<Served extends ServedListener, Passage> = ConnectionParts<
  Served,
  Passage,
  Http1Exchange<Passage>
>

export class Http1Exchange<Passage> implements Exchange<Passage> {
  readonly record = new RequestRecord()
  readonly reader = new RequestReader()
  readonly body = new RequestBody()
  readonly answer = new Answer(this.record)
  readonly passage: Passage
  client: ClientFacts = NO_CLIENT
  target: TargetSide | null = null
  /** Between the begin of a request and the end of its answer. */
  isOpen = false
  readonly #tools: ConnectionTools
  #owner: ExchangeOwner | null = null
  #expectation: Expectation | null = null

  constructor(passage: Passage, tools: ConnectionTools) {
    this.passage = passage
    this.#tools = tools
  }

  get head(): RequestHead {
    return this.reader.head
  }

  get isRequestComplete(): boolean {
    return this.body.isComplete
  }

  /** The first byte of a request has come. */
  take(owner: ExchangeOwner, client: ClientFacts): void {
    this.#owner = owner
    this.client = client
    this.record.reset()
    if (client.tls !== null) this.record.type = 'https'
  }

  /** Nobody is served any more. */
  release(): void {
    this.#endExpectation()
    this.#owner = null
    this.client = NO_CLIENT
    this.target = null
    this.isOpen = false
    this.reader.restart()
  }

  /** The head is complete, or refused: an answer is owed. */
  open(writer: SocketWriter): void {
    this.isOpen = true
    this.answer.begin(writer)
  }

  /** The client waits to be told before it sends its body. */
  expectContinue(): void {
    this.#expectation = new Expectation(this.#tools.wheel, () => {
      this.#expectation = null
      if (this.isOpen && !this.answer.isStarted && !this.answer.hasContinued) this.answer.continue()
    })
  }

  bodyData(buffer: Buffer, start: number, end: number): boolean {
    this.#endExpectation()
    return this.target === null || this.target.sendBody(buffer, start, end, false)
  }

  // ---- the target's side calls ----

  interim(response: ResponseHead): void {
    if (response.status === 100) this.#endExpectation()
    this.answer.interim(response, this.head.version)
  }

  respondHead(response: ResponseHead): void {
    this.#endExpectation()
    this.#heedUnsentBody()
    const date = response.hasDate ? '' : this.#date()
    this.answer.head(response, this.head.version, date)
  }

  respondData(buffer: Buffer, start: number, end: number, headroom: number, isOwned: boolean): boolean {
    this.answer.data(buffer, start, end, headroom, isOwned)
    if (!this.answer.isPending) return true
    this.#owner?.awaitDrained()
    return false
  }

  respondText(text: string): void {
    this.answer.text(text)
  }

  respondEnd(trailers: HeaderFields | null): void {
    this.answer.end(trailers)
    this.#answered()
  }

  respondWith(answer: OwnAnswer): void {
    this.#endExpectation()
    this.#heedUnsentBody()
    this.answer.whole(answer, this.head.method === 'HEAD', this.#date())
    this.#answered()
  }

  addLines(source: AnswerLines): void {
    this.answer.added = source
  }

  flush(): void {
    this.answer.flush()
  }

  resumeRequest(): void {
    this.#owner?.resumeRequest()
  }

  fail(failure: Failure): void {
    if (!this.isOpen) return
    const { answer, record } = this
    record.fails(failure)
    this.target = null
    if (failure.closesClient) answer.keepAlive = false
    if (answer.hasLeft) {
      // The status is out already: only a cut connection can say that the answer is not complete.
      this.isOpen = false
      this.#owner?.brokeOff()
      return
    }
    answer.drop()
    this.#owner?.failed(failure)
  }

  becomeRelay(response: ResponseHead, target: RelayEnd): RelayEnd {
    if (this.#owner === null) throw new Error('An exchange that serves nobody cannot become a relay')
    const { record, answer } = this
    record.type = this.client.tls === null ? 'ws' : 'wss'
    this.isOpen = false
    this.target = null
    answer.switching(response)
    return this.#owner.relay(target)
  }

  // ---- the connection calls ----

  /** The client is at fault in the middle of the exchange. */
  failClient(failure: Failure): void {
    this.#abortTarget()
    this.body.abandon()
    this.answer.keepAlive = false
    this.fail(failure)
  }

  /** The client has gone; what runs for it is ended. */
  abandon(): void {
    this.isOpen = false
    this.#abortTarget()
    this.noteClientGone()
  }

  noteClientGone(): void {
    this.record.fails(this.body.isComplete ? failures.clientClosed : failures.clientClosedInBody)
  }

  #abortTarget(): void {
    const { target } = this
    this.target = null
    target?.abort()
  }

  #answered(): void {
    this.target = null
    this.isOpen = false
    this.#owner?.answered()
  }

  /**
   * An answer before the end of the body ends the connection, and says so, where the rest is too long to be dropped or
   * where nobody knows what will come: a client that waits for 100 may never send its body.
   */
  #heedUnsentBody(): void {
    if (this.body.isComplete) return
    const isAwaited = this.head.expectsContinue && !this.answer.hasContinued && !this.body.hasBegun
    if (isAwaited || !this.body.isDroppable) this.answer.keepAlive = false
  }

  #endExpectation(): void {
    this.#expectation?.end()
    this.#expectation = null
  }

  #date(): string {
    return this.#tools.httpDate.at(this.#tools.clock.date())
  }
}
