// What target group health says about the zones of a load balancer: which are unhealthy in DNS, and the gauges that tell
// it (ALB-TG-264 … 282). Kept by group and by change, since a large installation changes one group at a time.

import { isBelow, type HealthyMinimum } from '../model/target-group-health.ts'
import type { CounterDelta } from '../snapshot/messages.ts'
import type { TargetUnit } from '../snapshot/target-group-units.ts'

/** A target group as it is built now. */
export interface GroupInZones {
  readonly arn: string
  /** Null while the group is not in use. */
  readonly loadBalancer: string | null
  readonly isCrossZone: boolean
  readonly dnsMinimum: HealthyMinimum
  readonly routingMinimum: HealthyMinimum
  readonly targets: readonly TargetUnit[]
}

interface Tally {
  readonly healthy: number
  readonly unhealthy: number
  /** Healthy, unhealthy or not known yet. */
  readonly total: number
}

const NO_ZONES: ReadonlySet<string> = new Set()

export class ZoneHealth {
  readonly #groups = new Map<string, GroupInZones>()
  readonly #groupsOf = new Map<string, Set<string>>()
  /** Enabled zones by load balancer. */
  readonly #zones = new Map<string, readonly string[]>()
  readonly #unhealthy = new Map<string, ReadonlySet<string>>()

  putLoadBalancer(arn: string, zones: readonly string[]): void {
    this.#zones.set(arn, zones)
    this.#judge(arn)
  }

  removeLoadBalancer(arn: string): void {
    this.#zones.delete(arn)
    this.#unhealthy.delete(arn)
  }

  putGroup(group: GroupInZones): void {
    const before = this.#groups.get(group.arn)?.loadBalancer ?? null
    if (before !== group.loadBalancer) this.#leave(group.arn, before)
    this.#groups.set(group.arn, group)
    if (group.loadBalancer === null) return
    const groups = this.#groupsOf.get(group.loadBalancer) ?? new Set()
    this.#groupsOf.set(group.loadBalancer, groups.add(group.arn))
    this.#judge(group.loadBalancer)
  }

  removeGroup(arn: string): void {
    this.#leave(arn, this.#groups.get(arn)?.loadBalancer ?? null)
    this.#groups.delete(arn)
  }

  /** Zones in which a group of the load balancer misses what DNS failover asks for. All of them may be. */
  unhealthyZones(loadBalancerArn: string): ReadonlySet<string> {
    return this.#unhealthy.get(loadBalancerArn) ?? NO_ZONES
  }

  /**
   * Whether every target group that has targets has a healthy one; false where none has targets (ALB-TG-289 … 291). Load
   * balancers without target groups have nothing to be unhealthy.
   */
  hasHealthyTargets(loadBalancerArn: string): boolean {
    const tallies = this.#groupsIn(loadBalancerArn).map(({ targets }) => tallyOf(targets))
    const filled = tallies.filter(({ total }) => total > 0)
    return filled.every(({ healthy }) => healthy > 0) && (filled.length > 0 || tallies.length === 0)
  }

  /** Host counts by the targets' zones, states by the load balancer's (ALB-OBS-067, 079 … 084). */
  gauges(): CounterDelta[] {
    const gauges: CounterDelta[] = []
    for (const group of this.#groups.values()) {
      const { arn: targetGroup, loadBalancer, targets } = group
      if (loadBalancer === null) continue
      for (const [zone, ofZone] of Map.groupBy(targets, (target) => target.zone)) {
        const { healthy, unhealthy } = tallyOf(ofZone)
        const metrics = { HealthyHostCount: healthy, UnHealthyHostCount: unhealthy }
        gauges.push({ loadBalancer, targetGroup, zone, metrics })
      }
      for (const zone of this.#zones.get(loadBalancer) ?? []) {
        const isDnsBelow = isBelowIn(zone, group, group.dnsMinimum)
        const isRoutingBelow = isBelowIn(zone, group, group.routingMinimum)
        const metrics = {
          HealthyStateDNS: isDnsBelow ? 0 : 1,
          UnhealthyStateDNS: isDnsBelow ? 1 : 0,
          HealthyStateRouting: isRoutingBelow ? 0 : 1,
          UnhealthyStateRouting: isRoutingBelow ? 1 : 0,
        }
        gauges.push({ loadBalancer, targetGroup, zone, metrics })
      }
    }
    return gauges
  }

  #leave(groupArn: string, loadBalancerArn: string | null): void {
    if (loadBalancerArn === null) return
    const groups = this.#groupsOf.get(loadBalancerArn)
    groups?.delete(groupArn)
    if (groups?.size === 0) this.#groupsOf.delete(loadBalancerArn)
    this.#judge(loadBalancerArn)
  }

  #groupsIn(loadBalancerArn: string): readonly GroupInZones[] {
    return [...(this.#groupsOf.get(loadBalancerArn) ?? [])].flatMap((arn) => this.#groups.get(arn) ?? [])
  }

  #judge(arn: string): void {
    const zones = this.#zones.get(arn)
    if (zones === undefined) return
    const groups = this.#groupsIn(arn)
    const unhealthy = new Set(
      zones.filter((zone) => groups.some((group) => isBelowIn(zone, group, group.dnsMinimum))),
    )
    this.#unhealthy.set(arn, unhealthy)
  }
}

/** Where there are no targets at all nothing is breached: the address stays, and answers 503 (ALB-TG-253, 254). */
function isBelowIn(zone: string, { isCrossZone, targets }: GroupInZones, minimum: HealthyMinimum): boolean {
  const { healthy, total } = tallyOf(isCrossZone ? targets : targets.filter((target) => target.zone === zone))
  return total > 0 && isBelow(minimum, healthy, total)
}

function tallyOf(targets: readonly TargetUnit[]): Tally {
  let healthy = 0
  let unhealthy = 0
  let total = 0
  for (const { state } of targets) {
    if (state === 'draining' || state === 'unused') continue
    total++
    if (state === 'healthy') healthy++
    else if (state === 'unhealthy') unhealthy++
  }
  return { healthy, unhealthy, total }
}
