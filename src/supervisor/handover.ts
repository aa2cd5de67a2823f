// Listening sockets on their way to one worker: a few at a time, because Node keeps one at a time on the wire and goes
// through all that wait whenever one has arrived. The worker answers each.

const ON_THE_WAY_MAX = 8

export class Handover {
  /** Sends the socket of a binding to the worker; false if there is none any more. */
  readonly #send: (key: string) => boolean
  readonly #waiting = new Set<string>()
  #onTheWay = 0

  constructor(send: (key: string) => boolean) {
    this.#send = send
  }

  add(key: string): void {
    this.#waiting.add(key)
    this.#proceed()
  }

  /** The worker has answered to one. */
  answered(): void {
    if (this.#onTheWay > 0) this.#onTheWay--
    this.#proceed()
  }

  /** The worker is gone; the next one is given everything anew. */
  reset(): void {
    this.#waiting.clear()
    this.#onTheWay = 0
  }

  #proceed(): void {
    for (const key of this.#waiting) {
      if (this.#onTheWay >= ON_THE_WAY_MAX) return
      this.#waiting.delete(key)
      if (this.#send(key)) this.#onTheWay++
    }
  }
}
