import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { pickedGroup, pickerTools, picks, targetUnits } from './picker-fixtures.ts'
import type { TargetGroupUnit, TargetState } from '../snapshot/snapshot.ts'
import { TargetGroup } from './target-group.ts'

const TOOLS = pickerTools()

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

test('ALB-TG-200 only healthy targets are picked while there is one, in registration order', () => {
  const group = new TargetGroup(
    unit({ a: 'initial', b: 'healthy', c: 'unhealthy', d: 'healthy', e: 'draining', f: 'unused' }),
    TOOLS,
  )
  assert.equal(picks(group, 5), 'bdbdb')
})

test('ALB-TG-191 with no healthy target all get requests, but never draining or unused ones', () => {
  const group = new TargetGroup(
    unit({ a: 'initial', b: 'unhealthy', c: 'draining', d: 'unused', e: 'unhealthy' }),
    TOOLS,
  )
  assert.equal(picks(group, 6), 'abeabe')
})

test('ALB-TG-193 fail-open ends with the first healthy target', () => {
  const group = new TargetGroup(unit({ a: 'unhealthy', b: 'unhealthy', c: 'unhealthy' }), TOOLS)
  assert.equal(picks(group, 2), 'ab')
  group.update(unit({ a: 'unhealthy', b: 'healthy', c: 'unhealthy' }))
  assert.equal(picks(group, 3), 'bbb')
})

test('OQ-36 there is nothing to pick where all targets are draining or unused, or there are none', () => {
  assert.equal(new TargetGroup(unit({}), TOOLS).pick(), null)
  const group = new TargetGroup(unit({ a: 'draining', b: 'unused' }), TOOLS)
  assert.equal(group.pick(), null)
  group.update(unit({ a: 'healthy' }))
  assert.equal(picks(group, 2), 'aa')
})

test('OQ-30 the round keeps its place when targets come and go', () => {
  const group = new TargetGroup(unit({ a: 'healthy', b: 'healthy', c: 'healthy' }), TOOLS)
  assert.equal(picks(group, 1), 'a')
  group.update(unit({ a: 'healthy', b: 'draining', c: 'healthy', d: 'healthy' }))
  assert.equal(picks(group, 1), 'c')
  group.update(unit({ e: 'healthy', a: 'healthy' }))
  assert.equal(picks(group, 2), 'ae', 'd was next and is gone, after it came a')
})

test('OQ-30 no target is picked twice before each has been picked once, however often the set is rebuilt', () => {
  const states = Object.fromEntries('abcdefgh'.split('').map((id) => [id, 'healthy' as const]))
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
      (size, rebuilds) => {
        const members = Object.fromEntries(Object.entries(states).slice(0, size))
        const group = new TargetGroup(unit(members), TOOLS)
        let picked = ''
        for (const isRebuilt of rebuilds) {
          if (isRebuilt) group.update(unit(members))
          picked += picks(group, 1)
        }
        assert.equal(picked, 'abcdefgh'.slice(0, size).repeat(40).slice(0, rebuilds.length))
      },
    ),
  )
})

test('ALB-TG-092 each algorithm takes over from each other one, with the targets of the moment', () => {
  const algorithms = ['round_robin', 'least_outstanding_requests', 'weighted_random'] as const
  const change = fc.record({
    algorithm: fc.constantFrom(...algorithms),
    names: fc.subarray(['a', 'b', 'c', 'd']),
  })
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 20 }), (changes) => {
      const group = new TargetGroup(pickedGroup(targetUnits('a')), TOOLS)
      for (const { algorithm, names } of changes) {
        const targets = targetUnits(names.join(''))
        group.update(pickedGroup(targets, algorithm))
        for (let request = 0; request < 3; request++) {
          const picked = group.pick()
          assert.ok(picked === null ? targets.length === 0 : targets.includes(picked))
        }
      }
    }),
  )
})

test('ALB-TG-191 fail-open obeys the algorithm of the group', () => {
  const down = targetUnits('ab', { state: 'unhealthy' })
  const loadOf = ({ id }: { readonly id: string }): { outstanding: number } => ({
    outstanding: id === 'a' ? 1 : 0,
  })
  const group = new TargetGroup(pickedGroup(down, 'least_outstanding_requests'), { ...TOOLS, loadOf })
  assert.equal(picks(group, 3), 'bbb')
  group.update(pickedGroup(down, 'round_robin'))
  assert.equal(picks(group, 4), 'abab')
  group.update(pickedGroup(down, 'weighted_random'))
  assert.deepEqual([...new Set(picks(group, 40))].toSorted(), ['a', 'b'])
})
