import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { pickerTools, picks, tally, targetUnits } from './picker-fixtures.ts'
import type { TargetUnit } from '../snapshot/target-group-units.ts'
import { WeightedRandom } from './weighted-random.ts'

function weighted(weights: readonly number[]): TargetUnit[] {
  return weights.flatMap((weight, index) => targetUnits(String(index), { weight }))
}

test('ALB-TG-101 without weights targets get equally much, in no order', () => {
  const picked = picks(new WeightedRandom(targetUnits('abc'), pickerTools()), 3000)
  for (const id of 'abc') {
    const count = picked.split(id).length - 1
    // The seed is fixed. Of other seeds, fewer than one in 10,000 would be further off: 4 standard deviations.
    assert.ok(Math.abs(count - 1000) < 104, `${id} ${count}`)
  }
  // Every target follows on every target; in a round one always follows on the same.
  const pairs = new Set(Array.from({ length: 100 }, (_, index) => picked.slice(index, index + 2)))
  assert.equal(pairs.size, 9)
})

test('ALB-TG-120 a target gets requests in proportion to its weight', () => {
  const weights = [1, 0.5, 1, 0.01, 0.1]
  const counts = tally(new WeightedRandom(weighted(weights), pickerTools()), 50_000)
  for (const [index, weight] of weights.entries()) {
    const expected = (50_000 * weight) / 2.61
    assert.ok(
      Math.abs((counts[index] ?? 0) - expected) < 4 * Math.sqrt(expected),
      `${index}: ${counts[index]}`,
    )
  }
})

test('every number has a target, and the part of each is its weight', () => {
  const weights = fc.array(fc.constantFrom(0.01, 0.25, 0.5, 1), { minLength: 1, maxLength: 40 })
  const number = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(weights, number, (all, drawn) => {
      const targets = weighted(all)
      const picked = new WeightedRandom(targets, pickerTools({ random: () => drawn })).pick()
      assert.ok(picked !== null)
      const sumOf = (units: readonly TargetUnit[]): number =>
        units.reduce((sum, { weight = 1 }) => sum + weight, 0)
      const wanted = drawn * sumOf(targets)
      const before = sumOf(targets.slice(0, targets.indexOf(picked)))
      // Sums of fractions are rounded.
      assert.ok(before <= wanted + 1e-9 && wanted <= before + (picked.weight ?? 1) + 1e-9)
    }),
  )
})

test('a group with one target, or none', () => {
  assert.equal(picks(new WeightedRandom(weighted([0.01]), pickerTools()), 3), '000')
  assert.equal(picks(new WeightedRandom([], pickerTools()), 1), '-')
  assert.equal(
    picks(new WeightedRandom(targetUnits('a'), pickerTools()).withTargets(targetUnits('b')), 2),
    'bb',
  )
})
