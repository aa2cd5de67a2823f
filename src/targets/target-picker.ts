// What every routing algorithm is and what it is given. One file per algorithm; a picker is made anew for every version
// of its target group and is told what went before.

import type { Clock } from '../clock/clock.ts'
import type { TargetUnit } from '../snapshot/target-group-units.ts'
import type { RandomSource } from './weighted-groups.ts'

/** An algorithm over a fixed list of targets. */
export interface TargetPicker {
  /** The target for the next request, or `null` where there is none. Allocates nothing. */
  pick(): TargetUnit | null
  /** The same algorithm over another list, going on where this one is. */
  withTargets(targets: readonly TargetUnit[]): TargetPicker
}

/** How busy a target is. */
export interface TargetLoad {
  /** Requests that were given to it and are not answered yet; an upgraded connection counts as one (OQ-31). */
  readonly outstanding: number
}

export interface PickerTools {
  readonly clock: Clock
  readonly random: RandomSource
  /** Rounds of different workers begin at different targets. */
  readonly workerIndex: number
  /** The load that this worker puts on a target. */
  readonly loadOf: (target: TargetUnit) => TargetLoad
}
