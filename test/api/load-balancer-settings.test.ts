// What is set on load balancers beside attributes: address types, zones, reserved capacity, address pools, policies.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IpAddressType } from '@aws-sdk/client-elastic-load-balancing-v2'
import { DEFAULT_QUOTAS } from '../../src/model/quotas.ts'
import {
  apiError,
  createListener,
  createLoadBalancer,
  createTargetGroup,
  present,
  startApi,
  SUBNET_C,
  SUBNETS,
  type Api,
} from './support.ts'

const DATE = Date.UTC(2026, 0, 1, 12)
const DAY_MS = 86_400_000

async function create(
  api: Api,
  Name: string,
  input: { IpAddressType?: IpAddressType; Scheme?: 'internal' | 'internet-facing' },
): Promise<IpAddressType | undefined> {
  const { LoadBalancers } = await api.client.createLoadBalancer({ Name, Subnets: SUBNETS, ...input })
  return LoadBalancers?.[0]?.IpAddressType
}

test('ALB-LB-184, 192 ALB-LB OQ-56 each address type at creation and later, for each scheme that can have it', async (t) => {
  const api = await startApi(t)
  const types = ['ipv4', 'dualstack', 'dualstack-without-public-ipv4'] as const
  for (const [index, type] of types.entries()) {
    assert.equal(await create(api, `facing-${index}`, { IpAddressType: type }), type)
  }
  for (const [index, type] of types.slice(0, 2).entries()) {
    assert.equal(await create(api, `inside-${index}`, { IpAddressType: type, Scheme: 'internal' }), type)
  }
  const refused = apiError('InvalidConfigurationRequestException', /not supported for internal/)
  await assert.rejects(
    create(api, 'x', { IpAddressType: 'dualstack-without-public-ipv4', Scheme: 'internal' }),
    refused,
  )
  await assert.rejects(create(api, 'x', { IpAddressType: 'ipv6' as 'ipv4' }), apiError('ValidationError'))

  const { LoadBalancers } = await api.client.describeLoadBalancers({ Names: ['facing-0', 'inside-0'] })
  const [facing = '', inside = ''] = present(LoadBalancers).map(({ LoadBalancerArn }) =>
    present(LoadBalancerArn),
  )
  for (const IpAddressType of [...types.toReversed(), ...types]) {
    const set = await api.client.setIpAddressType({ LoadBalancerArn: facing, IpAddressType })
    assert.equal(set.IpAddressType, IpAddressType)
    const described = await api.client.describeLoadBalancers({ LoadBalancerArns: [facing] })
    assert.equal(described.LoadBalancers?.[0]?.IpAddressType, IpAddressType)
  }
  await assert.rejects(
    api.client.setIpAddressType({ LoadBalancerArn: inside, IpAddressType: 'dualstack-without-public-ipv4' }),
    refused,
  )
  await assert.rejects(
    api.client.setIpAddressType({ LoadBalancerArn: facing, IpAddressType: 'ipv6' as 'ipv4' }),
    apiError('ValidationError', /enum value set/),
  )
})

test('ALB-LB-193 without IPv6 addresses in every subnet there is no dualstack', async (t) => {
  const api = await startApi(t, {
    directory: {
      zonePools: { a: '10.1.0.0/16', b: '10.2.0.0/16', c: '10.3.0.0/16' },
      ipv6Pools: { a: 'fd00::/64' },
    },
  })
  const arn = await createLoadBalancer(api)
  for (const IpAddressType of ['dualstack', 'dualstack-without-public-ipv4'] as const) {
    for (const call of [
      create(api, 'x', { IpAddressType }),
      api.client.setIpAddressType({ LoadBalancerArn: arn, IpAddressType }),
      api.client.setSubnets({ LoadBalancerArn: arn, Subnets: SUBNETS, IpAddressType }),
    ]) {
      await assert.rejects(call, apiError('InvalidConfigurationRequestException', /IPv6 CIDR block/))
    }
  }
  const { LoadBalancers } = await api.client.describeLoadBalancers({})
  assert.deepEqual(
    LoadBalancers?.map(({ IpAddressType }) => IpAddressType),
    ['ipv4'],
  )
})

