// The addresses of a load balancer's nodes: IPv4 as they were given out, and IPv6 at the same place of the zone's IPv6
// pool (ALB-LB-184 … 194).

import { ipv6Counterpart } from '../model/cidr.ts'
import type { LoadBalancer } from '../model/resources.ts'
import type { ZoneSettings } from '../model/settings.ts'
import type { LoadBalancerUnit, NodeAddress } from '../snapshot/application-units.ts'

/** The one IPv6 address that every machine has for itself. */
const IPV6_LOOPBACK = '::1'

/**
 * Addresses in the families of the load balancer's address type. Zones without an IPv6 pool, which then have loopback
 * addresses, share `::1`: there the `Host` header picks the load balancer, and its first zone is where requests come in.
 */
export function nodeAddresses(
  { zones, ipAddressType }: Pick<LoadBalancer, 'zones' | 'ipAddressType'>,
  settings: readonly ZoneSettings[],
): readonly NodeAddress[] {
  const nodes = ipAddressType === 'dualstack-without-public-ipv4' ? [] : zones.map(ipv4Node)
  if (ipAddressType === 'ipv4') return nodes
  let hasLoopback = false
  for (const { zone, address } of zones) {
    const of = settings.find(({ letter }) => letter === zone.slice(-1))
    const own = of?.ipv6Pool === undefined ? undefined : ipv6Counterpart(address, of.pool, of.ipv6Pool)
    if (own !== undefined) nodes.push({ zone, address: own })
    else if (!hasLoopback) {
      hasLoopback = true
      nodes.push({ zone, address: IPV6_LOOPBACK })
    }
  }
  return nodes
}

/** Nodes whose clients may stay, while new ones are to come by IPv6 (ALB-LB-199). */
export function closedNodes({
  zones,
  ipAddressType,
}: Pick<LoadBalancer, 'zones' | 'ipAddressType'>): Pick<LoadBalancerUnit, 'closedNodes'> {
  return ipAddressType === 'dualstack-without-public-ipv4' ? { closedNodes: zones.map(ipv4Node) } : {}
}

function ipv4Node({ zone, address }: LoadBalancer['zones'][number]): NodeAddress {
  return { zone, address }
}
