// Quotas of an account: what is refused at each of them, what an operator can raise, and that each Region counts for
// itself. Small quotas stand for AWS's, so that the tests need not make thousands of things.

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { settingsOf } from '../../src/cli/config.ts'
import { DEFAULT_QUOTAS, type Quotas } from '../../src/model/quotas.ts'
import {
  apiError,
  createListener,
  createLoadBalancer,
  createTargetGroup,
  forwardTo,
  NOT_FOUND,
  pathCondition,
  present,
  startApi,
  SUBNETS,
  temporaryFolder,
  type Api,
} from './support.ts'

function quotas(changes: Partial<Quotas>): { settings: { quotas: Quotas } } {
  return { settings: { quotas: { ...DEFAULT_QUOTAS, ...changes } } }
}

async function registerPorts(api: Api, arn: string, first: number, count: number): Promise<void> {
  const Targets = Array.from({ length: count }, (_, index) => ({ Id: '127.0.0.1', Port: first + index }))
  await api.client.registerTargets({ TargetGroupArn: arn, Targets })
}

test('ALB-OBS-544, 547, 550, 551, 555, 559, 561, 564 and 565 the quotas are AWS’s unless the operator says otherwise', async (t) => {
  const folder = await temporaryFolder(t)
  assert.deepEqual(settingsOf({}).quotas, {
    loadBalancers: 50,
    listenersPerLoadBalancer: 50,
    rulesPerLoadBalancer: 100,
    certificatesPerLoadBalancer: 25,
    targetGroups: 3000,
    targetsPerTargetGroup: 1000,
    targetsPerLoadBalancer: 1000,
    capacityUnitsPerLoadBalancer: 1500,
    trustStores: 20,
    caCertificatesPerTrustStore: 25,
    revocationListsPerTrustStore: 30,
    revocationEntriesPerTrustStore: 500_000,
    certificates: 2500,
    domainNamesPerCertificate: 10,
    serverCertificates: 20,
  })
  const config = join(folder, 'config.json')
  await writeFile(config, JSON.stringify({ quotas: { loadBalancers: 60 } }))
  assert.deepEqual(settingsOf({ config }).quotas, { ...DEFAULT_QUOTAS, loadBalancers: 60 })
})

test('ALB-OBS-544 quotas that cannot be raised are no settings', async (t) => {
  const config = join(await temporaryFolder(t), 'config.json')
  for (const name of ['conditionValuesPerRule', 'targetGroupsPerAction', 'targetGroupsPerLoadBalancer']) {
    await writeFile(config, JSON.stringify({ quotas: { [name]: 10 } }))
    assert.throws(() => settingsOf({ config }), new RegExp(name))
  }
  await writeFile(config, JSON.stringify({ quotas: { loadBalancers: 0 } }))
  assert.throws(() => settingsOf({ config }), /quotas\.loadBalancers/)
})

