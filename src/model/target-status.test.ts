import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Target } from './resources.ts'
import type { TargetHealth } from './target-health.ts'
import { HEALTH_CHECK_DISABLED, invalidState, IP_UNUSABLE, targetStatus } from './target-status.ts'

const target: Target = {
  targetGroupArn: 'group',
  id: 'i-1',
  port: 80,
  address: '10.0.0.1',
  zone: 'us-east-2a',
  drainsUntil: null,
}
const use = { loadBalancerArn: 'load-balancer', zones: ['us-east-2a'] }
const healthy: TargetHealth = { state: 'healthy' }

test('ALB-TG-219 what keeps a target from being used comes before what the health checker found', () => {
  const stopped = invalidState('stopped')
  const cases: [TargetHealth, string | undefined][] = [
    [targetStatus({ ...target, drainsUntil: 1 }, use, healthy, stopped), 'Target.DeregistrationInProgress'],
    [targetStatus(target, undefined, healthy, stopped), 'Target.NotInUse'],
    [targetStatus({ ...target, zone: 'us-east-2b' }, use, healthy, stopped), 'Target.NotInUse'],
    [targetStatus(target, use, healthy, stopped), 'Target.InvalidState'],
    [targetStatus(target, use, undefined), 'Elb.RegistrationInProgress'],
    [targetStatus(target, use, healthy), undefined],
  ]
  for (const [{ reason }, expected] of cases) assert.equal(reason, expected)
})

test('ALB-TG-221, 230, 231 and 232 states and descriptions of targets that are not used or not checked', () => {
  assert.deepEqual(targetStatus(target, use, healthy, HEALTH_CHECK_DISABLED), {
    state: 'unavailable',
    reason: 'Target.HealthCheckDisabled',
    description: 'Health checks are disabled',
  })
  assert.deepEqual(
    [invalidState('stopped'), invalidState('terminated'), invalidState(null)].map((status) => [
      status.state,
      status.reason,
      status.description,
    ]),
    [
      ['unused', 'Target.InvalidState', 'Target is in the stopped state'],
      ['unused', 'Target.InvalidState', 'Target is in the terminated state'],
      ['unused', 'Target.InvalidState', 'Target is in an invalid state'],
    ],
  )
  assert.deepEqual(IP_UNUSABLE, {
    state: 'unused',
    reason: 'Target.IpUnusable',
    description: 'The IP address cannot be used as a target, as it is in use by a load balancer',
  })
})
