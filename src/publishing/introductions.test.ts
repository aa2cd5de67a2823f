import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoadBalancerUnit } from '../snapshot/application-units.ts'
import { Introductions } from './introductions.ts'

const ARN = 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/mine/50dc6c495c0c9188'

function update(addresses: readonly string[]) {
  const nodes = addresses.map((address) => ({ zone: 'us-east-2a', address }))
  return {
    version: 1,
    full: false,
    loadBalancers: [{ arn: ARN, nodes } as unknown as LoadBalancerUnit],
    targetGroups: [],
    removedLoadBalancers: [],
    removedTargetGroups: [],
  }
}

test('a new load balancer is introduced once, with the nodes that listen', () => {
  const said: string[] = []
  const introductions = new Introductions((line) => said.push(line))
  introductions.sent(update(['127.1.0.1', '127.1.1.1']))
  introductions.serves(ARN, new Set(['127.1.1.1']))
  introductions.serves(ARN, new Set())
  assert.deepEqual(said, ['The load balancer mine serves at 127.1.0.1 (us-east-2a)'])
  assert.equal(introductions.nodeAddress(ARN), '127.1.0.1')
})

test('a load balancer that was there at the start is not introduced', () => {
  const said: string[] = []
  const introductions = new Introductions((line) => said.push(line))
  introductions.knows([ARN])
  introductions.sent(update(['127.1.0.1']))
  introductions.serves(ARN, new Set())
  assert.deepEqual(said, [])
})
