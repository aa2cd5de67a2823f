// VPCs that clients make, with all that belongs to them, by EC2's own client; and load balancers in them.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { EC2, EC2ServiceException } from '@aws-sdk/client-ec2'
import { DEFAULT_DIRECTORY_SETTINGS } from '../../src/directory/built-in.ts'
import { Networks } from '../../src/directory/networks.ts'
import { ipv6Block } from '../../src/model/cidr.ts'
import { numberToIpv6 } from '../../src/model/ip.ts'
import { apiError, present, startApi, SUBNETS, VPC, type Api } from '../api/support.ts'

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

function ec2Error(code: string) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof EC2ServiceException, String(error))
    assert.equal(error.name, code, error.message)
    return true
  }
}

async function makeVpc(client: EC2, CidrBlock = '10.7.0.0/16'): Promise<string> {
  const { Vpc } = await client.createVpc({ CidrBlock })
  assert.match(Vpc?.VpcId ?? '', /^vpc-0[0-9a-f]{16}$/)
  return present(Vpc?.VpcId)
}

async function makeSubnet(client: EC2, VpcId: string, CidrBlock: string, zone: string): Promise<string> {
  const made = await client.createSubnet({ VpcId, CidrBlock, AvailabilityZone: `us-east-2${zone}` })
  return present(made.Subnet?.SubnetId)
}

async function makeGateway(client: EC2, VpcId: string): Promise<string> {
  const { InternetGateway } = await client.createInternetGateway({})
  const InternetGatewayId = present(InternetGateway?.InternetGatewayId)
  await client.attachInternetGateway({ InternetGatewayId, VpcId })
  return InternetGatewayId
}

function ofVpc(id: string) {
  return { Filters: [{ Name: 'vpc-id', Values: [id] }] }
}

test('a VPC comes with a main route table, a network ACL and a group that admits its own members', async (t) => {
  const client = ec2(t, await startApi(t))
  const { Vpc } = await client.createVpc({
    CidrBlock: '10.7.3.4/16',
    AmazonProvidedIpv6CidrBlock: true,
    TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'Name', Value: 'mine' }] }],
  })
  assert.deepEqual([Vpc?.CidrBlock, Vpc?.State, Vpc?.IsDefault], ['10.7.0.0/16', 'pending', false])
  const id = present(Vpc?.VpcId)
  const { Vpcs } = await client.describeVpcs({ Filters: [{ Name: 'tag:Name', Values: ['mine'] }] })
  assert.deepEqual(
    Vpcs?.map(({ VpcId, State, Tags }) => [VpcId, State, Tags]),
    [[id, 'available', [{ Key: 'Name', Value: 'mine' }]]],
  )
  assert.match(Vpcs?.[0]?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock ?? '', /^2001:db8:.*\/56$/)
  const { RouteTables } = await client.describeRouteTables(ofVpc(id))
  assert.deepEqual(
    RouteTables?.map(({ Associations, Routes }) => [
      Associations?.[0]?.Main,
      Routes?.[0]?.DestinationCidrBlock,
    ]),
    [[true, '10.7.0.0/16']],
  )
  const { NetworkAcls } = await client.describeNetworkAcls(ofVpc(id))
  assert.deepEqual(
    NetworkAcls?.map(({ IsDefault, Entries }) => [IsDefault, Entries?.length]),
    [[true, 4]],
  )
  const { SecurityGroups } = await client.describeSecurityGroups(ofVpc(id))
  const [group] = SecurityGroups ?? []
  assert.equal(group?.GroupName, 'default')
  assert.deepEqual(group?.IpPermissions?.[0]?.UserIdGroupPairs?.[0]?.GroupId, group?.GroupId)
  await assert.rejects(client.deleteSecurityGroup({ GroupId: group?.GroupId }), ec2Error('CannotDelete'))

  const attribute = async (Attribute: 'enableDnsHostnames' | 'enableDnsSupport'): Promise<unknown> => {
    const { EnableDnsHostnames, EnableDnsSupport } = await client.describeVpcAttribute({
      VpcId: id,
      Attribute,
    })
    return (EnableDnsHostnames ?? EnableDnsSupport)?.Value
  }
  assert.deepEqual(
    [await attribute('enableDnsHostnames'), await attribute('enableDnsSupport')],
    [false, true],
  )
  await client.modifyVpcAttribute({ VpcId: id, EnableDnsHostnames: { Value: true } })
  await client.modifyVpcAttribute({ VpcId: id, EnableDnsSupport: { Value: false } })
  assert.deepEqual(
    [await attribute('enableDnsHostnames'), await attribute('enableDnsSupport')],
    [true, false],
  )

  await client.deleteVpc({ VpcId: id })
  await assert.rejects(client.describeVpcs({ VpcIds: [id] }), ec2Error('InvalidVpcID.NotFound'))
  for (const list of [
    (await client.describeRouteTables(ofVpc(id))).RouteTables,
    (await client.describeNetworkAcls(ofVpc(id))).NetworkAcls,
    (await client.describeSecurityGroups(ofVpc(id))).SecurityGroups,
    (await client.describeTags({})).Tags,
  ]) {
    assert.deepEqual(list ?? [], [])
  }
})

