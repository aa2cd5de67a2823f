// What client connections need of the rest of a worker: the listener they serve at present, the binding that accepted
// them, and whoever takes their requests.

import type { Clock } from '../clock/clock.ts'
import type { HttpDate } from '../clock/http-date.ts'
import type { TimerWheel } from '../clock/timer-wheel.ts'
import type { Failure } from '../exchange/failure.ts'
import type { TrafficAttributes } from '../snapshot/application-units.ts'
import type { ResponseHeaderChanges } from '../wire/http1/response-writer.ts'
import type { Http1Connection } from './http1/connection.ts'

/** What a connection has to know of the listener it serves at present. */
export interface ServedListener {
  readonly listenerPort: number
  readonly protocol: 'http' | 'https'
  readonly traffic: TrafficAttributes
  /** Whether a client at this address may connect; null: everyone may. */
  readonly admits: ((address: string) => boolean) | null
  /** Null where responses go as they came. */
  readonly responseHeaders: ResponseHeaderChanges | null
}

/** The binding that accepted a connection; it outlives changes of the configuration. */
export interface Binding<Served extends ServedListener> {
  /** The listener for a request for this host, in lower case (empty: for none), or `null` once there is none. */
  select(host: string): Served | null
  /** Address that clients connect to. */
  readonly address: string
  readonly isDraining: boolean
  /** Whether several load balancers are behind it, so that only a request tells which one is meant. */
  readonly isShared: boolean
}

/** What becomes of the requests of a connection. */
export interface RequestHandler<Served extends ServedListener> {
  /** A request was admitted; its exchange is to be served. */
  handle(connection: Http1Connection<Served>, served: Served): void
  /** The page for an answer that the load balancer makes itself. */
  answer(connection: Http1Connection<Served>, failure: Failure): void
  /** The record is complete. `served` is `null` where no listener was left. */
  record(connection: Http1Connection<Served>, served: Served | null): void
  opened(connection: Http1Connection<Served>): void
  closed(connection: Http1Connection<Served>): void
}

/** What all connections of a worker share. */
export interface ConnectionTools {
  readonly clock: Clock
  readonly wheel: TimerWheel
  readonly httpDate: HttpDate
}
