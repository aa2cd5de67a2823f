import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../clock/clock.ts'
import { AnomalyMonitor } from '../health/anomaly-monitor.ts'
import type { TargetState } from '../snapshot/target-group-units.ts'
import { ZoneHealth } from '../zones/zone-health.ts'
import { tell, type Followers } from './followers.ts'
import { OutboundRules } from './security-rules.ts'
import { SlowStarts } from './slow-starts.ts'
import type { BuiltTargetGroup } from './units/target-groups.ts'

const NOTHING = { loadBalancers: [], targetGroups: [], removedLoadBalancers: [], removedTargetGroups: [] }
const ONE = { count: 1, percentage: 0 }
const clock: Clock = { now: () => 5, date: () => 5, dateAt: (ms) => ms, realMs: (durationMs) => durationMs }

function followers(): Followers {
  return {
    outbound: new OutboundRules(),
    slowStarts: new SlowStarts(clock),
    anomalies: new AnomalyMonitor({ clock, onChange: () => {} }),
    zoneHealth: new ZoneHealth(),
  }
}

function built(arn: string, loadBalancer: string | null, states: readonly TargetState[]): BuiltTargetGroup {
  const targets = states.map((state, index) => {
    return { id: `i-${index}`, address: '127.0.0.1', port: 80, zone: 'a', state }
  })
  const policy = {
    loadBalancer,
    isCrossZone: false,
    dnsMinimum: ONE,
    routingMinimum: ONE,
    slowStartMs: 60_000,
    isMitigating: false,
  }
  return {
    unit: { arn, name: arn, protocol: 'HTTP', protocolVersion: 'HTTP1', targets },
    policy,
  }
}

test('what was built has the shares of its targets when all have been told', () => {
  const all = followers()
  tell({ ...NOTHING, targetGroups: [built('group', 'lb', ['healthy', 'initial'])] }, all)
  const units = tell({ ...NOTHING, targetGroups: [built('group', 'lb', ['healthy', 'healthy'])] }, all)
  assert.deepEqual(
    units.targetGroups[0]?.targets.map(({ slowStart }) => slowStart),
    [undefined, { startedDate: 5, durationMs: 60_000 }],
  )
  assert.deepEqual(
    all.zoneHealth.gauges().map(({ metrics }) => metrics['HealthyHostCount']),
    [2],
  )
})

test('what is removed is forgotten by all', () => {
  const all = followers()
  all.outbound.put('lb', [])
  tell({ ...NOTHING, targetGroups: [built('group', 'lb', ['healthy', 'unhealthy'])] }, all)
  tell({ ...NOTHING, removedLoadBalancers: ['lb'], removedTargetGroups: ['group'] }, all)
  assert.equal(all.outbound.permits('lb', '127.0.0.1', 80), true)
  assert.deepEqual([...all.zoneHealth.gauges(), ...all.anomalies.gauges()], [])
  // A group of that name which is new begins as any other does.
  const units = tell({ ...NOTHING, targetGroups: [built('group', null, ['healthy', 'healthy'])] }, all)
  assert.ok(units.targetGroups[0]?.targets.every(({ slowStart }) => slowStart === undefined))
})
