// The targets of one target group as requests see them: which may be picked, and the algorithm that picks. The picker is
// replaced whole when the group changes and hands its place on to the next.

import type { TargetGroupUnit, TargetUnit } from '../snapshot/snapshot.ts'
import { RoundRobin } from './round-robin.ts'

/**
 * An algorithm over a fixed list of targets. One file per algorithm; what it keeps between two picks (a place, counts)
 * it hands on by `withTargets`.
 */
export interface TargetPicker {
  /** The target for the next request, or `null` where there is none. */
  pick(): TargetUnit | null
  /** The same algorithm over another list, going on where this one is. */
  withTargets(targets: readonly TargetUnit[]): TargetPicker
}

export class TargetGroup {
  #picker: TargetPicker

  constructor(unit: TargetGroupUnit) {
    this.#picker = new RoundRobin(eligibleTargets(unit))
  }

  /** Takes another version of the group; the round keeps its place. */
  update(unit: TargetGroupUnit): void {
    this.#picker = this.#picker.withTargets(eligibleTargets(unit))
  }

  /** The target for the next request; `null` where none may get one, which is answered with 503 (OQ-36). */
  pick(): TargetUnit | null {
    return this.#picker.pick()
  }
}

/**
 * Healthy targets; where there are none, all that may ever become healthy (fail-open, ALB-TG-191, OQ-35). Draining and
 * unused targets never.
 */
function eligibleTargets(unit: TargetGroupUnit): readonly TargetUnit[] {
  const healthy = unit.targets.filter((target) => target.state === 'healthy')
  if (healthy.length > 0) return healthy
  return unit.targets.filter((target) => target.state === 'initial' || target.state === 'unhealthy')
}
