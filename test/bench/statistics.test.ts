import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { median, medianInterval, pairedRatio } from '../../bench/statistics.ts'

test('The median of an even number of values is the mean of the two in the middle', () => {
  assert.equal(median([4, 1, 3]), 3)
  assert.equal(median([4, 1, 3, 2]), 2.5)
  assert.equal(median([]), null)
})

test('The interval of the median has the ranks of the tables of the sign test', () => {
  // Conover, Practical Nonparametric Statistics: largest ranks whose two tails together are at most 5 %.
  const ranks = [
    [5, null],
    [6, 1],
    [8, 1],
    [9, 2],
    [11, 2],
    [12, 3],
    [15, 4],
    [20, 6],
    [25, 8],
    [50, 18],
  ] as const
  for (const [count, rank] of ranks) {
    const sorted = Array.from({ length: count }, (_, index) => index + 1)
    const expected = rank === null ? null : { low: rank, high: count + 1 - rank }
    assert.deepEqual(medianInterval(sorted), expected, `${count} values`)
  }
})

test('At least 95 of 100 intervals hold the median of what the values were drawn from', () => {
  const random = generator(1)
  for (const count of [6, 9, 15, 40]) {
    let held = 0
    for (let draw = 0; draw < 4000; draw++) {
      // Skewed, with a long tail, as times are: the median is 1.
      const values = Array.from({ length: count }, () => 1 / (2 * random()))
      const interval = medianInterval(values.toSorted((a, b) => a - b))
      assert.ok(interval !== null)
      if (interval.low <= 1 && 1 <= interval.high) held++
    }
    assert.ok(held / 4000 > 0.945, `${count} values: ${held} of 4000`)
  }
})

test('A ratio pairs the values of a round, whatever the rounds have in common', () => {
  const noise = [1, 7, 3, 20, 0.5, 11, 2]
  const bases = new Map(noise.map((value, round) => [round, value]))
  const values = new Map(noise.map((value, round) => [round, value * (1.1 + round / 100)]))
  const ratio = pairedRatio(values, bases)
  assert.ok(ratio !== null && ratio.interval !== null)
  assert.deepEqual(
    [ratio.median, ratio.interval.low, ratio.interval.high].map((value) => value.toFixed(2)),
    ['1.13', '1.10', '1.16'],
  )
})

test('A round that only one side measured counts for nothing', () => {
  assert.equal(pairedRatio(new Map([[1, 5]]), new Map([[2, 5]])), null)
  const lone = pairedRatio(
    new Map([
      [1, 6],
      [2, 100],
    ]),
    new Map([[1, 3]]),
  )
  assert.deepEqual(lone, { median: 2, interval: null })
})

test('The interval holds the median of the values themselves', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 6 }), (values) => {
      const interval = medianInterval(values.toSorted((a, b) => a - b))
      const middle = median(values)
      assert.ok(interval !== null && middle !== null)
      assert.ok(interval.low <= middle && middle <= interval.high)
    }),
  )
})

/** Numbers above 0 and up to 1, the same in every run (xorshift). */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return ((state >>> 0) + 1) / 2 ** 32
  }
}
