// Zonal shifts: traffic of a load balancer that is moved away from one of its zones for some time.

import type { Scope } from './resources.ts'

export interface ZonalShift extends Scope {
  readonly id: string
  readonly loadBalancerArn: string
  /** Name of the zone. */
  readonly awayFrom: string
  readonly comment: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly expiresAt: number
  readonly isCanceled: boolean
}

export type ZonalShiftStatus = 'ACTIVE' | 'EXPIRED' | 'CANCELED'

export function statusOfShift({ isCanceled, expiresAt }: ZonalShift, now: number): ZonalShiftStatus {
  if (isCanceled) return 'CANCELED'
  return expiresAt <= now ? 'EXPIRED' : 'ACTIVE'
}
