// What a request on its way to a target offers to the client's side of its exchange.

import type { HeaderFields } from '../wire/header-fields.ts'

/** The target's side of one request, as the client's side drives it. */
export interface TargetSide {
  /** Request body bytes; same rules as `Exchange.respondData`. */
  sendBody(buffer: Buffer, start: number, end: number, isOwned: boolean): boolean
  endBody(trailers: HeaderFields | null): void
  /** Everything given so far should leave now; called at the end of a batch of calls. */
  flush(): void
  /** The client takes response bytes again. */
  resumeResponse(): void
  /** The client has gone or failed; nothing more of this exchange is wanted. */
  abort(): void
}
