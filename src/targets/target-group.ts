// The targets of one target group as requests see them: which may be picked, and the algorithm that picks. Replaced
// whole when the group changes; the algorithm hands its place on to the next.

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

/** The runtime of one version of a target group. */
export class TargetGroup {
  readonly unit: TargetGroupUnit
  /** Whether requests go to targets that are not healthy, because none is (ALB-TG-191). */
  readonly isFailOpen: boolean
  readonly #picker: TargetPicker

  /** `previous` is the runtime of the version before, whose place in the round is kept. */
  constructor(unit: TargetGroupUnit, previous: TargetGroup | null = null) {
    const healthy = unit.targets.filter((target) => target.state === 'healthy')
    const open = unit.targets.filter((target) => target.state === 'initial' || target.state === 'unhealthy')
    this.unit = unit
    this.isFailOpen = healthy.length === 0 && open.length > 0
    const eligible = healthy.length > 0 ? healthy : open
    this.#picker = previous === null ? new RoundRobin(eligible) : previous.#picker.withTargets(eligible)
  }

  /** The target for the next request; `null` where none may get one, which is answered with 503 (OQ-36). */
  pick(): TargetUnit | null {
    return this.#picker.pick()
  }
}