test('what the address blocks of VPCs and subnets cannot be', async (t) => {
  const client = ec2(t, await startApi(t))
  await assert.rejects(makeVpc(client, '10.0.0.0/15'), ec2Error('InvalidVpc.Range'))
  await assert.rejects(makeVpc(client, '10.0.0.0/29'), ec2Error('InvalidVpc.Range'))
  await assert.rejects(makeVpc(client, 'nonsense'), ec2Error('InvalidParameterValue'))
  const id = await makeVpc(client)
  await makeSubnet(client, id, '10.7.1.9/24', 'a')
  for (const [cidr, code] of [
    ['10.7.1.0/25', 'InvalidSubnet.Conflict'],
    ['10.7.0.0/16', 'InvalidSubnet.Conflict'],
    ['10.8.0.0/24', 'InvalidSubnet.Range'],
    ['10.7.2.0/29', 'InvalidSubnet.Range'],
    ['10.7.2.0/33', 'InvalidParameterValue'],
  ] as const) {
    await assert.rejects(makeSubnet(client, id, cidr, 'a'), ec2Error(code), cidr)
  }
  await assert.rejects(makeSubnet(client, id, '10.7.2.0/24', 'z'), ec2Error('InvalidParameterValue'))
  await assert.rejects(makeSubnet(client, 'vpc-0', '10.7.2.0/24', 'a'), ec2Error('InvalidVpcID.NotFound'))
  // Blocks that one call after another finds free are given to one of them.
  const settled = await Promise.allSettled(
    Array.from({ length: 6 }, async () => await makeSubnet(client, id, '10.7.3.0/24', 'b')),
  )
  assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1)
  const { Subnets } = await client.describeSubnets(ofVpc(id))
  assert.deepEqual(
    Subnets?.map(({ CidrBlock, AvailableIpAddressCount }) => [CidrBlock, AvailableIpAddressCount]),
    [
      ['10.7.1.0/24', 251],
      ['10.7.3.0/24', 251],
    ],
  )
})

