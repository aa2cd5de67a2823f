// IP addresses and CIDR blocks: read in this one place for both planes (RFC 4291 section 2.2, RFC 4632), and written.
// Reading makes no garbage where the caller keeps the parsed address: traffic does it for every request.

import { SocketAddress } from 'node:net'

/** Where `parseAddress` puts an address: IPv4 as one number, else eight groups of 16 bits. */
export interface ParsedAddress {
  family: 4 | 6 | null
  /** The IPv4 address as a number 0 … 2^32-1. */
  ipv4: number
  readonly groups: Uint16Array
}

export function emptyAddress(): ParsedAddress {
  return { family: null, ipv4: 0, groups: new Uint16Array(8) }
}

/** Addresses that share the first `prefixLength` bits with an address. */
export type CidrBlock =
  /** First and last address of the block. */
  | { readonly family: 4; readonly first: number; readonly last: number; readonly prefixLength: number }
  | { readonly family: 6; readonly groups: Uint16Array; readonly prefixLength: number }

const MAPPED_BITS = 96

/** Reads `text` into `into`; `family` is `null` where it is no address. A zone (`%eth0`) is left out. */
export function parseAddress(text: string, into: ParsedAddress): void {
  const ipv4 = parseIpv4(text, 0, text.length)
  if (ipv4 !== -1) {
    into.family = 4
    into.ipv4 = ipv4
    return
  }
  const zone = text.indexOf('%')
  into.family = parseIpv6(zone === -1 ? text : text.slice(0, zone), into.groups) ? 6 : null
}

/** An IPv4-mapped IPv6 address becomes the IPv4 address that it stands for. */
export function unmapAddress(address: ParsedAddress): void {
  if (address.family !== 6 || !isMapped(address.groups)) return
  address.family = 4
  address.ipv4 = lowBits(address.groups)
}

/** Reads `ADDRESS/LENGTH`; bits after the prefix count as 0. `null` where it is no CIDR block. */
export function parseCidr(text: string): CidrBlock | null {
  const [, addressText = '', digits = ''] = /^([0-9A-Fa-f:.]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? []
  const address = emptyAddress()
  parseAddress(addressText, address)
  const prefixLength = Number(digits)
  if (address.family === null || prefixLength > (address.family === 4 ? 32 : 128)) return null
  if (address.family === 4) return ipv4Cidr(address.ipv4, prefixLength)
  return { family: 6, groups: address.groups, prefixLength }
}

/** A block of IPv4-mapped IPv6 addresses becomes the block of the IPv4 addresses that they stand for. */
export function unmapBlock(block: CidrBlock): CidrBlock {
  if (block.family === 4 || block.prefixLength < MAPPED_BITS || !isMapped(block.groups)) return block
  return ipv4Cidr(lowBits(block.groups), block.prefixLength - MAPPED_BITS)
}

function ipv4Cidr(address: number, prefixLength: number): CidrBlock {
  const size = 2 ** (32 - prefixLength)
  const first = Math.floor(address / size) * size
  return { family: 4, first, last: first + size - 1, prefixLength }
}

export function contains(block: CidrBlock, address: ParsedAddress): boolean {
  if (block.family === 4)
    return address.family === 4 && address.ipv4 >= block.first && address.ipv4 <= block.last
  if (address.family !== 6) return false
  let bits = block.prefixLength
  for (let index = 0; bits > 0; index++, bits -= 16) {
    const difference = (block.groups[index] as number) ^ (address.groups[index] as number)
    if (difference >>> (bits >= 16 ? 0 : 16 - bits) !== 0) return false
  }
  return true
}

/** A test for membership in any of the blocks. Blocks that cannot be read are a programmer's error. */
export function addressSet(cidrs: Iterable<string>): (address: string) => boolean {
  const blocks: CidrBlock[] = []
  for (const cidr of cidrs) {
    const block = parseCidr(cidr)
    if (block === null) throw new TypeError(`Not a CIDR block: ${cidr}`)
    blocks.push(block)
  }
  const parsed = emptyAddress()
  return (address) => {
    parseAddress(address, parsed)
    for (const block of blocks) if (contains(block, parsed)) return true
    return false
  }
}

/** Whether an address is this machine's own loopback. */
export const isLoopbackAddress = addressSet(['127.0.0.0/8', '::1/128'])

/** Whether a host to listen at, or the host of a URL, is reached from this machine alone. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || isLoopbackAddress(host.replace(/^\[(.*)\]$/, '$1'))
}

/** An address as the host of a URL or of a `Host` header. */
export function uriHost(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}

/** Of what is known to be an IPv4 address; NaN for other texts. */
export function ipv4ToNumber(address: string): number {
  const number = parseIpv4(address, 0, address.length)
  return number === -1 ? Number.NaN : number
}

export function numberToIpv4(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
}

/** Of what is known to be an IPv6 address. */
export function ipv6ToNumber(address: string): bigint {
  const groups = new Uint16Array(8)
  parseIpv6(address, groups)
  return groupsToNumber(groups)
}

export function groupsToNumber(groups: Uint16Array): bigint {
  return groups.reduce((number, group) => (number << 16n) | BigInt(group), 0n)
}

/** In the short form of RFC 5952. */
export function numberToIpv6(number: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => {
    return ((number >> BigInt(112 - 16 * index)) & 0xffffn).toString(16)
  })
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address
}

/** Four decimal numbers without leading zeros, from `start` to `end`; -1 where it is none. */
function parseIpv4(text: string, start: number, end: number): number {
  let address = 0
  let octet = -1
  let octets = 0
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index)
    if (code === 0x2e) {
      if (octet === -1 || ++octets === 4) return -1
      address = address * 256 + octet
      octet = -1
      continue
    }
    const digit = code - 0x30
    if (digit < 0 || digit > 9 || octet === 0) return -1
    octet = octet === -1 ? digit : octet * 10 + digit
    if (octet > 255) return -1
  }
  return octets === 3 && octet !== -1 ? address * 256 + octet : -1
}

function parseIpv6(text: string, groups: Uint16Array): boolean {
  groups.fill(0)
  const gap = text.indexOf('::')
  if (gap === -1) return parseGroups(text, groups, 0) === 8
  if (text.includes('::', gap + 1)) return false
  const before = gap === 0 ? 0 : parseGroups(text.slice(0, gap), groups, 0)
  if (before === -1) return false
  const rest = text.slice(gap + 2)
  if (rest === '') return before < 8
  const tail = new Uint16Array(8)
  const after = parseGroups(rest, tail, 0)
  if (after === -1 || before + after > 7) return false
  groups.set(tail.subarray(0, after), 8 - after)
  return true
}

/** Reads groups between colons, the last of which may be an IPv4 address. The number of groups, -1 for none. */
function parseGroups(text: string, groups: Uint16Array, first: number): number {
  let count = first
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    if (count === 8) return -1
    if (part.includes('.')) {
      const ipv4 = index === parts.length - 1 && count < 7 ? parseIpv4(part, 0, part.length) : -1
      if (ipv4 === -1) return -1
      groups[count++] = ipv4 >>> 16
      groups[count++] = ipv4 & 0xffff
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups[count++] = Number.parseInt(part, 16)
    else return -1
  }
  return count
}

function isMapped(groups: Uint16Array): boolean {
  for (let index = 0; index < 5; index++) if (groups[index] !== 0) return false
  return groups[5] === 0xffff
}

function lowBits(groups: Uint16Array): number {
  return (groups[6] as number) * 0x10000 + (groups[7] as number)
}
