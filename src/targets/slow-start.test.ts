import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { pickerTools, picks, StoppedClock, tally, targetUnits } from './picker-fixtures.ts'
import type { TargetUnit } from '../snapshot/target-group-units.ts'
import { RoundRobin } from './round-robin.ts'

const DURATION_MS = 100_000

/** Targets whose slow start begins at the clock's present time. */
function starting(names: string, clock: StoppedClock): TargetUnit[] {
  return targetUnits(names, { slowStart: { startedDate: clock.date(), durationMs: DURATION_MS } })
}

test('ALB-TG-147, 148, 149 the share of a new target grows with time, then it is a full one', () => {
  const clock = new StoppedClock()
  const picker = new RoundRobin([...targetUnits('ab'), ...starting('n', clock)], pickerTools({ clock }))
  const share = (): number => {
    const { a = 0, b = 0, n = 0 } = tally(picker, 4000)
    assert.ok(Math.abs(a - b) <= 1, 'the others stay equal')
    return n / a
  }
  for (const part of [0.25, 0.5, 0.75]) {
    clock.nowMs = 1_000_000 + part * DURATION_MS
    assert.ok(Math.abs(share() - part) < 0.002, `share at ${part}`)
  }
  clock.nowMs = 1_000_000 + DURATION_MS
  assert.equal(picks(picker, 9), picks(picker, 3).repeat(3))
  assert.deepEqual(tally(picker, 300), { a: 100, b: 100, n: 100 })
})

test('OQ-33 a target that has just begun gets one request in a hundred of its share, so that it warms up', () => {
  const clock = new StoppedClock()
  const picker = new RoundRobin([...targetUnits('a'), ...starting('n', clock)], pickerTools({ clock }))
  assert.equal(tally(picker, 10_100)['n'], 100)
})

test('turns of a starting target are spread, and a version of the group in between does not move them', () => {
  const clock = new StoppedClock()
  const targets = [...targetUnits('a'), ...starting('n', clock)]
  clock.nowMs += DURATION_MS / 4
  let picker = new RoundRobin(targets, pickerTools({ clock }))
  let picked = ''
  for (let request = 0; request < 20; request++) {
    picked += picks(picker, 1)
    picker = picker.withTargets([...targets])
  }
  assert.equal(picked, 'aaaanaaaanaaaanaaaan')
})

test('where all targets are in slow start they share by what each has reached, and none is waited for', () => {
  const clock = new StoppedClock()
  const first = starting('a', clock)
  clock.nowMs += DURATION_MS / 2
  const second = starting('b', clock)
  clock.nowMs += DURATION_MS / 4
  const { a = 0, b = 0 } = tally(new RoundRobin([...first, ...second], pickerTools({ clock })), 4000)
  assert.ok(Math.abs(a / b - 3) < 0.01, `${a} to ${b}`)
  assert.equal(picks(new RoundRobin(starting('s', clock), pickerTools({ clock })), 3), 'sss')
})

test('ALB-TG-147 whatever the targets and their times are, each gets its part of all requests', () => {
  const times = fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(times, fc.nat(5), (ages, workerIndex) => {
      const clock = new StoppedClock()
      const targets = ages.flatMap((age, index): TargetUnit[] => {
        const startedDate = clock.date() - (age / 100) * DURATION_MS
        return targetUnits(String(index), { slowStart: { startedDate, durationMs: DURATION_MS } })
      })
      const counts = tally(new RoundRobin(targets, pickerTools({ clock, workerIndex })), 3000)
      const shares = ages.map((age) => Math.min(1, Math.max(0.01, age / 100)))
      const sum = shares.reduce((total, share) => total + share)
      for (const [index, share] of shares.entries()) {
        const expected = (3000 * share) / sum
        // Rounds that are not complete, and turns that are not.
        assert.ok(Math.abs((counts[index] ?? 0) - expected) <= 2 + shares.length / sum, ages.join())
      }
    }),
    { numRuns: 200 },
  )
})
