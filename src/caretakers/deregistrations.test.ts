import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DrainingTarget } from '../store/targets.ts'
import { Deregistrations } from './deregistrations.ts'

class Bench {
  date = 0
  targets: DrainingTarget[] = []
  readonly finished: string[] = []
  readonly deregistrations: Deregistrations

  constructor() {
    this.deregistrations = new Deregistrations(
      {
        drainingTargets: async () => this.targets,
        finishDeregistration: async (_group, key) => {
          this.finished.push(key)
          this.targets = this.targets.filter((target) => target.key !== key)
        },
      },
      { now: () => this.date, date: () => this.date, dateAt: (ms) => ms, realMs: (ms) => ms },
      (error) => assert.fail(String(error)),
    )
  }
}

test('a target leaves when its deregistration delay is over, not before', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const bench = new Bench()
  bench.targets = [
    { targetGroupArn: 'g', key: 'a', drainsUntil: 1000 },
    { targetGroupArn: 'g', key: 'b', drainsUntil: 3000 },
  ]
  await bench.deregistrations.check()
  assert.deepEqual(bench.finished, [])
  for (const [date, wanted] of [
    [1000, ['a']],
    [3000, ['a', 'b']],
  ] as const) {
    t.mock.timers.tick(date - bench.date)
    bench.date = date
    await bench.deregistrations.check()
    assert.deepEqual(bench.finished, wanted)
  }
})

test('a target that no worker uses leaves at once', async () => {
  const bench = new Bench()
  bench.targets = [{ targetGroupArn: 'g', key: 'a', drainsUntil: 1000 }]
  await bench.deregistrations.idle('g', 'a')
  assert.deepEqual(bench.finished, ['a'])
})
