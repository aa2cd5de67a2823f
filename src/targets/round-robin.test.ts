import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { pickerTools, picks, tally, targetUnits } from './picker-fixtures.ts'
import { RoundRobin } from './round-robin.ts'

test('ALB-TG-094 round robin takes targets in their order, each as often as any other', () => {
  const picker = new RoundRobin(targetUnits('abc'), pickerTools())
  assert.equal(picks(picker, 7), 'abcabca')
  assert.deepEqual(tally(picker, 300), { a: 100, b: 100, c: 100 })
})

test('a group with one target, or none, is a round too', () => {
  assert.equal(picks(new RoundRobin(targetUnits('a'), pickerTools()), 3), 'aaa')
  assert.equal(picks(new RoundRobin([], pickerTools()), 2), '--')
})

test('the first requests of several workers go to different targets, also when targets come one by one', () => {
  const firsts = [0, 1, 2, 3, 4].map((workerIndex) => {
    const picker = new RoundRobin([], pickerTools({ workerIndex }))
    return picks(picker.withTargets(targetUnits('a')).withTargets(targetUnits('abcd')), 5)
  })
  assert.deepEqual(firsts, ['abcda', 'bcdab', 'cdabc', 'dabcd', 'abcda'])
})

test('ALB-TG-094 however often targets come and go, those that stay get equally much', () => {
  const change = fc.record({ present: fc.subarray(['d', 'e', 'f']), requests: fc.nat(20) })
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 30 }), fc.nat(7), (changes, workerIndex) => {
      let picker = new RoundRobin(targetUnits('abc'), pickerTools({ workerIndex }))
      const counts: Record<string, number> = { a: 0, b: 0, c: 0 }
      for (const { present, requests } of changes) {
        picker = picker.withTargets(targetUnits(`abc${present.join('')}`))
        for (const id of picks(picker, requests)) counts[id] = (counts[id] ?? 0) + 1
      }
      const { a = 0, b = 0, c = 0 } = counts
      // They are in every list in the same order, so no round passes one of them twice.
      assert.ok(Math.max(a, b, c) - Math.min(a, b, c) <= 1, JSON.stringify(counts))
    }),
  )
})
