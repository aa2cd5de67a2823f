// Units as they are served where the pools' addresses cannot be bound: all nodes at one address.

import type { LoadBalancerUnit } from '../snapshot/application-units.ts'
import type { TargetGroupUnit } from '../snapshot/target-group-units.ts'
import type { Units } from './followers.ts'

/** The same units with every node at `address`; unchanged if it is null. */
export function atSharedAddress(units: Units, address: string | null): Units {
  if (address === null) return units
  const moved = (unit: LoadBalancerUnit): LoadBalancerUnit => {
    const { closedNodes, ...others } = unit
    const nodes = unit.nodes.map(({ zone }) => ({ zone, address }))
    return closedNodes === undefined ? { ...unit, nodes } : { ...others, nodes }
  }
  return {
    ...units,
    loadBalancers: units.loadBalancers.map(moved),
    targetGroups: units.targetGroups.map(overAllZones),
  }
}

/** No request tells which zone it came in by, so every target has to be within its reach (ALB-TG OQ-64). */
function overAllZones(unit: TargetGroupUnit): TargetGroupUnit {
  const { isCrossZone, ...others } = unit
  return isCrossZone === undefined ? unit : others
}
