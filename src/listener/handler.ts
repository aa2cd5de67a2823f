// What client connections need of the rest of a worker: whoever takes their requests, and what they share.

import type { Clock } from '../clock/clock.ts'
import type { HttpDate } from '../clock/http-date.ts'
import type { TimerWheel } from '../clock/timer-wheel.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Failure } from '../exchange/failure.ts'
import type { Forwarding } from '../exchange/target-link.ts'
import type { ServedListener } from './binding.ts'
import type { Ledger } from './ledger.ts'

/** What becomes of requests. `Passage` is what the handler keeps with each exchange. */
export interface RequestHandler<Served extends ServedListener, Passage> {
  /** For a new exchange, which keeps it for all its requests. */
  newPassage(): Passage
  /** A request has come in by a listener. */
  handle(exchange: Exchange<Passage>, served: Served, forwarding: Forwarding): void
  /** Gives the answer to a request that failed. */
  answer(exchange: Exchange<Passage>, failure: Failure): void
  /** The record is complete. `served` is `null` where no listener was left. */
  record(exchange: Exchange<Passage>, served: Served | null): void
}

/** What all connections of a worker share. */
export interface ConnectionTools {
  readonly clock: Clock
  readonly wheel: TimerWheel
  readonly httpDate: HttpDate
  readonly ledger: Ledger
}