test('ALB-TG-019, 038, 040 ALB-LB OQ-57 IPv6 groups go with dualstack load balancers, and keep them so', async (t) => {
  const api = await startApi(t)
  const ipv6 = await createTargetGroup(api, 'ipv6', { TargetType: 'ip', IpAddressType: 'ipv6' })
  const ipv4 = await createTargetGroup(api, 'ipv4', { TargetType: 'ip' })
  const arn = await createLoadBalancer(api)
  const refused = apiError('InvalidConfigurationRequestException', /dualstack/)
  await assert.rejects(createListener(api, arn, 80, ipv6), refused)
  await api.client.setIpAddressType({ LoadBalancerArn: arn, IpAddressType: 'dualstack' })
  const listener = await createListener(api, arn, 80, ipv6)
  await createListener(api, arn, 81, ipv4)
  await assert.rejects(api.client.setIpAddressType({ LoadBalancerArn: arn, IpAddressType: 'ipv4' }), refused)
  await assert.rejects(
    api.client.setSubnets({ LoadBalancerArn: arn, Subnets: SUBNETS, IpAddressType: 'ipv4' }),
    refused,
  )
  // ModifyTargetGroup has no such members, and the SDK would not send them.
  const raw = await fetch(api.endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      Action: 'ModifyTargetGroup',
      Version: '2015-12-01',
      TargetGroupArn: ipv6,
      IpAddressType: 'ipv4',
      TargetType: 'instance',
    }),
  })
  assert.equal(raw.status, 200)
  const { TargetGroups } = await api.client.describeTargetGroups({ TargetGroupArns: [ipv6] })
  assert.deepEqual([TargetGroups?.[0]?.IpAddressType, TargetGroups?.[0]?.TargetType], ['ipv6', 'ip'])
  await api.client.deleteListener({ ListenerArn: listener })
  await api.client.setIpAddressType({ LoadBalancerArn: arn, IpAddressType: 'ipv4' })
})

test('targets follow the zones of their load balancer', async (t) => {
  const api = await startApi(t)
  const arn = await createLoadBalancer(api)
  const group = await createTargetGroup(api, 'zones', { TargetType: 'ip' })
  await createListener(api, arn, 80, group)
  await api.client.registerTargets({
    TargetGroupArn: group,
    Targets: ['a', 'b', 'c'].map((letter, index) => ({
      Id: `127.0.0.${index + 1}`,
      AvailabilityZone: `us-east-2${letter}`,
    })),
  })
  const states = async (): Promise<unknown> => {
    const { TargetHealthDescriptions } = await api.client.describeTargetHealth({ TargetGroupArn: group })
    return TargetHealthDescriptions?.map(({ Target, TargetHealth }) =>
      [Target?.AvailabilityZone?.at(-1), TargetHealth?.State, TargetHealth?.Reason].join(' '),
    )
  }
  const initial = 'initial Elb.RegistrationInProgress'
  const unused = 'unused Target.NotInUse'
  assert.deepEqual(await states(), [`a ${initial}`, `b ${initial}`, `c ${unused}`])
  const { AvailabilityZones } = await api.client.setSubnets({
    LoadBalancerArn: arn,
    SubnetMappings: [{ SubnetId: present(SUBNETS[1]) }, { SubnetId: SUBNET_C }],
  })
  assert.deepEqual(
    AvailabilityZones?.map(({ ZoneName }) => ZoneName),
    ['us-east-2b', 'us-east-2c'],
  )
  assert.deepEqual(await states(), [`a ${unused}`, `b ${initial}`, `c ${initial}`])
})

test('ALB-LB-341 a load balancer has the scheme it was made with, and no other can be named', async (t) => {
  const api = await startApi(t)
  for (const Scheme of ['internet-facing', 'internal'] as const) await create(api, `x-${Scheme}`, { Scheme })
  await create(api, 'x', {})
  await assert.rejects(create(api, 'y', { Scheme: 'public' as 'internal' }), apiError('ValidationError'))
  const { LoadBalancers } = await api.client.describeLoadBalancers({})
  assert.deepEqual(
    LoadBalancers?.map(({ LoadBalancerName, Scheme }) => `${LoadBalancerName} ${Scheme}`),
    ['x-internet-facing internet-facing', 'x-internal internal', 'x internet-facing'],
  )
})

