import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TargetDescription } from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  apiError,
  createListener,
  createLoadBalancer,
  createTargetGroup,
  INSTANCES,
  present,
  startApi,
  type Api,
} from './support.ts'

const DATE = Date.UTC(2026, 0, 1)

async function register(api: Api, arn: string, ...Targets: TargetDescription[]): Promise<void> {
  await api.client.registerTargets({ TargetGroupArn: arn, Targets })
}

async function deregister(api: Api, arn: string, ...Targets: TargetDescription[]): Promise<void> {
  await api.client.deregisterTargets({ TargetGroupArn: arn, Targets })
}

/** `ID:PORT STATE REASON` of each target. */
async function health(api: Api, arn: string, ...Targets: TargetDescription[]): Promise<string[]> {
  const { TargetHealthDescriptions } = await api.client.describeTargetHealth({
    TargetGroupArn: arn,
    ...(Targets.length > 0 ? { Targets } : {}),
  })
  return present(TargetHealthDescriptions).map(({ Target, TargetHealth }) =>
    [`${Target?.Id}:${Target?.Port}`, TargetHealth?.State, TargetHealth?.Reason].join(' ').trim(),
  )
}

/** A group of loopback addresses in use by a load balancer in zones a and b. */
async function usedGroup(api: Api): Promise<string> {
  const arn = await createTargetGroup(api, 'used', { TargetType: 'ip' })
  await createListener(api, await createLoadBalancer(api), 80, arn)
  return arn
}

test('ALB-TG-034, 158 registration, with and without a port, once and twice', async (t) => {
  const api = await startApi(t)
  const arn = await createTargetGroup(api)
  const [first = '', second = ''] = INSTANCES
  for (const _ of [1, 2]) await register(api, arn, { Id: first }, { Id: second, Port: 9001 }, { Id: second })
  assert.deepEqual(
    await health(api, arn),
    [`${first}:80`, `${second}:9001`, `${second}:80`].map((target) => `${target} unused Target.NotInUse`),
  )
})

test('ALB-TG-216, 217, 219, 220, 227, 228, 233 and 234 states, reasons and descriptions', async (t) => {
  const api = await startApi(t)
  api.setDate(DATE)
  const arn = await usedGroup(api)
  await register(api, arn, ...['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'].map((Id) => ({ Id })), {
    Id: '127.0.0.5',
    AvailabilityZone: 'us-east-2c',
  })
  await deregister(api, arn, { Id: '127.0.0.4' })
  api.found.set(`${arn} 127.0.0.2|80`, { state: 'healthy' })
  api.found.set(`${arn} 127.0.0.3|80`, {
    state: 'unhealthy',
    reason: 'Target.ResponseCodeMismatch',
    description: 'Health checks failed with these codes: [401]',
  })
  const { TargetHealthDescriptions } = await api.client.describeTargetHealth({ TargetGroupArn: arn })
  assert.deepEqual(
    TargetHealthDescriptions?.map(({ Target, HealthCheckPort, TargetHealth }) => [
      Target,
      HealthCheckPort,
      TargetHealth,
    ]),
    [
      [
        { Id: '127.0.0.1', Port: 80, AvailabilityZone: 'all' },
        '80',
        {
          State: 'initial',
          Reason: 'Elb.RegistrationInProgress',
          Description: 'Target registration is in progress',
        },
      ],
      // ALB-TG-217: nothing but the state.
      [{ Id: '127.0.0.2', Port: 80, AvailabilityZone: 'all' }, '80', { State: 'healthy' }],
      [
        { Id: '127.0.0.3', Port: 80, AvailabilityZone: 'all' },
        '80',
        {
          State: 'unhealthy',
          Reason: 'Target.ResponseCodeMismatch',
          Description: 'Health checks failed with these codes: [401]',
        },
      ],
      [
        { Id: '127.0.0.4', Port: 80, AvailabilityZone: 'all' },
        '80',
        {
          State: 'draining',
          Reason: 'Target.DeregistrationInProgress',
          Description: 'Target deregistration is in progress',
        },
      ],
      // ALB-TG-009, ALB-LB-113
      [
        { Id: '127.0.0.5', Port: 80, AvailabilityZone: 'us-east-2c' },
        '80',
        {
          State: 'unused',
          Reason: 'Target.NotInUse',
          Description: 'Target is in an Availability Zone that is not enabled for the load balancer',
        },
      ],
    ],
  )
  const unknown = await api.client.describeTargetHealth({
    TargetGroupArn: arn,
    Targets: [{ Id: '127.0.0.9' }],
  })
  assert.deepEqual(unknown.TargetHealthDescriptions, [
    {
      Target: { Id: '127.0.0.9', Port: 80 },
      TargetHealth: {
        State: 'unused',
        Reason: 'Target.NotRegistered',
        Description: 'Target is not registered to the target group',
      },
    },
  ])
})

