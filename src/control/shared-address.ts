// Units as they are served where the pools' addresses cannot be bound: all nodes at one address.

import type { LoadBalancerUnit } from '../snapshot/snapshot.ts'
import type { Units } from './units.ts'

/** The same units with every node at `address`; unchanged if it is null. */
export function atSharedAddress(units: Units, address: string | null): Units {
  if (address === null) return units
  const moved = (unit: LoadBalancerUnit): LoadBalancerUnit => ({
    ...unit,
    nodes: unit.nodes.map(({ zone }) => ({ zone, address })),
  })
  return { ...units, loadBalancers: units.loadBalancers.map(moved) }
}
