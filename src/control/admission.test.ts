import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InboundRule } from '../directory/directory.ts'
import { admittedBlocks } from './admission.ts'

function rule(
  protocol: InboundRule['protocol'],
  ports: readonly [number, number],
  ...cidrs: string[]
): InboundRule {
  return { protocol, fromPort: ports[0], toPort: ports[1], cidrs, groups: [] }
}

test('rules of all groups unite, each for its ports', () => {
  const rules = [
    rule('tcp', [80, 90], '10.0.0.0/8'),
    rule('tcp', [85, 85], '192.0.2.1/32', '10.0.0.0/8'),
    rule('udp', [0, 65_535], '198.51.100.0/24'),
    rule('all', [0, 65_535], '2001:db8::/32'),
  ]
  assert.deepEqual(admittedBlocks(rules, 80), ['10.0.0.0/8', '2001:db8::/32'])
  assert.deepEqual(admittedBlocks(rules, 85), ['10.0.0.0/8', '192.0.2.1/32', '2001:db8::/32'])
  assert.deepEqual(admittedBlocks(rules, 91), ['2001:db8::/32'])
})

test('nobody is admitted without a rule, and everyone only when both families are', () => {
  assert.deepEqual(admittedBlocks([], 80), [])
  assert.deepEqual(admittedBlocks([rule('tcp', [80, 80], '0.0.0.0/0')], 80), ['0.0.0.0/0'])
  assert.equal(admittedBlocks([rule('all', [0, 65_535], '0.0.0.0/0', '::/0')], 80), null)
})
