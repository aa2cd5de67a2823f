// Networks, instances and node addresses by EC2's own client, and by the aws CLI.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { EC2, type NetworkInterface } from '@aws-sdk/client-ec2'
import type { CreateLoadBalancerCommandInput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { DEFAULT_DIRECTORY_SETTINGS } from '../../src/directory/built-in.ts'
import { Networks } from '../../src/directory/networks.ts'
import { createLoadBalancer, INSTANCES, present, startApi, SUBNETS, VPC, type Api } from '../api/support.ts'

const run = promisify(execFile)

function ec2(t: TestContext, api: Api): EC2 {
  const client = new EC2({
    endpoint: api.endpoint,
    region: 'us-east-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  t.after(() => client.destroy())
  return client
}

test('the default VPC, its subnets and zones are those that load balancers are made in', async (t) => {
  const api = await startApi(t)
  const client = ec2(t, api)
  const { Vpcs } = await client.describeVpcs({ Filters: [{ Name: 'is-default', Values: ['true'] }] })
  assert.deepEqual(
    Vpcs?.map(({ VpcId, IsDefault, State }) => [VpcId, IsDefault, State]),
    [[VPC, true, 'available']],
  )
  const { Subnets } = await client.describeSubnets({ Filters: [{ Name: 'vpc-id', Values: [VPC] }] })
  assert.deepEqual(
    Subnets?.slice(0, 2).map(({ SubnetId, AvailabilityZone }) => [SubnetId, AvailabilityZone]),
    [
      [SUBNETS[0], 'us-east-2a'],
      [SUBNETS[1], 'us-east-2b'],
    ],
  )
  const free = async (): Promise<number | undefined> =>
    (await client.describeSubnets({ SubnetIds: [SUBNETS[0] ?? ''] })).Subnets?.[0]?.AvailableIpAddressCount
  const before = await free()
  await createLoadBalancer(api)
  assert.equal(await free(), (before ?? 0) - 1)
  const { AvailabilityZones } = await client.describeAvailabilityZones({})
  assert.deepEqual(
    AvailabilityZones?.map(({ ZoneName, ZoneId }) => [ZoneName, ZoneId]),
    [
      ['us-east-2a', 'use2-az1'],
      ['us-east-2b', 'use2-az2'],
      ['us-east-2c', 'use2-az3'],
    ],
  )
})

test('what tools read about a VPC is there', async (t) => {
  const client = ec2(t, await startApi(t))
  const attribute = await client.describeVpcAttribute({ VpcId: VPC, Attribute: 'enableDnsHostnames' })
  assert.equal(attribute.EnableDnsHostnames?.Value, true)
  const gateways = await client.describeInternetGateways({
    Filters: [{ Name: 'attachment.vpc-id', Values: [VPC] }],
  })
  assert.equal(gateways.InternetGateways?.length, 1)
  const tables = await client.describeRouteTables({
    Filters: [{ Name: 'association.main', Values: ['true'] }],
  })
  assert.equal(tables.RouteTables?.[0]?.Routes?.length, 2)
  assert.equal((await client.describeNetworkAcls({})).NetworkAcls?.[0]?.IsDefault, true)
  assert.deepEqual((await client.describeAddresses({})).Addresses ?? [], [])
  const attributes = await client.describeAccountAttributes({ AttributeNames: ['default-vpc'] })
  assert.equal(attributes.AccountAttributes?.[0]?.AttributeValues?.[0]?.AttributeValue, VPC)
  assert.equal((await client.describeRegions({})).Regions?.[0]?.RegionName, 'us-east-2')
  // The CDK's look-up of a VPC asks for the first.
  const Filters = [{ Name: 'attachment.vpc-id', Values: [VPC] }]
  assert.deepEqual((await client.describeVpnGateways({ Filters })).VpnGateways ?? [], [])
  assert.deepEqual((await client.describeVpcEndpoints({})).VpcEndpoints ?? [], [])
  assert.deepEqual((await client.describeVpcPeeringConnections({})).VpcPeeringConnections ?? [], [])
  await assert.rejects(client.describeVpnGateways({ VpnGatewayIds: ['vgw-0'] }), {
    name: 'InvalidVpnGatewayID.NotFound',
  })
})

test('filters have wildcards, which cost little whatever they are, and 200 values in all', async (t) => {
  const api = await startApi(t)
  const client = ec2(t, api)
  await client.createTags({ Resources: [VPC], Tags: [{ Key: 'hostile', Value: 'a'.repeat(256) }] })
  const found = async (...Values: string[]): Promise<number> => {
    const { Vpcs } = await client.describeVpcs({ Filters: [{ Name: 'tag:hostile', Values }] })
    return Vpcs?.length ?? 0
  }
  assert.equal(await found(`${'*a'.repeat(100)}*`), 1)
  assert.equal(await found(`${'*a'.repeat(100)}*b`), 0)
  assert.equal(await found(...Array.from({ length: 199 }, () => '*a*a*a*a*a*b'), 'a?*'), 1)
  await assert.rejects(found(...Array.from({ length: 201 }, () => 'a')), { name: 'FilterLimitExceeded' })
})

test('a load balancer’s nodes are network interfaces with its groups', async (t) => {
  const api = await startApi(t)
  const client = ec2(t, api)
  const arn = await createLoadBalancer(api)
  const Filters = [{ Name: 'description', Values: [`ELB ${arn.split('/').slice(1).join('/')}`] }]
  const { NetworkInterfaces } = await client.describeNetworkInterfaces({ Filters })
  assert.deepEqual(
    NetworkInterfaces?.map(({ PrivateIpAddress, AvailabilityZone, RequesterId }) => [
      PrivateIpAddress,
      AvailabilityZone,
      RequesterId,
    ]),
    [
      ['127.1.0.1', 'us-east-2a', 'amazon-elb'],
      ['127.2.0.1', 'us-east-2b', 'amazon-elb'],
    ],
  )
  await api.client.deleteLoadBalancer({ LoadBalancerArn: arn })
  assert.deepEqual((await client.describeNetworkInterfaces({ Filters })).NetworkInterfaces ?? [], [])
})

test('nodes of internet-facing load balancers have a public address, by which they are found', async (t) => {
  const api = await startApi(t)
  const client = ec2(t, api)
  const make = async (Name: string, input: Partial<CreateLoadBalancerCommandInput>): Promise<string> => {
    const made = await api.client.createLoadBalancer({ Name, Subnets: SUBNETS, ...input })
    const arn = present(made.LoadBalancers?.[0]?.LoadBalancerArn)
    return `ELB ${arn.split('/').slice(1).join('/')}`
  }
  const [outer, inner, dualstack, without] = [
    await make('outer', { Scheme: 'internet-facing' }),
    await make('inner', { Scheme: 'internal' }),
    await make('dual', { IpAddressType: 'dualstack' }),
    await make('without', { IpAddressType: 'dualstack-without-public-ipv4' }),
  ]
  const found = async (Name: string, ...Values: string[]): Promise<NetworkInterface[]> =>
    (await client.describeNetworkInterfaces({ Filters: [{ Name, Values }] })).NetworkInterfaces ?? []
  for (const [description, isPublic] of [
    [outer, true],
    [inner, false],
    [dualstack, true],
    [without, false],
  ] as const) {
    for (const { PrivateIpAddress: address, Association, PrivateIpAddresses } of await found(
      'description',
      description,
    )) {
      const association = {
        IpOwnerId: 'amazon-elb',
        PublicDnsName: `ec2-${address?.replaceAll('.', '-')}.us-east-2.compute.amazonaws.com`,
        PublicIp: address,
      }
      // The name leads there too: nothing translates addresses between clients and nodes.
      assert.deepEqual(Association, isPublic ? association : undefined, description)
      assert.deepEqual(PrivateIpAddresses?.[0]?.Association, Association)
      const expected = isPublic ? [description] : []
      for (const filter of ['association.public-ip', 'addresses.association.public-ip']) {
        const byAddress = await found(filter, address ?? '')
        assert.deepEqual(
          byAddress.map(({ Description }) => Description),
          expected,
          filter,
        )
      }
    }
  }
  const owned = new Set(
    (await found('association.ip-owner-id', 'amazon-elb')).map((each) => each.Description),
  )
  assert.deepEqual(owned, new Set([outer, dualstack]))
  assert.equal((await found('association.public-dns-name', 'ec2-127-1-0-*')).length, 2)
  assert.deepEqual(await found('association.allocation-id', '*'), [])
})

test('an instance has an interface, with a public address where its subnet gives one', async (t) => {
  const api = await startApi(t)
  const client = ec2(t, api)
  const found = async (Name: string, ...Values: string[]): Promise<NetworkInterface[]> =>
    (await client.describeNetworkInterfaces({ Filters: [{ Name, Values }] })).NetworkInterfaces ?? []
  const [id = ''] = INSTANCES
  const [own] = await found('attachment.instance-id', id)
  assert.deepEqual(
    [own?.PrivateIpAddress, own?.Association?.PublicIp, own?.Attachment?.InstanceId, own?.RequesterManaged],
    ['127.0.10.1', '127.0.10.1', id, false],
  )
  assert.deepEqual(own?.Groups?.[0]?.GroupName, 'default')
  const { NetworkInterfaces } = await client.describeNetworkInterfaces({
    NetworkInterfaceIds: [own?.NetworkInterfaceId ?? ''],
  })
  assert.deepEqual(NetworkInterfaces, [own])
  await client.terminateInstances({ InstanceIds: [id] })
  assert.deepEqual(await found('attachment.instance-id', id), [])
})

test('an instance is registered, can be a target, stops, starts and ends', async (t) => {
  const api = await startApi(t)
  const client = ec2(t, api)
  const known = (await client.describeInstances({})).Reservations?.flatMap(({ Instances = [] }) => Instances)
  assert.deepEqual(
    known?.map(({ InstanceId }) => InstanceId),
    INSTANCES,
  )
  const { Instances } = await client.runInstances({
    MinCount: 1,
    MaxCount: 1,
    SubnetId: SUBNETS[1],
    PrivateIpAddress: '127.0.40.7',
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'web' }] }],
  })
  const id = Instances?.[0]?.InstanceId ?? ''
  assert.equal(Instances?.[0]?.State?.Name, 'pending')
  const { TargetGroups } = await api.client.createTargetGroup({
    Name: 'g',
    Protocol: 'HTTP',
    Port: 80,
    VpcId: VPC,
  })
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn
  await api.client.registerTargets({ TargetGroupArn, Targets: [{ Id: id }] })
  const [stored] = await api.store.read(async (rows) => await rows.targets.list(TargetGroupArn ?? ''))
  assert.deepEqual([stored?.address, stored?.zone], ['127.0.40.7', 'us-east-2b'])
  const state = async (): Promise<string | undefined> => {
    const Filters = [{ Name: 'tag:Name', Values: ['web'] }]
    return (await client.describeInstances({ Filters })).Reservations?.[0]?.Instances?.[0]?.State?.Name
  }
  assert.equal(await state(), 'running')
  const stopped = await client.stopInstances({ InstanceIds: [id] })
  assert.deepEqual(stopped.StoppingInstances?.[0]?.PreviousState, { Code: 16, Name: 'running' })
  assert.equal(await state(), 'stopped')
  assert.deepEqual((await client.describeInstanceStatus({ InstanceIds: [id] })).InstanceStatuses ?? [], [])
  await client.startInstances({ InstanceIds: [id] })
  assert.equal((await client.describeInstanceStatus({ InstanceIds: [id] })).InstanceStatuses?.length, 1)
  await client.terminateInstances({ InstanceIds: [id] })
  assert.equal(await state(), 'terminated')
  await assert.rejects(client.startInstances({ InstanceIds: [id] }), { name: 'IncorrectInstanceState' })
  await assert.rejects(client.describeInstances({ InstanceIds: ['i-00000000000000000'] }), {
    name: 'InvalidInstanceID.NotFound',
  })
})

