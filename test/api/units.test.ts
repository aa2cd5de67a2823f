// What the API was told, as the workers and the health checker get it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Action, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2'
import { buildHealthPlans, healthPlanOf } from '../../src/publishing/units/target-groups.ts'
import { buildUnits } from '../../src/publishing/units/units.ts'
import { tell, type Followers, type Units } from '../../src/publishing/followers.ts'
import { OutboundRules } from '../../src/publishing/security-rules.ts'
import { SlowStarts } from '../../src/publishing/slow-starts.ts'
import { AnomalyMonitor } from '../../src/health/anomaly-monitor.ts'
import type { LoadBalancerUnit } from '../../src/snapshot/application-units.ts'
import type { TargetGroupUnit } from '../../src/snapshot/target-group-units.ts'
import type { StoreChange } from '../../src/store/changes.ts'
import { ZoneHealth } from '../../src/zones/zone-health.ts'
import {
  createHttpsListener,
  createListener,
  createLoadBalancer,
  createTargetGroup,
  forwardTo,
  importCertificate,
  INSTANCES,
  NOT_FOUND,
  pathCondition,
  present,
  startApi,
  SUBNET_C,
  SUBNETS,
  type Api,
} from './support.ts'

/** Units of everything that the store said was changed since the last call. */
async function changedUnits(api: Api, portOffset = 0): Promise<Units> {
  const changes = api.changes.splice(0)
  const change = {
    loadBalancers: new Set(changes.flatMap(({ loadBalancers }) => [...loadBalancers])),
    targetGroups: new Set(changes.flatMap(({ targetGroups }) => [...targetGroups])),
  }
  return await unitsOf(api, change, followersOf(api), portOffset)
}

async function unitsOf(api: Api, change: StoreChange, followers: Followers, portOffset = 0): Promise<Units> {
  const health = { healthOf: (arn: string, key: string) => api.found.get(`${arn} ${key}`) }
  return tell(await buildUnits(api.store, change, { health, portOffset }), followers)
}

function followersOf(api: Api): Followers {
  return {
    outbound: new OutboundRules(),
    slowStarts: new SlowStarts(api.clock),
    anomalies: new AnomalyMonitor({ clock: api.clock, onChange: () => {} }),
    zoneHealth: new ZoneHealth(),
  }
}

