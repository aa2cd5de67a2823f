import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ElasticLoadBalancingV2,
  type ModifyTargetGroupCommandInput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
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
  VPC,
  type Api,
} from './support.ts'

test('ALB-TG-008, 020, 036, 041, 208 and 210 a new target group has the documented defaults', async (t) => {
  const api = await startApi(t)
  const { TargetGroups } = await api.client.createTargetGroup({
    Name: 'my-targets',
    Protocol: 'HTTP',
    Port: 80,
    VpcId: VPC,
  })
  const { TargetGroupArn: arn, ...group } = present(TargetGroups?.[0])
  assert.match(
    present(arn),
    /^arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup\/my-targets\/[0-9a-f]{16}$/,
  )
  assert.deepEqual(group, {
    TargetGroupName: 'my-targets',
    Protocol: 'HTTP',
    Port: 80,
    VpcId: VPC,
    HealthCheckProtocol: 'HTTP',
    HealthCheckPort: 'traffic-port',
    HealthCheckEnabled: true,
    HealthCheckIntervalSeconds: 30,
    HealthCheckTimeoutSeconds: 5,
    HealthyThresholdCount: 5,
    UnhealthyThresholdCount: 2,
    HealthCheckPath: '/',
    Matcher: { HttpCode: '200' },
    LoadBalancerArns: [],
    TargetType: 'instance',
    ProtocolVersion: 'HTTP1',
    IpAddressType: 'ipv4',
  })
  const { TargetGroups: described } = await api.client.describeTargetGroups({ Names: ['my-targets'] })
  assert.deepEqual(described, TargetGroups)
})

test('ALB-TG-215 a GRPC group has its own path and codes for checks', async (t) => {
  const api = await startApi(t)
  const arn = await createTargetGroup(api, 'grpc', { ProtocolVersion: 'GRPC' })
  const { TargetGroups } = await api.client.describeTargetGroups({ TargetGroupArns: [arn] })
  assert.equal(TargetGroups?.[0]?.HealthCheckPath, '/AWS.ALB/healthcheck')
  assert.deepEqual(TargetGroups?.[0]?.Matcher, { GrpcCode: '12' })
  for (const GrpcCode of ['0', '0,1', '0-5', '0-5,12', '99']) {
    const modified = await api.client.modifyTargetGroup({ TargetGroupArn: arn, Matcher: { GrpcCode } })
    assert.deepEqual(modified.TargetGroups?.[0]?.Matcher, { GrpcCode })
  }
  for (const GrpcCode of ['100', '-1', '5-0', 'x', '']) {
    await assert.rejects(
      api.client.modifyTargetGroup({ TargetGroupArn: arn, Matcher: { GrpcCode } }),
      apiError('ValidationError', /GRPC code/),
    )
  }
  await api.client.modifyTargetGroup({ TargetGroupArn: arn, HealthCheckPath: '/health.Check/Ping' })
  await assert.rejects(
    api.client.modifyTargetGroup({ TargetGroupArn: arn, Matcher: { HttpCode: '200' } }),
    apiError('ValidationError'),
  )
  for (const HealthCheckPath of ['/', '/Ping', '/health.Check/', '/health.Check/Ping?x', '/a/b/c']) {
    await assert.rejects(
      api.client.modifyTargetGroup({ TargetGroupArn: arn, HealthCheckPath }),
      apiError('ValidationError', /package\.service/),
    )
  }
})

