import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressPool, ipv6Block, ipv6Counterpart } from './cidr.ts'
import { ipv6ToNumber, numberToIpv4 } from './ip.ts'

test('a pool leaves out the address of the network and the broadcast address', () => {
  const pool = addressPool('127.1.0.77/28')
  assert.deepEqual(pool && [numberToIpv4(pool.first), pool.size], ['127.1.0.65', 14])
  assert.equal(addressPool('127.1.0.0/16')?.size, 65_534)
  for (const text of ['127.1.0.0/31', '::1/64', '127.1.0.0', 'x/8'])
    assert.equal(addressPool(text), undefined)
})

test('an address has the same place in an IPv6 block as in its own', () => {
  assert.equal(ipv6Counterpart('127.1.0.1', '127.1.0.0/16', 'fd00:1::5/64'), 'fd00:1::1')
  assert.equal(ipv6Counterpart('10.2.3.4', '10.2.0.0/16', 'fd00::/112'), 'fd00::304')
  assert.equal(ipv6Counterpart('10.2.3.4', '10.2.0.0/16', '10.3.0.0/16'), undefined)
  assert.deepEqual(ipv6Block('fd00::7/120'), { first: ipv6ToNumber('fd00::'), size: 256n, prefix: 120 })
  assert.equal(ipv6Block('10.0.0.0/8'), undefined)
})
