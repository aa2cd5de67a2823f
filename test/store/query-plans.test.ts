// Every statement that reading and writing one resource takes goes by an index: its cost does not grow with how many
// other resources there are.

import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { mock, test } from 'node:test'
import { migrations } from '../../src/store/tables.ts'
import {
  createListener,
  createLoadBalancer,
  createTargetGroup,
  NOT_FOUND,
  pathCondition,
  present,
  startApi,
  SUBNET_C,
  SUBNETS,
} from '../api/support.ts'

/** Statements that are prepared while `work` runs. */
async function statementsOf(work: () => Promise<void>): Promise<Set<string>> {
  const statements = new Set<string>()
  const prepare = mock.method(DatabaseSync.prototype, 'prepare')
  try {
    await work()
  } finally {
    prepare.mock.restore()
  }
  for (const call of prepare.mock.calls) statements.add(call.arguments[0])
  return statements
}

test('no call reads a whole table', async (t) => {
  const api = await startApi(t)
  const { client } = api
  const statements = await statementsOf(async () => {
    const LoadBalancerArn = await createLoadBalancer(api)
    const TargetGroupArn = await createTargetGroup(api, 'x', { TargetType: 'ip' })
    const ListenerArn = await createListener(api, LoadBalancerArn, 80, TargetGroupArn)
    const { Rules } = await client.createRule({
      ListenerArn,
      Priority: 1,
      Conditions: [pathCondition('/a')],
      Actions: [NOT_FOUND],
      Tags: [{ Key: 'a' }],
    })
    const RuleArn = present(Rules?.[0]?.RuleArn)
    const Targets = [{ Id: '127.0.0.1' }]
    await client.registerTargets({ TargetGroupArn, Targets })
    await client.deregisterTargets({ TargetGroupArn, Targets })
    await client.describeTargetHealth({ TargetGroupArn })
    await client.setRulePriorities({ RulePriorities: [{ RuleArn, Priority: 2 }] })
    await client.modifyRule({ RuleArn, Actions: [{ Type: 'forward', TargetGroupArn }] })
    await client.modifyListener({ ListenerArn, Port: 81 })
    await client.modifyTargetGroup({ TargetGroupArn, HealthCheckPath: '/b' })
    await client.modifyTargetGroupAttributes({
      TargetGroupArn,
      Attributes: [{ Key: 'stickiness.enabled', Value: 'true' }],
    })
    await client.removeTags({ ResourceArns: [RuleArn], TagKeys: ['a'] })
    await client.setSubnets({ LoadBalancerArn, Subnets: [...SUBNETS, SUBNET_C] })
    await client.describeLoadBalancers({})
    await client.describeTargetGroups({})
    await client.describeListeners({ LoadBalancerArn })
    await client.describeRules({ ListenerArn })
    await api.store.markApplied([LoadBalancerArn])
    await api.store.drainingTargets()
    await api.store.finishDeregistration(TargetGroupArn, '127.0.0.1|80')
    await client.deleteRule({ RuleArn })
    await client.deleteListener({ ListenerArn })
    await client.deleteLoadBalancer({ LoadBalancerArn })
    await client.deleteTargetGroup({ TargetGroupArn })
  })
  assert.deepEqual(api.errors, [])
  const database = new DatabaseSync(':memory:')
  t.after(() => database.close())
  database.exec(migrations.join(''))
  const scans: string[] = []
  let explained = 0
  for (const sql of statements) {
    if (!/^(?:select|insert|update|delete) /.test(sql)) continue
    explained++
    for (const { detail } of database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()) {
      // A partial index holds only the draining targets, so reading all of it is the point.
      const step = String(detail)
      if (step.startsWith('SCAN ') && !step.includes('draining_targets')) scans.push(`${step}: ${sql}`)
    }
  }
  assert.ok(explained > 40, `only ${explained} statements were seen`)
  assert.deepEqual(scans, [])
})
