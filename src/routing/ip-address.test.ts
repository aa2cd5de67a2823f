import assert from 'node:assert/strict'
import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { contains, emptyAddress, parseAddress, parseCidr } from './ip-address.ts'

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

test('ALB-LSN-201 reads exactly the texts that are addresses', () => {
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
