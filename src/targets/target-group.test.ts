import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { TargetGroupUnit, TargetState } from '../snapshot/snapshot.ts'
import { TargetGroup } from './target-group.ts'

/** A group with targets named by single letters, in registration order. */
function unit(states: Readonly<Record<string, TargetState>>): TargetGroupUnit {
  const targets = Object.entries(states).map(([id, state]) => ({
    id,
    address: '127.0.0.1',
    port: 80,
    zone: 'a',
    state,
  }))
  return { arn: 'group', name: 'group', protocol: 'HTTP', protocolVersion: 'HTTP1', targets }
}

function picks(group: TargetGroup, count: number): string {
  return Array.from({ length: count }, () => group.pick()?.id ?? '-').join('')
}

test('ALB-TG-200 only healthy targets are picked while there is one, in registration order', () => {
  const group = new TargetGroup(
    unit({ a: 'initial', b: 'healthy', c: 'unhealthy', d: 'healthy', e: 'draining', f: 'unused' }),
  )
  assert.equal(picks(group, 5), 'bdbdb')
  assert.ok(!group.isFailOpen)
})

test('ALB-TG-191 with no healthy target all get requests, but never draining or unused ones', () => {
  const group = new TargetGroup(
    unit({ a: 'initial', b: 'unhealthy', c: 'draining', d: 'unused', e: 'unhealthy' }),
  )
  assert.equal(picks(group, 6), 'abeabe')
  assert.ok(group.isFailOpen)
})

test('ALB-TG-193 fail-open ends with the first healthy target', () => {
  const open = new TargetGroup(unit({ a: 'unhealthy', b: 'unhealthy', c: 'unhealthy' }))
  assert.equal(picks(open, 2), 'ab')
  assert.equal(picks(new TargetGroup(unit({ a: 'unhealthy', b: 'healthy', c: 'unhealthy' }), open), 3), 'bbb')
})

test('OQ-36 there is nothing to pick where all targets are draining or unused, or there are none', () => {
  assert.equal(new TargetGroup(unit({})).pick(), null)
  const idle = new TargetGroup(unit({ a: 'draining', b: 'unused' }))
  assert.equal(idle.pick(), null)
  assert.equal(picks(new TargetGroup(unit({ a: 'healthy' }), idle), 2), 'aa')
})

test('OQ-30 the round keeps its place when targets come and go', () => {
  const before = new TargetGroup(unit({ a: 'healthy', b: 'healthy', c: 'healthy' }))
  assert.equal(picks(before, 1), 'a')
  const without = new TargetGroup(unit({ a: 'healthy', b: 'draining', c: 'healthy', d: 'healthy' }), before)
  assert.equal(picks(without, 1), 'c')
  const replaced = new TargetGroup(unit({ e: 'healthy', a: 'healthy' }), without)
  assert.equal(picks(replaced, 2), 'ae', 'd was next and is gone, after it came a')
})

test('OQ-30 no target is picked twice before each has been picked once, however often the set is rebuilt', () => {
  const states = Object.fromEntries('abcdefgh'.split('').map((id) => [id, 'healthy' as const]))
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
      (size, rebuilds) => {
        const members = Object.fromEntries(Object.entries(states).slice(0, size))
        let group = new TargetGroup(unit(members))
        let picked = ''
        for (const isRebuilt of rebuilds) {
          if (isRebuilt) group = new TargetGroup(unit(members), group)
          picked += picks(group, 1)
        }
        assert.equal(picked, 'abcdefgh'.slice(0, size).repeat(40).slice(0, rebuilds.length))
      },
    ),
  )
})
