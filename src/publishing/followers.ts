// Who follows what is built: each is told of every version of a load balancer and of a target group, in the order of
// the versions, when it has been read from the store. Two of them say what share of the traffic a target gets.

import type { AnomalyMonitor } from '../health/anomaly-monitor.ts'
import type { TargetUnit } from '../snapshot/target-group-units.ts'
import type { SnapshotUpdate } from '../snapshot/update.ts'
import type { ZoneHealth } from '../zones/zone-health.ts'
import type { OutboundRules } from './security-rules.ts'
import type { SlowStarts } from './slow-starts.ts'
import type { BuiltTargetGroup } from './units/target-groups.ts'
import type { BuiltUnits } from './units/units.ts'

/** The part of an update that depends on resources. */
export type Units = Omit<SnapshotUpdate, 'version' | 'full'>

export interface Followers {
  readonly outbound: OutboundRules
  readonly slowStarts: SlowStarts
  readonly anomalies: AnomalyMonitor
  readonly zoneHealth: ZoneHealth
}

/** Tells everybody of what was built, and returns it with the shares of the targets. */
export function tell(built: BuiltUnits, followers: Followers): Units {
  const { outbound, slowStarts, anomalies, zoneHealth } = followers
  for (const arn of built.removedLoadBalancers) {
    zoneHealth.removeLoadBalancer(arn)
    outbound.remove(arn)
  }
  for (const { arn, nodes } of built.loadBalancers) {
    zoneHealth.putLoadBalancer(arn, [...new Set(nodes.map(({ zone }) => zone))])
  }
  for (const arn of built.removedTargetGroups) {
    slowStarts.forget(arn)
    anomalies.forget(arn)
    zoneHealth.removeGroup(arn)
  }
  const targetGroups = built.targetGroups.map((group) => ({
    ...group.unit,
    targets: withShares(group, followers),
  }))
  return { ...built, targetGroups }
}

function withShares({ unit, policy }: BuiltTargetGroup, followers: Followers): readonly TargetUnit[] {
  const { arn, targets } = unit
  if (policy === null) return targets
  const { slowStarts, anomalies, zoneHealth } = followers
  const { loadBalancer, isCrossZone, dnsMinimum, routingMinimum, slowStartMs, isMitigating } = policy
  zoneHealth.putGroup({ arn, loadBalancer, isCrossZone, dnsMinimum, routingMinimum, targets })
  return anomalies.apply({ arn, loadBalancer, isMitigating }, slowStarts.apply(arn, slowStartMs, targets))
}