test('ALB-OBS-541 a quota that was set holds, is told, and counts per Region', async (t) => {
  const api = await startApi(t, quotas({ loadBalancers: 2 }))
  const { Limits } = await api.client.describeAccountLimits({})
  assert.equal(Limits?.find(({ Name }) => Name === 'application-load-balancers')?.Max, '2')
  await createLoadBalancer(api, 'first')
  await createLoadBalancer(api, 'second')
  await assert.rejects(
    createLoadBalancer(api, 'third'),
    apiError('TooManyLoadBalancersException', "The maximum number of load balancers, '2', has been reached"),
  )
  // The same call again makes nothing new, and so is not refused.
  await createLoadBalancer(api, 'second')
  const elsewhere = new ElasticLoadBalancingV2({
    endpoint: api.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  t.after(() => elsewhere.destroy())
  await elsewhere.createLoadBalancer({ Name: 'third', Subnets: SUBNETS })
})

test('ALB-OBS-551 one target group more than the quota is refused, until one is deleted', async (t) => {
  const api = await startApi(t, quotas({ targetGroups: 2 }))
  const first = await createTargetGroup(api, 'first')
  await createTargetGroup(api, 'second')
  await assert.rejects(
    createTargetGroup(api, 'third'),
    apiError('TooManyTargetGroupsException', "The maximum number of target groups, '2', has been reached"),
  )
  await api.client.deleteTargetGroup({ TargetGroupArn: first })
  await createTargetGroup(api, 'third')
})

test('ALB-OBS-550 targets count over all groups that a load balancer uses, at registration and in rules', async (t) => {
  const api = await startApi(t, quotas({ targetsPerLoadBalancer: 3 }))
  const groups = []
  for (const name of ['one', 'two']) groups.push(await createTargetGroup(api, name, { TargetType: 'ip' }))
  const [one = '', two = ''] = groups
  const loadBalancer = await createLoadBalancer(api)
  const listener = await createListener(api, loadBalancer, 80, one)
  await registerPorts(api, one, 1, 2)
  await registerPorts(api, two, 1, 2)
  const rule = {
    ListenerArn: listener,
    Priority: 1,
    Conditions: [pathCondition('/a')],
    Actions: [forwardTo(two)],
  }
  await assert.rejects(api.client.createRule(rule), apiError('TooManyTargetsException'))
  await api.client.deregisterTargets({
    TargetGroupArn: two,
    Targets: [{ Id: '127.0.0.1', Port: 2 }],
  })
  await api.store.finishDeregistration(two, '127.0.0.1|2')
  await api.client.createRule(rule)
  await assert.rejects(registerPorts(api, one, 3, 1), apiError('TooManyTargetsException'))
})

test('ALB-OBS-549 the 101st target group of a load balancer is refused', async (t) => {
  const api = await startApi(t)
  const loadBalancer = await createLoadBalancer(api)
  const listener = await createListener(api, loadBalancer, 80)
  const groups = await Promise.all(
    Array.from({ length: 101 }, async (_, index) => await createTargetGroup(api, `g-${index}`)),
  )
  const forward = async (priority: number, ...arns: string[]): Promise<unknown> =>
    await api.client.createRule({
      ListenerArn: listener,
      Priority: priority,
      Conditions: [pathCondition(`/${priority}`)],
      Actions: [
        {
          Type: 'forward',
          ForwardConfig: { TargetGroups: arns.map((arn) => ({ TargetGroupArn: arn, Weight: 1 })) },
        },
      ],
    })
  for (let index = 0; index < 100; index += 5) await forward(index + 1, ...groups.slice(index, index + 5))
  await assert.rejects(
    forward(200, present(groups[100])),
    apiError('TooManyUniqueTargetGroupsPerLoadBalancerException'),
  )
  await forward(200, present(groups[0]))
})

test('ALB-OBS-548 ALB-OBS-554 six groups in an action and a second load balancer for a group are refused', async (t) => {
  const api = await startApi(t)
  const groups = []
  for (let index = 0; index < 6; index++) groups.push(await createTargetGroup(api, `g-${index}`))
  const create = async (loadBalancer: string, port: number, arns: string[]): Promise<unknown> =>
    await api.client.createListener({
      LoadBalancerArn: loadBalancer,
      Protocol: 'HTTP',
      Port: port,
      DefaultActions: [
        {
          Type: 'forward',
          ForwardConfig: { TargetGroups: arns.map((arn) => ({ TargetGroupArn: arn, Weight: 1 })) },
        },
      ],
    })
  const loadBalancer = await createLoadBalancer(api)
  await assert.rejects(create(loadBalancer, 80, groups), apiError('TooManyTargetGroupsException'))
  await create(loadBalancer, 80, groups.slice(0, 5))
  await assert.rejects(
    create(await createLoadBalancer(api, 'other'), 80, groups.slice(0, 1)),
    apiError(
      'TargetGroupAssociationLimitException',
      `The following target groups cannot be associated with more than one load balancer: ${groups[0]}`,
    ),
  )
})

test('ALB-OBS-547 and 555 listeners and rules are refused beyond a quota of the operator', async (t) => {
  const api = await startApi(t, quotas({ listenersPerLoadBalancer: 1, rulesPerLoadBalancer: 1 }))
  const loadBalancer = await createLoadBalancer(api)
  const listener = await createListener(api, loadBalancer, 80)
  await assert.rejects(createListener(api, loadBalancer, 81), apiError('TooManyListenersException'))
  const create = async (priority: number): Promise<unknown> =>
    await api.client.createRule({
      ListenerArn: listener,
      Priority: priority,
      Conditions: [pathCondition(`/${priority}`)],
      Actions: [NOT_FOUND],
    })
  await create(1)
  await assert.rejects(create(2), apiError('TooManyRulesException'))
})
