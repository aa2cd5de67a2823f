import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ElasticLoadBalancingV2,
  paginateDescribeLoadBalancers,
  type LoadBalancerAttribute,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  apiError,
  createListener,
  createLoadBalancer,
  createTargetGroup,
  present,
  SECURITY_GROUP,
  startApi,
  SUBNET_C,
  SUBNETS,
  type Api,
} from './support.ts'

test('ALB-LB-092 ALB-LB-144 a new load balancer is provisioning, with name, addresses and identifiers', async (t) => {
  const api = await startApi(t)
  const { LoadBalancers } = await api.client.createLoadBalancer({
    Name: 'my-LB',
    Subnets: SUBNETS.toReversed(),
  })
  const created = present(LoadBalancers?.[0])
  assert.match(
    present(created.LoadBalancerArn),
    /^arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer\/app\/my-LB\/[0-9a-f]{16}$/,
  )
  assert.match(present(created.DNSName), /^my-LB-\d+\.us-east-2\.elb\.amazonaws\.com$/)
  assert.deepEqual(created.State, { Code: 'provisioning' })
  assert.deepEqual(created.SecurityGroups, [SECURITY_GROUP])
  assert.deepEqual(
    created.AvailabilityZones?.map(({ ZoneName, SubnetId }) => [ZoneName, SubnetId]),
    [
      ['us-east-2a', SUBNETS[0]],
      ['us-east-2b', SUBNETS[1]],
    ],
  )
  assert.equal(created.CanonicalHostedZoneId, 'Z3AADJGX6KTTL2')
  const described = await api.client.describeLoadBalancers({ Names: ['my-LB'] })
  assert.deepEqual(described.LoadBalancers, LoadBalancers)
  const stored = await api.store.read(
    async (rows) => await rows.loadBalancers.find(present(created.LoadBalancerArn)),
  )
  assert.deepEqual(
    stored?.zones.map(({ address }) => address),
    ['127.1.0.1', '127.2.0.1'],
  )
})

test('a load balancer that is applied is active, one that failed says why', async (t) => {
  const api = await startApi(t)
  const arn = await createLoadBalancer(api)
  const state = async (): Promise<unknown> =>
    (await api.client.describeLoadBalancers({ LoadBalancerArns: [arn] })).LoadBalancers?.[0]?.State
  await api.store.markFailed(arn, 'Cannot bind')
  assert.deepEqual(await state(), { Code: 'failed', Reason: 'Cannot bind' })
  await api.store.markApplied([arn])
  assert.deepEqual(await state(), { Code: 'active' })
})

test('ALB-LB-335 the same call again gives the same load balancer, other settings are refused', async (t) => {
  const api = await startApi(t)
  const arn = await createLoadBalancer(api)
  assert.equal(await createLoadBalancer(api), arn)
  await assert.rejects(
    api.client.createLoadBalancer({ Name: 'my-load-balancer', Subnets: SUBNETS, Scheme: 'internal' }),
    apiError(
      'DuplicateLoadBalancerNameException',
      "A load balancer with the same name 'my-load-balancer' exists, but with different settings",
    ),
  )
})

