// Which zones traffic is shifted away from now. What is active is kept in memory, because traffic and DNS ask for it all
// the time; every change is stored before it counts, and shifts end by themselves.

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
  #timer: NodeJS.Timeout | null = null

  constructor({ store, clock, onExpiry }: ZonalShiftsOptions) {
    this.#store = store
    this.#clock = clock
    this.#onExpiry = onExpiry
  }

  /** Takes up what is stored. */
  async load(): Promise<void> {
    const active = await this.#store.read(async (rows) => await rows.zonalShifts.activeAt(this.#clock.date()))
    for (const shift of active) this.#active.set(shift.loadBalancerArn, shift)
    this.#setTimer()
  }

  close(): void {
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

  /** Stores a new shift, or another state of one. */
  async put(shift: ZonalShift): Promise<void> {
    await this.#store.write(async (rows) => {
      await rows.zonalShifts.put(shift)
      // Before the commit, so that whoever is told of it already sees the change.
      if (this.#isActive(shift)) this.#active.set(shift.loadBalancerArn, shift)
      else this.#active.delete(shift.loadBalancerArn)
    })
    this.#setTimer()
  }

  /** Nothing is known any more of a load balancer that is gone. */
  forget(loadBalancerArn: string): void {
    this.#active.delete(loadBalancerArn)
  }

  #isActive(shift: ZonalShift): boolean {
    return statusOfShift(shift, this.#clock.date()) === 'ACTIVE'
  }

  #setTimer(): void {
    this.close()
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
