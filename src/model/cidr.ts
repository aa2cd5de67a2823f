// Address blocks in CIDR notation: arithmetic over pools, and membership for both families. Knows no network.

import { BlockList, isIP, isIPv4, SocketAddress } from 'node:net'

/** Addresses of an IPv4 block that may be given out: all but the network's own and the broadcast address. */
export interface AddressPool {
  /** First address that may be given out, as a number. */
  readonly first: number
  /** How many may be given out. */
  readonly size: number
}

/** Reads `127.1.0.0/16`; undefined if it is no IPv4 block of at least four addresses. */
export function addressPool(cidr: string): AddressPool | undefined {
  const block = splitCidr(cidr)
  if (block === undefined || block.family !== 'ipv4' || block.prefix > 30) return undefined
  const size = 2 ** (32 - block.prefix)
  const network = Math.floor(ipv4ToNumber(block.address) / size) * size
  return { first: network + 1, size: size - 2 }
}

/** An IPv4 block; addresses are numbers. */
export interface Ipv4Block {
  readonly first: number
  readonly size: number
  readonly prefix: number
}

/** Reads `10.0.0.0/16`, whatever stands behind the prefix; undefined if it is no IPv4 block. */
export function ipv4Block(cidr: string): Ipv4Block | undefined {
  const block = splitCidr(cidr)
  if (block === undefined || block.family !== 'ipv4') return undefined
  const size = 2 ** (32 - block.prefix)
  return { first: Math.floor(ipv4ToNumber(block.address) / size) * size, size, prefix: block.prefix }
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
}

/** Reads `fd00:1::/64`; undefined if it is no IPv6 block. */
export function ipv6Block(cidr: string): Ipv6Block | undefined {
  const block = splitCidr(cidr)
  if (block === undefined || block.family !== 'ipv6') return undefined
  const size = 1n << BigInt(128 - block.prefix)
  return { first: (ipv6ToNumber(block.address) / size) * size, size }
}

/** The address that has the same place in an IPv6 block as `address` has in an IPv4 block. */
export function ipv6Counterpart(address: string, ipv4Cidr: string, ipv6Cidr: string): string | undefined {
  const pool = addressPool(ipv4Cidr)
  const block = ipv6Block(ipv6Cidr)
  if (pool === undefined || block === undefined) return undefined
  return numberToIpv6(block.first + BigInt(ipv4ToNumber(address) - pool.first + 1))
}

/** Address and prefix length of a CIDR block of either family, or undefined if the text is none. */
export function splitCidr(
  text: string,
): { address: string; prefix: number; family: 'ipv4' | 'ipv6' } | undefined {
  const match = /^([0-9A-Fa-f:.]+)\/(0|[1-9]\d{0,2})$/.exec(text)
  const [, address = '', prefixText = ''] = match ?? []
  const version = isIP(address)
  const prefix = Number(prefixText)
  if (version === 0 || prefix > (version === 4 ? 32 : 128)) return undefined
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' }
}

/** A test for membership in any of the blocks. Blocks that cannot be read are a programmer's error. */
export function addressSet(cidrs: Iterable<string>): (address: string) => boolean {
  // A list of both families would find IPv4 addresses in IPv6 blocks: 10.0.0.1 as ::ffff:10.0.0.1 in ::/0.
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const cidr of cidrs) {
    const block = splitCidr(cidr)
    if (block === undefined) throw new TypeError(`Not a CIDR block: ${cidr}`)
    lists[block.family].addSubnet(block.address, block.prefix, block.family)
  }
  return (address) => {
    if (isIP(address) === 0) return false
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    return lists[family].check(address, family)
  }
}

/** Whether an address is this machine's own loopback. */
export const isLoopbackAddress = addressSet(['127.0.0.0/8', '::1/128'])

/** Whether the addresses of an IPv4 pool are the machine's own loopback. */
export function isLoopbackPool(cidr: string): boolean {
  const block = splitCidr(cidr)
  return block !== undefined && block.prefix >= 8 && isLoopbackAddress(block.address)
}

export function ipv4ToNumber(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0)
}

export function numberToIpv4(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
}

export function ipv6ToNumber(address: string): bigint {
  const [left = '', right] = address.split('::')
  const before = groupsOf(left)
  const after = right === undefined ? [] : groupsOf(right)
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0)
  return [...before, ...zeros, ...after].reduce((number, group) => (number << 16n) | BigInt(group), 0n)
}

/** The numbers between the colons; an IPv4 address at the end is two of them. */
function groupsOf(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return Number.parseInt(group, 16)
    const number = ipv4ToNumber(group)
    return [Math.floor(number / 65_536), number % 65_536]
  })
}

/** In the short form of RFC 5952. */
export function numberToIpv6(number: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => {
    return ((number >> BigInt(112 - 16 * index)) & 0xffffn).toString(16)
  })
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address
}