test('ALB-TG-233 a group in no rule is not in use, and says so', async (t) => {
  const api = await startApi(t)
  const arn = await createTargetGroup(api)
  await register(api, arn, { Id: present(INSTANCES[0]) })
  const { TargetHealthDescriptions } = await api.client.describeTargetHealth({
    TargetGroupArn: arn,
    Include: ['AnomalyDetection'],
  })
  assert.deepEqual(TargetHealthDescriptions?.[0]?.TargetHealth, {
    State: 'unused',
    Reason: 'Target.NotInUse',
    Description: 'Target group is not configured to receive traffic from the load balancer',
  })
  // ALB-TG OQ-29
  assert.deepEqual(TargetHealthDescriptions[0]?.AnomalyDetection, {
    Result: 'normal',
    MitigationInEffect: 'no',
  })
})

test('ALB-TG-114, 118, 131, 132 what is detected and done about it is told when it is asked for', async (t) => {
  const api = await startApi(t)
  const arn = await usedGroup(api)
  const ids = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
  await register(api, arn, ...ids.map((Id) => ({ Id })))
  for (const id of ids) api.found.set(`${arn} ${id}|80`, { state: 'healthy' })
  api.anomalies.set(`${arn} 127.0.0.1|80`, { isAnomalous: true, weight: 0.25 })
  api.anomalies.set(`${arn} 127.0.0.2|80`, { isAnomalous: true, weight: 1 })
  const described = async (Include?: ('AnomalyDetection' | 'All')[]): Promise<unknown[]> => {
    const input = { TargetGroupArn: arn, ...(Include === undefined ? {} : { Include }) }
    const { TargetHealthDescriptions = [] } = await api.client.describeTargetHealth(input)
    return TargetHealthDescriptions.map(({ TargetHealth, AnomalyDetection }) => {
      assert.equal(TargetHealth?.State, 'healthy', 'an anomaly is no state of health')
      return AnomalyDetection
    })
  }
  const results = [
    { Result: 'anomalous', MitigationInEffect: 'yes' },
    { Result: 'anomalous', MitigationInEffect: 'no' },
    { Result: 'normal', MitigationInEffect: 'no' },
  ]
  assert.deepEqual(await described(['AnomalyDetection']), results)
  assert.deepEqual(await described(['All']), results)
  assert.deepEqual(await described(), [undefined, undefined, undefined])
})

test('ALB-TG-135 ALB-TG-137 ALB-TG-140 a deregistered target drains for the delay, then it is gone', async (t) => {
  const api = await startApi(t)
  api.setDate(DATE)
  const arn = await usedGroup(api)
  await register(api, arn, { Id: '127.0.0.1' }, { Id: '127.0.0.2' })
  await deregister(api, arn, { Id: '127.0.0.2' })
  assert.equal((await api.store.drainingTargets())[0]?.drainsUntil, DATE + 300_000)
  await api.store.finishDeregistration(arn, '127.0.0.2|80')
  await api.client.modifyTargetGroupAttributes({
    TargetGroupArn: arn,
    Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '20' }],
  })
  await deregister(api, arn, { Id: '127.0.0.1' })
  assert.deepEqual(await api.store.drainingTargets(), [
    { targetGroupArn: arn, key: '127.0.0.1|80', drainsUntil: DATE + 20_000 },
  ])
  // A second call does not begin the delay again.
  api.setDate(DATE + 10_000)
  await deregister(api, arn, { Id: '127.0.0.1' }, { Id: '127.0.0.77' })
  api.setDate(DATE + 19_999)
  assert.deepEqual(await health(api, arn), ['127.0.0.1:80 draining Target.DeregistrationInProgress'])
  api.setDate(DATE + 20_001)
  assert.deepEqual(await health(api, arn), [])
  assert.deepEqual(await health(api, arn, { Id: '127.0.0.1' }), ['127.0.0.1:80 unused Target.NotRegistered'])
})

test('ALB-TG-294 an address comes back after its delay only; an instance at once', async (t) => {
  const api = await startApi(t)
  const arn = await usedGroup(api)
  await register(api, arn, { Id: '127.0.0.1' })
  await deregister(api, arn, { Id: '127.0.0.1' })
  await assert.rejects(register(api, arn, { Id: '127.0.0.1' }), apiError('InvalidTargetException'))
  await api.store.finishDeregistration(arn, '127.0.0.1|80')
  await register(api, arn, { Id: '127.0.0.1' })

  const instances = await createTargetGroup(api, 'instances')
  const target = { Id: present(INSTANCES[0]) }
  await register(api, instances, target)
  await deregister(api, instances, target)
  await register(api, instances, target)
  assert.deepEqual(await api.store.drainingTargets(), [])
})

