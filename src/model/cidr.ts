// Arithmetic over address blocks and pools. Knows no network.

import {
  groupsToNumber,
  ipv4ToNumber,
  isLoopbackAddress,
  numberToIpv4,
  numberToIpv6,
  parseCidr,
} from './ip.ts'

/** Addresses of an IPv4 block that may be given out: all but the network's own and the broadcast address. */
export interface AddressPool {
  /** First address that may be given out, as a number. */
  readonly first: number
  /** How many may be given out. */
  readonly size: number
}

/** Reads `127.1.0.0/16`; undefined if it is no IPv4 block of at least four addresses. */
export function addressPool(cidr: string): AddressPool | undefined {
  const block = ipv4Block(cidr)
  if (block === undefined || block.prefix > 30) return undefined
  return { first: block.first + 1, size: block.size - 2 }
}

/** An IPv4 block; addresses are numbers. */
export interface Ipv4Block {
  readonly first: number
  readonly size: number
  readonly prefix: number
}

/** Reads `10.0.0.0/16`, whatever stands behind the prefix; undefined if it is no IPv4 block. */
export function ipv4Block(cidr: string): Ipv4Block | undefined {
  const block = parseCidr(cidr)
  if (block?.family !== 4) return undefined
  const { first, last, prefixLength: prefix } = block
  return { first, size: last - first + 1, prefix }
}

/** The block as `10.0.0.0/16`. */
export function blockText({ first, prefix }: Ipv4Block): string {
  return `${numberToIpv4(first)}/${prefix}`
}

export function isInside(inner: Ipv4Block, outer: Ipv4Block): boolean {
  return outer.first <= inner.first && inner.first + inner.size <= outer.first + outer.size
}

export function overlaps(left: Ipv4Block, right: Ipv4Block): boolean {
  return left.first < right.first + right.size && right.first < left.first + left.size
}

/** An IPv6 block; addresses are numbers. */
export interface Ipv6Block {
  readonly first: bigint
  readonly size: bigint
  readonly prefix: number
}

/** Reads `fd00:1::/64`; undefined if it is no IPv6 block. */
export function ipv6Block(cidr: string): Ipv6Block | undefined {
  const block = parseCidr(cidr)
  if (block?.family !== 6) return undefined
  const { groups, prefixLength: prefix } = block
  const size = 1n << BigInt(128 - prefix)
  return { first: (groupsToNumber(groups) / size) * size, size, prefix }
}

/** The address that has the same place in an IPv6 block as `address` has in an IPv4 block. */
export function ipv6Counterpart(address: string, ipv4Cidr: string, ipv6Cidr: string): string | undefined {
  const pool = addressPool(ipv4Cidr)
  const block = ipv6Block(ipv6Cidr)
  if (pool === undefined || block === undefined) return undefined
  return numberToIpv6(block.first + BigInt(ipv4ToNumber(address) - pool.first + 1))
}

/** Whether the addresses of an IPv4 pool are the machine's own loopback. */
export function isLoopbackPool(cidr: string): boolean {
  const block = ipv4Block(cidr)
  return block !== undefined && block.prefix >= 8 && isLoopbackAddress(numberToIpv4(block.first))
}
