// Exchanges that serve nobody at present, for requests to come: an idle connection has none, and a busy one seldom makes one.

import type { ServedListener } from './binding.ts'
import type { ConnectionTools, RequestHandler } from './handler.ts'

const SPARES_MAX = 1024

export class ExchangePool<Client extends { release(): void }> {
  readonly #spares: Client[] = []
  readonly #make: () => Client

  constructor(make: () => Client) {
    this.#make = make
  }

  take(): Client {
    return this.#spares.pop() ?? this.#make()
  }

  /** Nobody may use it any more. */
  giveBack(exchange: Client): void {
    exchange.release()
    if (this.#spares.length < SPARES_MAX) this.#spares.push(exchange)
  }
}

/** What all connections of a worker that speak one protocol are made with. `Client` is its client's side of an exchange. */
export interface ConnectionParts<Served extends ServedListener, Passage, Client extends { release(): void }> {
  readonly handler: RequestHandler<Served, Passage>
  readonly exchanges: ExchangePool<Client>
  readonly tools: ConnectionTools
}