test('what was made is there after a new start', async (t) => {
  const api = await startApi(t)
  const client = ec2(t, api)
  const { GroupId } = await client.createSecurityGroup({ GroupName: 'kept', Description: 'kept' })
  await client.createTags({ Resources: [GroupId ?? ''], Tags: [{ Key: 'a', Value: 'b' }] })
  const again = await Networks.load(DEFAULT_DIRECTORY_SETTINGS, api.store)
  assert.equal(again.securityGroup('us-east-2', GroupId ?? '')?.name, 'kept')
  assert.equal(again.securityGroup('us-west-2', GroupId ?? ''), undefined)
  const { Tags } = await client.describeTags({ Filters: [{ Name: 'resource-id', Values: [GroupId ?? ''] }] })
  assert.deepEqual(Tags, [{ ResourceId: GroupId, ResourceType: 'security-group', Key: 'a', Value: 'b' }])
  await client.deleteTags({ Resources: [GroupId ?? ''], Tags: [{ Key: 'a' }] })
  assert.deepEqual((await client.describeTags({})).Tags ?? [], [])
})

test('the aws CLI reads and changes networks', async (t) => {
  const available = await run('aws', ['--version']).then(
    () => true,
    () => false,
  )
  if (!available) {
    t.skip('there is no aws CLI on this machine')
    return
  }
  const api = await startApi(t)
  const aws = async (...args: string[]): Promise<string> => {
    const env = { ...process.env, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }
    const all = ['ec2', '--endpoint-url', api.endpoint, '--region', 'us-east-2', '--output', 'text', ...args]
    return (await run('aws', all, { env })).stdout.trim()
  }
  const group = await aws('create-security-group', '--group-name=web', '--description=web', '--query=GroupId')
  await aws(
    'authorize-security-group-ingress',
    `--group-id=${group}`,
    '--protocol=tcp',
    '--port=80',
    '--cidr=10.0.0.0/8',
  )
  const [cidr, subnets, zones] = await Promise.all([
    aws(
      'describe-security-groups',
      '--group-ids',
      group,
      '--query',
      'SecurityGroups[].IpPermissions[].IpRanges[].CidrIp',
    ),
    aws('describe-subnets', '--query', 'Subnets[].SubnetId'),
    aws('describe-availability-zones', '--query', 'AvailabilityZones[].ZoneName'),
  ])
  assert.equal(cidr, '10.0.0.0/8')
  assert.equal(subnets.split(/\s+/).length, 3)
  assert.equal(zones.replaceAll(/\s+/g, ' '), 'us-east-2a us-east-2b us-east-2c')
})
