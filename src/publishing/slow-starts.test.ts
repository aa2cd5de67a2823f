import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../clock/clock.ts'
import type { TargetGroupUnit, TargetState, TargetUnit } from '../snapshot/target-group-units.ts'
import { SlowStarts } from './slow-starts.ts'

const DURATION_MS = 60_000

/** A group whose states a test changes; tells who is in slow start, by how long ago it began. */
class Group {
  nowMs = 1_000_000
  readonly clock: Clock = {
    now: () => this.nowMs,
    date: () => this.nowMs,
    dateAt: (ms) => ms,
    realMs: (durationMs) => durationMs,
  }
  starts = new SlowStarts(this.clock)
  durationMs = DURATION_MS
  targets: readonly TargetUnit[] = []

  /** The targets and their states; gives the age of each slow start in seconds. */
  become(states: Readonly<Record<string, TargetState>>): Record<string, number> {
    const place = { address: '127.0.0.1', port: 80, zone: 'a' }
    const units = Object.entries(states).map(([id, state]) => ({ id, ...place, state }))
    this.targets = this.starts.apply('group', this.durationMs, units)
    return Object.fromEntries(
      this.targets.flatMap(({ id, slowStart }) =>
        slowStart === undefined ? [] : [[id, (this.clock.date() - slowStart.startedDate) / 1000]],
      ),
    )
  }

  pass(seconds: number): void {
    this.nowMs += seconds * 1000
  }
}

test('ALB-TG-146, 148, 149, 152 a target that comes to one at full share starts slowly for the duration', () => {
  const group = new Group()
  group.become({ a: 'healthy' })
  assert.deepEqual(group.become({ a: 'healthy', b: 'initial' }), {})
  assert.deepEqual(group.become({ a: 'healthy', b: 'healthy' }), { b: 0 })
  group.pass(59)
  assert.deepEqual(group.become({ a: 'healthy', b: 'healthy' }), { b: 59 })
  group.pass(1)
  assert.deepEqual(group.become({ a: 'healthy', b: 'healthy' }), {})
})

test('ALB-TG-145 without slow start every target has its full share at once', () => {
  const group = new Group()
  group.durationMs = 0
  group.become({ a: 'healthy' })
  group.become({ a: 'healthy', b: 'initial' })
  assert.deepEqual(group.become({ a: 'healthy', b: 'healthy' }), {})
})

test('ALB-TG-150 turning slow start on changes nothing for targets that are healthy', () => {
  const group = new Group()
  group.durationMs = 0
  group.become({ a: 'healthy', b: 'healthy', c: 'healthy' })
  group.durationMs = DURATION_MS
  assert.deepEqual(group.become({ a: 'healthy', b: 'healthy', c: 'healthy' }), {})
})

test('ALB-TG-151 targets that come together to an empty group do not start slowly, whichever is healthy first', () => {
  const group = new Group()
  group.become({})
  group.become({ a: 'initial', b: 'initial', c: 'initial' })
  group.become({ a: 'initial', b: 'healthy', c: 'initial' })
  assert.deepEqual(group.become({ a: 'healthy', b: 'healthy', c: 'initial' }), {})
  assert.deepEqual(group.become({ a: 'healthy', b: 'healthy', c: 'healthy' }), {})
})

test('ALB-TG-152 a target in slow start is nobody that others could start slowly beside', () => {
  const group = new Group()
  group.become({ a: 'healthy' })
  group.become({ a: 'healthy', b: 'initial', c: 'initial' })
  assert.deepEqual(group.become({ a: 'healthy', b: 'healthy', c: 'initial' }), { b: 0 })
  assert.deepEqual(group.become({ a: 'unhealthy', b: 'healthy', c: 'initial' }), { b: 0 })
  assert.deepEqual(group.become({ a: 'unhealthy', b: 'healthy', c: 'healthy' }), { b: 0 })
})

test('ALB-TG-153 registering again begins a slow start from its beginning', () => {
  const group = new Group()
  group.become({ a: 'healthy' })
  group.become({ a: 'healthy', b: 'initial' })
  group.become({ a: 'healthy', b: 'healthy' })
  group.pass(30)
  assert.deepEqual(group.become({ a: 'healthy', b: 'draining' }), {})
  // An instance may come back while it drains, and keeps its health.
  assert.deepEqual(group.become({ a: 'healthy', b: 'healthy' }), { b: 0 })
  group.pass(30)
  group.become({ a: 'healthy' })
  group.become({ a: 'healthy', b: 'initial' })
  assert.deepEqual(group.become({ a: 'healthy', b: 'healthy' }), { b: 0 })
})

test('ALB-TG-148, 154 a target that becomes unhealthy leaves slow start, and begins it again when it is healthy', () => {
  const group = new Group()
  group.become({ a: 'healthy' })
  group.become({ a: 'healthy', b: 'initial' })
  group.become({ a: 'healthy', b: 'healthy' })
  group.pass(50)
  assert.deepEqual(group.become({ a: 'healthy', b: 'unhealthy' }), {})
  assert.deepEqual(group.become({ a: 'healthy', b: 'healthy' }), { b: 0 })
  // So does one that had its full share before.
  group.pass(100)
  group.become({ a: 'unhealthy', b: 'healthy' })
  assert.deepEqual(group.become({ a: 'healthy', b: 'healthy' }), { a: 0 })
})

test('OQ-33 another duration is for those who enter later; 0 ends what runs', () => {
  const group = new Group()
  group.become({ a: 'healthy' })
  group.become({ a: 'healthy', b: 'initial' })
  group.become({ a: 'healthy', b: 'healthy', c: 'initial' })
  group.durationMs = 2 * DURATION_MS
  group.become({ a: 'healthy', b: 'healthy', c: 'healthy' })
  assert.deepEqual(
    group.targets.map(({ slowStart }) => slowStart?.durationMs),
    [undefined, DURATION_MS, 2 * DURATION_MS],
  )
  group.durationMs = 0
  assert.deepEqual(group.become({ a: 'healthy', b: 'healthy', c: 'healthy' }), {})
})

test('a restart goes on with the slow starts of the snapshot in force', () => {
  const group = new Group()
  group.become({ a: 'healthy' })
  group.become({ a: 'healthy', b: 'initial' })
  group.become({ a: 'healthy', b: 'healthy' })
  group.pass(20)
  group.starts = new SlowStarts(group.clock)
  const { targets } = group
  const unit: TargetGroupUnit = {
    arn: 'group',
    name: 'group',
    protocol: 'HTTP',
    protocolVersion: 'HTTP1',
    targets,
  }
  group.starts.seed([unit])
  assert.deepEqual(group.become({ a: 'healthy', b: 'healthy' }), { b: 20 })
})
