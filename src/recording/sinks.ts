// Where finished requests go: each listener has its sinks, and every request of it passes them in their order.

import type { ClientFacts } from '../exchange/client-facts.ts'
import type { RequestRecord } from '../exchange/record.ts'
import type { RequestHead } from '../wire/request-head.ts'

/** A request that is over, whatever became of it. Valid during the call only. */
export interface RecordedExchange {
  readonly record: RequestRecord
  readonly head: RequestHead
  readonly client: ClientFacts
}

export interface RecordSink {
  add(exchange: RecordedExchange): void
}
