// The targets of one target group as requests see them: which may be picked by the node of a zone, and the algorithm
// that picks. With cross-zone load balancing all nodes share one choice, without it each zone has its own. Both are
// updated when the group changes and keep their place in the round.

import { isBelow, ONE_HEALTHY } from '../model/target-group-health.ts'
import type { RoutingAlgorithm, TargetGroupUnit, TargetUnit } from '../snapshot/target-group-units.ts'
import { LeastOutstanding } from './least-outstanding.ts'
import { RoundRobin } from './round-robin.ts'
import type { PickerTools, TargetPicker } from './target-picker.ts'
import { WeightedRandom } from './weighted-random.ts'

export class TargetGroup {
  readonly #tools: PickerTools
  /** Of all zones; null without cross-zone load balancing. */
  #whole: TargetChoice | null = null
  #byZone: ReadonlyMap<string, TargetChoice> = new Map()

  constructor(unit: TargetGroupUnit, tools: PickerTools) {
    this.#tools = tools
    this.update(unit)
  }

  /** Takes another version of the group, from the next request on. */
  update(unit: TargetGroupUnit): void {
    if (unit.isCrossZone !== false) {
      this.#whole = this.#choice(this.#whole, unit, unit.targets)
      this.#byZone = new Map()
      return
    }
    this.#whole = null
    const byZone = new Map<string, TargetChoice>()
    for (const [zone, targets] of Map.groupBy(unit.targets, (target) => target.zone)) {
      byZone.set(zone, this.#choice(this.#byZone.get(zone) ?? null, unit, targets))
    }
    this.#byZone = byZone
  }

  /** What the node of a zone picks from; `null` where that zone has no targets, which is answered with 503 (ALB-TG-253). */
  choiceOf(zone: string): TargetChoice | null {
    return this.#whole ?? this.#byZone.get(zone) ?? null
  }

  #choice(before: TargetChoice | null, unit: TargetGroupUnit, targets: readonly TargetUnit[]): TargetChoice {
    const choice = before ?? new TargetChoice(this.#tools)
    choice.update(unit, targets)
    return choice
  }
}

/** Targets that share a round: all of a group, or those of one zone. */
export class TargetChoice {
  /** Too few of the targets are healthy, so that unhealthy ones get requests too (ALB-TG-267). */
  isFailedOver = false
  readonly #tools: PickerTools
  #algorithm: RoutingAlgorithm | null = null
  #picker: TargetPicker = NOTHING

  constructor(tools: PickerTools) {
    this.#tools = tools
  }

  update({ algorithm = 'round_robin', routingMinimum }: TargetGroupUnit, all: readonly TargetUnit[]): void {
    const { targets, isFailedOver } = eligibleTargets(all, routingMinimum)
    this.#picker =
      algorithm === this.#algorithm
        ? this.#picker.withTargets(targets)
        : newPicker(algorithm, targets, this.#tools)
    this.#algorithm = algorithm
    this.isFailedOver = isFailedOver
  }

  /** The target for the next request; `null` where none may get one, which is answered with 503 (OQ-36). */
  pick(): TargetUnit | null {
    return this.#picker.pick()
  }
}

const NOTHING: TargetPicker = { pick: () => null, withTargets: () => NOTHING }

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
 * Healthy targets while there are enough of them; else all that take part in health checks (ALB-TG-191, 267), but for
 * those that were not found healthy yet while others are (OQ-35). Draining and unused targets never.
 */
export function eligibleTargets(
  all: readonly TargetUnit[],
  minimum = ONE_HEALTHY,
): { readonly targets: readonly TargetUnit[]; readonly isFailedOver: boolean } {
  const healthy = all.filter((target) => target.state === 'healthy' && target.isShiftedAway !== true)
  const checked = all.filter(
    ({ state }) => state === 'healthy' || state === 'unhealthy' || state === 'initial',
  )
  if (!isBelow(minimum, healthy.length, checked.length)) return { targets: healthy, isFailedOver: false }
  const targets = healthy.length === 0 ? checked : checked.filter(({ state }) => state !== 'initial')
  return { targets, isFailedOver: true }
}
