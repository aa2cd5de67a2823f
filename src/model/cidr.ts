// Address blocks in CIDR notation: arithmetic over IPv4 pools, and membership for both families. Knows no network.

import { BlockList, isIP, isIPv4 } from 'node:net'

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
  const list = new BlockList()
  for (const cidr of cidrs) {
    const block = splitCidr(cidr)
    if (block === undefined) throw new TypeError(`Not a CIDR block: ${cidr}`)
    list.addSubnet(block.address, block.prefix, block.family)
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}

/** Whether an address is this machine's own loopback. */
export const isLoopbackAddress = addressSet(['127.0.0.0/8', '::1/128'])

export function ipv4ToNumber(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0)
}

export function numberToIpv4(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
}
