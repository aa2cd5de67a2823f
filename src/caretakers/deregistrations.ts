// Ends the deregistration of targets when their delay is over, or as soon as no worker uses them any more.

import type { Clock } from '../clock/clock.ts'
import type { Store } from '../store/store.ts'
import { Rounds } from './rounds.ts'

/** After an error of the store. */
const RETRY_MS = 1000

export class Deregistrations {
  readonly #store: Pick<Store, 'drainingTargets' | 'finishDeregistration'>
  readonly #clock: Clock
  readonly #reportError: (error: unknown) => void
  readonly #rounds: Rounds

  constructor(
    store: Pick<Store, 'drainingTargets' | 'finishDeregistration'>,
    clock: Clock,
    reportError: (error: unknown) => void,
  ) {
    this.#store = store
    this.#clock = clock
    this.#reportError = reportError
    this.#rounds = new Rounds({
      work: async () => await this.#finishDue(),
      retryMs: RETRY_MS,
      reportError,
    })
  }

  /** Looks for deadlines that are over, and sets the timer for the next one. To be called after changes too. */
  async check(): Promise<void> {
    await this.#rounds.now()
  }

  /** No worker uses the target any more. */
  async idle(targetGroup: string, key: string): Promise<void> {
    try {
      await this.#store.finishDeregistration(targetGroup, key)
    } catch (error) {
      this.#reportError(error)
    }
  }

  /** Resolves when nothing runs any more. */
  async close(): Promise<void> {
    await this.#rounds.close()
  }

  /** Gives the milliseconds until the next deadline; null: there is none. */
  async #finishDue(): Promise<number | null> {
    for (const { targetGroupArn, key, drainsUntil } of await this.#store.drainingTargets()) {
      const leftMs = drainsUntil - this.#clock.date()
      if (leftMs > 0) return leftMs
      await this.#store.finishDeregistration(targetGroupArn, key)
    }
    return null
  }
}