test('ALB-TG-064, 444 a target is in several groups, and each has its own registration of it', async (t) => {
  const api = await startApi(t)
  const one = await createTargetGroup(api, 'one', { TargetType: 'ip' })
  const two = await createTargetGroup(api, 'two', { TargetType: 'ip', Port: 8080 })
  for (const arn of [one, two]) await register(api, arn, { Id: '127.0.0.1' })
  await register(api, two, { Id: '127.0.0.1', Port: 80 })
  const unused = 'unused Target.NotInUse'
  const ofTwo = [`127.0.0.1:8080 ${unused}`, `127.0.0.1:80 ${unused}`]
  assert.deepEqual(await health(api, one), [`127.0.0.1:80 ${unused}`])
  assert.deepEqual(await health(api, two), ofTwo)
  await deregister(api, one, { Id: '127.0.0.1' })
  assert.deepEqual(await health(api, one), ['127.0.0.1:80 draining Target.DeregistrationInProgress'])
  assert.deepEqual(await health(api, two), ofTwo)
  await api.client.deleteTargetGroup({ TargetGroupArn: one })
  assert.deepEqual(await health(api, two), ofTwo)
})

test('a target comes back as a new one, and only with an address of the group’s type', async (t) => {
  const api = await startApi(t)
  const arn = await usedGroup(api)
  await register(api, arn, { Id: '127.0.0.1' })
  await deregister(api, arn, { Id: '127.0.0.1' })
  await api.store.finishDeregistration(arn, '127.0.0.1|80')
  assert.deepEqual(await health(api, arn), [])
  await register(api, arn, { Id: '127.0.0.1' })
  assert.deepEqual(await health(api, arn), ['127.0.0.1:80 initial Elb.RegistrationInProgress'])
  await assert.rejects(register(api, arn, { Id: '::1' }), apiError('ValidationError', /valid IPv4 address/))
})

test('ALB-TG-071, 072, 232 addresses of load balancers are no targets in their own VPC', async (t) => {
  const api = await startApi(t, {
    directory: { zonePools: { a: '10.9.0.0/24', b: '10.9.1.0/24', c: '10.9.2.0/24' } },
  })
  const arn = await createTargetGroup(api, 'same', { TargetType: 'ip' })
  const elsewhere = await createTargetGroup(api, 'elsewhere', {
    TargetType: 'ip',
    VpcId: 'vpc-0123456789abcdef0',
  })
  await register(api, arn, { Id: '10.9.0.1' })
  // Its node in zone a gets the address that is already a target.
  await createListener(api, await createLoadBalancer(api), 80, arn)
  const { TargetHealthDescriptions } = await api.client.describeTargetHealth({ TargetGroupArn: arn })
  assert.deepEqual(
    TargetHealthDescriptions?.map(({ TargetHealth }) => TargetHealth),
    [
      {
        State: 'unused',
        Reason: 'Target.IpUnusable',
        Description: 'The IP address cannot be used as a target, as it is in use by a load balancer',
      },
    ],
  )
  await assert.rejects(
    register(api, arn, { Id: '10.9.1.1' }),
    apiError('InvalidTargetException', /in use by/),
  )
  await register(api, arn, { Id: '10.9.1.2' })
  await register(api, elsewhere, { Id: '10.9.1.1' })
})

test('ALB-TG OQ-42 a delay of 0 removes the target at once', async (t) => {
  const api = await startApi(t)
  const arn = await usedGroup(api)
  await register(api, arn, { Id: '127.0.0.1' }, { Id: '127.0.0.1', Port: 81 })
  await api.client.modifyTargetGroupAttributes({
    TargetGroupArn: arn,
    Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '0' }],
  })
  // ALB-TG OQ-26: without a port only the registration on the group's port is meant.
  await deregister(api, arn, { Id: '127.0.0.1' })
  assert.deepEqual(await health(api, arn), ['127.0.0.1:81 initial Elb.RegistrationInProgress'])
})

