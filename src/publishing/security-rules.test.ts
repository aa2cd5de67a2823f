import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TrafficRule } from '../directory/directory.ts'
import { OutboundRules, permittedBlocks } from './security-rules.ts'

function rule(
  protocol: TrafficRule['protocol'],
  ports: readonly [number, number],
  ...cidrs: string[]
): TrafficRule {
  return { protocol, fromPort: ports[0], toPort: ports[1], cidrs, groups: [] }
}

test('rules of all groups unite, each for its ports', () => {
  const rules = [
    rule('tcp', [80, 90], '10.0.0.0/8'),
    rule('tcp', [85, 85], '192.0.2.1/32', '10.0.0.0/8'),
    rule('udp', [0, 65_535], '198.51.100.0/24'),
    rule('all', [0, 65_535], '2001:db8::/32'),
  ]
  assert.deepEqual(permittedBlocks(rules, 80), ['10.0.0.0/8', '2001:db8::/32'])
  assert.deepEqual(permittedBlocks(rules, 85), ['10.0.0.0/8', '192.0.2.1/32', '2001:db8::/32'])
  assert.deepEqual(permittedBlocks(rules, 91), ['2001:db8::/32'])
})

test('nobody is admitted without a rule, and everyone only when both families are', () => {
  assert.deepEqual(permittedBlocks([], 80), [])
  assert.deepEqual(permittedBlocks([rule('tcp', [80, 80], '0.0.0.0/0')], 80), ['0.0.0.0/0'])
  assert.equal(permittedBlocks([rule('all', [0, 65_535], '0.0.0.0/0', '::/0')], 80), null)
})

test('ALB-LB-067 connections go out where any rule lets them, by port and family', () => {
  const outbound = new OutboundRules()
  assert.ok(outbound.permits('unknown', '10.0.0.1', 80))
  assert.ok(outbound.put('lb', [rule('tcp', [80, 90], '10.0.0.0/8'), rule('all', [0, 65_535], '::/0')]))
  assert.deepEqual(
    [80, 90, 91].map((port) => outbound.permits('lb', '10.1.2.3', port)),
    [true, true, false],
  )
  assert.ok(!outbound.permits('lb', '11.0.0.1', 80))
  assert.ok(outbound.permits('lb', '2001:db8::1', 443))
  assert.ok(outbound.put('lb', []))
  assert.ok(!outbound.permits('lb', '10.1.2.3', 80))
})

test('only what changes where connections may go counts as a change', () => {
  const outbound = new OutboundRules()
  const open = [rule('all', [0, 65_535], '0.0.0.0/0'), rule('all', [0, 65_535], '::/0')]
  assert.ok(!outbound.put('lb', open))
  assert.ok(outbound.put('lb', [rule('tcp', [80, 80], '0.0.0.0/0', '::/0')]))
  assert.ok(!outbound.put('lb', [rule('tcp', [80, 80], '0.0.0.0/0', '::/0')]))
  assert.ok(!outbound.permits('lb', '10.0.0.1', 81))
  assert.ok(outbound.put('lb', open))
  assert.ok(outbound.permits('lb', '10.0.0.1', 81))
  outbound.put('lb', [])
  outbound.remove('lb')
  assert.ok(outbound.permits('lb', '10.0.0.1', 81))
})
