// What may look at a request before it goes on: a firewall, an authentication. A filter decides at once or keeps the
// request waiting; what it waits for is its own business, and nothing of it is on the way of other requests.

import type { Exchange } from './exchange.ts'
import type { Verdict } from './verdict.ts'
import type { WaitingRoom } from './waiting-room.ts'

export interface Filter {
  /** Never throws, never blocks. `room` is called at most once, by a filter that then answers `wait`. */
  check(exchange: Exchange, room: () => WaitingRoom): Verdict
}
