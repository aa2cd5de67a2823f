import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { pickedGroup, pickerTools, picks, targetUnits } from './picker-fixtures.ts'
import type { HealthyMinimum } from '../model/target-group-health.ts'
import type { TargetGroupUnit, TargetState, TargetUnit } from '../snapshot/target-group-units.ts'
import { TargetGroup } from './target-group.ts'
import type { TargetPicker } from './target-picker.ts'

const TOOLS = pickerTools()

/** The group as the node of a zone sees it. */
function nodeOf(group: TargetGroup, zone = 'a'): Pick<TargetPicker, 'pick'> {
  return { pick: () => group.choiceOf(zone)?.pick() ?? null }
}

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

test('ALB-TG-200, 264 only healthy targets are picked while there is one, in registration order', () => {
  const group = new TargetGroup(
    unit({ a: 'initial', b: 'healthy', c: 'unhealthy', d: 'healthy', e: 'draining', f: 'unused' }),
    TOOLS,
  )
  assert.equal(picks(nodeOf(group), 5), 'bdbdb')
})

test('ALB-TG-191 with no healthy target all get requests, but never draining or unused ones', () => {
  const group = new TargetGroup(
    unit({ a: 'initial', b: 'unhealthy', c: 'draining', d: 'unused', e: 'unhealthy' }),
    TOOLS,
  )
  assert.equal(picks(nodeOf(group), 6), 'abeabe')
})

test('ALB-TG-193 fail-open ends with the first healthy target', () => {
  const group = new TargetGroup(unit({ a: 'unhealthy', b: 'unhealthy', c: 'unhealthy' }), TOOLS)
  assert.equal(picks(nodeOf(group), 2), 'ab')
  group.update(unit({ a: 'unhealthy', b: 'healthy', c: 'unhealthy' }))
  assert.equal(picks(nodeOf(group), 3), 'bbb')
})

test('OQ-36 there is nothing to pick where all targets are draining or unused, or there are none', () => {
  assert.equal(nodeOf(new TargetGroup(unit({}), TOOLS)).pick(), null)
  const group = new TargetGroup(unit({ a: 'draining', b: 'unused' }), TOOLS)
  assert.equal(nodeOf(group).pick(), null)
  group.update(unit({ a: 'healthy' }))
  assert.equal(picks(nodeOf(group), 2), 'aa')
})

test('OQ-30 the round keeps its place when targets come and go', () => {
  const group = new TargetGroup(unit({ a: 'healthy', b: 'healthy', c: 'healthy' }), TOOLS)
  assert.equal(picks(nodeOf(group), 1), 'a')
  group.update(unit({ a: 'healthy', b: 'draining', c: 'healthy', d: 'healthy' }))
  assert.equal(picks(nodeOf(group), 1), 'c')
  group.update(unit({ e: 'healthy', a: 'healthy' }))
  assert.equal(picks(nodeOf(group), 2), 'ae', 'd was next and is gone, after it came a')
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
          picked += picks(nodeOf(group), 1)
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
          const picked = nodeOf(group).pick()
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
  assert.equal(picks(nodeOf(group), 3), 'bbb')
  group.update(pickedGroup(down, 'round_robin'))
  assert.equal(picks(nodeOf(group), 4), 'abab')
  group.update(pickedGroup(down, 'weighted_random'))
  assert.deepEqual([...new Set(picks(nodeOf(group), 40))].toSorted(), ['a', 'b'])
})

/** Ten targets in each of two zones; so many of the second one are unhealthy. */
function twoZones(unhealthy: number): readonly TargetUnit[] {
  return [
    ...targetUnits('abcdefghij', { zone: 'a' }),
    ...targetUnits('klmnopqrst', { zone: 'b' }).map((target, index) =>
      index < unhealthy ? { ...target, state: 'unhealthy' as const } : target,
    ),
  ]
}

const HALF: HealthyMinimum = { count: 1, percentage: 50 }

test('ALB-TG-245, ALB-LB-248 without cross-zone load balancing a node picks in its own zone only', () => {
  const targets = [...targetUnits('ab', { zone: 'a' }), ...targetUnits('cde', { zone: 'b' })]
  const group = new TargetGroup({ ...pickedGroup(targets), isCrossZone: false }, TOOLS)
  assert.equal(picks(nodeOf(group, 'a'), 4), 'abab')
  assert.equal(picks(nodeOf(group, 'b'), 4), 'cdec')
  assert.equal(nodeOf(group, 'c').pick(), null, 'ALB-TG-253')
})

