// Target groups of a Lambda function: what they have, what they cannot have, and their one target.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CreateTargetGroupCommandInput } from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  apiError,
  createListener,
  createLoadBalancer,
  createTargetGroup,
  present,
  startApi,
  VPC,
  type Api,
} from './support.ts'

const FUNCTION = 'arn:aws:lambda:us-east-2:123456789012:function:my-function'

async function createGroup(
  api: Api,
  input: Partial<CreateTargetGroupCommandInput> = {},
  name = 'functions',
): Promise<string> {
  const { TargetGroups } = await api.client.createTargetGroup({ Name: name, TargetType: 'lambda', ...input })
  return present(TargetGroups?.[0]?.TargetGroupArn)
}

async function register(api: Api, arn: string, Id: string, AvailabilityZone?: string): Promise<void> {
  const target = AvailabilityZone === undefined ? { Id } : { Id, AvailabilityZone }
  await api.client.registerTargets({ TargetGroupArn: arn, Targets: [target] })
}

async function registered(api: Api, arn: string): Promise<unknown> {
  // ALB-TG-110: no anomalies are told, even if they are asked for.
  const Include: ['AnomalyDetection'] = ['AnomalyDetection']
  return (await api.client.describeTargetHealth({ TargetGroupArn: arn, Include })).TargetHealthDescriptions
}

test('ALB-TG-208, 210 ALB-TG OQ-22 a group of a function needs only a name', async (t) => {
  const api = await startApi(t)
  const arn = await createGroup(api)
  const { TargetGroups } = await api.client.describeTargetGroups({ TargetGroupArns: [arn] })
  assert.deepEqual(TargetGroups, [
    {
      TargetGroupArn: arn,
      TargetGroupName: 'functions',
      HealthCheckEnabled: false,
      HealthCheckIntervalSeconds: 35,
      HealthCheckTimeoutSeconds: 30,
      HealthyThresholdCount: 5,
      UnhealthyThresholdCount: 2,
      HealthCheckPath: '/',
      Matcher: { HttpCode: '200' },
      LoadBalancerArns: [],
      TargetType: 'lambda',
      IpAddressType: 'ipv4',
    },
  ])
  assert.equal(await createGroup(api), arn)
  await assert.rejects(createTargetGroup(api, 'functions'), apiError('DuplicateTargetGroupNameException'))
})

test('ALB-TG-039, 053, 058, 061 and 386 what belongs to a network cannot be given for a function', async (t) => {
  const api = await startApi(t)
  for (const [input, name] of [
    [{ Protocol: 'HTTP' }, 'Protocol'],
    [{ Port: 80 }, 'Port'],
    [{ VpcId: VPC }, 'VPC ID'],
    [{ ProtocolVersion: 'HTTP2' }, 'Protocol version'],
    [{ ProtocolVersion: 'GRPC' }, 'Protocol version'],
    [{ IpAddressType: 'ipv6' }, "IP address type 'ipv6'"],
    [{ HealthCheckProtocol: 'HTTP' }, 'Health check protocol'],
    [{ HealthCheckPort: '80' }, 'Health check port'],
  ] as const) {
    await assert.rejects(
      createGroup(api, input),
      apiError('ValidationError', `${name} cannot be specified for target groups with target type 'lambda'`),
    )
  }
  await assert.rejects(createGroup(api, { Matcher: { GrpcCode: '0' } }), apiError('ValidationError'))
  assert.deepEqual((await api.client.describeTargetGroups({})).TargetGroups, [])
  await createGroup(api, {
    IpAddressType: 'ipv4',
    HealthCheckEnabled: true,
    Matcher: { HttpCode: '200-299' },
  })
  for (const TargetType of ['instance', 'ip'] as const) {
    for (const [index, input] of [
      { ProtocolVersion: 'HTTP2' },
      { ProtocolVersion: 'GRPC' },
      { IpAddressType: 'ipv6' as const },
    ].entries()) {
      await createTargetGroup(api, `${TargetType}-${index}`, { TargetType, ...input })
    }
  }
})

test('health checks of a function are switched on and off', async (t) => {
  const api = await startApi(t)
  const arn = await createGroup(api)
  for (const HealthCheckEnabled of [true, false]) {
    await api.client.modifyTargetGroup({ TargetGroupArn: arn, HealthCheckEnabled })
    const { TargetGroups } = await api.client.describeTargetGroups({})
    assert.equal(TargetGroups?.[0]?.HealthCheckEnabled, HealthCheckEnabled)
  }
  await assert.rejects(
    api.client.modifyTargetGroup({ TargetGroupArn: arn, HealthCheckPort: 'traffic-port' }),
    apiError('ValidationError'),
  )
  await assert.rejects(
    api.client.modifyTargetGroup({
      TargetGroupArn: await createTargetGroup(api, 'instances'),
      HealthCheckEnabled: false,
    }),
    apiError('InvalidConfigurationRequestException'),
  )
})

