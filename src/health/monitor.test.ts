import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../clock/clock.ts'
import type { HealthCheckPlan } from '../model/target-health.ts'
import { HealthMonitor } from './monitor.ts'
import type { ProbeRequest, ProbeResult } from './question.ts'

const GROUP = 'arn:group'

class Bench {
  now = 0
  readonly probes: {
    readonly at: number
    readonly request: ProbeRequest
    answer(result: ProbeResult): void
  }[] = []
  readonly changes: string[] = []
  readonly monitor: HealthMonitor

  constructor(random = () => 0) {
    const clock: Clock = { now: () => this.now, date: () => this.now, dateAt: (ms) => ms, realMs: (ms) => ms }
    this.monitor = new HealthMonitor({
      clock,
      random,
      onChange: (_group, key) => this.changes.push(key),
      probe: (request, answer) => this.probes.push({ at: this.now, request, answer }),
    })
  }

  /** Moves time on, one checker's turn per step, and answers nothing. */
  advanceTo(time: number, stepMs = 100): void {
    while (this.now < time) {
      this.now += stepMs
      this.monitor.advance()
    }
  }

  answer(index: number, result: ProbeResult): void {
    this.probes[index]?.answer(result)
  }

  state(key = 'a'): string | undefined {
    return this.monitor.healthOf(GROUP, key)?.state
  }
}

function plan(changes: Partial<HealthCheckPlan> = {}, ...keys: readonly string[]): HealthCheckPlan {
  return {
    targetGroup: GROUP,
    protocol: 'HTTP',
    protocolVersion: 'HTTP1',
    path: '/health?x=1',
    intervalMs: 5000,
    timeoutMs: 2000,
    healthyThreshold: 2,
    unhealthyThreshold: 2,
    matcher: '200',
    targets: (keys.length === 0 ? ['a'] : keys).map((key) => ({ key, address: '127.0.0.1', port: 8080 })),
    ...changes,
  }
}

const ok: ProbeResult = { type: 'code', code: 200 }
const bad: ProbeResult = { type: 'code', code: 500 }

test('ALB-TG-195 ALB-TG-197 checks keep their cadence however long answers take', () => {
  const bench = new Bench()
  bench.monitor.setPlan(GROUP, plan())
  bench.monitor.advance()
  assert.equal(bench.state(), 'initial')
  bench.advanceTo(3000)
  bench.answer(0, ok)
  assert.equal(bench.state(), 'healthy')
  bench.advanceTo(5000)
  bench.answer(1, ok)
  bench.advanceTo(10_000)
  assert.deepEqual(
    bench.probes.map(({ at }) => at),
    [0, 5000, 10_000],
  )
})

test('ALB-TG-204 ALB-TG-205 a check goes to the port and path of the plan', () => {
  const bench = new Bench()
  bench.monitor.setPlan(GROUP, plan())
  bench.monitor.advance()
  assert.deepEqual(bench.probes[0]?.request, {
    protocol: 'HTTP',
    protocolVersion: 'HTTP1',
    securityPolicy: '',
    address: '127.0.0.1',
    port: 8080,
    path: '/health?x=1',
    timeoutRealMs: 2000,
    source: null,
    isBlocked: false,
  })
})

test('ALB-TG-196 ALB-TG-198 changes of state are told, which come with results of checks alone', () => {
  const bench = new Bench()
  bench.monitor.setPlan(GROUP, plan())
  for (const [index, result] of [ok, ok, bad, bad, bad, ok, ok].entries()) {
    const before = bench.state()
    bench.advanceTo(index * 5000)
    bench.monitor.advance()
    assert.equal(bench.state(), before ?? 'initial')
    bench.answer(index, result)
  }
  assert.deepEqual(bench.changes, ['a', 'a', 'a'])
  assert.equal(bench.state(), 'healthy')
})

test('ALB-TG-241 changed settings apply at once and keep the state', () => {
  const bench = new Bench()
  bench.monitor.setPlan(GROUP, plan())
  bench.monitor.advance()
  bench.answer(0, ok)
  bench.advanceTo(1000)
  bench.monitor.setPlan(GROUP, plan({ path: '/new', intervalMs: 10_000 }))
  assert.equal(bench.state(), 'healthy')
  bench.advanceTo(1100)
  assert.equal(bench.probes[1]?.request.path, '/new')
  bench.answer(1, ok)
  bench.advanceTo(12_000)
  assert.deepEqual(
    bench.probes.map(({ at }) => at),
    [0, 1100, 11_000],
  )
})

test('a check that was under way when the settings changed counts no longer', () => {
  const bench = new Bench()
  bench.monitor.setPlan(GROUP, plan())
  bench.monitor.advance()
  bench.monitor.setPlan(GROUP, plan({ matcher: '500' }))
  bench.answer(0, ok)
  assert.equal(bench.state(), 'initial')
})

test('targets that come and go leave the others in peace', () => {
  const bench = new Bench()
  bench.monitor.setPlan(GROUP, plan({}, 'a', 'b'))
  bench.monitor.advance()
  bench.answer(0, ok)
  bench.answer(1, ok)
  bench.monitor.setPlan(GROUP, plan({}, 'b', 'c'))
  assert.deepEqual([bench.state('a'), bench.state('b'), bench.state('c')], [undefined, 'healthy', 'initial'])
  bench.advanceTo(5000)
  assert.equal(bench.probes.length, 4)
  bench.monitor.setPlan(GROUP, null)
  bench.advanceTo(20_000)
  assert.equal(bench.probes.length, 4)
})

test('states of an earlier checker are gone on from', () => {
  const bench = new Bench()
  bench.monitor.seed([
    { targetGroup: GROUP, key: 'a', state: 'healthy' },
    { targetGroup: GROUP, key: 'b', state: 'unhealthy' },
  ])
  bench.monitor.setPlan(GROUP, plan({}, 'a', 'b', 'c'))
  assert.deepEqual(
    [bench.state('a'), bench.state('b'), bench.state('c')],
    ['healthy', 'unhealthy', 'initial'],
  )
})

test('checks of many targets are spread over time and bounded in number', () => {
  let seed = 0
  const bench = new Bench(() => (seed = (seed + 0.618) % 1))
  const keys = Array.from({ length: 10_000 }, (_, index) => `t${index}`)
  bench.monitor.setPlan(GROUP, plan({}, ...keys))
  bench.advanceTo(100)
  assert.ok(bench.probes.length > 500 && bench.probes.length <= 1000, String(bench.probes.length))
  bench.advanceTo(1000)
  assert.equal(bench.probes.length, 1000)
  for (let index = 0; index < bench.probes.length; index++) bench.answer(index, ok)
  assert.equal(bench.probes.length, 10_000)
  assert.equal(bench.changes.length, 10_000)
})
