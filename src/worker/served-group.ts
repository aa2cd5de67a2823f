// A target group in force: its present choice of targets, and the links to them. It lives as long as the group; every
// version of the group is taken over by the same object.

import { targetKey } from '../model/target-key.ts'
import type { Clock } from '../clock/clock.ts'
import type { TargetLink } from '../exchange/target-link.ts'
import type { Counters, TargetGroupCounters } from '../recording/application/counters.ts'
import { type OutcomeTally, TargetTally } from '../recording/target-outcomes.ts'
import { addressAndPort } from '../sockets/socket.ts'
import type { TargetGroupUnit, TargetUnit } from '../snapshot/target-group-units.ts'
import { StickyGroup } from '../targets/sticky-group.ts'
import { eligibleTargets, TargetGroup } from '../targets/target-group.ts'
import type { TargetLoad } from '../targets/target-picker.ts'
import type { RandomSource } from '../targets/weighted-groups.ts'

/** A target with its connections. */
export interface ServedTarget {
  readonly link: TargetLink
  readonly outcome: TargetTally
  /** `address:port`, as logs show it. */
  readonly text: string
}

/** Makes the link to a target of a group; `onIdle` is for a link that drains, when nothing is left on it. */
export type LinkMaker = (group: TargetGroupUnit, target: TargetUnit, onIdle: () => void) => TargetLink

export interface GroupParts {
  readonly clock: Clock
  readonly random: RandomSource
  readonly workerIndex: number
  readonly counters: Counters
  readonly outcomes: OutcomeTally
  readonly newLink: LinkMaker
  readonly onTargetIdle: (group: string, target: string) => void
}

export class ServedGroup {
  readonly group: TargetGroup
  unit: TargetGroupUnit
  /** Null while sticky sessions are off. */
  sticky: StickyGroup | null = null
  readonly #parts: GroupParts
  readonly #targets = new Map<string, ServedTarget>()
  /** The same by the unit's own objects, for the way of a request. */
  #byUnit = new Map<TargetUnit, ServedTarget>()
  readonly #countersByZone = new Map<string, TargetGroupCounters>()

  constructor(unit: TargetGroupUnit, parts: GroupParts) {
    this.unit = unit
    this.#parts = parts
    const { clock, random, workerIndex } = parts
    const loadOf = (target: TargetUnit): TargetLoad => this.#served(target).link
    this.group = new TargetGroup(unit, { clock, random, workerIndex, loadOf })
    this.update(unit)
  }

  update(unit: TargetGroupUnit): void {
    this.unit = unit
    this.group.update(unit)
    this.#updateSticky(unit)
    this.#byUnit = new Map()
    const present = new Set<string>()
    for (const target of unit.targets) {
      const key = linkKey(target)
      present.add(key)
      const known = this.#targets.get(key)
      if (known !== undefined) known.link.isBlocked = target.isBlocked === true
      if (target.state === 'draining') this.#served(target).link.drain()
      else if (known !== undefined) known.link.resume()
    }
    for (const [key, served] of this.#targets) {
      if (present.has(key)) continue
      this.#targets.delete(key)
      served.link.close()
    }
  }

  #updateSticky({ arn, stickiness, targets, routingMinimum }: TargetGroupUnit): void {
    if (stickiness === undefined) this.sticky = null
    else {
      this.sticky ??= new StickyGroup(arn, stickiness)
      this.sticky.update(stickiness, targets, eligibleTargets(targets, routingMinimum).targets)
    }
  }

  /** The connections of a target of the present unit. */
  of(target: TargetUnit): ServedTarget {
    const known = this.#byUnit.get(target)
    if (known !== undefined) return known
    const served = this.#served(target)
    this.#byUnit.set(target, served)
    return served
  }

  /** Counters of this group behind one load balancer, which a group never leaves for another. */
  counters(loadBalancerArn: string, zone: string): TargetGroupCounters {
    let counters = this.#countersByZone.get(zone)
    if (counters === undefined) {
      counters = this.#parts.counters.targetGroup(loadBalancerArn, this.unit.arn, zone)
      this.#countersByZone.set(zone, counters)
    }
    return counters
  }

  close(): void {
    for (const served of this.#targets.values()) served.link.close()
    this.#targets.clear()
  }

  #served(target: TargetUnit): ServedTarget {
    const key = linkKey(target)
    const known = this.#targets.get(key)
    if (known !== undefined) return known
    const name = targetKey(target.id, target.port)
    const { outcomes, newLink, onTargetIdle } = this.#parts
    const link = newLink(this.unit, target, () => onTargetIdle(this.unit.arn, name))
    link.isBlocked = target.isBlocked === true
    const outcome = new TargetTally(outcomes, this.unit.arn, name)
    const served = { link, outcome, text: addressAndPort(target.address, target.port) }
    this.#targets.set(key, served)
    return served
  }
}

function linkKey(target: TargetUnit): string {
  return `${target.id}|${target.port}|${target.address}`
}
