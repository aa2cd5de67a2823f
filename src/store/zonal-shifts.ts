// Zonal shifts as the rest of the program stores and finds them.

import type { Scope } from '../model/resources.ts'
import type { ZonalShift } from '../model/zonal-shifts.ts'

export interface ZonalShiftReader {
  shift(scope: Scope, id: string): Promise<ZonalShift | undefined>
  /** All of an account and Region, also those that have ended, the latest first. */
  shifts(scope: Scope): Promise<readonly ZonalShift[]>
  /** Those of all accounts that were not canceled and expire after `date`. */
  activeAt(date: number): Promise<readonly ZonalShift[]>
  /** The one of a load balancer, of which there is one at most. */
  activeOf(loadBalancerArn: string, date: number): Promise<ZonalShift | undefined>
}

export interface ZonalShiftWriter extends ZonalShiftReader {
  /** Adds or replaces. Of those that have ended, only the latest of a load balancer are kept. */
  put(shift: ZonalShift): Promise<void>
}
