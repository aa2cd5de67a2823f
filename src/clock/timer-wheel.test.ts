import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Clock } from './clock.ts'
import { Timed, TimerWheel } from './timer-wheel.ts'

const TICK_MS = 100

/** Time, and a driver that ticks when the time is moved. */
class Bench {
  nowMs = 12_345
  /** Times that somebody was woken. */
  wakeUps = 0
  readonly wheel: TimerWheel
  #advance: (() => void) | null = null
  #nextMs = 0

  constructor() {
    const clock: Clock = {
      now: () => this.nowMs,
      date: () => this.nowMs,
      dateAt: (ms) => ms,
      realMs: (ms) => ms,
    }
    this.wheel = new TimerWheel(clock)
    this.wheel.start((advance, intervalMs) => {
      assert.equal(this.#advance, null, 'two timers run')
      this.#advance = advance
      this.#nextMs = this.nowMs + intervalMs
      return { stop: () => (this.#advance = null) }
    })
  }

  get isTicking(): boolean {
    return this.#advance !== null
  }

  pass(ms: number): void {
    const end = this.nowMs + ms
    while (this.#advance !== null && this.#nextMs <= end) {
      this.nowMs = this.#nextMs
      this.#nextMs += TICK_MS
      this.wakeUps++
      this.#advance()
    }
    this.nowMs = end
  }
}

class Entry extends Timed {
  readonly dueAt: number[] = []
  readonly #bench: Bench
  onDue: (() => void) | null = null

  constructor(bench: Bench) {
    super()
    this.#bench = bench
  }

  override onTimeout(): void {
    this.dueAt.push(this.#bench.nowMs)
    this.onDue?.()
  }
}

test('nothing ticks while there is nothing to wait for', () => {
  const bench = new Bench()
  bench.pass(60_000)
  assert.equal(bench.wakeUps, 0)
  const entry = new Entry(bench)
  bench.wheel.arm(entry, 1000)
  bench.pass(60_000)
  assert.equal(entry.dueAt.length, 1)
  assert.ok(bench.wakeUps <= 13, `${bench.wakeUps} wake-ups for a time-out of ten ticks`)
  assert.equal(bench.isTicking, false)
})

test('it rests after the last entry is removed, and after a disarmed one was passed', () => {
  const bench = new Bench()
  const [removed, disarmed] = [new Entry(bench), new Entry(bench)]
  bench.wheel.arm(removed, 5000)
  bench.wheel.arm(disarmed, 5000)
  bench.wheel.remove(removed)
  bench.wheel.disarm(disarmed)
  bench.pass(5200)
  assert.equal(bench.isTicking, false)
  assert.deepEqual([...removed.dueAt, ...disarmed.dueAt], [])
})

test('a time-out that is set after a rest is as long as any', () => {
  const bench = new Bench()
  const entry = new Entry(bench)
  // Longer than the wheel reaches.
  for (const rest of [250, 50, 3_600_000]) {
    bench.pass(rest)
    assert.equal(bench.wheel.now, bench.nowMs)
    const from = bench.nowMs
    bench.wheel.arm(entry, 700)
    bench.pass(2000)
    const took = (entry.dueAt.pop() ?? 0) - from
    assert.ok(took >= 700 && took <= 700 + 2 * TICK_MS, `${took} ms`)
  }
})

test('an entry that sets itself anew keeps the wheel going', () => {
  const bench = new Bench()
  const entry = new Entry(bench)
  entry.onDue = () => {
    if (entry.dueAt.length < 3) bench.wheel.arm(entry, 400)
  }
  bench.wheel.arm(entry, 400)
  bench.pass(3000)
  assert.equal(entry.dueAt.length, 3)
  assert.equal(bench.isTicking, false)
})

test('whatever is done in whatever order, time-outs come once, never early, and three ticks late at most', () => {
  const step = fc.record({
    entry: fc.nat(4),
    action: fc.constantFrom('arm', 'arm', 'disarm', 'remove', 'pass'),
    ms: fc.integer({ min: 0, max: 200_000 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const bench = new Bench()
      const entries = Array.from({ length: 5 }, () => new Entry(bench))
      const wanted = new Map<Entry, number>()
      const due = (entry: Entry): void => {
        const at = wanted.get(entry)
        wanted.delete(entry)
        assert.ok(at !== undefined, 'came without being set')
        const late = bench.nowMs - at
        assert.ok(late >= 0 && late <= 3 * TICK_MS, `${late} ms late`)
      }
      for (const entry of entries) entry.onDue = () => due(entry)
      for (const { entry: index, action, ms } of steps) {
        const entry = entries[index] ?? assert.fail()
        if (action === 'pass') bench.pass(ms)
        else if (action === 'arm') {
          bench.wheel.arm(entry, ms)
          wanted.set(entry, bench.nowMs + ms)
        } else {
          bench.wheel[action](entry)
          wanted.delete(entry)
        }
      }
      bench.pass(500_000)
      assert.equal(wanted.size, 0)
      assert.equal(bench.isTicking, false)
    }),
  )
})
