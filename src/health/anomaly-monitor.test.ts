import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scaledClock } from '../clock/clock.ts'
import type { TargetUnit } from '../snapshot/target-group-units.ts'
import { AnomalyMonitor } from './anomaly-monitor.ts'

const GROUP = { arn: 'group', loadBalancer: 'balancer', isMitigating: true }

function targets(names: string): TargetUnit[] {
  return names.split('').map((id, index) => {
    const zone = index < 2 ? 'a' : 'b'
    return { id, address: '127.0.0.1', port: 80, zone, state: 'healthy' }
  })
}

/** A monitor, and the groups that it told of. */
function monitor(): { monitor: AnomalyMonitor; changed: string[] } {
  const changed: string[] = []
  return {
    monitor: new AnomalyMonitor({ clock: scaledClock(), onChange: (arn) => changed.push(arn) }),
    changed,
  }
}

/** Periods with equal traffic in which `a` fails always. */
function failing(anomalies: AnomalyMonitor, names: string, periods: number): void {
  for (let period = 0; period < periods; period++) {
    // Two workers have half of it each.
    for (let worker = 0; worker < 2; worker++) {
      const outcomes = names.split('').map((id) => {
        return { targetGroup: 'group', target: `${id}|80`, requests: 50, errors: id === 'a' ? 50 : 0 }
      })
      anomalies.count(outcomes)
    }
    anomalies.evaluate()
  }
}

test('ALB-TG-119, 121 what all workers count decides; weights reach the unit under mitigation and not without', () => {
  const { monitor: anomalies, changed } = monitor()
  anomalies.apply(GROUP, targets('abc'))
  failing(anomalies, 'abc', 1)
  assert.deepEqual(changed, [])
  failing(anomalies, 'abc', 2)
  assert.deepEqual(changed, ['group', 'group'], 'once per change of weights')
  const weights = (isMitigating: boolean): (number | undefined)[] =>
    anomalies.apply({ ...GROUP, isMitigating }, targets('abc')).map(({ weight }) => weight)
  assert.deepEqual(weights(true), [0.25, undefined, undefined])
  assert.deepEqual(anomalies.anomalyOf('group', 'a|80')?.isAnomalous, true)
  assert.deepEqual(weights(false), [undefined, undefined, undefined])
  failing(anomalies, 'abc', 1)
  assert.equal(anomalies.anomalyOf('group', 'a|80')?.isAnomalous, true)
  assert.deepEqual(changed, ['group', 'group'], 'nothing that traffic has to know')
})

test('ALB-OBS-033, 039 anomalous and mitigated hosts are counted per zone, also while there are none', () => {
  const { monitor: anomalies } = monitor()
  const counts = (): unknown =>
    anomalies
      .gauges()
      .map(({ zone, metrics }) => [zone, metrics['AnomalousHostCount'], metrics['MitigatedHostCount']])
  anomalies.apply({ ...GROUP, isMitigating: false }, targets('abc'))
  assert.deepEqual(counts(), [
    ['a', 0, 0],
    ['b', 0, 0],
  ])
  failing(anomalies, 'abc', 3)
  assert.deepEqual(counts(), [
    ['a', 1, 0],
    ['b', 0, 0],
  ])
  anomalies.apply(GROUP, targets('abc'))
  failing(anomalies, 'abc', 1)
  assert.deepEqual(counts(), [
    ['a', 1, 1],
    ['b', 0, 0],
  ])
  const [gauge] = anomalies.gauges()
  assert.deepEqual([gauge?.loadBalancer, gauge?.targetGroup], ['balancer', 'group'])
  anomalies.apply({ ...GROUP, loadBalancer: null }, targets('abc'))
  assert.deepEqual(counts(), [], 'a group that is not in use')
})

test('a restart goes on with the weights of the snapshot in force, and gives them back', () => {
  const { monitor: anomalies, changed } = monitor()
  const [a, b, c] = targets('abc')
  assert.ok(a !== undefined && b !== undefined && c !== undefined)
  const unit = { arn: 'group', name: 'group', protocol: 'HTTP', protocolVersion: 'HTTP1' } as const
  anomalies.seed([{ ...unit, targets: [{ ...a, weight: 0.85 }, b, c] }])
  assert.deepEqual(
    anomalies.apply(GROUP, targets('abc')).map(({ weight }) => weight),
    [0.85, undefined, undefined],
  )
  anomalies.evaluate()
  assert.deepEqual(anomalies.anomalyOf('group', 'a|80')?.weight, 0.85, 'as long as nothing is known')
  failing(anomalies, 'bc', 2)
  assert.deepEqual(anomalies.anomalyOf('group', 'a|80'), { isAnomalous: false, weight: 1 })
  assert.deepEqual(changed, ['group', 'group'])
})

test('what is counted for a group or a target that is gone counts nothing', () => {
  const { monitor: anomalies, changed } = monitor()
  failing(anomalies, 'abc', 3)
  anomalies.apply(GROUP, targets('bcd'))
  failing(anomalies, 'abcd', 3)
  assert.equal(anomalies.anomalyOf('group', 'a|80')?.isAnomalous, false)
  anomalies.forget('group')
  assert.equal(anomalies.anomalyOf('group', 'b|80'), undefined)
  failing(anomalies, 'abcd', 3)
  assert.deepEqual(changed, [])
})