test('ALB-TG-012 ALB-TG-013 what a target group cannot be', async (t) => {
  const api = await startApi(t)
  const cases: [Parameters<typeof createTargetGroup>[2] & { Name?: string }, string][] = [
    [{ Name: 'a'.repeat(33) }, 'ValidationError'],
    [{ Name: 'a_b' }, 'ValidationError'],
    [{ Name: '-a' }, 'ValidationError'],
    [{ Name: 'a-' }, 'ValidationError'],
    [{ Port: 0 }, 'ValidationError'],
    [{ Port: -1 }, 'ValidationError'],
    [{ Port: 65_536 }, 'ValidationError'],
    [{ Port: undefined }, 'ValidationError'],
    [{ Protocol: undefined }, 'ValidationError'],
    [{ VpcId: undefined }, 'ValidationError'],
    [{ VpcId: 'nonsense' }, 'ValidationError'],
    [{ Protocol: 'SCTP' as 'TCP' }, 'ValidationError'],
    [{ ProtocolVersion: 'HTTP3' }, 'ValidationError'],
    [{ TargetControlPort: 3000 }, 'InvalidConfigurationRequestException'],
    [{ HealthCheckEnabled: false }, 'InvalidConfigurationRequestException'],
    [{ HealthCheckProtocol: 'TCP' }, 'ValidationError'],
    // ALB-TG OQ-19: the default timeout is 5.
    [{ HealthCheckIntervalSeconds: 5 }, 'ValidationError'],
  ]
  for (const [input, code] of cases) {
    await assert.rejects(
      createTargetGroup(api, input.Name ?? 'x', input),
      apiError(code),
      JSON.stringify(input),
    )
  }
  assert.deepEqual((await api.client.describeTargetGroups({})).TargetGroups, [])
  for (const Port of [1, 65_535]) await createTargetGroup(api, `port-${Port}`, { Port })
  await createTargetGroup(api, 'https', { Protocol: 'HTTPS', Port: 443 })
})

test('ALB-TG-012 groups of Network and Gateway Load Balancers are refused, what is wrong with them first', async (t) => {
  const api = await startApi(t)
  const cases: [Parameters<typeof createTargetGroup>[2], string, RegExp][] = [
    [{ Protocol: 'TCP' }, 'InvalidConfigurationRequestException', /'TCP'.*traffic is not carried/],
    [{ Protocol: 'TLS' }, 'InvalidConfigurationRequestException', /'TLS'/],
    [{ Protocol: 'UDP' }, 'InvalidConfigurationRequestException', /'UDP'/],
    [{ Protocol: 'TCP_UDP', Port: undefined }, 'ValidationError', /port/],
    [{ Protocol: 'GENEVE', Port: 6081 }, 'InvalidConfigurationRequestException', /'GENEVE'/],
    [{ Protocol: 'GENEVE' }, 'ValidationError', /6081/],
    [{ Protocol: 'TCP', ProtocolVersion: 'HTTP1' }, 'ValidationError', /Protocol version cannot/],
    [{ TargetType: 'alb' }, 'ValidationError', /'HTTP' is not supported .* 'alb'/],
    [{ TargetType: 'alb', Protocol: 'UDP' }, 'ValidationError', /'UDP' is not supported .* 'alb'/],
    [{ TargetType: 'alb', Protocol: 'TCP' }, 'InvalidConfigurationRequestException', /'TCP'/],
  ]
  for (const [input, code, message] of cases) {
    await assert.rejects(createTargetGroup(api, 'x', input), apiError(code, message), JSON.stringify(input))
  }
  assert.deepEqual((await api.client.describeTargetGroups({})).TargetGroups, [])
})

