// How many clients a worker carries with the file descriptors it may have. A client has one, its request may need
// another one for the target, and the process has some for itself: clients beyond that are refused while there is still
// a descriptor to do so with, because the alternative is that requests which run fail (ALB-OBS OQ-52).

/** For the channel, the event loop, log files, and connections to targets on their way out. */
const OWN = 40
/** Part of all descriptors that only connections to targets get: idle ones to many targets may be more than clients. */
const TARGETS_SHARE = 1 / 8

export class Descriptors {
  readonly #limit: number
  readonly #onShortage: (message: string) => void
  #hasSaidSo = false

  /** `onShortage` is told once. */
  constructor(limit: number, onShortage: (message: string) => void) {
    this.#limit = limit
    this.#onShortage = onShortage
  }

  /**
   * Whether one more client is let in, beside `clients` and `listening` sockets. `descriptor` is its own: the system gives
   * out the lowest number that is free, so that it tells how many are in use; -1 where it is not known.
   */
  admits(clients: number, listening: number, descriptor: number): boolean {
    const clientsMax = Math.floor((this.#limit - OWN - listening) / 2)
    const isLow = descriptor >= this.#limit * (1 - TARGETS_SHARE)
    if (clients < clientsMax && !isLow) return true
    if (!this.#hasSaidSo) {
      this.#hasSaidSo = true
      this.#onShortage(
        `New clients are refused: ${clients} are connected, and ${this.#limit} open files allow for no more, as each may need a second one for its target; raise the limit (ulimit -n, LimitNOFILE= of a service)`,
      )
    }
    return false
  }
}
