// Exchanges that serve no stream at present, for streams to come.

import type { ConnectionTools, RequestHandler } from '../handler.ts'
import type { ServedListener } from '../binding.ts'
import { Http2Exchange } from './exchange.ts'

const SPARES_MAX = 1024

export class Http2ExchangePool<Served, Passage> {
  readonly #spares: Http2Exchange<Served, Passage>[] = []
  readonly #newPassage: () => Passage
  readonly #tools: ConnectionTools

  constructor(newPassage: () => Passage, tools: ConnectionTools) {
    this.#newPassage = newPassage
    this.#tools = tools
  }

  take(): Http2Exchange<Served, Passage> {
    return this.#spares.pop() ?? new Http2Exchange(this.#newPassage(), this.#tools)
  }

  /** Nobody may use it any more. */
  giveBack(exchange: Http2Exchange<Served, Passage>): void {
    exchange.release()
    if (this.#spares.length < SPARES_MAX) this.#spares.push(exchange)
  }
}

/** What all connections of a worker are made with. */
export interface Http2Parts<Served extends ServedListener, Passage> {
  readonly handler: RequestHandler<Served, Passage>
  readonly exchanges: Http2ExchangePool<Served, Passage>
  readonly tools: ConnectionTools
}
