import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chanceOfErrors } from './equal-rates.ts'

/** Ways to choose so many of all, exactly. */
function choices(all: number, chosen: number): bigint {
  if (chosen < 0 || chosen > all) return 0n
  let ways = 1n
  for (let index = 0; index < chosen; index++) ways = (ways * BigInt(all - index)) / BigInt(index + 1)
  return ways
}

/** The same by counting all cases in whole numbers. */
function exactly(requests: number, errors: number, peerRequests: number, peerErrors: number): number {
  const all = requests + peerRequests
  const allErrors = errors + peerErrors
  let ways = 0n
  for (let count = errors; count <= Math.min(requests, allErrors); count++)
    ways += choices(allErrors, count) * choices(all - allErrors, requests - count)
  return Number((ways * 10n ** 30n) / choices(all, requests)) / 1e30
}

test('the chance is that of counting all cases, for few requests and for many', () => {
  const cases: [number, number, number, number][] = []
  for (let requests = 1; requests <= 12; requests++)
    for (let errors = 0; errors <= requests; errors++)
      for (const peerErrors of [0, 1, 5, 30]) cases.push([requests, errors, 30, peerErrors])
  cases.push([300, 30, 900, 10], [500, 12, 1500, 30], [70, 7, 64, 0], [2000, 1, 100, 99])
  for (const [requests, errors, peerRequests, peerErrors] of cases) {
    const chance = chanceOfErrors(requests, errors, peerRequests, peerErrors)
    const wanted = exactly(requests, errors, peerRequests, peerErrors)
    const message = `${errors}/${requests} beside ${peerErrors}/${peerRequests}: ${chance}, not ${wanted}`
    assert.ok(Math.abs(chance - wanted) <= 1e-9 * wanted + 1e-29, message)
  }
})
