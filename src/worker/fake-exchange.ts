// An exchange of plain values, for tests of the pipeline: no sockets, no bytes of a protocol. Remembers what became of it.

import type { AnswerLines, Exchange, OwnAnswer } from '../exchange/exchange.ts'
import type { Failure } from '../exchange/failure.ts'
import { RequestRecord } from '../exchange/record.ts'
import type { RelayEnd } from '../exchange/relay.ts'
import type { TargetSide } from '../exchange/target-side.ts'
import { RequestReader } from '../wire/http1/request-reader.ts'
import type { RequestHead } from '../wire/request-head.ts'
import type { ApplicationPipeline } from './application-pipeline.ts'
import type { Passage } from './passage.ts'

export class FakeExchange implements Exchange<Passage> {
  readonly client = { address: '192.0.2.1', text: '192.0.2.1:40000', tls: null, localAddress: '127.0.0.1' }
  readonly head: RequestHead
  readonly record = new RequestRecord()
  readonly passage: Passage
  isRequestComplete: boolean
  target: TargetSide | null = null
  /** The answer of the load balancer itself. */
  answer: OwnAnswer | null = null
  failure: Failure | null = null
  /** How often more of the body was asked for. */
  resumed = 0
  readonly #pipeline: ApplicationPipeline

  /** `headText`: request line and fields, without the blank line. */
  constructor(pipeline: ApplicationPipeline, headText: string) {
    const reader = new RequestReader()
    reader.read(`${headText}\r\n\r\n`)
    this.head = reader.head
    this.isRequestComplete = !reader.head.hasBody
    this.passage = pipeline.newPassage()
    this.#pipeline = pipeline
  }

  /** The client sends body bytes; whether it may go on. */
  send(text: string): boolean {
    const bytes = Buffer.from(text, 'latin1')
    return this.target === null || this.target.sendBody(bytes, 0, bytes.length, false)
  }

  /** The client has sent all of the body. */
  finish(): void {
    this.isRequestComplete = true
    this.target?.endBody(null)
  }

  /** The client goes away. */
  leave(): void {
    const { target } = this
    this.target = null
    target?.abort()
  }

  interim(): void {}

  respondHead(): void {}

  respondData(): boolean {
    return true
  }

  respondText(): void {}

  respondEnd(): void {}

  respondWith(answer: OwnAnswer): void {
    this.answer = answer
    this.target = null
  }

  addLines(_source: AnswerLines): void {}

  flush(): void {}

  resumeRequest(): void {
    this.resumed++
  }

  fail(failure: Failure): void {
    this.failure = failure
    this.record.failure = failure
    this.target = null
    this.#pipeline.answer(this, failure)
  }

  becomeRelay(_response: unknown, target: RelayEnd): RelayEnd {
    return target
  }
}