test('ALB-TG-308 ALB-OBS-553 a group has one function at most', async (t) => {
  const api = await startApi(t)
  const arn = await createGroup(api)
  for (const _ of [1, 2]) await register(api, arn, FUNCTION)
  const expected = [
    {
      Target: { Id: FUNCTION },
      TargetHealth: {
        State: 'unused',
        Reason: 'Target.NotInUse',
        Description: 'Target group is not configured to receive traffic from the load balancer',
      },
    },
  ]
  assert.deepEqual(await registered(api, arn), expected)
  await assert.rejects(
    register(api, arn, `${FUNCTION}:live`),
    apiError('TooManyTargetsException', `The maximum number of targets of target group '${arn}' is '1'`),
  )
  assert.deepEqual(await registered(api, arn), expected)
  // Nothing is waited for, so another function can follow at once.
  await api.client.deregisterTargets({ TargetGroupArn: arn, Targets: [{ Id: FUNCTION }] })
  await register(api, arn, `${FUNCTION}:live`, 'all')
  assert.deepEqual(await api.store.drainingTargets(), [])
})

test('ALB-TG-023, 369 only functions of the same account and Region can be registered', async (t) => {
  const api = await startApi(t)
  const arn = await createGroup(api)
  for (const id of ['i-0abcdef1234567890', '10.0.0.1', 'my-function', `${FUNCTION}:a:b`, `${FUNCTION}:`]) {
    await assert.rejects(
      register(api, arn, id),
      apiError('ValidationError', `'${id}' is not a valid Lambda function ARN`),
    )
  }
  for (const id of [FUNCTION.replace('us-east-2', 'us-east-1'), FUNCTION.replace('1234', '9999')]) {
    await assert.rejects(register(api, arn, id), apiError('InvalidTargetException', /account and Region/))
  }
  await assert.rejects(register(api, arn, FUNCTION, 'us-east-2a'), apiError('ValidationError', /'all'/))
  assert.deepEqual(await registered(api, arn), [])
  await register(api, arn, `${FUNCTION}:$LATEST`)
})

test('ALB-TG-074, 090, 250, 268, 374 and 418 a function has one attribute, and no other', async (t) => {
  const api = await startApi(t)
  const arn = await createGroup(api)
  const set = async (Key: string, Value: string): Promise<unknown> =>
    (await api.client.modifyTargetGroupAttributes({ TargetGroupArn: arn, Attributes: [{ Key, Value }] }))
      .Attributes
  const read = async (): Promise<unknown> =>
    (await api.client.describeTargetGroupAttributes({ TargetGroupArn: arn })).Attributes
  const key = 'lambda.multi_value_headers.enabled'
  assert.deepEqual(await read(), [{ Key: key, Value: 'false' }])
  for (const Value of ['true', 'false', 'true']) {
    assert.deepEqual(await set(key, Value), [{ Key: key, Value }])
    assert.deepEqual(await read(), [{ Key: key, Value }])
  }
  await assert.rejects(set(key, 'yes'), apiError('ValidationError'))
  for (const TargetType of ['instance', 'ip'] as const) {
    const { Attributes } = await api.client.describeTargetGroupAttributes({
      TargetGroupArn: await createTargetGroup(api, TargetType, { TargetType }),
    })
    for (const { Key, Value } of present(Attributes)) {
      await assert.rejects(
        set(present(Key), present(Value)),
        apiError('InvalidConfigurationRequestException', /attribute is not supported/),
      )
    }
  }
  await assert.rejects(
    set('no.such.key', 'x'),
    apiError('ValidationError', "Target group attribute key 'no.such.key' is not recognized"),
  )
})

test('ALB-TG-221, 230 rules forward to functions, alone and by weight', async (t) => {
  const api = await startApi(t)
  const arn = await createGroup(api)
  await register(api, arn, FUNCTION)
  const loadBalancer = await createLoadBalancer(api)
  const listener = await createListener(api, loadBalancer, 80, arn)
  const TargetGroups = [
    { TargetGroupArn: arn, Weight: 1 },
    { TargetGroupArn: await createTargetGroup(api), Weight: 2 },
  ]
  const { Rules } = await api.client.createRule({
    ListenerArn: listener,
    Priority: 1,
    Conditions: [{ Field: 'path-pattern', Values: ['/f/*'] }],
    Actions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }],
  })
  assert.deepEqual(Rules?.[0]?.Actions?.[0]?.ForwardConfig?.TargetGroups, TargetGroups)
  const described = await api.client.describeTargetGroups({ LoadBalancerArn: loadBalancer })
  assert.ok(described.TargetGroups?.some(({ TargetGroupArn }) => TargetGroupArn === arn))
  assert.deepEqual(await registered(api, arn), [
    {
      Target: { Id: FUNCTION },
      TargetHealth: {
        State: 'unavailable',
        Reason: 'Target.HealthCheckDisabled',
        Description: 'Health checks are disabled',
      },
    },
  ])
  await assert.rejects(
    api.client.deleteTargetGroup({ TargetGroupArn: arn }),
    apiError('ResourceInUseException'),
  )
})
