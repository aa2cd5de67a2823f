// Renews what the local authority issued and load balancers use, before it expires, as ACM does.

import type { Clock } from '../clock/clock.ts'
import type { Store } from '../store/store.ts'
import { Rounds } from './rounds.ts'

/** ACM begins this long before a certificate expires. */
const BEFORE_MS = 60 * 86_400_000
/** Between two looks. Not scaled: dates run at their own pace on every clock. */
const INTERVAL_MS = 6 * 3_600_000

export interface RenewalsOptions {
  readonly store: Store
  readonly clock: Clock
  readonly reportError: (error: unknown) => void
}

export class Renewals {
  readonly #options: RenewalsOptions
  readonly #rounds: Rounds

  constructor(options: RenewalsOptions) {
    this.#options = options
    const { reportError } = options
    this.#rounds = new Rounds({
      work: async () => await this.#renewDue(),
      retryMs: INTERVAL_MS,
      reportError,
    })
  }

  start(): void {
    void this.check()
  }

  /** Renews what is due. A certificate that cannot be renewed is tried again the next time. */
  async check(): Promise<void> {
    await this.#rounds.now()
  }

  /** Resolves when nothing runs any more. */
  async close(): Promise<void> {
    await this.#rounds.close()
  }

  async #renewDue(): Promise<number> {
    const { store, clock } = this.#options
    const due = await store.read(async (rows) => {
      const date = clock.date()
      const requested = await rows.certificates.requestedCertificates()
      const old = requested.filter(
        ({ issuedAt, facts }) => issuedAt <= date && facts.notAfter - BEFORE_MS <= date,
      )
      const used = []
      for (const certificate of old) {
        if ((await rows.loadBalancers.withCertificate(certificate.arn)).length > 0) used.push(certificate)
      }
      return used
    })
    if (due.length === 0) return INTERVAL_MS
    // Loaded when it is needed, like the API of ACM.
    const { renew } = await import('../certificates/renew.ts')
    for (const certificate of due) await renew({ store, clock }, certificate)
    return INTERVAL_MS
  }
}