test('ALB-LB-316 ALB-TG-018, 021, 023, 024, 025, 028, 037, 168 what can be a target, and in which zone', async (t) => {
  const api = await startApi(t)
  const arn = await createTargetGroup(api, 'ip', { TargetType: 'ip' })
  const zoneOf = async (Id: string, AvailabilityZone?: string): Promise<string | undefined> => {
    await register(api, arn, AvailabilityZone === undefined ? { Id } : { Id, AvailabilityZone })
    const output = await api.client.describeTargetHealth({ TargetGroupArn: arn, Targets: [{ Id }] })
    return output.TargetHealthDescriptions?.[0]?.Target?.AvailabilityZone
  }
  assert.equal(await zoneOf('127.0.0.1'), 'all')
  assert.equal(await zoneOf('127.0.0.2', 'us-east-2b'), 'us-east-2b')
  assert.equal(await zoneOf('127.2.0.9'), 'us-east-2b')
  assert.equal(await zoneOf('10.0.0.5'), 'us-east-2a')
  assert.equal(await zoneOf('172.31.40.1'), 'us-east-2c')
  for (const id of ['172.31.255.255', '100.127.255.255', '192.168.0.1', '10.200.0.1']) {
    await assert.rejects(
      zoneOf(id),
      apiError('ValidationError', /^The Availability Zone is required for IP/),
      id,
    )
    assert.equal(await zoneOf(id, 'all'), 'all')
  }
  for (const id of ['8.8.8.8', '172.32.0.1', '100.128.0.1']) {
    await assert.rejects(zoneOf(id, 'all'), apiError('InvalidTargetException'), id)
  }
  for (const id of ['i-0abcdef1234567890', '::1', '10.0.0', '010.0.0.1', 'localhost', '']) {
    await assert.rejects(
      zoneOf(id),
      apiError('ValidationError', `The IP address '${id}' is not a valid IPv4 address`),
      id,
    )
  }
  await assert.rejects(
    zoneOf('10.0.0.6', 'all'),
    apiError('ValidationError', /cannot have its Availability Zone/),
  )
  await assert.rejects(zoneOf('127.0.0.3', 'eu-west-1a'), apiError('ValidationError'))

  const ipv6 = await createTargetGroup(api, 'ipv6', { TargetType: 'ip', IpAddressType: 'ipv6' })
  await register(api, ipv6, { Id: '::1' })
  await assert.rejects(register(api, ipv6, { Id: '127.0.0.1' }), apiError('ValidationError'))
  await assert.rejects(
    register(api, ipv6, { Id: '2001:db8::1', AvailabilityZone: 'all' }),
    apiError('InvalidTargetException'),
  )
  // An instance is no address, and an address no instance.
  await assert.rejects(
    register(api, await createTargetGroup(api), { Id: '10.0.0.5' }),
    apiError('ValidationError', "Instance ID '10.0.0.5' is not valid"),
  )
  const { TargetGroups } = await api.client.describeTargetGroups({})
  assert.deepEqual(
    TargetGroups?.map(({ TargetType }) => TargetType),
    ['ip', 'ip', 'instance'],
  )
  const quic = apiError('ValidationError', /QUIC server ID/)
  await assert.rejects(register(api, arn, { Id: '127.0.0.9', QuicServerId: '0x0123456789abcdef' }), quic)
})

test('ALB-LB-093 ALB-TG-073 instances have to be known and in the VPC of the group', async (t) => {
  const api = await startApi(t)
  const [instance = ''] = INSTANCES
  const arn = await createTargetGroup(api)
  const elsewhere = await createTargetGroup(api, 'elsewhere', { VpcId: 'vpc-0123456789abcdef0' })
  await assert.rejects(
    register(api, elsewhere, { Id: instance }),
    apiError('InvalidTargetException', /not in the target group VPC/),
  )
  const addresses = await createTargetGroup(api, 'addresses', {
    TargetType: 'ip',
    VpcId: 'vpc-0123456789abcdef0',
  })
  await register(api, addresses, { Id: '127.0.10.1' })
  await assert.rejects(
    register(api, arn, { Id: instance }, { Id: 'i-00000000000000000' }),
    apiError('InvalidTargetException'),
  )
  await assert.rejects(register(api, arn, { Id: '10.0.0.1' }), apiError('ValidationError'))
  await assert.rejects(
    register(api, arn, { Id: instance, AvailabilityZone: 'us-east-2a' }),
    apiError('ValidationError'),
  )
  await assert.rejects(register(api, arn), apiError('ValidationError'))
  // ALB-TG OQ-23: nothing of a refused call is registered.
  assert.deepEqual(await health(api, arn), [])
})

test('ALB-OBS-552 the 1001st target of a group is refused', async (t) => {
  const api = await startApi(t)
  const arn = await createTargetGroup(api, 'many', { TargetType: 'ip' })
  const targets = Array.from({ length: 1000 }, (_, index) => ({ Id: '127.0.0.1', Port: index + 1 }))
  await register(api, arn, ...targets)
  await register(api, arn, { Id: '127.0.0.1', Port: 1 })
  await assert.rejects(
    register(api, arn, { Id: '127.0.0.1', Port: 2000 }),
    apiError('TooManyTargetsException'),
  )
  assert.equal((await health(api, arn)).length, 1000)
})
