import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { seededRandom } from './picker-fixtures.ts'
import { chooseTargetGroup } from './weighted-groups.ts'

function groups(...weights: number[]): { arn: string; weight: number }[] {
  return weights.map((weight, index) => ({ arn: String(index), weight }))
}

function shares(weights: number[], draws = 20_000): number[] {
  const random = seededRandom(7)
  const counts = weights.map(() => 0)
  for (let draw = 0; draw < draws; draw++) {
    const index = Number(chooseTargetGroup(groups(...weights), random))
    counts[index] = (counts[index] ?? 0) + 1
  }
  return counts.map((count) => count / draws)
}

test('ALB-LSN-063 ALB-LSN-064 ALB-LSN-065 groups get their share of the sum of weights', () => {
  for (const weights of [
    [10, 10],
    [10, 20],
    [1, 2, 7],
    [999, 1],
    [1, 1, 1, 1, 1],
  ]) {
    const total = weights.reduce((sum, weight) => sum + weight)
    for (const [index, share] of shares(weights).entries())
      assert.ok(Math.abs(share - (weights[index] ?? 0) / total) < 0.015, `${weights.join()}: ${share}`)
  }
})

test('ALB-LSN-066 a group with weight 0 gets nothing while another has a weight', () => {
  const weights = fc.array(fc.constantFrom(0, 0, 1, 5, 999), { minLength: 1, maxLength: 5 })
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(weights, random, (all, number) => {
      const drawn = chooseTargetGroup(groups(...all), () => number)
      if (all.every((weight) => weight === 0)) assert.equal(drawn, null)
      else assert.ok((all[Number(drawn)] ?? 0) > 0 && drawn !== null)
    }),
  )
})

test('Q37 nothing is drawn where all weights are 0', () => {
  assert.equal(
    chooseTargetGroup(groups(0, 0), () => 0.5),
    null,
  )
  assert.equal(
    chooseTargetGroup(groups(0), () => 0.5),
    null,
  )
  assert.equal(
    chooseTargetGroup([], () => 0.5),
    null,
  )
})
