import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FloodGuard } from './flood-guard.ts'

/** How often something may be done in a row. */
function times(may: () => boolean): number {
  let count = 0
  while (may()) count++
  return count
}

test('both budgets end, and time fills them up again, no further than they were', () => {
  const guard = new FloodGuard(0)
  assert.equal(
    times(() => guard.mayReset(0)),
    256,
  )
  assert.equal(
    times(() => guard.mayIdle(0)),
    1000,
  )
  assert.equal(
    times(() => guard.mayReset(2000)),
    64,
  )
  assert.equal(
    times(() => guard.mayIdle(2000)),
    200,
  )
  assert.equal(
    times(() => guard.mayReset(3_600_000)),
    256,
  )
  assert.equal(
    times(() => guard.mayIdle(3_600_000)),
    1000,
  )
})

test('requests that are answered and bodies that pass fill the budgets up', () => {
  const guard = new FloodGuard(0)
  times(() => guard.mayReset(0))
  times(() => guard.mayIdle(0))
  for (let count = 0; count < 10; count++) guard.answered()
  guard.dataPassed(5)
  assert.equal(
    times(() => guard.mayReset(0)),
    10,
  )
  assert.equal(
    times(() => guard.mayIdle(0)),
    99,
  )
})
