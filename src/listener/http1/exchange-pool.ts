// Exchanges that serve nobody at present, for requests to come: an idle connection has none, and a busy one seldom makes one.

import type { ServedListener } from '../binding.ts'
import type { ConnectionTools, RequestHandler } from '../handler.ts'
import { Http1Exchange } from './exchange.ts'

const SPARES_MAX = 1024

export class ExchangePool<Passage> {
  readonly #spares: Http1Exchange<Passage>[] = []
  readonly #newPassage: () => Passage
  readonly #tools: ConnectionTools

  constructor(newPassage: () => Passage, tools: ConnectionTools) {
    this.#newPassage = newPassage
    this.#tools = tools
  }

  take(): Http1Exchange<Passage> {
    return this.#spares.pop() ?? new Http1Exchange(this.#newPassage(), this.#tools)
  }

  /** Nobody may use it any more. */
  giveBack(exchange: Http1Exchange<Passage>): void {
    exchange.release()
    if (this.#spares.length < SPARES_MAX) this.#spares.push(exchange)
  }
}

/** What all connections of a worker are made with. */
export interface Http1Parts<Served extends ServedListener, Passage> {
  readonly handler: RequestHandler<Served, Passage>
  readonly exchanges: ExchangePool<Passage>
  readonly tools: ConnectionTools
}
