// Whose turn it is. A client that sends requests and takes no answers must not have them pile up in this process, and one
// whose requests are answered at once must not keep the worker from everybody else.

import type { SocketWriter } from '../../sockets/socket-writer.ts'

/** Requests of one connection that are answered at once, one after the other, before others have their turn. */
const REQUESTS_MAX = 64

/** Who waits for a turn. */
export interface TurnTaker {
  /** Others had theirs. */
  turnCame(): void
}

export class Turn {
  #answeredAtOnce = 0

  /**
   * Whether the next request has to wait: until the writer has drained, or until `turnCame`. `isConsuming`: the last one
   * was answered while it was read.
   */
  mustWait(writer: SocketWriter, isConsuming: boolean, taker: TurnTaker): boolean {
    if (writer.isPending()) return true
    if (!isConsuming || ++this.#answeredAtOnce < REQUESTS_MAX) return false
    this.#answeredAtOnce = 0
    setImmediate(() => taker.turnCame())
    return true
  }
}