test('ALB-TG-244, ALB-LB-247 with cross-zone load balancing the nodes share one round over all zones', () => {
  const targets = [...targetUnits('a', { zone: 'a' }), ...targetUnits('bcd', { zone: 'b' })]
  const group = new TargetGroup(pickedGroup(targets), TOOLS)
  assert.equal(picks(nodeOf(group, 'a'), 3) + picks(nodeOf(group, 'b'), 3), 'abcdab')
})

test('ALB-TG-263 cross-zone load balancing is switched live, and rounds go on where they were', () => {
  const targets = [...targetUnits('ab', { zone: 'a' }), ...targetUnits('cd', { zone: 'b' })]
  const own: TargetGroupUnit = { ...pickedGroup(targets), isCrossZone: false }
  const group = new TargetGroup(own, TOOLS)
  assert.equal(picks(nodeOf(group, 'b'), 1), 'c')
  group.update(own)
  assert.equal(picks(nodeOf(group, 'b'), 1), 'd')
  group.update(pickedGroup(targets))
  assert.deepEqual(picks(nodeOf(group, 'b'), 4).split('').toSorted().join(''), 'abcd')
  group.update(own)
  assert.equal(picks(nodeOf(group, 'b'), 2), 'cd')
})

test('ALB-TG-279, 281 the thresholds of a zone are met or breached by its own targets', () => {
  const unit: TargetGroupUnit = { ...pickedGroup(twoZones(6)), isCrossZone: false, routingMinimum: HALF }
  const group = new TargetGroup(unit, TOOLS)
  assert.equal(picks(nodeOf(group, 'a'), 10), 'abcdefghij')
  assert.equal(picks(nodeOf(group, 'b'), 10), 'klmnopqrst', 'unhealthy ones too')
  assert.deepEqual([group.choiceOf('a')?.isFailedOver, group.choiceOf('b')?.isFailedOver], [false, true])
})

test('ALB-TG-273, 282 with cross-zone load balancing the thresholds are those of all zones', () => {
  const group = new TargetGroup({ ...pickedGroup(twoZones(6)), routingMinimum: HALF }, TOOLS)
  assert.equal(picks(nodeOf(group, 'b'), 14), 'abcdefghijqrst')
})

test('ALB-TG-265, 267 below a count all targets get requests, those not found healthy yet excepted', () => {
  const states: Record<string, TargetState> = { a: 'healthy', b: 'healthy', c: 'unhealthy', d: 'initial' }
  const group = new TargetGroup({ ...unit(states), routingMinimum: { count: 3, percentage: 0 } }, TOOLS)
  assert.equal(picks(nodeOf(group), 6), 'abcabc')
  group.update({ ...unit({ ...states, c: 'healthy' }), routingMinimum: { count: 3, percentage: 0 } })
  assert.equal(picks(nodeOf(group), 3), 'abc')
  assert.equal(group.choiceOf('a')?.isFailedOver, false)
})

test('ALB-TG-270, 272 either threshold is enough, and a percentage is one of the targets of the moment', () => {
  const both: HealthyMinimum = { count: 1, percentage: 60 }
  const five = twoZones(5).slice(10)
  const group = new TargetGroup({ ...pickedGroup(five), routingMinimum: both }, TOOLS)
  assert.equal(group.choiceOf('b')?.isFailedOver, true, '5 of 10 are less than 60 percent')
  group.update({ ...pickedGroup(five.slice(2)), routingMinimum: both })
  assert.equal(group.choiceOf('b')?.isFailedOver, false, '5 of 8 are not')
})

test('ALB-LB-439 a zone that traffic is shifted away from gets requests only when nothing else is healthy', () => {
  const away = targetUnits('ab', { zone: 'a', isShiftedAway: true })
  const group = new TargetGroup(pickedGroup([...away, ...targetUnits('c', { zone: 'b' })]), TOOLS)
  assert.equal(picks(nodeOf(group), 3), 'ccc')
  group.update(pickedGroup([...away, ...targetUnits('c', { zone: 'b', state: 'unhealthy' })]))
  assert.deepEqual(picks(nodeOf(group), 3).split('').toSorted().join(''), 'abc')
})
