import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Schedule } from './schedule.ts'

test('entries come out in the order of their times, and none before its time', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 1000 })),
      fc.integer({ min: 0, max: 1000 }),
      (times, now) => {
        const schedule = new Schedule<{ dueAt: number }>()
        for (const dueAt of times) schedule.add({ dueAt })
        const taken: number[] = []
        for (let entry = schedule.takeDue(now); entry !== undefined; entry = schedule.takeDue(now)) {
          taken.push(entry.dueAt)
        }
        const sorted = times.toSorted((a, b) => a - b)
        assert.deepEqual(
          taken,
          sorted.filter((time) => time <= now),
        )
        assert.equal(schedule.nextAt, sorted.find((time) => time > now) ?? Infinity)
      },
    ),
  )
})
