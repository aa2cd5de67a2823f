// States of load balancers on their way into the store: what could not be stored is stored later.

import type { Store } from '../store/store.ts'
import { Rounds } from './rounds.ts'

/** After an error of the store. */
const RETRY_MS = 1000

type StateStore = Pick<Store, 'markApplied' | 'markFailed' | 'markImpaired'>

/** What is to be stored of a load balancer. */
export interface StateToStore {
  readonly arn: string
  readonly code: 'active' | 'active_impaired' | 'failed'
  /** Null for `active`. */
  readonly reason: string | null
}

export class StoredStates {
  readonly #store: StateStore
  readonly #rounds: Rounds
  /** The newest of each load balancer that is not stored yet. */
  readonly #waiting = new Map<string, StateToStore>()

  constructor(store: StateStore, reportError: (error: unknown) => void) {
    this.#store = store
    this.#rounds = new Rounds({
      work: async () => await this.#storeWaiting(),
      retryMs: RETRY_MS,
      reportError,
    })
  }

  put(states: readonly StateToStore[]): void {
    for (const state of states) this.#waiting.set(state.arn, state)
    if (states.length > 0) void this.#rounds.now()
  }

  async close(): Promise<void> {
    await this.#rounds.close()
  }

  /** Those that serve in one go, the others one by one: they are few. */
  async #storeWaiting(): Promise<null> {
    const states = [...this.#waiting.values()]
    const active = states.filter(({ code }) => code === 'active')
    await this.#store.markApplied(active.map(({ arn }) => arn))
    this.#stored(active)
    for (const state of states) {
      const { arn, code, reason } = state
      if (code === 'active') continue
      if (code === 'failed') await this.#store.markFailed(arn, reason ?? '')
      else await this.#store.markImpaired(arn, reason ?? '')
      this.#stored([state])
    }
    return null
  }

  /** What came meanwhile stays. */
  #stored(states: readonly StateToStore[]): void {
    for (const state of states) {
      if (this.#waiting.get(state.arn) === state) this.#waiting.delete(state.arn)
    }
  }
}