test('reserved capacity is kept and told, within its quota, and becomes smaller twice a day', async (t) => {
  const quotas = { ...DEFAULT_QUOTAS, capacityUnitsPerLoadBalancer: 500 }
  const api = await startApi(t, { settings: { quotas } })
  api.setDate(DATE)
  const LoadBalancerArn = await createLoadBalancer(api)
  const reserve = async (CapacityUnits: number): Promise<number | undefined> => {
    const output = await api.client.modifyCapacityReservation({
      LoadBalancerArn,
      MinimumLoadBalancerCapacity: { CapacityUnits },
    })
    return output.DecreaseRequestsRemaining
  }
  const read = async (): Promise<object> => {
    const { $metadata: _metadata, ...output } = await api.client.describeCapacityReservation({
      LoadBalancerArn,
    })
    return output
  }
  assert.deepEqual(await read(), { CapacityReservationState: [] })
  assert.equal(await reserve(500), 2)
  assert.deepEqual(await read(), {
    LastModifiedTime: new Date(DATE),
    DecreaseRequestsRemaining: 2,
    MinimumLoadBalancerCapacity: { CapacityUnits: 500 },
    CapacityReservationState: ['us-east-2a', 'us-east-2b'].map((AvailabilityZone) => ({
      State: { Code: 'provisioned' },
      AvailabilityZone,
      EffectiveCapacityUnits: 250,
    })),
  })
  await assert.rejects(reserve(99), apiError('ValidationError', /at least '100'/))
  await assert.rejects(reserve(501), apiError('CapacityUnitsLimitExceededException', /'500'/))
  assert.equal(await reserve(400), 1)
  assert.equal(await reserve(450), 1)
  assert.equal(await reserve(300), 0)
  await assert.rejects(reserve(200), apiError('CapacityDecreaseRequestsLimitExceededException'))
  api.setDate(DATE + DAY_MS)
  assert.equal(await reserve(200), 1)

  await api.client.modifyCapacityReservation({ LoadBalancerArn, ResetCapacityReservation: true })
  assert.deepEqual(await read(), {
    LastModifiedTime: new Date(DATE + DAY_MS),
    DecreaseRequestsRemaining: 1,
    CapacityReservationState: [],
  })
  for (const input of [
    {},
    { ResetCapacityReservation: false },
    { ResetCapacityReservation: true, MinimumLoadBalancerCapacity: { CapacityUnits: 100 } },
    { MinimumLoadBalancerCapacity: {} },
  ]) {
    await assert.rejects(
      api.client.modifyCapacityReservation({ LoadBalancerArn, ...input }),
      apiError('ValidationError'),
    )
  }
  await api.client.deleteLoadBalancer({ LoadBalancerArn })
  await assert.rejects(read(), apiError('LoadBalancerNotFoundException'))
})

test('no load balancer has an IPAM pool, and no resource a policy', async (t) => {
  const api = await startApi(t)
  const LoadBalancerArn = await createLoadBalancer(api)
  const { IpamPools } = await api.client.modifyIpPools({ LoadBalancerArn, RemoveIpamPools: ['ipv4'] })
  assert.deepEqual(IpamPools, {})
  await assert.rejects(
    api.client.modifyIpPools({ LoadBalancerArn, IpamPools: { Ipv4IpamPoolId: 'ipam-pool-1' } }),
    apiError('InvalidConfigurationRequestException', "The IPAM pool 'ipam-pool-1' is not found"),
  )
  for (const input of [
    {},
    { IpamPools: { Ipv4IpamPoolId: 'pool' } },
    { RemoveIpamPools: ['ipv6' as 'ipv4'] },
  ]) {
    await assert.rejects(api.client.modifyIpPools({ LoadBalancerArn, ...input }), apiError('ValidationError'))
  }
  await assert.rejects(
    api.client.getResourcePolicy({ ResourceArn: LoadBalancerArn }),
    apiError('ResourceNotFoundException', `There is no resource policy for '${LoadBalancerArn}'`),
  )
  await assert.rejects(
    api.client.getResourcePolicy({ ResourceArn: 'x' }),
    apiError('ValidationError', "'x' is not a valid resource ARN"),
  )
})