test('ALB-LB-345 a load balancer in made subnets has nodes of their zones, and keeps what it stands in', async (t) => {
  const api = await startApi(t)
  const client = ec2(t, api)
  const id = await makeVpc(client)
  const subnets = [
    await makeSubnet(client, id, '10.7.1.0/24', 'b'),
    await makeSubnet(client, id, '10.7.2.0/24', 'c'),
  ]
  const create = async (): Promise<string> => {
    const { LoadBalancers } = await api.client.createLoadBalancer({ Name: 'made', Subnets: subnets })
    assert.equal(LoadBalancers?.[0]?.VpcId, id)
    return present(LoadBalancers?.[0]?.LoadBalancerArn)
  }
  await assert.rejects(create(), apiError('InvalidSubnet', /has no internet gateway/))
  const gateway = await makeGateway(client, id)
  const arn = await create()
  const { NetworkInterfaces } = await client.describeNetworkInterfaces(ofVpc(id))
  assert.deepEqual(
    NetworkInterfaces?.map(({ AvailabilityZone, PrivateIpAddress, SubnetId }) => [
      AvailabilityZone,
      PrivateIpAddress,
      SubnetId,
    ]),
    [
      ['us-east-2b', '127.2.0.1', subnets[0]],
      ['us-east-2c', '127.3.0.1', subnets[1]],
    ],
  )
  // Its default group is the VPC's; groups and subnets of another VPC do not go with it.
  const { SecurityGroups } = await client.describeSecurityGroups(ofVpc(id))
  const { LoadBalancers } = await api.client.describeLoadBalancers({ LoadBalancerArns: [arn] })
  assert.deepEqual(LoadBalancers?.[0]?.SecurityGroups, [SecurityGroups?.[0]?.GroupId])
  await assert.rejects(
    api.client.createLoadBalancer({ Name: 'mixed', Subnets: [subnets[0] ?? '', SUBNETS[0] ?? ''] }),
    apiError('InvalidConfigurationRequest', /same VPC/),
  )
  await assert.rejects(
    api.client.createLoadBalancer({
      Name: 'mixed',
      Subnets: SUBNETS,
      SecurityGroups: [SecurityGroups?.[0]?.GroupId ?? ''],
    }),
    apiError('InvalidConfigurationRequest', /does not belong to VPC/),
  )
  // Targets by address are in the zone of their subnet.
  const { TargetGroups } = await api.client.createTargetGroup({
    Name: 'made',
    Protocol: 'HTTP',
    Port: 80,
    VpcId: id,
    TargetType: 'ip',
    ProtocolVersion: '',
  })
  const TargetGroupArn = present(TargetGroups?.[0]?.TargetGroupArn)
  await api.client.registerTargets({ TargetGroupArn, Targets: [{ Id: '10.7.2.9' }] })
  const [target] = await api.store.read(async (rows) => await rows.targets.list(TargetGroupArn))
  assert.equal(target?.zone, 'us-east-2c')

  for (const call of [
    client.deleteSubnet({ SubnetId: subnets[0] }),
    client.deleteVpc({ VpcId: id }),
    client.detachInternetGateway({ InternetGatewayId: gateway, VpcId: id }),
    client.deleteInternetGateway({ InternetGatewayId: gateway }),
  ]) {
    await assert.rejects(call, ec2Error('DependencyViolation'))
  }
  await api.client.deleteLoadBalancer({ LoadBalancerArn: arn })
  await client.detachInternetGateway({ InternetGatewayId: gateway, VpcId: id })
  await client.deleteInternetGateway({ InternetGatewayId: gateway })
  for (const SubnetId of subnets) await client.deleteSubnet({ SubnetId })
  await client.deleteVpc({ VpcId: id })
})

test('ALB-LB-120 a strict operator has no load balancers in small subnets', async (t) => {
  for (const strictVpcs of [true, false]) {
    const api = await startApi(t, { directory: { strictVpcs } })
    const client = ec2(t, api)
    const id = await makeVpc(client)
    await makeGateway(client, id)
    const large = await makeSubnet(client, id, '10.7.1.0/27', 'a')
    const create = async (Name: string, cidr: string): Promise<unknown> =>
      await api.client.createLoadBalancer({ Name, Subnets: [large, await makeSubnet(client, id, cidr, 'b')] })
    await create('large', '10.7.2.0/27')
    if (!strictVpcs) await create('small', '10.7.3.0/28')
    else await assert.rejects(create('small', '10.7.3.0/28'), apiError('InvalidSubnet', /\/27 bitmask/))
  }
})

