import assert from 'node:assert/strict'
import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  addressSet,
  contains,
  emptyAddress,
  ipv4ToNumber,
  ipv6ToNumber,
  isLoopbackHost,
  numberToIpv4,
  numberToIpv6,
  parseAddress,
  parseCidr,
  unmapAddress,
  unmapBlock,
} from './ip.ts'

function family(text: string): 4 | 6 | null {
  const address = emptyAddress()
  parseAddress(text, address)
  return address.family
}

function isIn(block: string, text: string): boolean {
  const address = emptyAddress()
  parseAddress(text, address)
  const parsed = parseCidr(block)
  assert.notEqual(parsed, null, block)
  return parsed !== null && contains(parsed, address)
}

/** A number of 128 bits as an IPv6 address. */
function format(value: bigint): string {
  return value.toString(16).padStart(32, '0').match(/.{4}/g)?.join(':') ?? ''
}

const groups = fc.constantFrom('0', '1', 'fffe', 'FFFF', '8000', '')
const texts = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.array(groups, { minLength: 2, maxLength: 9 }).map((all) => all.join(':')),
  fc
    .array(fc.constantFrom('0', '00', '01', '1', '255', '256', ''), { maxLength: 5 })
    .map((all) => all.join('.')),
  fc
    .tuple(fc.constantFrom('::', '1::', '::ffff:', '1:2:3:4:5:6:', ':'), fc.ipV4())
    .map((all) => all.join('')),
)

test('reads exactly the texts that are addresses', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const read = family(text)
      assert.equal(read !== null, isIPv4(text) || isIPv6(text), text)
      if (isIPv4(text)) assert.equal(read, 4)
    }),
    { numRuns: 1000 },
  )
})

test('ALB-LSN-208 a block of any length holds the addresses that share its prefix', () => {
  const cases = fc.oneof(
    fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.ipV4(), fc.constant('ipv4' as const)),
    fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 }), fc.ipV6(), fc.constant('ipv6' as const)),
  )
  fc.assert(
    fc.property(cases, fc.boolean(), ([base, length, other, kind], isBase) => {
      const address = isBase ? base : other
      fc.pre(kind === 'ipv4' || (family(base) === 6 && family(address) === 6))
      const reference = new BlockList()
      reference.addSubnet(base, length, kind)
      assert.equal(isIn(`${base}/${length}`, address), reference.check(address, kind))
    }),
    { numRuns: 500 },
  )
})

test('ALB-LSN-208 blocks differ in their last bit', () => {
  for (let length = 1; length <= 128; length++) {
    const bits = (1n << 128n) - (1n << BigInt(128 - length))
    const block = `${format(bits)}/${length}`
    assert.ok(isIn(block, format(bits)), block)
    assert.ok(!isIn(block, format(bits ^ (1n << BigInt(128 - length)))), block)
  }
})

test('ALB-LSN-200 ALB-LSN-202 ALB-LSN-208 texts that are no blocks are refused', () => {
  for (const text of [
    '192.0.2.1',
    '10.0.0.0/33',
    '::/129',
    '10.0.*/8',
    '10.0.0.0/',
    '/8',
    '10.0.0.0/-1',
    'fe80::%1/10',
  ])
    assert.equal(parseCidr(text), null, text)
})

test('ALB-LSN-200 ALB-LSN-208 what is a CIDR block and what is not', () => {
  for (const text of ['0.0.0.0/0', '192.0.2.5/24', '1.2.3.4/32', '::/0', '2001:db8::/32', '::1/128']) {
    assert.ok(parseCidr(text), text)
  }
  for (const text of [
    '1.2.3.4',
    '1.2.3.4/33',
    '::1/129',
    '1.2.3/8',
    '1.2.3.4/08',
    '1.2.3.4/-1',
    '1.2.3.4/8 ',
    '/8',
    '',
  ]) {
    assert.equal(parseCidr(text), null, text)
  }
})

test('a set holds addresses of both families and no text that is none', () => {
  const has = addressSet(['10.0.0.0/8', '2001:db8::/32'])
  assert.deepEqual(['10.255.255.255', '11.0.0.0', '2001:db8::1', '2001:db9::1', 'x', ''].map(has), [
    true,
    false,
    true,
    false,
    false,
    false,
  ])
})

test('property: numbers and addresses are each other', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (number) => {
      assert.equal(ipv4ToNumber(numberToIpv4(number)), number)
    }),
  )
})

test('IPv6 addresses become numbers and come back in their short form', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), (number) => {
      assert.equal(ipv6ToNumber(numberToIpv6(number)), number)
    }),
  )
  for (const address of ['::', '::1', 'fd00:1::304', '2001:db8:0:1:1:1:1:1', '1::8']) {
    assert.equal(numberToIpv6(ipv6ToNumber(address)), address)
  }
  assert.equal(ipv6ToNumber('::ffff:1.2.3.4'), 0xffff_0102_0304n)
})

test('a block of one family holds no address of the other', () => {
  assert.ok(!addressSet(['::/0'])('10.0.0.1'))
  assert.ok(!addressSet(['0.0.0.0/0'])('::ffff:10.0.0.1'))
  const both = addressSet(['10.0.0.0/8', '2001:db8::/32'])
  assert.deepEqual(['10.1.1.1', '2001:db8::1', '11.0.0.1', '2001:db9::1', 'x'].map(both), [
    true,
    true,
    false,
    false,
    false,
  ])
})

test('mapped addresses and blocks are IPv4 where the caller wants it, and only there', () => {
  const address = emptyAddress()
  parseAddress('::ffff:10.1.2.3', address)
  const block = parseCidr('::ffff:10.0.0.0/104')
  assert.ok(block !== null && address.family === 6 && contains(block, address))
  unmapAddress(address)
  assert.deepEqual([address.family, numberToIpv4(address.ipv4)], [4, '10.1.2.3'])
  const unmapped = unmapBlock(block)
  assert.ok(unmapped.family === 4 && unmapped.prefixLength === 8 && contains(unmapped, address))
  const wide = parseCidr('::ffff:0:0/90')
  assert.ok(wide !== null && unmapBlock(wide).family === 6)
})

test('hosts that are this machine alone', () => {
  for (const host of ['localhost', '127.0.0.1', '127.255.0.9', '::1', '[::1]', '0:0::1']) {
    assert.ok(isLoopbackHost(host), host)
  }
  for (const host of ['localhost.test', '128.0.0.1', '127.0.0.1.test', '::2', '[::1', '0.0.0.0', '']) {
    assert.ok(!isLoopbackHost(host), host)
  }
})