test('ALB-TG-165 ALB-TG OQ-21 the same settings give the same group, others are refused in its Region', async (t) => {
  const api = await startApi(t)
  const arn = await createTargetGroup(api, 'x', { HealthCheckPath: '/h' })
  assert.equal(
    await createTargetGroup(api, 'x', { HealthCheckPath: '/h', HealthCheckIntervalSeconds: 30 }),
    arn,
  )
  for (const input of [{ Port: 81 }, { HealthCheckPath: '/' }, { IpAddressType: 'ipv6' }] as const) {
    await assert.rejects(
      createTargetGroup(api, 'x', { HealthCheckPath: '/h', ...input }),
      apiError('DuplicateTargetGroupNameException'),
    )
  }
  const elsewhere = new ElasticLoadBalancingV2({
    endpoint: api.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  t.after(() => elsewhere.destroy())
  const other = { Name: 'x', Protocol: 'HTTP', Port: 81, VpcId: VPC } as const
  const { TargetGroups } = await elsewhere.createTargetGroup(other)
  assert.match(present(TargetGroups?.[0]?.TargetGroupArn), /:eu-west-1:/)
})

test('ALB-TG-207, 209, 211 and 212 health check settings are changed within their limits', async (t) => {
  const api = await startApi(t)
  const arn = await createTargetGroup(api)
  const modify = async (input: Omit<ModifyTargetGroupCommandInput, 'TargetGroupArn'>): Promise<unknown> => {
    const { TargetGroups } = await api.client.modifyTargetGroup({ TargetGroupArn: arn, ...input })
    return TargetGroups?.[0]
  }
  const accepted: Omit<ModifyTargetGroupCommandInput, 'TargetGroupArn'>[] = [
    { HealthCheckPort: '8081' },
    { HealthCheckPort: 'traffic-port' },
    { HealthCheckPath: '/h?x=1' },
    { HealthCheckIntervalSeconds: 300, HealthCheckTimeoutSeconds: 120 },
    { HealthCheckTimeoutSeconds: 2 },
    { HealthCheckIntervalSeconds: 5 },
    { HealthyThresholdCount: 2, UnhealthyThresholdCount: 10 },
    { HealthyThresholdCount: 10, UnhealthyThresholdCount: 2 },
    { HealthCheckProtocol: 'HTTPS' },
    { Matcher: { HttpCode: '200,202' } },
    { Matcher: { HttpCode: '200-299' } },
    { Matcher: { HttpCode: '200-299,302' } },
    { Matcher: { HttpCode: '499' } },
  ]
  for (const input of accepted) {
    const group = await modify(input)
    assert.deepEqual(group, { ...(group as object), ...input })
  }
  const refused: Omit<ModifyTargetGroupCommandInput, 'TargetGroupArn'>[] = [
    { HealthCheckPort: 'abc' },
    { HealthCheckPort: '0' },
    { HealthCheckPort: '65536' },
    { HealthCheckPath: 'h' },
    { HealthCheckPath: '/a b' },
    { HealthCheckPath: '/a\r\nHost: x' },
    { HealthCheckTimeoutSeconds: 1 },
    { HealthCheckTimeoutSeconds: 121 },
    { HealthCheckIntervalSeconds: 4 },
    { HealthCheckIntervalSeconds: 301 },
    { HealthCheckIntervalSeconds: 10, HealthCheckTimeoutSeconds: 10 },
    { HealthyThresholdCount: 1 },
    { HealthyThresholdCount: 11 },
    { UnhealthyThresholdCount: 1 },
    { UnhealthyThresholdCount: 11 },
    { Matcher: { HttpCode: '199' } },
    { Matcher: { HttpCode: '500' } },
    { Matcher: { HttpCode: '600' } },
    { Matcher: { HttpCode: '' } },
    { Matcher: { HttpCode: 'abc' } },
    { Matcher: { HttpCode: '299-200' } },
    { Matcher: { HttpCode: '200,' } },
    { Matcher: { GrpcCode: '0' } },
  ]
  const before = (await api.client.describeTargetGroups({})).TargetGroups
  for (const input of refused) {
    await assert.rejects(modify(input), apiError('ValidationError'), JSON.stringify(input))
  }
  assert.deepEqual((await api.client.describeTargetGroups({})).TargetGroups, before)
})

test('ALB-TG-443 a group in use cannot be deleted, one that is not can', async (t) => {
  const api = await startApi(t)
  const group = await createTargetGroup(api)
  const loadBalancer = await createLoadBalancer(api)
  const listener = await createListener(api, loadBalancer, 80, group)
  await assert.rejects(
    api.client.deleteTargetGroup({ TargetGroupArn: group }),
    apiError('ResourceInUseException', `Target group '${group}' is currently in use by a listener or a rule`),
  )
  const { TargetGroups } = await api.client.describeTargetGroups({ LoadBalancerArn: loadBalancer })
  assert.deepEqual(TargetGroups?.[0]?.LoadBalancerArns, [loadBalancer])
  const { Rules } = await api.client.createRule({
    ListenerArn: listener,
    Priority: 1,
    Conditions: [pathCondition('/a')],
    Actions: [forwardTo(group)],
  })
  await api.client.modifyListener({ ListenerArn: listener, DefaultActions: [NOT_FOUND] })
  await assert.rejects(
    api.client.deleteTargetGroup({ TargetGroupArn: group }),
    apiError('ResourceInUseException'),
  )
  await api.client.deleteRule({ RuleArn: Rules?.[0]?.RuleArn })
  await api.client.deleteTargetGroup({ TargetGroupArn: group })
  await assert.rejects(
    api.client.describeTargetGroups({ TargetGroupArns: [group] }),
    apiError('TargetGroupNotFoundException', 'One or more target groups not found'),
  )
})

test('pages of target groups follow each other, and only one filter may be given', async (t) => {
  const api = await startApi(t)
  for (let index = 0; index < 5; index++) await createTargetGroup(api, `g-${index}`)
  const first = await api.client.describeTargetGroups({ PageSize: 3 })
  const second = await api.client.describeTargetGroups({ PageSize: 3, Marker: first.NextMarker })
  assert.deepEqual(
    [...present(first.TargetGroups), ...present(second.TargetGroups)].map((group) => group.TargetGroupName),
    ['g-0', 'g-1', 'g-2', 'g-3', 'g-4'],
  )
  assert.equal(second.NextMarker, undefined)
  await assert.rejects(
    api.client.describeTargetGroups({ Names: ['g-0'], LoadBalancerArn: await createLoadBalancer(api) }),
    apiError('ValidationError'),
  )
})

async function set(api: Api, arn: string, ...attributes: [string, string][]): Promise<Map<string, string>> {
  const { Attributes } = await api.client.modifyTargetGroupAttributes({
    TargetGroupArn: arn,
    Attributes: attributes.map(([Key, Value]) => ({ Key, Value })),
  })
  return new Map(Attributes?.map(({ Key, Value }) => [present(Key), present(Value)]))
}

async function attributesOf(api: Api, arn: string): Promise<Record<string, string>> {
  const { Attributes } = await api.client.describeTargetGroupAttributes({ TargetGroupArn: arn })
  return Object.fromEntries(present(Attributes).map(({ Key, Value }) => [present(Key), present(Value)]))
}

test('a new group has fourteen attributes', async (t) => {
  const api = await startApi(t)
  assert.deepEqual(await attributesOf(api, await createTargetGroup(api)), {
    'deregistration_delay.timeout_seconds': '300',
    'load_balancing.algorithm.type': 'round_robin',
    'load_balancing.algorithm.anomaly_mitigation': 'off',
    'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
    'slow_start.duration_seconds': '0',
    'stickiness.enabled': 'false',
    'stickiness.type': 'lb_cookie',
    'stickiness.lb_cookie.duration_seconds': '86400',
    'stickiness.app_cookie.duration_seconds': '86400',
    'stickiness.app_cookie.cookie_name': '',
    'target_group_health.dns_failover.minimum_healthy_targets.count': '1',
    'target_group_health.dns_failover.minimum_healthy_targets.percentage': 'off',
    'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': '1',
    'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': 'off',
  })
})

/** What a group has when it is new, what can be set, and what cannot. */
interface AttributeCase {
  readonly title: string
  readonly key: string
  readonly first: string
  readonly accepted: readonly string[]
  readonly refused: readonly string[]
}

const dnsMinimum = 'target_group_health.dns_failover.minimum_healthy_targets'
const routingMinimum = 'target_group_health.unhealthy_state_routing.minimum_healthy_targets'

const attributeCases: readonly AttributeCase[] = [
  {
    title: 'ALB-TG-075 the deregistration delay is 300 s, and up to an hour',
    key: 'deregistration_delay.timeout_seconds',
    first: '300',
    accepted: ['0', '3600'],
    refused: ['3601', '-1', 'x'],
  },
  {
    title: 'ALB-LB-017 ALB-TG-076 the algorithm is round robin, or one of two others',
    key: 'load_balancing.algorithm.type',
    first: 'round_robin',
    accepted: ['least_outstanding_requests', 'weighted_random', 'round_robin'],
    refused: ['foo'],
  },
  {
    title: 'ALB-TG-078 cross-zone load balancing is as the load balancer has it, on, or off',
    key: 'load_balancing.cross_zone.enabled',
    first: 'use_load_balancer_configuration',
    accepted: ['true', 'false', 'use_load_balancer_configuration'],
    refused: ['on', ''],
  },
  {
    title: 'ALB-TG-079 slow start is off, and lasts 30 to 900 s',
    key: 'slow_start.duration_seconds',
    first: '0',
    accepted: ['30', '900', '0'],
    refused: ['1', '29', '901'],
  },
  {
    title: 'ALB-TG-080 stickiness is off, or on',
    key: 'stickiness.enabled',
    first: 'false',
    accepted: ['true', 'false'],
    refused: ['yes'],
  },
  {
    title: 'ALB-TG-081 the cookie of the application has any name but those of the load balancer',
    key: 'stickiness.app_cookie.cookie_name',
    first: '',
    accepted: ['MyCookie'],
    refused: ['AWSALB', 'AWSALBAPP', 'AWSALBTG', 'AWSALBfoo', 'AWSALBAPP-0', 'AWSALBTG1', 'a b', 'a;b'],
  },
  {
    title: 'ALB-TG-082 the cookie of the application counts for a day, and up to seven',
    key: 'stickiness.app_cookie.duration_seconds',
    first: '86400',
    accepted: ['1', '604800'],
    refused: ['0', '604801'],
  },
  {
    title: 'ALB-TG-083 the cookie of the load balancer counts for a day, and up to seven',
    key: 'stickiness.lb_cookie.duration_seconds',
    first: '86400',
    accepted: ['1', '604800'],
    refused: ['0', '604801'],
  },
  {
    title: 'ALB-TG-084 sessions are by a cookie of the load balancer, or of the application',
    key: 'stickiness.type',
    first: 'lb_cookie',
    accepted: ['app_cookie', 'lb_cookie'],
    refused: ['cookie'],
  },
  {
    title: 'ALB-TG-085 one healthy target keeps a zone in DNS, or any other number, or none is needed',
    key: `${dnsMinimum}.count`,
    first: '1',
    accepted: ['off', '5'],
    refused: ['0', '-1', 'x'],
  },
  {
    title: 'ALB-TG-087 no part of the targets need be healthy for DNS, or one of 1 to 100 percent',
    key: `${dnsMinimum}.percentage`,
    first: 'off',
    accepted: ['1', '100', 'off'],
    refused: ['0', '101'],
  },
  {
    title: 'ALB-TG-088 below one healthy target all are used, or below any other number, but not never',
    key: `${routingMinimum}.count`,
    first: '1',
    accepted: ['3'],
    refused: ['0', 'off'],
  },
  {
    title: 'ALB-TG-089 no part of the targets need be healthy for routing, or one of 1 to 100 percent',
    key: `${routingMinimum}.percentage`,
    first: 'off',
    accepted: ['1', '100', 'off'],
    refused: ['0', '101'],
  },
]

test('attributes have their defaults, and are changed within their limits or not at all', async (t) => {
  const api = await startApi(t)
  for (const [index, { title, key, first, accepted, refused }] of attributeCases.entries()) {
    await t.test(title, async () => {
      const arn = await createTargetGroup(api, `group-${index}`)
      assert.equal((await attributesOf(api, arn))[key], first)
      for (const value of accepted) assert.equal((await set(api, arn, [key, value])).get(key), value)
      const before = await attributesOf(api, arn)
      for (const value of refused) {
        await assert.rejects(
          set(api, arn, ['deregistration_delay.timeout_seconds', '7'], [key, value]),
          apiError('ValidationError'),
          `${key}=${value}`,
        )
      }
      assert.deepEqual(await attributesOf(api, arn), before)
    })
  }
})

test('ALB-TG-084, 090, 418 attributes of other types of groups are refused, and what is none', async (t) => {
  const api = await startApi(t)
  const arn = await createTargetGroup(api)
  const before = await attributesOf(api, arn)
  await assert.rejects(
    set(api, arn, ['nonsense', '1']),
    apiError('ValidationError', "Target group attribute key 'nonsense' is not recognized"),
  )
  for (const [key, message] of [
    ['lambda.multi_value_headers.enabled', /target group attribute is not supported/],
    ['preserve_client_ip.enabled', /target group attribute is not supported/],
    ['target_failover.on_unhealthy', /target group attribute is not supported/],
  ] as const) {
    await assert.rejects(
      set(api, arn, [key, 'true']),
      apiError('InvalidConfigurationRequestException', message),
    )
  }
  // ALB-TG-084
  await assert.rejects(
    set(api, arn, ['stickiness.type', 'source_ip']),
    apiError(
      'InvalidConfigurationRequestException',
      `Stickiness type 'source_ip' is not supported for target groups with the HTTP protocol`,
    ),
  )
  assert.deepEqual(await attributesOf(api, arn), before)
})

test('ALB-TG-077, 100, 102, 103, 155, 249, 251, 271 and 322 attributes that do not go together', async (t) => {
  const api = await startApi(t)
  const arn = await createTargetGroup(api)
  const algorithm = 'load_balancing.algorithm.type'
  const mitigation = 'load_balancing.algorithm.anomaly_mitigation'
  const invalid = 'InvalidConfigurationRequestException'
  await assert.rejects(set(api, arn, [mitigation, 'on']), apiError(invalid))
  assert.equal(
    (await set(api, arn, [algorithm, 'weighted_random'], [mitigation, 'on'])).get(mitigation),
    'on',
  )
  await assert.rejects(
    set(api, arn, ['slow_start.duration_seconds', '30']),
    apiError(invalid, 'You cannot enable both slow start and weighted random algorithm on a target group'),
  )
  const noSlowStart = (name: string): ReturnType<typeof apiError> =>
    apiError(invalid, `You cannot enable both slow start and ${name} algorithm on a target group`)
  const slowStart = 'slow_start.duration_seconds'
  await set(api, arn, [algorithm, 'least_outstanding_requests'])
  await assert.rejects(set(api, arn, [mitigation, 'on']), apiError(invalid))
  await assert.rejects(set(api, arn, [slowStart, '30']), noSlowStart('least outstanding requests'))
  assert.equal((await set(api, arn, [algorithm, 'round_robin'])).get(mitigation), 'off')
  await set(api, arn, [slowStart, '30'])
  for (const [value, name] of [
    ['least_outstanding_requests', 'least outstanding requests'],
    ['weighted_random', 'weighted random'],
  ] as const) {
    await assert.rejects(set(api, arn, [algorithm, value]), noSlowStart(name))
  }
  const unchanged = await attributesOf(api, arn)
  assert.deepEqual([unchanged[algorithm], unchanged[slowStart]], ['round_robin', '30'])
  await assert.rejects(
    set(api, arn, ['stickiness.enabled', 'true'], ['stickiness.type', 'app_cookie']),
    apiError(invalid, "You must set an application cookie name to enable stickiness of type 'app_cookie'"),
  )

  const [crossZone, stickiness] = ['load_balancing.cross_zone.enabled', 'stickiness.enabled']
  for (const [first, firstValue, second, secondValue] of [
    [crossZone, 'false', stickiness, 'true'],
    [stickiness, 'true', crossZone, 'false'],
  ] as const) {
    const group = await createTargetGroup(api, `with-${first.replaceAll(/[._]/g, '-')}`.slice(0, 32))
    await set(api, group, [first, firstValue])
    await assert.rejects(set(api, group, [second, secondValue]), apiError(invalid, /stickiness/))
    await assert.rejects(set(api, group, [crossZone, 'false'], [stickiness, 'true']), apiError(invalid))
    // In either order of switching back both are possible again.
    await set(api, group, [crossZone, 'true'], [stickiness, 'true'])
  }

  const everywhere = await createTargetGroup(api, 'everywhere', { TargetType: 'ip' })
  const targets = { TargetGroupArn: everywhere, Targets: [{ Id: '127.0.0.1' }] }
  await api.client.registerTargets(targets)
  await assert.rejects(set(api, everywhere, [crossZone, 'false']), apiError(invalid, /'127\.0\.0\.1'.*'all'/))
  assert.equal((await attributesOf(api, everywhere))[crossZone], 'use_load_balancer_configuration')
  await api.client.deregisterTargets(targets)
  await api.store.finishDeregistration(everywhere, '127.0.0.1|80')
  await set(api, everywhere, [crossZone, 'false'])

  const minimum = 'minimum_healthy_targets.percentage'
  const [dns, routing] = [
    `target_group_health.dns_failover.${minimum}`,
    `target_group_health.unhealthy_state_routing.${minimum}`,
  ]
  await assert.rejects(set(api, arn, [dns, '30'], [routing, '50']), apiError(invalid, /percentage/))
  await set(api, arn, [dns, '50'], [routing, '30'])
  await set(api, arn, [dns, '50'], [routing, '50'])
  await assert.rejects(set(api, arn, [dns, '49']), apiError(invalid))
})
