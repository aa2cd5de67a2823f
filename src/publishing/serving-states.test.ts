import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoadBalancerUnit } from '../snapshot/application-units.ts'
import type { SnapshotUpdate } from '../snapshot/update.ts'
import { ServingStates } from './serving-states.ts'

function unit(arn: string, ...addresses: readonly string[]): LoadBalancerUnit {
  return {
    arn,
    nodes: addresses.map((address) => ({ zone: address, address })),
    listeners: [{ bindPort: 80 }],
  } as unknown as LoadBalancerUnit
}

function update(version: number, ...loadBalancers: readonly LoadBalancerUnit[]): SnapshotUpdate {
  return {
    version,
    full: false,
    loadBalancers,
    targetGroups: [],
    removedLoadBalancers: [],
    removedTargetGroups: [],
  }
}

test('a load balancer is active when all of its nodes listen, told once', () => {
  const states = new ServingStates()
  states.sent(update(1, unit('one', '127.1.0.1')))
  assert.deepEqual(states.applied(1, {}), [
    { arn: 'one', code: 'active', reason: null, failedAddresses: new Set() },
  ])
  assert.deepEqual(states.applied(1, {}), [])
})

test('what is not offered is told, and leaves a load balancer active or as it is', () => {
  const states = new ServingStates()
  const notices = ['Listener on port 443 is closed']
  states.sent(update(1, { ...unit('one', '127.1.0.1'), notices }))
  const [state] = states.applied(1, {})
  assert.deepEqual([state?.code, state?.reason], ['active', 'Listener on port 443 is closed'])
  states.sent(update(2, { ...unit('one', '127.1.0.1'), notices, problems: ['No key'] }))
  const [impaired] = states.applied(2, {})
  assert.deepEqual(
    [impaired?.code, impaired?.reason],
    ['active_impaired', 'No key; Listener on port 443 is closed'],
  )
})

test('a load balancer of a later version is not yet judged', () => {
  const states = new ServingStates()
  states.sent(update(1, unit('one', '127.1.0.1')))
  states.sent(update(2, unit('two', '127.1.0.2')))
  assert.deepEqual(
    states.applied(1, {}).map(({ arn }) => arn),
    ['one'],
  )
  assert.deepEqual(
    states.applied(2, {}).map(({ arn }) => arn),
    ['two'],
  )
})

test('ALB-LB-123 ALB-LB-143 ALB-LB-146 nodes that cannot listen impair it, or fail it when they are all', () => {
  const states = new ServingStates()
  states.sent(update(1, unit('one', '127.1.0.1', '127.2.0.1')))
  const [first, second] = ['127.1.0.1:80', '127.2.0.1:80']
  assert.deepEqual(states.applied(1, { [first]: 'in use' }), [
    { arn: 'one', code: 'active_impaired', reason: 'in use', failedAddresses: new Set(['127.1.0.1']) },
  ])
  assert.deepEqual(states.applied(1, { [first]: 'in use', [second]: 'denied' }), [
    {
      arn: 'one',
      code: 'failed',
      reason: 'in use; denied',
      failedAddresses: new Set(['127.1.0.1', '127.2.0.1']),
    },
  ])
  assert.deepEqual(states.applied(1, {}), [
    { arn: 'one', code: 'active', reason: null, failedAddresses: new Set() },
  ])
})

test('a load balancer that was removed is forgotten', () => {
  const states = new ServingStates()
  states.sent(update(1, unit('one', '127.1.0.1')))
  states.sent({ ...update(2), removedLoadBalancers: ['one'] })
  assert.deepEqual(states.applied(2, {}), [])
})
