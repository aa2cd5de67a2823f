// Which addresses of a load balancer its DNS name has: those of its zones, but for zones that are unhealthy, that do not
// serve, or that traffic is shifted away from (ALB-TG-266, 275 … 277, ALB-LB-433).

import type { NodeAddress } from '../snapshot/snapshot.ts'

/** Addresses of the zones for which `isAway` does not hold; if none is left, of all (ALB-TG-276, ALB-LB OQ-66). */
export function addressesInDns(
  nodes: readonly NodeAddress[],
  isAway: (zone: string) => boolean,
): readonly string[] {
  const staying = nodes.filter(({ zone }) => !isAway(zone))
  return [...new Set((staying.length === 0 ? nodes : staying).map(({ address }) => address))]
}
