import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoadBalancerUnit } from '../snapshot/application-units.ts'
import type { TargetGroupUnit } from '../snapshot/target-group-units.ts'
import type { SnapshotUpdate } from '../snapshot/update.ts'
import { IdleTargets } from './idle-targets.ts'
import { MergedSnapshot } from './merged-snapshot.ts'

function update(version: number, changes: Partial<SnapshotUpdate>): SnapshotUpdate {
  return {
    version,
    full: false,
    loadBalancers: [],
    targetGroups: [],
    removedLoadBalancers: [],
    removedTargetGroups: [],
    ...changes,
  }
}

const unit = (arn: string, id = arn): LoadBalancerUnit => ({ arn, id }) as unknown as LoadBalancerUnit
const group = (arn: string): TargetGroupUnit => ({ arn }) as unknown as TargetGroupUnit

test('updates add, replace and remove units, and a full one replaces all', () => {
  const snapshot = new MergedSnapshot()
  assert.equal(snapshot.full(), null)
  snapshot.apply(update(1, { full: true, loadBalancers: [unit('a'), unit('b')], targetGroups: [group('g')] }))
  snapshot.apply(update(2, { loadBalancers: [unit('b', 'new')], removedLoadBalancers: ['a'] }))
  assert.deepEqual(
    snapshot.full(),
    update(2, { full: true, loadBalancers: [unit('b', 'new')], targetGroups: [group('g')] }),
  )
  snapshot.apply(update(3, { full: true, loadBalancers: [unit('c')] }))
  assert.deepEqual(snapshot.full(), update(3, { full: true, loadBalancers: [unit('c')] }))
})

test('a target is idle when all workers have said so', () => {
  const idle = new IdleTargets()
  assert.equal(idle.report('g', 'a', 0, [0, 1]), false)
  assert.equal(idle.report('g', 'b', 1, [0, 1]), false)
  assert.equal(idle.report('g', 'a', 1, [0, 1]), true)
})

test('a worker that ended has to say it again, and a target that drains anew too', () => {
  const idle = new IdleTargets()
  idle.report('g', 'a', 0, [0, 1])
  idle.forgetWorker(0)
  assert.equal(idle.report('g', 'a', 1, [0, 1]), false)
  assert.equal(idle.report('g', 'a', 0, [0, 1]), true)
  idle.keepOnly('g', new Set(['b']))
  assert.equal(idle.report('g', 'a', 0, [0, 1]), false)
})
