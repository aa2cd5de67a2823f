import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { chanceOfErrors, type Moment } from './equal-rates.ts'

/** Ways to choose so many of all. */
function choices(all: number, chosen: number): number {
  if (chosen < 0 || chosen > all) return 0
  let ways = 1
  for (let index = 0; index < chosen; index++) ways = (ways * (all - index)) / (index + 1)
  return ways
}

/** The probability itself, by counting the cases of each moment and adding them up. */
function exactly(moments: readonly Moment[]): number {
  let sums = [1]
  for (const { requests, allRequests, allErrors } of moments) {
    const next = Array.from({ length: sums.length + requests }, () => 0)
    for (const [before, chance] of sums.entries()) {
      for (let errors = 0; errors <= requests; errors++) {
        const ways = choices(allErrors, errors) * choices(allRequests - allErrors, requests - errors)
        next[before + errors] =
          (next[before + errors] ?? 0) + (chance * ways) / choices(allRequests, requests)
      }
    }
    sums = next
  }
  const seen = moments.reduce((sum, { errors }) => sum + errors, 0)
  return sums.slice(seen).reduce((sum, chance) => sum + chance, 0)
}

function moment(requests: number, errors: number, peerRequests: number, peerErrors: number): Moment {
  return { requests, errors, allRequests: requests + peerRequests, allErrors: errors + peerErrors }
}

test('few errors have their probability', () => {
  const moments = fc
    .tuple(
      fc.nat(12),
      fc.nat(30),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    )
    .map(([requests, peerRequests, part, peerPart]) =>
      moment(requests, Math.round(requests * part), peerRequests, Math.round(peerRequests * peerPart)),
    )
  fc.assert(
    fc.property(fc.array(moments, { minLength: 1, maxLength: 5 }), (all) => {
      const [chance, exact] = [chanceOfErrors(all), exactly(all)]
      // What is plainly not small is not counted.
      if (chance === 1) assert.ok(exact > 1e-3, `${exact}`)
      else assert.ok(Math.abs(chance - exact) <= exact * 1e-6, `${chance}, not ${exact}`)
    }),
    { numRuns: 500 },
  )
})

test('many errors have a bound of it, which is never below, and near enough to be of use', () => {
  const moments = fc
    .record({
      requests: fc.integer({ min: 40, max: 80 }),
      peers: fc.integer({ min: 40, max: 160 }),
      rate: fc.integer({ min: 70, max: 95 }),
      excess: fc.integer({ min: -20, max: 5 }),
    })
    .map(({ requests, peers, rate, excess }) =>
      moment(
        requests,
        Math.round((requests * (rate + excess)) / 100),
        peers,
        Math.round((peers * rate) / 100),
      ),
    )
  fc.assert(
    fc.property(fc.array(moments, { minLength: 3, maxLength: 4 }), (all) => {
      const [bound, exact] = [chanceOfErrors(all), exactly(all)]
      assert.ok(bound >= exact * (1 - 1e-6), `${bound} below ${exact}`)
    }),
    { numRuns: 50 },
  )
  // Chances of the normal distribution at 6.4 and 4.1 standard deviations are 8e-11 and 2e-5.
  assert.ok(chanceOfErrors([moment(300, 60, 900, 60)]) < 1e-7)
  assert.ok(chanceOfErrors([moment(300, 60, 900, 90)]) < 1e-3)
  assert.equal(chanceOfErrors([moment(300, 30, 900, 90)]), 1)
})

test('a fault that all had while one had less traffic makes none of them look worse', () => {
  // Half of all requests failed for a while, and the third target joined afterwards.
  const during = moment(1000, 500, 1000, 500)
  const afterwards = moment(1000, 10, 2000, 20)
  assert.ok(chanceOfErrors([during, afterwards]) > 0.1)
  // Added up it would look as if it failed twice as often as the others.
  assert.ok(chanceOfErrors([moment(2000, 510, 3000, 520)]) < 1e-7)
})
