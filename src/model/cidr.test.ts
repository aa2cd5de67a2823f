import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  addressPool,
  addressSet,
  ipv4ToNumber,
  ipv6Block,
  ipv6Counterpart,
  ipv6ToNumber,
  numberToIpv4,
  numberToIpv6,
  splitCidr,
} from './cidr.ts'

test('a pool leaves out the address of the network and the broadcast address', () => {
  const pool = addressPool('127.1.0.77/28')
  assert.deepEqual(pool && [numberToIpv4(pool.first), pool.size], ['127.1.0.65', 14])
  assert.equal(addressPool('127.1.0.0/16')?.size, 65_534)
  for (const text of ['127.1.0.0/31', '::1/64', '127.1.0.0', 'x/8'])
    assert.equal(addressPool(text), undefined)
})

test('ALB-LSN-200 ALB-LSN-208 what is a CIDR block and what is not', () => {
  for (const text of ['0.0.0.0/0', '192.0.2.5/24', '1.2.3.4/32', '::/0', '2001:db8::/32', '::1/128']) {
    assert.ok(splitCidr(text), text)
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
    assert.equal(splitCidr(text), undefined, text)
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

test('an address has the same place in an IPv6 block as in its own', () => {
  assert.equal(ipv6Counterpart('127.1.0.1', '127.1.0.0/16', 'fd00:1::5/64'), 'fd00:1::1')
  assert.equal(ipv6Counterpart('10.2.3.4', '10.2.0.0/16', 'fd00::/112'), 'fd00::304')
  assert.equal(ipv6Counterpart('10.2.3.4', '10.2.0.0/16', '10.3.0.0/16'), undefined)
  assert.deepEqual(ipv6Block('fd00::7/120'), { first: ipv6ToNumber('fd00::'), size: 256n })
  assert.equal(ipv6Block('10.0.0.0/8'), undefined)
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
