// Which zones traffic is shifted away from now. What is active is kept in memory, because traffic and DNS ask for it all
// the time; it follows the store's feed of changes, and shifts end by themselves.

import type { Clock } from '../clock/clock.ts'
import { statusOfShift, type ZonalShift } from '../model/zonal-shifts.ts'
import type { Store } from '../store/store.ts'

const NO_ZONES: ReadonlySet<string> = new Set()

export interface ZonalShiftsOptions {
  readonly store: Store
  readonly clock: Clock
  /** A shift has come to its end; starts and cancellations are told by the store. */
  readonly onExpiry: (loadBalancerArn: string) => void
}

export class ZonalShifts {
  readonly #store: Store
  readonly #clock: Clock
  readonly #onExpiry: (loadBalancerArn: string) => void
  /** Active ones by load balancer: there is one at most. */
  readonly #active = new Map<string, ZonalShift>()
  readonly #unfollow: () => void
  #timer: NodeJS.Timeout | null = null

  constructor({ store, clock, onExpiry }: ZonalShiftsOptions) {
    this.#store = store
    this.#clock = clock
    this.#onExpiry = onExpiry
    // From the beginning: who builds what traffic sees asks here when it is told of the same change.
    this.#unfollow = store.changes.follow(({ zonalShifts }) => this.#follow(zonalShifts))
  }

  /** Takes up what is stored. */
  async load(): Promise<void> {
    const active = await this.#store.read(async (rows) => await rows.zonalShifts.activeAt(this.#clock.date()))
    for (const shift of active) this.#active.set(shift.loadBalancerArn, shift)
    this.#setTimer()
  }

  close(): void {
    this.#unfollow()
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  activeOf(loadBalancerArn: string): ZonalShift | undefined {
    const shift = this.#active.get(loadBalancerArn)
    return shift !== undefined && this.#isActive(shift) ? shift : undefined
  }

  /** Names of the zones that get no traffic. */
  shiftedZones(loadBalancerArn: string): ReadonlySet<string> {
    const shift = this.activeOf(loadBalancerArn)
    return shift === undefined ? NO_ZONES : new Set([shift.awayFrom])
  }

  /** Nothing is known any more of a load balancer that is gone. */
  forget(loadBalancerArn: string): void {
    this.#active.delete(loadBalancerArn)
  }

  #follow(changed: readonly ZonalShift[]): void {
    if (changed.length === 0) return
    for (const shift of changed) {
      if (this.#isActive(shift)) this.#active.set(shift.loadBalancerArn, shift)
      // An older one that is only now told of must not end its successor.
      else if (this.#active.get(shift.loadBalancerArn)?.id === shift.id) {
        this.#active.delete(shift.loadBalancerArn)
      }
    }
    this.#setTimer()
  }

  #isActive(shift: ZonalShift): boolean {
    return statusOfShift(shift, this.#clock.date()) === 'ACTIVE'
  }

  #setTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (this.#active.size === 0) return
    const next = Math.min(...[...this.#active.values()].map(({ expiresAt }) => expiresAt))
    this.#timer = setTimeout(() => this.#expire(), Math.max(0, next - this.#clock.date()) + 1)
  }

  #expire(): void {
    for (const [arn, shift] of this.#active) {
      if (this.#isActive(shift)) continue
      this.#active.delete(arn)
      this.#onExpiry(arn)
    }
    this.#setTimer()
  }
}
