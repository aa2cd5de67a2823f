// Private addresses of what is made in subnets: instances and NAT gateways. Nodes of load balancers have those of pools.

import type { Networks } from '../../directory/networks.ts'
import { ipv4Block } from '../../model/cidr.ts'
import { ipv4ToNumber, numberToIpv4 } from '../../model/ip.ts'
import type { SubnetItem } from '../../model/networks.ts'
import { ApiError } from '../errors.ts'

/** Where addresses in given subnets come from that nobody names: loopback, outside the pools of nodes. */
const FIRST_ADDRESS = ipv4ToNumber('127.0.32.1')
/** Addresses at the start of a subnet that AWS keeps. */
const RESERVED_AT_START = 4

/** Gives the address that was asked for, or the next one of the subnet that nothing made there has. */
export function freeAddresses(
  networks: Networks,
  subnet: SubnetItem,
  wanted: string | undefined,
): () => string {
  const taken = new Set([
    ...networks
      .instances(subnet.region)
      .filter(({ state }) => state !== 'terminated')
      .map(({ address }) => address),
    ...networks.list(subnet.region, 'nat-gateway').map(({ privateIp }) => privateIp),
  ])
  // The block of a given subnet is the pool of nodes; its instances may be anywhere.
  const block = subnet.isDefault ? undefined : ipv4Block(subnet.cidr)
  if (wanted !== undefined) {
    const number = ipv4ToNumber(wanted)
    if (block !== undefined && (number < block.first || number >= block.first + block.size)) {
      throw new ApiError(
        'InvalidParameterValue',
        `Address ${wanted} does not fall within the subnet's address range`,
      )
    }
    if (taken.has(wanted)) throw new ApiError('InvalidIPAddress.InUse', `Address ${wanted} is in use.`)
    return () => wanted
  }
  let next = block === undefined ? FIRST_ADDRESS : block.first + RESERVED_AT_START
  const end = block === undefined ? Infinity : block.first + block.size - 1
  return () => {
    while (taken.has(numberToIpv4(next))) next++
    if (next >= end) {
      throw new ApiError(
        'InsufficientFreeAddressesInSubnet',
        `There are not enough free addresses in subnet '${subnet.id}' to satisfy the requested number of instances.`,
      )
    }
    return numberToIpv4(next++)
  }
}
