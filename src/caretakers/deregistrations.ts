// Ends the deregistration of targets when their delay is over, or as soon as no worker uses them any more.

import type { Clock } from '../clock/clock.ts'
import type { Store } from '../store/store.ts'

/** Longest timer of the operating system; a later deadline is looked at again then. */
const TIMER_MAX_MS = 2 ** 31 - 1
/** After an error of the store. */
const RETRY_MS = 1000

export class Deregistrations {
  readonly #store: Pick<Store, 'drainingTargets' | 'finishDeregistration'>
  readonly #clock: Clock
  readonly #reportError: (error: unknown) => void
  #timer: NodeJS.Timeout | null = null
  #isClosed = false
  #isRunning = false
  #again = false

  constructor(
    store: Pick<Store, 'drainingTargets' | 'finishDeregistration'>,
    clock: Clock,
    reportError: (error: unknown) => void,
  ) {
    this.#store = store
    this.#clock = clock
    this.#reportError = reportError
  }

  /** Looks for deadlines that are over, and sets the timer for the next one. To be called after changes too. */
  async check(): Promise<void> {
    if (this.#isClosed) return
    if (this.#isRunning) {
      this.#again = true
      return
    }
    this.#isRunning = true
    try {
      do {
        this.#again = false
        await this.#finishDue()
      } while (this.#again && !this.#isClosed)
    } catch (error) {
      this.#reportError(error)
      this.#setTimer(RETRY_MS)
    } finally {
      this.#isRunning = false
    }
  }

  /** No worker uses the target any more. */
  async idle(targetGroup: string, key: string): Promise<void> {
    try {
      await this.#store.finishDeregistration(targetGroup, key)
    } catch (error) {
      this.#reportError(error)
    }
  }

  close(): void {
    this.#isClosed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  async #finishDue(): Promise<void> {
    for (const { targetGroupArn, key, drainsUntil } of await this.#store.drainingTargets()) {
      const leftMs = drainsUntil - this.#clock.date()
      if (leftMs > 0) {
        this.#setTimer(leftMs)
        return
      }
      await this.#store.finishDeregistration(targetGroupArn, key)
    }
  }

  #setTimer(delayMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (this.#isClosed) return
    this.#timer = setTimeout(() => void this.check(), Math.min(TIMER_MAX_MS, Math.ceil(delayMs)))
  }
}