test('ALB-LB-348 a dualstack load balancer needs subnets with IPv6 blocks', async (t) => {
  const api = await startApi(t)
  const client = ec2(t, api)
  const { Vpc } = await client.createVpc({ CidrBlock: '10.7.0.0/16', AmazonProvidedIpv6CidrBlock: true })
  const VpcId = present(Vpc?.VpcId)
  await makeGateway(client, VpcId)
  const whole = present(ipv6Block(present(Vpc?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock)))
  const blockOf = (index: bigint): string => `${numberToIpv6(whole.first + (index << 64n))}/64`
  const { Subnet } = await client.createSubnet({
    VpcId,
    CidrBlock: '10.7.1.0/24',
    Ipv6CidrBlock: blockOf(0n),
    AvailabilityZone: 'us-east-2a',
  })
  const without = await makeSubnet(client, VpcId, '10.7.2.0/24', 'b')
  const { Subnet: other } = await client.createSubnet({
    VpcId,
    CidrBlock: '10.7.3.0/24',
    Ipv6CidrBlock: blockOf(255n),
    AvailabilityZone: 'us-east-2b',
  })
  const create = async (second: string): Promise<string | undefined> => {
    const made = await api.client.createLoadBalancer({
      Name: 'both',
      Subnets: [present(Subnet?.SubnetId), second],
      IpAddressType: 'dualstack',
    })
    return made.LoadBalancers?.[0]?.IpAddressType
  }
  await assert.rejects(create(without), apiError('InvalidConfigurationRequest', /IPv6 CIDR block/))
  assert.equal(await create(present(other?.SubnetId)), 'dualstack')
})

test('ALB-TG-024 ALB-TG OQ-11 an address of the VPC that is in none of its subnets needs a zone', async (t) => {
  const api = await startApi(t)
  const client = ec2(t, api)
  // No private network: all that makes these addresses good is the VPC.
  const { Vpc } = await client.createVpc({ CidrBlock: '198.51.0.0/16', AmazonProvidedIpv6CidrBlock: true })
  const VpcId = present(Vpc?.VpcId)
  const whole = present(ipv6Block(present(Vpc?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock)))
  const ipv6 = (subnet: bigint): string => numberToIpv6(whole.first + (subnet << 64n))
  await client.createSubnet({
    VpcId,
    CidrBlock: '198.51.1.0/24',
    Ipv6CidrBlock: `${ipv6(1n)}/64`,
    AvailabilityZone: 'us-east-2b',
  })
  for (const [IpAddressType, inside, outside, elsewhere] of [
    ['ipv4', '198.51.1.9', '198.51.2.9', '198.52.1.9'],
    ['ipv6', `${ipv6(1n)}9`, `${ipv6(2n)}9`, '2001:db9::1'],
  ] as const) {
    const made = await api.client.createTargetGroup({
      Name: IpAddressType,
      Protocol: 'HTTP',
      Port: 80,
      TargetType: 'ip',
      IpAddressType,
      VpcId,
    })
    const TargetGroupArn = present(made.TargetGroups?.[0]?.TargetGroupArn)
    const zoneOf = async (Id: string, AvailabilityZone?: string): Promise<string | undefined> => {
      await api.client.registerTargets({ TargetGroupArn, Targets: [{ Id, AvailabilityZone }] })
      const found = await api.client.describeTargetHealth({ TargetGroupArn, Targets: [{ Id }] })
      return found.TargetHealthDescriptions?.[0]?.Target?.AvailabilityZone
    }
    assert.equal(await zoneOf(inside), 'us-east-2b')
    await assert.rejects(
      zoneOf(outside),
      apiError(
        'ValidationError',
        `The Availability Zone is required for IP address '${outside}' because it is not in the VPC`,
      ),
    )
    assert.equal(await zoneOf(outside, 'us-east-2a'), 'us-east-2a')
    await assert.rejects(zoneOf(elsewhere, 'all'), apiError('InvalidTarget'))
  }
})