test('ALB-LB-336..339 names that are refused, and names that are not', async (t) => {
  const api = await startApi(t)
  for (const name of ['a'.repeat(33), 'a_b', 'a.b', 'a b', '-a', 'a-', 'internal-x', 'ä']) {
    await assert.rejects(
      api.client.createLoadBalancer({ Name: name, Subnets: SUBNETS }),
      apiError('ValidationError', /^The load balancer name '/),
      name,
    )
  }
  await assert.rejects(
    api.client.createLoadBalancer({ Name: 'a'.repeat(33), Subnets: SUBNETS }),
    apiError(
      'ValidationError',
      `The load balancer name '${'a'.repeat(33)}' cannot be longer than '32' characters`,
    ),
  )
  for (const name of ['a'.repeat(32), 'a-B1', 'internalx', 'my-internal-x'])
    await createLoadBalancer(api, name)
})

test('ALB-LB-090 ALB-LB-118 ALB-LB-119 two subnets in two zones, and nothing is made without', async (t) => {
  const api = await startApi(t, {
    directory: {
      subnets: [
        { id: 'subnet-a1', zone: 'a' },
        { id: 'subnet-a2', zone: 'a' },
        { id: 'subnet-b1', zone: 'b' },
      ],
    },
  })
  const create = async (...Subnets: string[]): Promise<unknown> =>
    await api.client.createLoadBalancer({ Name: 'x', Subnets })
  const tooFew = 'At least two subnets in two different Availability Zones must be specified'
  await assert.rejects(create(), apiError('ValidationError', tooFew))
  await assert.rejects(create('subnet-a1'), apiError('ValidationError', tooFew))
  await assert.rejects(create('subnet-a1', 'subnet-a1'), apiError('ValidationError', tooFew))
  await assert.rejects(create('subnet-a1', 'subnet-a2'), apiError('InvalidConfigurationRequestException'))
  await assert.rejects(
    create('subnet-a1', 'subnet-a2', 'subnet-b1'),
    apiError(
      'InvalidConfigurationRequestException',
      'A load balancer cannot be attached to multiple subnets in the same Availability Zone',
    ),
  )
  await assert.rejects(create('subnet-a1', 'subnet-x'), apiError('SubnetNotFoundException'))
  await assert.rejects(
    api.client.createLoadBalancer({
      Name: 'x',
      Subnets: ['subnet-a1', 'subnet-b1'],
      SubnetMappings: [{ SubnetId: 'subnet-a1' }],
    }),
    apiError('ValidationError'),
  )
  assert.deepEqual((await api.client.describeLoadBalancers({})).LoadBalancers, [])
  await api.client.createLoadBalancer({
    Name: 'x',
    SubnetMappings: [{ SubnetId: 'subnet-a2' }, { SubnetId: 'subnet-b1' }],
  })
})

test('ALB-LB-121 a subnet with fewer than eight free addresses is refused, and who has one keeps it', async (t) => {
  // A pool of 14 addresses: after the seventh load balancer there are seven left.
  const zonePools = { a: '127.1.0.0/28', b: '127.2.0.0/16' }
  const api = await startApi(t, { directory: { zonePools } })
  for (let index = 0; index < 7; index++) await createLoadBalancer(api, `x-${index}`)
  await assert.rejects(
    createLoadBalancer(api, 'x-7'),
    apiError(
      'InvalidSubnetException',
      `Not enough IP space available in ${SUBNETS[0]}. ELB requires at least 8 free IP addresses in each subnet.`,
    ),
  )
  const { LoadBalancers } = await api.client.describeLoadBalancers({ Names: ['x-0'] })
  const LoadBalancerArn = present(LoadBalancers?.[0]?.LoadBalancerArn)
  await api.client.setSubnets({ LoadBalancerArn, Subnets: SUBNETS, IpAddressType: 'dualstack' })
  const stored = await api.store.read(async (rows) => await rows.loadBalancers.find(LoadBalancerArn))
  assert.deepEqual(
    stored?.zones.map(({ address }) => address),
    ['127.1.0.1', '127.2.0.1'],
  )
})

test('what is not offered is refused with its name, and an application load balancer is the default', async (t) => {
  const api = await startApi(t)
  for (const [input, pattern] of [
    [{ Type: 'network' }, /^Load balancers of type 'network' are not supported$/],
    [{ Type: 'gateway' }, /^Load balancers of type 'gateway' are not supported$/],
    [{ Type: 'classic' as 'network' }, /enum value set: \[application, gateway, network\]/],
    [{ CustomerOwnedIpv4Pool: 'ipv4pool-coip-1' }, /^Customer-owned address pool 'ipv4pool-coip-1'/],
    [{ IpamPools: { Ipv4IpamPoolId: 'ipam-pool-1' } }, /^The IPAM pool 'ipam-pool-1' is not found$/],
    [
      { EnablePrefixForIpv6SourceNat: 'on' },
      /^EnablePrefixForIpv6SourceNat is not supported .*'application'$/,
    ],
    [{ SecurityGroups: ['sg-0abc'] }, /^The security group 'sg-0abc' does not exist$/],
    [{ SecurityGroups: ['web'] }, /^Security group 'web' is not valid$/],
  ] as const) {
    const SecurityGroups = 'SecurityGroups' in input ? [...input.SecurityGroups] : undefined
    await assert.rejects(
      api.client.createLoadBalancer({ Name: 'x', Subnets: SUBNETS, ...input, SecurityGroups }),
      (error: Error) => pattern.test(error.message),
    )
  }
  for (const type of [{}, { Type: 'application' } as const]) {
    const { LoadBalancers } = await api.client.createLoadBalancer({ Name: 'x', Subnets: SUBNETS, ...type })
    assert.equal(LoadBalancers?.[0]?.Type, 'application')
  }
  const classic = await fetch(api.endpoint, {
    method: 'POST',
    body: new URLSearchParams({ Action: 'DescribeInstanceHealth', Version: '2012-06-01' }),
  })
  assert.equal(classic.status, 400)
  assert.match(await classic.text(), /OperationNotPermitted[^]*DescribeInstanceHealth/)
})

test('ALB-OBS-545 the 51st load balancer of a Region is refused, another Region has its own fifty', async (t) => {
  const api = await startApi(t)
  for (let index = 0; index < 50; index++) await createLoadBalancer(api, `x-${index}`)
  await assert.rejects(createLoadBalancer(api, 'x-50'), apiError('TooManyLoadBalancersException'))
  const elsewhere = new ElasticLoadBalancingV2({
    endpoint: api.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  t.after(() => elsewhere.destroy())
  const { LoadBalancers } = await elsewhere.createLoadBalancer({ Name: 'x-0', Subnets: SUBNETS })
  assert.match(present(LoadBalancers?.[0]?.LoadBalancerArn), /^arn:aws:elasticloadbalancing:eu-west-1:/)
  assert.equal(LoadBalancers?.[0]?.AvailabilityZones?.[0]?.ZoneName, 'eu-west-1a')
  assert.equal((await elsewhere.describeLoadBalancers({})).LoadBalancers?.length, 1)
})

test('ALB-LB OQ-08 pages follow each other to the end, and every load balancer is in one', async (t) => {
  const api = await startApi(t)
  for (let index = 0; index < 7; index++) await createLoadBalancer(api, `x-${index}`)
  const sizes: number[] = []
  const names: (string | undefined)[] = []
  for await (const page of paginateDescribeLoadBalancers({ client: api.client }, { PageSize: 3 })) {
    sizes.push(page.LoadBalancers?.length ?? 0)
    names.push(...(page.LoadBalancers ?? []).map(({ LoadBalancerName }) => LoadBalancerName))
  }
  assert.deepEqual(sizes, [3, 3, 1])
  assert.deepEqual(names, ['x-0', 'x-1', 'x-2', 'x-3', 'x-4', 'x-5', 'x-6'])
  for (const PageSize of [0, 401]) {
    await assert.rejects(
      api.client.describeLoadBalancers({ PageSize }),
      apiError('ValidationError', /^1 validation error detected: Value '\d+' at 'pageSize' failed/),
    )
  }
  await assert.rejects(api.client.describeLoadBalancers({ Marker: 'nonsense' }), apiError('ValidationError'))
})

test('unknown names and ARNs are not found, malformed ARNs are named', async (t) => {
  const api = await startApi(t)
  const unknown = 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/x/0123456789abcdef'
  await assert.rejects(
    api.client.describeLoadBalancers({ Names: ['x'] }),
    apiError('LoadBalancerNotFoundException', "Load balancers '[x]' not found"),
  )
  await assert.rejects(
    api.client.describeLoadBalancers({ LoadBalancerArns: [unknown] }),
    apiError('LoadBalancerNotFoundException', 'One or more load balancers not found'),
  )
  await assert.rejects(
    api.client.deleteLoadBalancer({ LoadBalancerArn: 'x' }),
    apiError('ValidationError', "'x' is not a valid load balancer ARN"),
  )
  // ALB-LB OQ-29
  await api.client.deleteLoadBalancer({ LoadBalancerArn: unknown })
})

test('ALB-LB-250 ALB-LB-251 deletion protection keeps a load balancer until it is switched off', async (t) => {
  const api = await startApi(t)
  const arn = await createLoadBalancer(api)
  const protect = async (Value: string): Promise<unknown> =>
    await api.client.modifyLoadBalancerAttributes({
      LoadBalancerArn: arn,
      Attributes: [{ Key: 'deletion_protection.enabled', Value }],
    })
  await protect('true')
  await assert.rejects(
    api.client.deleteLoadBalancer({ LoadBalancerArn: arn }),
    apiError(
      'OperationNotPermittedException',
      `Load balancer '${arn}' cannot be deleted because deletion protection is enabled`,
    ),
  )
  assert.equal((await api.client.describeLoadBalancers({ LoadBalancerArns: [arn] })).LoadBalancers?.length, 1)
  await protect('false')
  await api.client.deleteLoadBalancer({ LoadBalancerArn: arn })
  await assert.rejects(
    api.client.describeLoadBalancers({ LoadBalancerArns: [arn] }),
    apiError('LoadBalancerNotFoundException'),
  )
})

async function attributesOf(
  api: Awaited<ReturnType<typeof startApi>>,
  arn: string,
): Promise<Map<string, string>> {
  const { Attributes } = await api.client.describeLoadBalancerAttributes({ LoadBalancerArn: arn })
  return new Map(Attributes?.map(({ Key, Value }) => [present(Key), present(Value)]))
}

test('ALB-LB-076, 156, 162, 165, 169, 170, 181 and 235 ALB-SEC-297 the attributes of a new load balancer', async (t) => {
  const api = await startApi(t)
  const attributes = await attributesOf(api, await createLoadBalancer(api))
  const initial = {
    'access_logs.s3.enabled': 'false',
    'access_logs.s3.bucket': '',
    'access_logs.s3.prefix': '',
    'client_keep_alive.seconds': '3600',
    'deletion_protection.enabled': 'false',
    'idle_timeout.timeout_seconds': '60',
    'ipv6.deny_all_igw_traffic': 'false',
    'routing.http.desync_mitigation_mode': 'defensive',
    'routing.http.drop_invalid_header_fields.enabled': 'false',
    'routing.http.preserve_host_header.enabled': 'false',
    'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': 'false',
    'routing.http.xff_client_port.enabled': 'false',
    'routing.http.xff_header_processing.mode': 'append',
    'routing.http2.enabled': 'true',
    'waf.fail_open.enabled': 'false',
    'connection_logs.s3.enabled': 'false',
    'connection_logs.s3.bucket': '',
    'connection_logs.s3.prefix': '',
    'health_check_logs.s3.enabled': 'false',
    'health_check_logs.s3.bucket': '',
    'health_check_logs.s3.prefix': '',
    'load_balancing.cross_zone.enabled': 'true',
    'zonal_shift.config.enabled': 'false',
  }
  assert.deepEqual(Object.fromEntries(attributes), initial)
  const { LoadBalancers } = await api.client.createLoadBalancer({
    Name: 'inside',
    Subnets: SUBNETS,
    Scheme: 'internal',
  })
  assert.match(present(LoadBalancers?.[0]?.DNSName), /^internal-inside-\d+\./)
  const internal = await attributesOf(api, present(LoadBalancers?.[0]?.LoadBalancerArn))
  assert.equal(internal.get('ipv6.deny_all_igw_traffic'), 'true')
})

async function modify(
  api: Api,
  arn: string,
  ...attributes: readonly [string, string][]
): Promise<LoadBalancerAttribute[]> {
  const Attributes = attributes.map(([Key, Value]) => ({ Key, Value }))
  const output = await api.client.modifyLoadBalancerAttributes({ LoadBalancerArn: arn, Attributes })
  return present(output.Attributes)
}

test('ALB-LB-151, 152 a modification changes what it names, or nothing at all', async (t) => {
  const api = await startApi(t)
  const arn = await createLoadBalancer(api)
  const before = await attributesOf(api, arn)
  const answered = await modify(api, arn, ['idle_timeout.timeout_seconds', '4000'])
  assert.ok(answered.some(({ Key, Value }) => Key === 'idle_timeout.timeout_seconds' && Value === '4000'))
  const after = await attributesOf(api, arn)
  assert.deepEqual([...after], [...before.set('idle_timeout.timeout_seconds', '4000')])

  const [on, off] = ['true', 'false'].map((value): [string, string] => ['routing.http2.enabled', value])
  assert.ok(on !== undefined && off !== undefined)
  await assert.rejects(
    modify(api, arn, ['no.such.key', 'x']),
    apiError('ValidationError', "Load balancer attribute key 'no.such.key' is not recognized"),
  )
  await assert.rejects(modify(api, arn, off, ['no.such.key', 'x']), apiError('ValidationError'))
  await assert.rejects(modify(api, arn, off, on), apiError('ValidationError', /more than once/))
  await assert.rejects(modify(api, arn), apiError('ValidationError'))
  for (const key of ['dns_record.client_routing_policy', 'secondary_ips.auto_assigned.per_subnet']) {
    await assert.rejects(
      modify(api, arn, [key, '0']),
      apiError(
        'InvalidConfigurationRequestException',
        `Load balancer attribute key '${key}' is not supported on load balancers with type 'application'`,
      ),
    )
  }
  await assert.rejects(
    modify(api, arn, ...Array.from({ length: 21 }, () => on)),
    apiError('ValidationError', /length less than or equal to 20/),
  )
  assert.deepEqual([...(await attributesOf(api, arn))], [...after])
})

test('ALB-LB-246 ALB-TG-246 cross-zone load balancing cannot be turned off', async (t) => {
  const api = await startApi(t)
  const arn = await createLoadBalancer(api)
  const key = 'load_balancing.cross_zone.enabled'
  await assert.rejects(modify(api, arn, [key, 'false']), apiError('InvalidConfigurationRequestException'))
  assert.equal((await attributesOf(api, arn)).get(key), 'true')
  await modify(api, arn, [key, 'true'])
})

/** What a load balancer has when it is new, what can be set, and what cannot. */
interface AttributeCase {
  readonly title: string
  readonly key: string
  readonly first: string
  readonly accepted: readonly string[]
  readonly refused: readonly string[]
}

const attributeCases: readonly AttributeCase[] = [
  {
    title: 'ALB-LB-161 connections are idle for a minute, and up to 4,000 s',
    key: 'idle_timeout.timeout_seconds',
    first: '60',
    accepted: ['1', '4000'],
    refused: ['0', '4001', '1.5', '060', ' 60', ''],
  },
  {
    title: 'ALB-LB-159, 236, 237 clients keep a connection for an hour, and from a minute up to a week',
    key: 'client_keep_alive.seconds',
    first: '3600',
    accepted: ['60', '604800'],
    refused: ['0', '-60', '59', '604801', 'off'],
  },
  {
    title: 'ALB-LB-164, 257 desync mitigation is defensive, or in one of two other modes',
    key: 'routing.http.desync_mitigation_mode',
    first: 'defensive',
    accepted: ['monitor', 'strictest', 'defensive'],
    refused: ['off'],
  },
  {
    title: 'ALB-LB-174 ALB-SEC-296 X-Forwarded-For is appended to, or preserved, or removed',
    key: 'routing.http.xff_header_processing.mode',
    first: 'append',
    accepted: ['preserve', 'remove', 'append'],
    refused: ['x', 'Append', 'off', ''],
  },
  ...[
    'deletion_protection.enabled',
    'ipv6.deny_all_igw_traffic',
    'routing.http.drop_invalid_header_fields.enabled',
    'routing.http.preserve_host_header.enabled',
    'routing.http.x_amzn_tls_version_and_cipher_suite.enabled',
    'routing.http.xff_client_port.enabled',
    'waf.fail_open.enabled',
    'zonal_shift.config.enabled',
  ].map((key): AttributeCase => ({
    title: `ALB-LB-182 ${key} is false or true`,
    key,
    first: 'false',
    accepted: ['true', 'false'],
    refused: ['yes', 'True', '1', ''],
  })),
]

test('attributes have their defaults, and are changed within their limits or not at all', async (t) => {
  const api = await startApi(t)
  for (const [index, { title, key, first, accepted, refused }] of attributeCases.entries()) {
    await t.test(title, async () => {
      const arn = await createLoadBalancer(api, `lb-${index}`)
      assert.equal((await attributesOf(api, arn)).get(key), first)
      for (const value of accepted) {
        await modify(api, arn, [key, value])
        assert.equal((await attributesOf(api, arn)).get(key), value)
      }
      const before = await attributesOf(api, arn)
      for (const value of refused) {
        await assert.rejects(
          modify(api, arn, ['routing.http2.enabled', 'false'], [key, value]),
          apiError('ValidationError'),
          `${key}=${value}`,
        )
      }
      assert.deepEqual([...(await attributesOf(api, arn))], [...before])
    })
  }
})

test('ALB-LB-157 access logs need a bucket that can be written to, and its name cannot lead elsewhere', async (t) => {
  const asked: string[] = []
  const api = await startApi(t, {
    writeTestFile: async (bucket, key) => {
      asked.push(`${bucket}/${key}`)
      return bucket !== 'forbidden'
    },
  })
  const arn = await createLoadBalancer(api)
  const enable = async (bucket?: string, prefix?: string): Promise<unknown> =>
    await api.client.modifyLoadBalancerAttributes({
      LoadBalancerArn: arn,
      Attributes: [
        { Key: 'access_logs.s3.enabled', Value: 'true' },
        ...(bucket === undefined ? [] : [{ Key: 'access_logs.s3.bucket', Value: bucket }]),
        ...(prefix === undefined ? [] : [{ Key: 'access_logs.s3.prefix', Value: prefix }]),
      ],
    })
  await assert.rejects(enable(), apiError('InvalidConfigurationRequestException', /bucket/))
  await assert.rejects(
    enable('forbidden'),
    apiError(
      'InvalidConfigurationRequestException',
      'Access Denied for bucket: forbidden. Please check S3bucket permission',
    ),
  )
  for (const bucket of ['..', '../x', 'A', 'a', '/etc', 'a..b', '10.0.0.1', 'a'.repeat(64)]) {
    await assert.rejects(enable(bucket), apiError('ValidationError'), bucket)
  }
  for (const prefix of ['..', '../x', 'a/../b', '/a', 'a//b', 'AWSLogs', 'x/AWSLogs', '.', 'a/.']) {
    await assert.rejects(enable('my-logs', prefix), apiError('ValidationError'), prefix)
  }
  assert.equal((await attributesOf(api, arn)).get('access_logs.s3.enabled'), 'false')
  await enable('my-logs', 'p/q')
  assert.equal((await attributesOf(api, arn)).get('access_logs.s3.bucket'), 'my-logs')
  assert.equal(asked.at(-1), 'my-logs/p/q/AWSLogs/123456789012/ELBAccessLogTestFile')
  // The other two kinds of logs are checked alike.
  for (const kind of ['connection_logs', 'health_check_logs']) {
    const enableOther = async (bucket: string): Promise<unknown> =>
      await api.client.modifyLoadBalancerAttributes({
        LoadBalancerArn: arn,
        Attributes: [
          { Key: `${kind}.s3.enabled`, Value: 'true' },
          { Key: `${kind}.s3.bucket`, Value: bucket },
        ],
      })
    await assert.rejects(enableOther(''), apiError('InvalidConfigurationRequestException', /bucket/))
    await assert.rejects(
      enableOther('forbidden'),
      apiError('InvalidConfigurationRequestException', /Access Denied for bucket: forbidden/),
    )
    const before = asked.length
    await enableOther(`of-${kind.replaceAll('_', '-')}`)
    assert.equal(asked.length, before + 1)
  }
})

test('ALB-LB OQ-64 subnets are replaced; a zone that keeps its subnet keeps its address', async (t) => {
  const api = await startApi(t)
  const arn = await createLoadBalancer(api)
  const group = await createTargetGroup(api)
  await createListener(api, arn, 80, group)
  api.changes.length = 0
  const { AvailabilityZones } = await api.client.setSubnets({
    LoadBalancerArn: arn,
    Subnets: [present(SUBNETS[1]), SUBNET_C],
  })
  assert.deepEqual(
    AvailabilityZones?.map(({ ZoneName }) => ZoneName),
    ['us-east-2b', 'us-east-2c'],
  )
  assert.deepEqual(
    [[...(api.changes[0]?.loadBalancers ?? [])], [...(api.changes[0]?.targetGroups ?? [])]],
    [[arn], [group]],
  )
  const stored = await api.store.read(async (rows) => await rows.loadBalancers.find(arn))
  assert.deepEqual(
    stored?.zones.map(({ address }) => address),
    ['127.2.0.1', '127.3.0.1'],
  )
  await assert.rejects(
    api.client.setSubnets({ LoadBalancerArn: arn, Subnets: [SUBNET_C] }),
    apiError('ValidationError'),
  )
})

test('address type and security groups can be set', async (t) => {
  const api = await startApi(t, { directory: { securityGroups: ['sg-1', 'sg-2', 'sg-3'] } })
  const arn = await createLoadBalancer(api)
  const set = await api.client.setSecurityGroups({ LoadBalancerArn: arn, SecurityGroups: ['sg-3', 'sg-2'] })
  assert.deepEqual(set.SecurityGroupIds, ['sg-3', 'sg-2'])
  const refused: [groups: string[], code: string, message?: string][] = [
    [[], 'ValidationError'],
    // AWS tells what is no ID from what is one of nothing.
    [['sg-1', 'web'], 'ValidationError', "Security group 'web' is not valid"],
    [['sg-0abc', 'sg_1'], 'ValidationError', "Security group 'sg_1' is not valid"],
    [['sg-1', ''], 'ValidationError', "Security group '' is not valid"],
    [['sg-1', 'sg-0abc'], 'InvalidSecurityGroupException', "The security group 'sg-0abc' does not exist"],
  ]
  for (const [SecurityGroups, code, message] of refused) {
    await assert.rejects(
      api.client.setSecurityGroups({ LoadBalancerArn: arn, SecurityGroups }),
      apiError(code, message),
    )
    if (SecurityGroups.length === 0) continue
    await assert.rejects(
      api.client.createLoadBalancer({ Name: 'other', Subnets: SUBNETS, SecurityGroups }),
      apiError(code, message),
    )
  }
  await assert.rejects(
    api.client.setSecurityGroups({
      LoadBalancerArn: arn,
      SecurityGroups: ['sg-1'],
      EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: 'off',
    }),
    apiError('InvalidConfigurationRequestException'),
  )
  const type = await api.client.setIpAddressType({ LoadBalancerArn: arn, IpAddressType: 'dualstack' })
  assert.equal(type.IpAddressType, 'dualstack')
  const { LoadBalancers } = await api.client.describeLoadBalancers({})
  assert.deepEqual(LoadBalancers?.[0]?.SecurityGroups, ['sg-3', 'sg-2'])
  assert.equal(LoadBalancers?.[0]?.IpAddressType, 'dualstack')
})
