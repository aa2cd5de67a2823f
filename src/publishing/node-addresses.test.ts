import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IpAddressType } from '../model/resources.ts'
import type { ZoneSettings } from '../model/settings.ts'
import { nodeAddresses } from './node-addresses.ts'

const ZONES = [
  { zone: 'us-east-2a', subnetId: 'subnet-a', address: '10.1.0.1' },
  { zone: 'us-east-2b', subnetId: 'subnet-b', address: '10.2.3.4' },
]

function settings(...ipv6Pools: readonly (string | undefined)[]): readonly ZoneSettings[] {
  return ipv6Pools.map((ipv6Pool, index) => {
    return { letter: 'ab'.charAt(index), subnet: '', pool: `10.${index + 1}.0.0/16`, ipv6Pool }
  })
}

/** Zone letters and addresses. */
function nodes(ipAddressType: IpAddressType, zones: readonly ZoneSettings[]): string {
  return nodeAddresses({ zones: ZONES, ipAddressType }, zones)
    .map(({ zone, address }) => `${zone.slice(-1)} ${address}`)
    .join(', ')
}

test('ALB-LB-185, 186, 187 the address type decides on the families of node addresses', () => {
  const zones = settings('fd00:1::/64', 'fd00:2::/64')
  assert.equal(nodes('ipv4', zones), 'a 10.1.0.1, b 10.2.3.4')
  assert.equal(nodes('dualstack', zones), 'a 10.1.0.1, b 10.2.3.4, a fd00:1::1, b fd00:2::304')
  assert.equal(nodes('dualstack-without-public-ipv4', zones), 'a fd00:1::1, b fd00:2::304')
})

test('zones without an IPv6 pool share the loopback address, which is the first one’s', () => {
  assert.equal(nodes('dualstack-without-public-ipv4', settings(undefined, undefined)), 'a ::1')
  assert.equal(
    nodes('dualstack-without-public-ipv4', settings('fd00:1::/64', undefined)),
    'a fd00:1::1, b ::1',
  )
})
