// The targets of one target group as requests see them: which may be picked, and the algorithm that picks. The picker is
// replaced whole when the group changes and hands its place on to the next.

import type { RoutingAlgorithm, TargetGroupUnit, TargetUnit } from '../snapshot/snapshot.ts'
import { LeastOutstanding } from './least-outstanding.ts'
import { RoundRobin } from './round-robin.ts'
import type { PickerTools, TargetPicker } from './target-picker.ts'
import { WeightedRandom } from './weighted-random.ts'

export class TargetGroup {
  readonly #tools: PickerTools
  #algorithm: RoutingAlgorithm
  #picker: TargetPicker

  constructor(unit: TargetGroupUnit, tools: PickerTools) {
    this.#tools = tools
    this.#algorithm = algorithmOf(unit)
    this.#picker = newPicker(this.#algorithm, eligibleTargets(unit), tools)
  }

  /** Takes another version of the group, from the next request on; the round of the same algorithm keeps its place. */
  update(unit: TargetGroupUnit): void {
    const targets = eligibleTargets(unit)
    const algorithm = algorithmOf(unit)
    this.#picker =
      algorithm === this.#algorithm
        ? this.#picker.withTargets(targets)
        : newPicker(algorithm, targets, this.#tools)
    this.#algorithm = algorithm
  }

  /** The target for the next request; `null` where none may get one, which is answered with 503 (OQ-36). */
  pick(): TargetUnit | null {
    return this.#picker.pick()
  }
}

function algorithmOf({ algorithm = 'round_robin' }: TargetGroupUnit): RoutingAlgorithm {
  return algorithm
}

function newPicker(
  algorithm: RoutingAlgorithm,
  targets: readonly TargetUnit[],
  tools: PickerTools,
): TargetPicker {
  switch (algorithm) {
    case 'round_robin':
      return new RoundRobin(targets, tools)
    case 'least_outstanding_requests':
      return new LeastOutstanding(targets, tools)
    case 'weighted_random':
      return new WeightedRandom(targets, tools)
  }
}

/**
 * Healthy targets; where there are none, all that may ever become healthy (fail-open, ALB-TG-191, OQ-35). Draining and
 * unused targets never.
 */
export function eligibleTargets(unit: TargetGroupUnit): readonly TargetUnit[] {
  const healthy = unit.targets.filter((target) => target.state === 'healthy')
  if (healthy.length > 0) return healthy
  return unit.targets.filter((target) => target.state === 'initial' || target.state === 'unhealthy')
}
