// The one interface between the client's protocol and the target's. A request and its answer pass through it as heads,
// spans of body bytes and ends, with back-pressure in both directions. No sockets, no streams, no promises.

import type { HeaderFields } from '../wire/header-fields.ts'
import type { RequestHead } from '../wire/request-head.ts'
import type { ResponseHead } from '../wire/response-head.ts'
import type { ClientFacts } from './client-facts.ts'
import type { Failure } from './failure.ts'
import type { RequestRecord } from './record.ts'
import type { RelayEnd } from './relay.ts'
import type { TargetSide } from './target-side.ts'

/** A whole answer that the load balancer makes itself. */
export interface OwnAnswer {
  readonly status: number
  /** Text of the status line; empty for statuses that have none. */
  readonly reason: string
  /** Complete header lines that describe the body. */
  readonly lines: string
  /** Where a redirect leads to. */
  readonly location?: string
  /** One latin1 character per byte. */
  readonly body: string
}

/** Adds lines to the final answer of a target, as its head wants it. */
export interface AnswerLines {
  /** Complete header lines, or empty. */
  lines(response: ResponseHead): string
}

/**
 * One request, whatever the protocol of its client. Calls of the target's side come in the order: any number of
 * `interim`, one `respondHead`, any number of `respondData`, one `respondEnd`; `respondWith` or `fail` may come instead
 * of any of them. After the end of the answer the object may serve another request: nobody may touch it any more.
 */
export interface Exchange<Passage = unknown> {
  readonly client: ClientFacts
  readonly head: RequestHead
  readonly record: RequestRecord
  /** How far the request has come through the pipeline; the pipeline's own. */
  readonly passage: Passage
  /** Whether the request body was received and handed over completely. */
  readonly isRequestComplete: boolean
  /** Who gets the request body; null until the pipeline names somebody. */
  target: TargetSide | null
  /** A 1xx answer other than 101. */
  interim(response: ResponseHead): void
  respondHead(response: ResponseHead): void
  /**
   * Body bytes. They are valid only during the call unless `isOwned`: then the buffer is the caller's until the call
   * of `resumeResponse` if the result is `false`. In any case up to `headroom` bytes before `start` may be overwritten.
   * `false`: do not send more before `resumeResponse`.
   */
  respondData(buffer: Buffer, start: number, end: number, headroom: number, isOwned: boolean): boolean
  /** The whole body of an answer of known length, as latin1 text of at most a few KiB. */
  respondText(text: string): void
  /** End of the answer. */
  respondEnd(trailers: HeaderFields | null): void
  /** A whole answer in place of the target's. */
  respondWith(answer: OwnAnswer): void
  /** Lines that the answer gets if it comes from a target. */
  addLines(source: AnswerLines): void
  /** Everything given so far should leave now; called at the end of a batch of calls. */
  flush(): void
  /** Whoever is the target takes request body bytes again, after `sendBody` said no. */
  resumeRequest(): void
  /** The request cannot be answered, or not any more. */
  fail(failure: Failure): void
  /** The target accepted the upgrade: from now on bytes pass both ways between `target` and the result. */
  becomeRelay(response: ResponseHead, target: RelayEnd): RelayEnd
}
