// The lock that each caretaker has, and its clockwork: its work is never done twice at once, is done again for whoever
// asks meanwhile, comes round by itself, and is at rest when it is closed.

/** Longest timer of the operating system; a later round is thought over again then. */
const TIMER_MAX_MS = 2 ** 31 - 1

export interface RoundsOptions {
  /** One round; gives the milliseconds until the next one, or null where only being asked makes one. */
  readonly work: () => Promise<number | null>
  /** Milliseconds until the next round after one that failed. */
  readonly retryMs: number
  readonly reportError: (error: unknown) => void
}

export class Rounds {
  readonly #options: RoundsOptions
  #timer: NodeJS.Timeout | null = null
  #running: Promise<void> | null = null
  #isAskedAgain = false
  #isClosed = false

  constructor(options: RoundsOptions) {
    this.#options = options
  }

  /** The first round, which has to succeed: rejects with what keeps it from that. */
  async first(): Promise<void> {
    await this.#locked(async () => {
      this.#setTimer(await this.#options.work())
    })
  }

  /** Does the work now, or once more after the round that runs. Resolves when it is done; an error is reported. */
  async now(): Promise<void> {
    if (this.#isClosed) return
    if (this.#running !== null) {
      this.#isAskedAgain = true
      // Who began it knows of its error.
      await this.#running.catch(() => undefined)
      return
    }
    await this.#locked(async () => await this.#round())
  }

  /** No round begins any more; resolves when none runs. May be called twice. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#running?.catch(() => undefined)
  }

  async #locked(work: () => Promise<void>): Promise<void> {
    this.#running = work().finally(() => (this.#running = null))
    await this.#running
  }

  async #round(): Promise<void> {
    const { work, retryMs, reportError } = this.#options
    try {
      let nextMs: number | null
      do {
        this.#isAskedAgain = false
        nextMs = await work()
      } while (this.#isAskedAgain && !this.#isClosed)
      this.#setTimer(nextMs)
    } catch (error) {
      reportError(error)
      this.#setTimer(retryMs)
    }
  }

  #setTimer(delayMs: number | null): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (this.#isClosed || delayMs === null) return
    this.#timer = setTimeout(() => void this.now(), Math.min(TIMER_MAX_MS, Math.ceil(delayMs)))
    // The process lives for what it serves, not for the next round.
    this.#timer.unref()
  }
}
