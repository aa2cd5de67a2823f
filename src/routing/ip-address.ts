// IP addresses and CIDR blocks as numbers (RFC 4291 section 2.2, RFC 4632). IPv4-mapped IPv6 addresses are IPv4 (Q32).

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
  | { readonly family: 4; readonly first: number; readonly last: number }
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
  if (into.family === 6 && isMapped(into.groups)) {
    into.family = 4
    into.ipv4 = lowBits(into.groups)
  }
}

/** Reads `ADDRESS/LENGTH`; bits after the prefix count as 0. `null` where it is no CIDR block. */
export function parseCidr(text: string): CidrBlock | null {
  const slash = text.indexOf('/')
  const digits = text.slice(slash + 1)
  if (slash === -1 || !/^\d{1,3}$/.test(digits)) return null
  const address = emptyAddress()
  const addressText = text.slice(0, slash)
  parseAddress(addressText, address)
  if (address.family === null || addressText.includes('%')) return null
  const isMappedText = address.family === 4 && addressText.includes(':')
  const prefixLength = isMappedText ? Number(digits) - MAPPED_BITS : Number(digits)
  if (address.family === 6 || prefixLength < 0) {
    if (Number(digits) > 128) return null
    return { family: 6, groups: address.groups, prefixLength: Number(digits) }
  }
  if (prefixLength > 32) return null
  const size = 2 ** (32 - prefixLength)
  const first = Math.floor(address.ipv4 / size) * size
  return { family: 4, first, last: first + size - 1 }
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