test('an instance in a made subnet has an address of it, and the VPC’s own group', async (t) => {
  const api = await startApi(t)
  const client = ec2(t, api)
  const VpcId = await makeVpc(client)
  const SubnetId = await makeSubnet(client, VpcId, '10.7.1.0/28', 'b')
  const run = async (count: number, PrivateIpAddress?: string) =>
    await client.runInstances({
      MinCount: count,
      MaxCount: count,
      SubnetId,
      ...(PrivateIpAddress === undefined ? {} : { PrivateIpAddress }),
    })
  const { Instances } = await run(2)
  assert.deepEqual(
    Instances?.map(({ PrivateIpAddress, VpcId: vpcId }) => [PrivateIpAddress, vpcId]),
    [
      ['10.7.1.4', VpcId],
      ['10.7.1.5', VpcId],
    ],
  )
  const { SecurityGroups } = await client.describeSecurityGroups(ofVpc(VpcId))
  assert.equal(Instances?.[0]?.SecurityGroups?.[0]?.GroupId, SecurityGroups?.[0]?.GroupId)
  await assert.rejects(run(1, '10.7.2.4'), ec2Error('InvalidParameterValue'))
  await assert.rejects(run(1, '10.7.1.5'), ec2Error('InvalidIPAddress.InUse'))
  await assert.rejects(run(10), ec2Error('InsufficientFreeAddressesInSubnet'))
  const { TargetGroups } = await api.client.createTargetGroup({
    Name: 'i',
    Protocol: 'HTTP',
    Port: 80,
    VpcId,
  })
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn
  const id = present(Instances?.[0]?.InstanceId)
  await api.client.registerTargets({ TargetGroupArn, Targets: [{ Id: id }] })
  const elsewhere = await api.client.createTargetGroup({ Name: 'e', Protocol: 'HTTP', Port: 80, VpcId: VPC })
  await assert.rejects(
    api.client.registerTargets({
      TargetGroupArn: elsewhere.TargetGroups?.[0]?.TargetGroupArn,
      Targets: [{ Id: id }],
    }),
    apiError('InvalidTarget', `The following targets are not in the target group VPC '${VPC}': '${id}'`),
  )
  await assert.rejects(client.deleteSubnet({ SubnetId }), ec2Error('DependencyViolation'))
})

test('gateways and routes: what leads where, and what is there already', async (t) => {
  const client = ec2(t, await startApi(t))
  const id = await makeVpc(client)
  const other = await makeVpc(client, '10.8.0.0/16')
  const gateway = await makeGateway(client, id)
  const attach = async (InternetGatewayId: string, VpcId: string): Promise<unknown> =>
    await client.attachInternetGateway({ InternetGatewayId, VpcId })
  await assert.rejects(attach(gateway, other), ec2Error('Resource.AlreadyAssociated'))
  await assert.rejects(
    client.detachInternetGateway({ InternetGatewayId: gateway, VpcId: other }),
    ec2Error('Gateway.NotAttached'),
  )
  await assert.rejects(attach('igw-0', id), ec2Error('InvalidInternetGatewayID.NotFound'))
  await assert.rejects(makeGateway(client, id), ec2Error('InvalidParameterValue'))

  const { RouteTable } = await client.createRouteTable({ VpcId: id })
  const RouteTableId = present(RouteTable?.RouteTableId)
  const route = { RouteTableId, DestinationCidrBlock: '0.0.0.0/0' }
  await client.createRoute({ ...route, GatewayId: gateway })
  await client.createRoute({ ...route, GatewayId: gateway })
  await client.createRoute({ RouteTableId, DestinationIpv6CidrBlock: '::/0', GatewayId: gateway })
  const routes = async (): Promise<unknown> =>
    (await client.describeRouteTables({ RouteTableIds: [RouteTableId] })).RouteTables?.[0]?.Routes?.map(
      ({ DestinationCidrBlock, DestinationIpv6CidrBlock, GatewayId }) => [
        DestinationCidrBlock ?? DestinationIpv6CidrBlock,
        GatewayId,
      ],
    )
  const local = ['10.7.0.0/16', 'local']
  assert.deepEqual(await routes(), [local, ['0.0.0.0/0', gateway], ['::/0', gateway]])
  await assert.rejects(
    client.createRoute({ RouteTableId, DestinationCidrBlock: '10.7.0.0/16', GatewayId: gateway }),
    ec2Error('RouteAlreadyExists'),
  )
  await assert.rejects(
    client.createRoute({
      RouteTableId,
      DestinationCidrBlock: '10.9.0.0/16',
      VpcPeeringConnectionId: 'pcx-0',
    }),
    ec2Error('UnsupportedOperation'),
  )
  await assert.rejects(
    client.createRoute({ RouteTableId, DestinationCidrBlock: '10.9.0.0/16', NatGatewayId: 'nat-0' }),
    ec2Error('NatGatewayNotFound'),
  )
  await client.replaceRoute({ ...route, GatewayId: gateway })
  await client.deleteRoute(route)
  await assert.rejects(client.deleteRoute(route), ec2Error('InvalidRoute.NotFound'))
  await assert.rejects(
    client.replaceRoute({ ...route, GatewayId: gateway }),
    ec2Error('InvalidRoute.NotFound'),
  )
  await assert.rejects(
    client.deleteRoute({ RouteTableId, DestinationCidrBlock: '10.7.0.0/16' }),
    ec2Error('InvalidParameterValue'),
  )
  assert.deepEqual(await routes(), [local, ['::/0', gateway]])
})

