// The one interface between the client's protocol and the target's. A request and its answer pass through it as heads,
// spans of body bytes and ends, with back-pressure in both directions. No sockets, no streams, no promises.

import type { ResponseHead } from '../wire/response-head.ts'
import type { RequestHead } from '../wire/request-head.ts'
import type { Failure } from './failure.ts'
import type { RequestRecord } from './record.ts'

/**
 * The client's side of one request, as the target's side drives it. Calls come in the order: any number of
 * `interim`, one `respondHead`, any number of `respondData`, one `respondEnd`; `fail` may come instead of any of them
 * and ends the exchange.
 */
export interface Exchange {
  readonly head: RequestHead
  readonly record: RequestRecord
  /** The address that the client connected to. */
  readonly localAddress: string
  /** Whether the request body was received and handed over completely. */
  readonly isRequestComplete: boolean
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
  /** End of the answer; `trailers` are complete lines, or empty. */
  respondEnd(trailers: string): void
  /** Everything given so far should leave now; called at the end of a batch of calls. */
  flush(): void
  /** The target accepted the upgrade; from now on bytes pass both ways through `relay`. */
  switchProtocols(response: ResponseHead): void
  /** The target cannot answer (any more). */
  fail(failure: Failure): void
  /** The target takes request body bytes again, after `sendBody` said no. */
  resumeRequest(): void
  /** The target's connection ended after `switchProtocols`. `graceful`: it sent a FIN. */
  relayEnd(graceful: boolean): void
}

/** The target's side of one request, as the client's side drives it. */
export interface TargetSide {
  /** Request body bytes; same rules as `Exchange.respondData`. */
  sendBody(buffer: Buffer, start: number, end: number, isOwned: boolean): boolean
  endBody(trailers: string): void
  /** Everything given so far should leave now; called at the end of a batch of calls. */
  flush(): void
  /** The client takes response bytes again. */
  resumeResponse(): void
  /** The client has gone or failed; the target's connection must not be used again. */
  abort(): void
  /** The client half-closed an upgraded connection. */
  relayEnd(): void
}