test('a load balancer becomes a unit with its nodes, attributes, listeners and rules', async (t) => {
  const api = await startApi(t)
  const arn = await createLoadBalancer(api)
  const group = await createTargetGroup(api)
  const listener = await createListener(api, arn, 80, group)
  const conditions: RuleCondition[] = [
    { Field: 'host-header', HostHeaderConfig: { Values: ['*.example.com'] } },
    { Field: 'query-string', QueryStringConfig: { Values: [{ Value: 'a' }, { Key: 'k', Value: 'v' }] } },
    { Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.0/8'] } },
  ]
  const rules: [number, RuleCondition[], Action][] = [
    [20, conditions, NOT_FOUND],
    [
      10,
      [
        { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-A', Values: ['b'] } },
        { Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['GET'] } },
      ],
      { Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301', Protocol: 'HTTPS', Port: '443' } },
    ],
    [
      30,
      [pathCondition('/a&amp;b')],
      { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200', MessageBody: 'hello' } },
    ],
  ]
  for (const [Priority, Conditions, action] of rules) {
    await api.client.createRule({ ListenerArn: listener, Priority, Conditions, Actions: [action] })
  }
  await api.client.modifyLoadBalancerAttributes({
    LoadBalancerArn: arn,
    Attributes: [
      { Key: 'idle_timeout.timeout_seconds', Value: '7' },
      { Key: 'routing.http.xff_header_processing.mode', Value: 'remove' },
      { Key: 'access_logs.s3.enabled', Value: 'true' },
      { Key: 'access_logs.s3.bucket', Value: 'my-logs' },
    ],
  })
  const { loadBalancers, targetGroups } = await changedUnits(api, 8000)
  const [unit] = loadBalancers
  assert.deepEqual({ ...unit, dnsName: '', listeners: [] } satisfies Partial<LoadBalancerUnit>, {
    kind: 'application',
    arn,
    id: arn.slice(arn.indexOf('app/')),
    dnsName: '',
    accountId: '123456789012',
    region: 'us-east-2',
    traffic: {
      idleTimeoutMs: 7000,
      clientKeepAliveMs: 3_600_000,
      desyncMitigationMode: 'defensive',
      dropInvalidHeaderFields: false,
      preserveHostHeader: false,
      xffHeaderProcessingMode: 'remove',
      xffClientPort: false,
    },
    accessLog: { bucket: 'my-logs', prefix: '' },
    nodes: [
      { zone: 'us-east-2a', address: '127.1.0.1' },
      { zone: 'us-east-2b', address: '127.2.0.1' },
    ],
    listeners: [],
  })
  const [compiled] = present(unit).listeners
  assert.equal(compiled?.port, 80)
  assert.equal(compiled?.bindPort, 8080)
  assert.deepEqual(compiled?.defaultRule.actions, [
    { type: 'forward', targetGroups: [{ arn: group, weight: 1 }] },
  ])
  assert.deepEqual(
    compiled?.rules.map(({ priority, conditions: units, actions }) => ({ priority, units, actions })),
    [
      {
        priority: 10,
        units: [
          { field: 'http-header', headerName: 'X-A', values: ['b'] },
          { field: 'http-request-method', values: ['GET'] },
        ],
        // ALB-LSN Q44
        actions: [
          {
            type: 'redirect',
            statusCode: 301,
            protocol: 'HTTPS',
            host: '#{host}',
            port: '443',
            path: '/#{path}',
            query: '#{query}',
          },
        ],
      },
      {
        priority: 20,
        units: [
          { field: 'host-header', values: ['*.example.com'] },
          {
            field: 'query-string',
            values: [
              { key: null, value: 'a' },
              { key: 'k', value: 'v' },
            ],
          },
          { field: 'source-ip', values: ['10.0.0.0/8'] },
        ],
        actions: [{ type: 'fixed-response', statusCode: 404, contentType: null, messageBody: '' }],
      },
      {
        priority: 30,
        units: [{ field: 'path-pattern', values: ['/a&b'] }],
        actions: [
          { type: 'fixed-response', statusCode: 200, contentType: 'text/plain', messageBody: 'hello' },
        ],
      },
    ],
  )
  assert.deepEqual(targetGroups, [
    { arn: group, name: 'my-targets', protocol: 'HTTP', protocolVersion: 'HTTP1', targets: [] },
  ])
})

test('what was deleted is listed as removed, and the groups it used are built again', async (t) => {
  const api = await startApi(t)
  const arn = await createLoadBalancer(api)
  const group = await createTargetGroup(api, 'ip', { TargetType: 'ip' })
  await createListener(api, arn, 80, group)
  await api.client.registerTargets({ TargetGroupArn: group, Targets: [{ Id: '127.0.0.1' }] })
  const before = await changedUnits(api)
  assert.equal(before.targetGroups[0]?.targets[0]?.state, 'initial')
  await api.client.deleteLoadBalancer({ LoadBalancerArn: arn })
  const after = await changedUnits(api)
  assert.deepEqual(after.loadBalancers, [])
  assert.deepEqual(after.removedLoadBalancers, [arn])
  assert.equal(after.targetGroups[0]?.targets[0]?.state, 'unused')
  await api.client.deleteTargetGroup({ TargetGroupArn: group })
  assert.deepEqual((await changedUnits(api)).removedTargetGroups, [group])
})

test('ALB-TG-009 targets are probed while they are registered, in use and in an enabled zone', async (t) => {
  const api = await startApi(t)
  const arn = await createLoadBalancer(api)
  const group = await createTargetGroup(api, 'ip', { TargetType: 'ip', HealthCheckPath: '/h' })
  await api.client.registerTargets({
    TargetGroupArn: group,
    Targets: [
      { Id: '127.0.0.1' },
      { Id: '127.0.0.2', Port: 9001 },
      { Id: '127.0.0.3', AvailabilityZone: 'us-east-2c' },
      { Id: '127.0.0.4' },
    ],
  })
  assert.equal(await healthPlanOf(api.store, group), null)
  await createListener(api, arn, 80, group)
  await api.client.deregisterTargets({ TargetGroupArn: group, Targets: [{ Id: '127.0.0.4' }] })
  const plans = await buildHealthPlans(api.store, [group, 'arn:gone'])
  assert.deepEqual(plans.get(group), {
    targetGroup: group,
    protocol: 'HTTP',
    protocolVersion: 'HTTP1',
    path: '/h',
    intervalMs: 30_000,
    timeoutMs: 5000,
    healthyThreshold: 5,
    unhealthyThreshold: 2,
    matcher: '200',
    targets: [
      { key: '127.0.0.1|80', address: '127.0.0.1', port: 80 },
      { key: '127.0.0.2|9001', address: '127.0.0.2', port: 9001 },
    ],
  })
  assert.equal(plans.get('arn:gone'), null)

  const { TargetHealthDescriptions } = await api.client.describeTargetHealth({
    TargetGroupArn: group,
    Targets: [{ Id: '127.0.0.3' }],
  })
  const { State, Reason } = present(TargetHealthDescriptions?.[0]?.TargetHealth)
  assert.deepEqual([State, Reason], ['unused', 'Target.NotInUse'])

  // ALB-TG-204: one port for all. ALB-LB-378: the zone is enabled, and its target is probed.
  await api.client.modifyTargetGroup({ TargetGroupArn: group, HealthCheckPort: '8081' })
  await api.client.setSubnets({ LoadBalancerArn: arn, Subnets: [...SUBNETS, SUBNET_C] })
  const plan = await healthPlanOf(api.store, group)
  assert.deepEqual(
    plan?.targets.map(({ address, port }) => `${address}:${port}`),
    ['127.0.0.1:8081', '127.0.0.2:8081', '127.0.0.3:8081'],
  )
})

test('ALB-TG-015 checks over TLS have the policy of traffic to the target, the newest of its listeners', async (t) => {
  const api = await startApi(t)
  await importCertificate(api)
  const arn = await createLoadBalancer(api)
  const group = await createTargetGroup(api, 'grpc', {
    Protocol: 'HTTPS',
    ProtocolVersion: 'GRPC',
    TargetType: 'ip',
    HealthCheckProtocol: 'HTTPS',
  })
  await api.client.registerTargets({ TargetGroupArn: group, Targets: [{ Id: '127.0.0.1' }] })
  const policy = async (): Promise<string | undefined> => {
    const plan = await healthPlanOf(api.store, group)
    assert.equal(plan?.protocol, 'HTTPS')
    assert.equal(plan.protocolVersion, 'GRPC')
    return plan.securityPolicy
  }
  const DefaultActions = [forwardTo(group)]
  const old = await createHttpsListener(api, arn, 443, { DefaultActions })
  assert.equal(await policy(), 'ELBSecurityPolicy-2016-08')
  const ListenerArn = await createHttpsListener(api, arn, 8443, { DefaultActions })
  api.changes.splice(0)
  await api.client.modifyListener({ ListenerArn, SslPolicy: 'ELBSecurityPolicy-TLS13-1-3-2021-06' })
  assert.deepEqual([...(api.changes[0]?.targetGroups ?? [])], [group])
  assert.equal(await policy(), 'ELBSecurityPolicy-TLS13-1-0-2021-06')
  await api.client.deleteListener({ ListenerArn })
  assert.equal(await policy(), 'ELBSecurityPolicy-2016-08')
  await api.client.modifyListener({
    ListenerArn: old,
    SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04',
  })
  assert.equal(await policy(), 'ELBSecurityPolicy-TLS13-1-0-FIPS-2023-04')
  await api.client.modifyTargetGroup({ TargetGroupArn: group, HealthCheckProtocol: 'HTTP' })
  const plan = await healthPlanOf(api.store, group)
  assert.deepEqual([plan?.protocol, plan?.securityPolicy], ['HTTP', undefined])
})

test('the state of a target in its unit is the one that the API shows', async (t) => {
  const api = await startApi(t)
  const arn = await createLoadBalancer(api)
  const group = await createTargetGroup(api, 'ip', { TargetType: 'ip' })
  await createListener(api, arn, 80, group)
  const ids = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4']
  await api.client.registerTargets({
    TargetGroupArn: group,
    Targets: [...ids.map((Id) => ({ Id })), { Id: '127.0.0.5', AvailabilityZone: 'us-east-2c' }],
  })
  await api.client.deregisterTargets({ TargetGroupArn: group, Targets: [{ Id: '127.0.0.4' }] })
  api.found.set(`${group} 127.0.0.2|80`, { state: 'healthy' })
  api.found.set(`${group} 127.0.0.3|80`, { state: 'unhealthy', reason: 'Target.Timeout' })
  // Stale findings about targets that are not probed any more do not count.
  api.found.set(`${group} 127.0.0.4|80`, { state: 'healthy' })
  api.found.set(`${group} 127.0.0.5|80`, { state: 'healthy' })
  const { targetGroups } = await changedUnits(api)
  const states = targetGroups[0]?.targets.map(({ state }) => state)
  assert.deepEqual(states, ['initial', 'healthy', 'unhealthy', 'draining', 'unused'])
  const { TargetHealthDescriptions } = await api.client.describeTargetHealth({ TargetGroupArn: group })
  assert.deepEqual(
    TargetHealthDescriptions?.map(({ TargetHealth }) => TargetHealth?.State),
    states,
  )
})

test('weights of a forward action come through', async (t) => {
  const api = await startApi(t)
  const arn = await createLoadBalancer(api)
  const groups = [await createTargetGroup(api, 'one'), await createTargetGroup(api, 'two')]
  const listener = await createListener(api, arn, 80)
  await api.client.modifyListener({
    ListenerArn: listener,
    DefaultActions: [
      {
        Type: 'forward',
        ForwardConfig: {
          TargetGroups: groups.map((TargetGroupArn, index) => ({ TargetGroupArn, Weight: index * 5 })),
        },
      },
    ],
  })
  const { loadBalancers } = await changedUnits(api)
  assert.deepEqual(loadBalancers[0]?.listeners[0]?.defaultRule.actions, [
    {
      type: 'forward',
      targetGroups: [
        { arn: groups[0], weight: 0 },
        { arn: groups[1], weight: 5 },
      ],
    },
  ])
  // A second use of the same group in another rule is no second use of the group.
  await api.client.createRule({
    ListenerArn: listener,
    Priority: 1,
    Conditions: [pathCondition('/a')],
    Actions: [forwardTo(present(groups[0]))],
  })
  const { TargetGroups } = await api.client.describeTargetGroups({ LoadBalancerArn: arn })
  assert.equal(TargetGroups?.length, 2)
})

test('the algorithm, slow starts and weights of a group come through', async (t) => {
  const api = await startApi(t)
  const arn = await createTargetGroup(api, 'ip', { TargetType: 'ip' })
  await createListener(api, await createLoadBalancer(api), 80, arn)
  await api.client.registerTargets({
    TargetGroupArn: arn,
    Targets: [{ Id: '127.0.0.1' }, { Id: '127.0.0.2' }],
  })
  const followers = followersOf(api)
  const { anomalies } = followers
  const set = async (...attributes: [key: string, value: string][]): Promise<TargetGroupUnit | undefined> => {
    await api.client.modifyTargetGroupAttributes({
      TargetGroupArn: arn,
      Attributes: attributes.map(([Key, Value]) => ({ Key, Value })),
    })
    const change = { loadBalancers: new Set<string>(), targetGroups: new Set([arn]) }
    return (await unitsOf(api, change, followers)).targetGroups[0]
  }
  api.found.set(`${arn} 127.0.0.1|80`, { state: 'healthy' })
  const before = await set(['slow_start.duration_seconds', '60'])
  assert.equal(before?.algorithm, undefined)
  api.found.set(`${arn} 127.0.0.2|80`, { state: 'healthy' })
  const starting = await set(['slow_start.duration_seconds', '90'])
  assert.deepEqual(
    starting?.targets.map(({ slowStart }) => slowStart?.durationMs),
    [undefined, 90_000],
  )
  const least = await set(
    ['slow_start.duration_seconds', '0'],
    ['load_balancing.algorithm.type', 'least_outstanding_requests'],
  )
  assert.equal(least?.algorithm, 'least_outstanding_requests')
  assert.deepEqual(
    least.targets.map(({ slowStart }) => slowStart),
    [undefined, undefined],
  )
  anomalies.seed([{ ...least, targets: least.targets.map((target) => ({ ...target, weight: 0.5 })) }])
  const [type, mitigation] = ['load_balancing.algorithm.type', 'load_balancing.algorithm.anomaly_mitigation']
  const weighted = await set([type, 'weighted_random'], [mitigation, 'on'])
  assert.equal(weighted?.algorithm, 'weighted_random')
  assert.deepEqual(
    weighted.targets.map(({ weight }) => weight),
    [0.5, 0.5],
  )
  // ALB-TG-133, OQ-17: mitigation ends with the algorithm that it needs.
  const round = await set([type, 'round_robin'])
  assert.deepEqual(
    round?.targets.map(({ weight }) => weight),
    [undefined, undefined],
  )
  assert.equal(round.algorithm, undefined)
})

test('ALB-TG-020 traffic for an instance goes to its primary address', async (t) => {
  const api = await startApi(t)
  const group = await createTargetGroup(api)
  await createListener(api, await createLoadBalancer(api), 80, group)
  const Targets = INSTANCES.map((Id) => ({ Id }))
  await api.client.registerTargets({ TargetGroupArn: group, Targets })
  const { targetGroups } = await changedUnits(api)
  assert.deepEqual(
    targetGroups[0]?.targets.map(({ id, address, port, zone }) => ({ id, address, port, zone })),
    [
      { id: INSTANCES[0], address: '127.0.10.1', port: 80, zone: 'us-east-2a' },
      { id: INSTANCES[1], address: '127.0.10.2', port: 80, zone: 'us-east-2b' },
    ],
  )
})

test('a group of a function has it in place of targets, and nothing is probed', async (t) => {
  const api = await startApi(t)
  const { TargetGroups } = await api.client.createTargetGroup({ Name: 'f', TargetType: 'lambda' })
  const arn = present(TargetGroups?.[0]?.TargetGroupArn)
  const unit = { arn, name: 'f', protocol: 'HTTP', protocolVersion: 'HTTP1', targets: [] }
  assert.deepEqual((await changedUnits(api)).targetGroups, [{ ...unit, functionArn: null }])
  const Id = 'arn:aws:lambda:us-east-2:123456789012:function:my-function'
  await api.client.registerTargets({ TargetGroupArn: arn, Targets: [{ Id }] })
  assert.deepEqual((await changedUnits(api)).targetGroups, [{ ...unit, functionArn: Id }])
  assert.equal(await healthPlanOf(api.store, arn), null)
})