test('a NAT gateway has an elastic address, and keeps what it stands in', async (t) => {
  const client = ec2(t, await startApi(t))
  const VpcId = await makeVpc(client)
  const SubnetId = await makeSubnet(client, VpcId, '10.7.1.0/24', 'a')
  const { AllocationId, PublicIp } = await client.allocateAddress({ Domain: 'vpc' })
  assert.equal(PublicIp, '203.0.113.1')
  const create = async (): Promise<string> =>
    present((await client.createNatGateway({ SubnetId, AllocationId })).NatGateway?.NatGatewayId)
  await assert.rejects(create(), ec2Error('Gateway.NotAttached'))
  const InternetGatewayId = await makeGateway(client, VpcId)
  const NatGatewayId = await create()
  await assert.rejects(create(), ec2Error('Resource.AlreadyAssociated'))
  await assert.rejects(client.createNatGateway({ SubnetId }), ec2Error('MissingParameter'))
  const { NatGateways } = await client.describeNatGateways({ NatGatewayIds: [NatGatewayId] })
  assert.deepEqual(
    NatGateways?.map(({ State, NatGatewayAddresses }) => [
      State,
      NatGatewayAddresses?.[0]?.PublicIp,
      NatGatewayAddresses?.[0]?.PrivateIp,
    ]),
    [['available', PublicIp, '10.7.1.4']],
  )
  const { Addresses } = await client.describeAddresses({ AllocationIds: [AllocationId ?? ''] })
  assert.equal(Addresses?.[0]?.PrivateIpAddress, '10.7.1.4')
  const AssociationId = Addresses?.[0]?.AssociationId
  const attributes = await client.describeAddressesAttribute({ AllocationIds: [AllocationId ?? ''] })
  assert.deepEqual(attributes.Addresses, [{ AllocationId, PublicIp }])
  const { RouteTable } = await client.createRouteTable({ VpcId })
  const RouteTableId = present(RouteTable?.RouteTableId)
  await client.createRoute({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId })
  const state = async (): Promise<unknown> =>
    (await client.describeRouteTables({ RouteTableIds: [RouteTableId] })).RouteTables?.[0]?.Routes?.map(
      (route) => [route.NatGatewayId ?? route.GatewayId, route.State],
    )
  assert.deepEqual(await state(), [
    ['local', 'active'],
    [NatGatewayId, 'active'],
  ])
  for (const [call, code] of [
    [client.deleteSubnet({ SubnetId }), 'DependencyViolation'],
    [client.detachInternetGateway({ InternetGatewayId, VpcId }), 'DependencyViolation'],
    [client.releaseAddress({ AllocationId }), 'InvalidIPAddress.InUse'],
    [client.disassociateAddress({ AssociationId }), 'OperationNotPermitted'],
  ] as const) {
    await assert.rejects(call, ec2Error(code))
  }
  await client.deleteNatGateway({ NatGatewayId })
  await assert.rejects(
    client.describeNatGateways({ NatGatewayIds: [NatGatewayId] }),
    ec2Error('NatGatewayNotFound'),
  )
  assert.deepEqual(await state(), [
    ['local', 'active'],
    [NatGatewayId, 'blackhole'],
  ])
  await assert.rejects(
    client.disassociateAddress({ AssociationId }),
    ec2Error('InvalidAssociationID.NotFound'),
  )
  await client.releaseAddress({ AllocationId })
  await assert.rejects(client.releaseAddress({ AllocationId }), ec2Error('InvalidAllocationID.NotFound'))
  await client.deleteSubnet({ SubnetId })
})

