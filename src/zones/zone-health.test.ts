import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TargetState } from '../snapshot/target-group-units.ts'
import { type GroupInZones, ZoneHealth } from './zone-health.ts'

const OFF = { count: 0, percentage: 0 }
const ONE = { count: 1, percentage: 0 }

/** A group of the load balancer `lb`; `states`: first letters of the states of its targets, by zone. */
function group(states: Readonly<Record<string, string>>, more: Partial<GroupInZones> = {}): GroupInZones {
  const named: Record<string, TargetState> = { h: 'healthy', u: 'unhealthy', i: 'initial', d: 'draining' }
  const targets = Object.entries(states).flatMap(([zone, letters]) =>
    letters.split('').map((letter, index) => {
      const state = named[letter] ?? 'unused'
      return { id: `${zone}${index}`, address: '127.0.0.1', port: 80, zone, state }
    }),
  )
  const settings = { isCrossZone: false, dnsMinimum: ONE, routingMinimum: ONE }
  return { arn: 'group', loadBalancer: 'lb', ...settings, targets, ...more }
}

function zones(...groups: readonly GroupInZones[]): ZoneHealth {
  const health = new ZoneHealth()
  health.putLoadBalancer('lb', ['a', 'b'])
  for (const each of groups) health.putGroup(each)
  return health
}

function unhealthy(...groups: readonly GroupInZones[]): string {
  return [...zones(...groups).unhealthyZones('lb')].join('')
}

test('ALB-TG-255 without cross-zone load balancing a zone without a healthy target is unhealthy in DNS', () => {
  const health = zones(group({ a: 'hu', b: 'uu' }))
  assert.deepEqual([...health.unhealthyZones('lb')], ['b'])
  health.putGroup(group({ a: 'hu', b: 'uh' }))
  assert.deepEqual([...health.unhealthyZones('lb')], [])
})

test('ALB-TG-254 a zone without targets stays in DNS', () => {
  assert.equal(unhealthy(group({ a: 'h' })), '')
  assert.equal(unhealthy(group({ a: 'h', b: 'd' })), '', 'a draining target is none')
})

test('ALB-TG-273, 280, 282 with cross-zone load balancing the targets of all zones count together', () => {
  const half = { dnsMinimum: { count: 1, percentage: 50 } }
  const states = { a: 'hhhhhhhhhh', b: 'uuuuuuhhhh' }
  assert.equal(unhealthy(group(states, half)), 'b')
  assert.equal(unhealthy(group(states, { ...half, isCrossZone: true })), '')
  assert.equal(unhealthy(group({ a: 'hu', b: 'uu' }, { ...half, isCrossZone: true })), 'ab')
})

test('ALB-TG-275 a breach in one group takes the zone away from all groups', () => {
  const fine = group({ a: 'h', b: 'h' }, { arn: 'other' })
  assert.equal(unhealthy(fine, group({ a: 'h', b: 'u' })), 'b')
})

test('ALB-TG-086 with both thresholds off a group never takes a zone from DNS', () => {
  assert.equal(unhealthy(group({ a: 'h', b: 'u' }, { dnsMinimum: OFF })), '')
})

test('a group that leaves its load balancer, or is gone, says nothing about zones any more', () => {
  const bad = group({ a: 'h', b: 'u' })
  const health = zones(bad)
  health.putGroup({ ...bad, loadBalancer: null })
  assert.equal(health.unhealthyZones('lb').size, 0)
  health.putGroup(bad)
  assert.equal(health.unhealthyZones('lb').size, 1)
  health.removeGroup('group')
  assert.equal(health.unhealthyZones('lb').size, 0)
  health.putGroup(bad)
  health.putLoadBalancer('lb', ['a', 'c'])
  assert.equal(health.unhealthyZones('lb').size, 0, 'the zone is not enabled any more')
  health.removeLoadBalancer('lb')
  assert.deepEqual([...health.unhealthyZones('lb')], [])
})

test('ALB-OBS-067, 079, 080, 081, 083 hosts and states are counted by zone', () => {
  const minimums = { dnsMinimum: { count: 2, percentage: 0 }, routingMinimum: ONE }
  const health = zones(group({ a: 'hhui', b: 'hu', c: 'd' }, minimums))
  health.putGroup(group({ a: 'h' }, { arn: 'unused', loadBalancer: null }))
  const byZone: Record<string, object> = {}
  for (const { zone, metrics } of health.gauges()) byZone[zone] = { ...byZone[zone], ...metrics }
  const fine = { HealthyStateDNS: 1, UnhealthyStateDNS: 0, HealthyStateRouting: 1, UnhealthyStateRouting: 0 }
  assert.deepEqual(byZone, {
    a: { HealthyHostCount: 2, UnHealthyHostCount: 1, ...fine },
    b: { HealthyHostCount: 1, UnHealthyHostCount: 1, ...fine, HealthyStateDNS: 0, UnhealthyStateDNS: 1 },
    c: { HealthyHostCount: 0, UnHealthyHostCount: 0 },
  })
})

test('ALB-TG-289, 290, 291 all groups that have targets need a healthy one, and one of them has to have targets', () => {
  const healthy = group({ a: 'hu' })
  const failing = group({ a: 'uu' }, { arn: 'failing' })
  const empty = group({}, { arn: 'empty' })
  const isHealthy = (...groups: readonly GroupInZones[]): boolean => zones(...groups).hasHealthyTargets('lb')
  assert.equal(isHealthy(healthy, empty), true)
  assert.equal(isHealthy(healthy, failing), false)
  assert.equal(isHealthy(empty), false)
  assert.equal(isHealthy(), true, 'there is nothing that could be unhealthy')
})