test('a subnet uses one route table; another one becomes the main one', async (t) => {
  const client = ec2(t, await startApi(t))
  const id = await makeVpc(client)
  const SubnetId = await makeSubnet(client, id, '10.7.1.0/24', 'a')
  const make = async (): Promise<string> =>
    present((await client.createRouteTable({ VpcId: id })).RouteTable?.RouteTableId)
  const [first, second] = [await make(), await make()]
  const { AssociationId } = await client.associateRouteTable({ RouteTableId: first, SubnetId })
  await assert.rejects(
    client.associateRouteTable({ RouteTableId: second, SubnetId }),
    ec2Error('Resource.AlreadyAssociated'),
  )
  await assert.rejects(client.deleteRouteTable({ RouteTableId: first }), ec2Error('DependencyViolation'))
  const { NewAssociationId } = await client.replaceRouteTableAssociation({
    AssociationId,
    RouteTableId: second,
  })
  const tableOf = async (name: string, value: string): Promise<string | undefined> => {
    const Filters = [...ofVpc(id).Filters, { Name: name, Values: [value] }]
    return (await client.describeRouteTables({ Filters })).RouteTables?.[0]?.RouteTableId
  }
  assert.equal(await tableOf('association.subnet-id', SubnetId), second)
  await client.disassociateRouteTable({ AssociationId: NewAssociationId })
  await assert.rejects(
    client.disassociateRouteTable({ AssociationId: NewAssociationId }),
    ec2Error('InvalidAssociationID.NotFound'),
  )
  await client.deleteRouteTable({ RouteTableId: second })

  const main = present(await tableOf('association.main', 'true'))
  const mainTable = (await client.describeRouteTables({ RouteTableIds: [main] })).RouteTables?.[0]
  const mainAssociation = mainTable?.Associations?.[0]?.RouteTableAssociationId
  await assert.rejects(
    client.disassociateRouteTable({ AssociationId: mainAssociation }),
    ec2Error('InvalidParameterValue'),
  )
  await client.replaceRouteTableAssociation({ AssociationId: mainAssociation, RouteTableId: first })
  assert.equal(await tableOf('association.main', 'true'), first)
  await client.deleteRouteTable({ RouteTableId: main })
  // A subnet that is deleted leaves its table.
  await client.associateRouteTable({ RouteTableId: first, SubnetId })
  await client.deleteSubnet({ SubnetId })
  await client.deleteVpc({ VpcId: id })
})

test('attributes of subnets and entries of network ACLs are kept', async (t) => {
  const client = ec2(t, await startApi(t))
  const { Vpc } = await client.createVpc({ CidrBlock: '10.7.0.0/16', AmazonProvidedIpv6CidrBlock: true })
  const VpcId = present(Vpc?.VpcId)
  const block = present(Vpc?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock).replace('/56', '/64')
  const make = async (CidrBlock: string, Ipv6CidrBlock: string): Promise<string> => {
    const made = await client.createSubnet({ VpcId, CidrBlock, Ipv6CidrBlock })
    return present(made.Subnet?.SubnetId)
  }
  const SubnetId = await make('10.7.1.0/24', block)
  await assert.rejects(make('10.7.2.0/24', block), ec2Error('InvalidSubnet.Conflict'))
  await assert.rejects(make('10.7.2.0/24', '2001:db9::/64'), ec2Error('InvalidSubnet.Range'))
  await client.modifySubnetAttribute({ SubnetId, MapPublicIpOnLaunch: { Value: true } })
  await client.modifySubnetAttribute({ SubnetId, AssignIpv6AddressOnCreation: { Value: true } })
  const { Subnets } = await client.describeSubnets({ SubnetIds: [SubnetId] })
  assert.deepEqual(
    [Subnets?.[0]?.MapPublicIpOnLaunch, Subnets?.[0]?.AssignIpv6AddressOnCreation],
    [true, true],
  )
  const { NetworkAcls } = await client.describeNetworkAcls(ofVpc(VpcId))
  const NetworkAclId = present(NetworkAcls?.[0]?.NetworkAclId)
  assert.equal(NetworkAcls?.[0]?.Associations?.[0]?.SubnetId, SubnetId)
  const entry = { NetworkAclId, RuleNumber: 200, Egress: false, Protocol: '6', CidrBlock: '10.0.0.0/8' }
  const ports = { PortRange: { From: 80, To: 81 } }
  await client.createNetworkAclEntry({ ...entry, ...ports, RuleAction: 'deny' })
  await assert.rejects(
    client.createNetworkAclEntry({ ...entry, ...ports, RuleAction: 'deny' }),
    ec2Error('NetworkAclEntryAlreadyExists'),
  )
  await client.replaceNetworkAclEntry({ ...entry, ...ports, RuleAction: 'allow' })
  const entries = async () =>
    (await client.describeNetworkAcls({ NetworkAclIds: [NetworkAclId] })).NetworkAcls?.[0]?.Entries ?? []
  const found = (await entries()).find(({ RuleNumber }) => RuleNumber === 200)
  assert.deepEqual([found?.RuleAction, found?.PortRange], ['allow', { From: 80, To: 81 }])
  await client.deleteNetworkAclEntry(entry)
  await assert.rejects(client.deleteNetworkAclEntry(entry), ec2Error('InvalidNetworkAclEntry.NotFound'))
})

test('what the configuration names stays, and can have made subnets beside it', async (t) => {
  const client = ec2(t, await startApi(t))
  for (const call of [
    client.deleteVpc({ VpcId: VPC }),
    client.deleteSubnet({ SubnetId: SUBNETS[0] }),
    client.deleteRouteTable({ RouteTableId: 'rtb-00000000000000000' }),
    client.deleteInternetGateway({ InternetGatewayId: 'igw-00000000000000000' }),
  ]) {
    await assert.rejects(call, ec2Error('OperationNotPermitted'))
  }
  await makeSubnet(client, VPC, '172.31.64.0/20', 'a')
  assert.equal((await client.describeSubnets(ofVpc(VPC))).Subnets?.length, 4)
})

test('groups are made in a VPC each, and rules that come at the same time are all kept', async (t) => {
  const client = ec2(t, await startApi(t))
  const VpcId = await makeVpc(client)
  const group = { GroupName: 'web', Description: 'web' }
  await client.createSecurityGroup(group)
  const { GroupId } = await client.createSecurityGroup({ ...group, VpcId })
  await assert.rejects(client.createSecurityGroup({ ...group, VpcId }), ec2Error('InvalidGroup.Duplicate'))
  const ports = [80, 81, 82, 83, 84, 85, 86, 87]
  await Promise.all(
    ports.map(async (port) => {
      const rule = { IpProtocol: 'tcp', FromPort: port, ToPort: port, CidrIp: '10.0.0.0/8' }
      return await client.authorizeSecurityGroupIngress({ GroupId, ...rule })
    }),
  )
  const { SecurityGroups } = await client.describeSecurityGroups({ GroupIds: [GroupId ?? ''] })
  assert.deepEqual(SecurityGroups?.[0]?.IpPermissions?.map(({ FromPort = 0 }) => FromPort).toSorted(), ports)
  await assert.rejects(client.deleteVpc({ VpcId }), ec2Error('DependencyViolation'))
})

test('networks that were made are there after a new start, in their Region', async (t) => {
  const api = await startApi(t)
  const client = ec2(t, api)
  const id = await makeVpc(client)
  const subnet = await makeSubnet(client, id, '10.7.1.0/24', 'c')
  const again = await Networks.load(DEFAULT_DIRECTORY_SETTINGS, api.store)
  assert.equal(again.find('us-east-2', 'vpc', id)?.cidr, '10.7.0.0/16')
  assert.deepEqual(again.find('us-east-2', 'subnet', subnet)?.zone, 'c')
  assert.equal(again.find('us-west-2', 'vpc', id), undefined)
})
