// Security groups by EC2's own client: their life, their rules, and what they mean for listeners.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { EC2, EC2ServiceException } from '@aws-sdk/client-ec2'
import { createLoadBalancer, SECURITY_GROUP, startApi, VPC, type Api } from '../api/support.ts'

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

function ec2Error(code: string, message?: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof EC2ServiceException, String(error))
    assert.equal(error.name, code, error.message)
    assert.equal(error.$metadata.httpStatusCode, 400)
    if (message !== undefined) assert.match(error.message, message)
    return true
  }
}

async function makeGroup(client: EC2, name = 'web'): Promise<string> {
  const { GroupId } = await client.createSecurityGroup({
    GroupName: name,
    Description: 'for tests',
    VpcId: VPC,
  })
  assert.match(GroupId ?? '', /^sg-0[0-9a-f]{16}$/)
  return GroupId ?? ''
}

const HTTP = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80 }

test('the default group is there and admits everyone', async (t) => {
  const client = ec2(t, await startApi(t))
  const { SecurityGroups } = await client.describeSecurityGroups({})
  assert.deepEqual(
    SecurityGroups?.map(({ GroupId, GroupName, VpcId }) => [GroupId, GroupName, VpcId]),
    [[SECURITY_GROUP, 'default', VPC]],
  )
  assert.deepEqual(
    SecurityGroups?.[0]?.IpPermissions?.map(({ IpProtocol, IpRanges, Ipv6Ranges }) => [
      IpProtocol,
      IpRanges,
      Ipv6Ranges,
    ]),
    [['-1', [{ CidrIp: '0.0.0.0/0' }], [{ CidrIpv6: '::/0' }]]],
  )
  await assert.rejects(client.deleteSecurityGroup({ GroupId: SECURITY_GROUP }), ec2Error('CannotDelete'))
})

test('a new group admits nobody, gets rules and loses them', async (t) => {
  const client = ec2(t, await startApi(t))
  const id = await makeGroup(client)
  const group = async () => (await client.describeSecurityGroups({ GroupIds: [id] })).SecurityGroups?.[0]
  assert.deepEqual((await group())?.IpPermissions, [])
  assert.deepEqual((await group())?.IpPermissionsEgress?.[0]?.IpRanges, [{ CidrIp: '0.0.0.0/0' }])
  const { SecurityGroupRules: added } = await client.authorizeSecurityGroupIngress({
    GroupId: id,
    IpPermissions: [
      {
        ...HTTP,
        IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'inside' }, { CidrIp: '192.0.2.0/24' }],
        Ipv6Ranges: [{ CidrIpv6: '2001:db8::/32' }],
        UserIdGroupPairs: [{ GroupId: SECURITY_GROUP }],
      },
    ],
  })
  assert.equal(added?.length, 4)
  assert.deepEqual((await group())?.IpPermissions, [
    {
      ...HTTP,
      IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'inside' }, { CidrIp: '192.0.2.0/24' }],
      Ipv6Ranges: [{ CidrIpv6: '2001:db8::/32' }],
      UserIdGroupPairs: [{ GroupId: SECURITY_GROUP, UserId: '123456789012' }],
      PrefixListIds: [],
    },
  ])
  await assert.rejects(
    client.authorizeSecurityGroupIngress({ GroupId: id, ...HTTP, CidrIp: '10.0.0.0/8' }),
    ec2Error('InvalidPermission.Duplicate', /peer: 10\.0\.0\.0\/8, TCP, from port: 80, to port: 80, ALLOW/),
  )
  await client.revokeSecurityGroupIngress({ GroupId: id, ...HTTP, CidrIp: '10.0.0.0/8' })
  await assert.rejects(
    client.revokeSecurityGroupIngress({ GroupId: id, ...HTTP, CidrIp: '10.0.0.0/8' }),
    ec2Error('InvalidPermission.NotFound'),
  )
  const rest = added?.slice(1).map(({ SecurityGroupRuleId = '' }) => SecurityGroupRuleId) ?? []
  await client.modifySecurityGroupRules({
    GroupId: id,
    SecurityGroupRules: [
      {
        SecurityGroupRuleId: rest[0],
        SecurityGroupRule: { ...HTTP, ToPort: 81, CidrIpv4: '198.51.100.0/24' },
      },
    ],
  })
  const { SecurityGroupRules: rules } = await client.describeSecurityGroupRules({
    SecurityGroupRuleIds: [rest[0] ?? ''],
  })
  assert.deepEqual([rules?.[0]?.ToPort, rules?.[0]?.CidrIpv4], [81, '198.51.100.0/24'])
  await client.revokeSecurityGroupIngress({ GroupId: id, SecurityGroupRuleIds: rest })
  assert.deepEqual((await group())?.IpPermissions, [])
  await client.deleteSecurityGroup({ GroupId: id })
  await assert.rejects(client.describeSecurityGroups({ GroupIds: [id] }), ec2Error('InvalidGroup.NotFound'))
})

test('a new group lets everything out; such rules are added and taken away, and admit nobody', async (t) => {
  const client = ec2(t, await startApi(t))
  const GroupId = await makeGroup(client)
  const ports = async (): Promise<(number | undefined)[]> => {
    const { SecurityGroups: [group] = [] } = await client.describeSecurityGroups({ GroupIds: [GroupId] })
    assert.deepEqual(group?.IpPermissions, [])
    return (group?.IpPermissionsEgress ?? []).map(({ FromPort }) => FromPort)
  }
  assert.deepEqual(await ports(), [undefined])
  const IpPermissions = [{ ...HTTP, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }]
  const { SecurityGroupRules } = await client.authorizeSecurityGroupEgress({ GroupId, IpPermissions })
  assert.deepEqual(
    SecurityGroupRules?.map(({ IsEgress }) => IsEgress),
    [true],
  )
  assert.deepEqual(await ports(), [undefined, 80])
  const everything = [
    { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }], Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
  ]
  await client.revokeSecurityGroupEgress({ GroupId, IpPermissions: everything })
  assert.deepEqual(await ports(), [80])
})

test('what a group and a rule cannot be', async (t) => {
  const client = ec2(t, await startApi(t))
  const id = await makeGroup(client)
  await assert.rejects(makeGroup(client), ec2Error('InvalidGroup.Duplicate'))
  for (const name of ['default', 'sg-1', 'a\tb', 'x'.repeat(256)]) {
    await assert.rejects(makeGroup(client, name), ec2Error('InvalidParameterValue'), name)
  }
  await assert.rejects(
    client.createSecurityGroup({ GroupName: 'other', Description: 'x', VpcId: 'vpc-0123456789abcdef0' }),
    ec2Error('InvalidVpcID.NotFound'),
  )
  const authorize = async (permission: object) =>
    await client.authorizeSecurityGroupIngress({ GroupId: id, IpPermissions: [permission] })
  const anywhere = { IpRanges: [{ CidrIp: '0.0.0.0/0' }] }
  for (const permission of [
    { ...HTTP, IpRanges: [{ CidrIp: '10.0.0.0/33' }] },
    { ...HTTP, IpRanges: [{ CidrIp: '::/0' }] },
    { ...HTTP, FromPort: 81, ...anywhere },
    { ...HTTP, ToPort: 65_536, ...anywhere },
    { IpProtocol: 'nonsense', ...anywhere },
  ]) {
    await assert.rejects(authorize(permission), ec2Error('InvalidParameterValue'), JSON.stringify(permission))
  }
  await assert.rejects(authorize(HTTP), ec2Error('MissingParameter'))
  await assert.rejects(
    authorize({ ...HTTP, UserIdGroupPairs: [{ GroupId: 'sg-00000000000000000' }] }),
    ec2Error('InvalidGroup.NotFound'),
  )
  await assert.rejects(
    client.authorizeSecurityGroupIngress({
      GroupId: id,
      DryRun: true,
      IpPermissions: [{ ...HTTP, ...anywhere }],
    }),
    ec2Error('DryRunOperation'),
  )
  const { SecurityGroups } = await client.describeSecurityGroups({ GroupIds: [id] })
  assert.deepEqual(SecurityGroups?.[0]?.IpPermissions, [])
})

test('a group of a load balancer, of another group or of an instance cannot be deleted', async (t) => {
  const api = await startApi(t)
  const client = ec2(t, api)
  const [worn, named, free] = [
    await makeGroup(client, 'worn'),
    await makeGroup(client, 'named'),
    await makeGroup(client, 'free'),
  ]
  const arn = await createLoadBalancer(api)
  await api.client.setSecurityGroups({ LoadBalancerArn: arn, SecurityGroups: [worn] })
  await client.authorizeSecurityGroupIngress({
    GroupId: worn,
    IpPermissions: [{ ...HTTP, UserIdGroupPairs: [{ GroupId: named }] }],
  })
  for (const id of [worn, named]) {
    await assert.rejects(client.deleteSecurityGroup({ GroupId: id }), ec2Error('DependencyViolation'))
  }
  await client.deleteSecurityGroup({ GroupId: free })
  await api.client.setSecurityGroups({ LoadBalancerArn: arn, SecurityGroups: [SECURITY_GROUP] })
  await client.deleteSecurityGroup({ GroupId: worn })
  await client.deleteSecurityGroup({ GroupId: named })
})

test('a change of rules concerns the load balancers of the group, and those whose groups name its instances', async (t) => {
  const api = await startApi(t)
  const client = ec2(t, api)
  const [front, clients] = [await makeGroup(client, 'front'), await makeGroup(client, 'clients')]
  const arn = await createLoadBalancer(api)
  await createLoadBalancer(api, 'other')
  await api.client.setSecurityGroups({ LoadBalancerArn: arn, SecurityGroups: [front] })
  const changed = (): string[] => api.changes.splice(0).flatMap(({ loadBalancers }) => [...loadBalancers])
  changed()
  await client.authorizeSecurityGroupIngress({
    GroupId: front,
    IpPermissions: [{ ...HTTP, UserIdGroupPairs: [{ GroupId: clients }] }],
  })
  assert.deepEqual(changed(), [arn])
  const { Instances } = await client.runInstances({
    MinCount: 1,
    MaxCount: 1,
    PrivateIpAddress: '10.0.0.9',
    SecurityGroupIds: [clients],
  })
  assert.deepEqual(changed(), [arn])
  await client.terminateInstances({ InstanceIds: [Instances?.[0]?.InstanceId ?? ''] })
  assert.deepEqual(changed(), [arn])
})

test('filters with wildcards, tags and pages', async (t) => {
  const client = ec2(t, await startApi(t))
  for (const name of ['a-1', 'a-2', 'b-1', 'b-2', 'b-3', 'b-4']) {
    await client.createSecurityGroup({
      GroupName: name,
      Description: name.toUpperCase(),
      TagSpecifications: [
        { ResourceType: 'security-group', Tags: [{ Key: 'team', Value: name.slice(0, 1) }] },
      ],
    })
  }
  const names = async (...Filters: { Name: string; Values: string[] }[]): Promise<(string | undefined)[]> =>
    (await client.describeSecurityGroups({ Filters })).SecurityGroups?.map(({ GroupName }) => GroupName) ?? []
  assert.deepEqual(await names({ Name: 'group-name', Values: ['a-*'] }), ['a-1', 'a-2'])
  assert.deepEqual(await names({ Name: 'group-name', Values: ['?-1', 'b-4'] }), ['a-1', 'b-1', 'b-4'])
  assert.deepEqual(await names({ Name: 'tag:team', Values: ['a'] }, { Name: 'group-name', Values: ['*2'] }), [
    'a-2',
  ])
  await assert.rejects(names({ Name: 'nonsense', Values: ['x'] }), ec2Error('InvalidParameterValue'))
  const first = await client.describeSecurityGroups({ MaxResults: 5 })
  assert.equal(first.SecurityGroups?.length, 5)
  const second = await client.describeSecurityGroups({ MaxResults: 5, NextToken: first.NextToken })
  assert.equal(second.SecurityGroups?.length, 2)
  assert.equal(second.NextToken, undefined)
})

test('a resource has fifty tags at most, and one that is there can be replaced', async (t) => {
  const client = ec2(t, await startApi(t))
  const GroupId = await makeGroup(client)
  const Resources = [GroupId]
  const Tags = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: 'old' }))
  await client.createTags({ Resources, Tags })
  await client.createTags({ Resources, Tags: [{ Key: 'k7', Value: 'new' }] })
  await assert.rejects(
    client.createTags({ Resources, Tags: [{ Key: 'K7', Value: 'new' }] }),
    ec2Error('TagLimitExceeded'),
  )
  const { SecurityGroups: [group] = [] } = await client.describeSecurityGroups({ GroupIds: Resources })
  assert.equal(group?.Tags?.length, 50)
  assert.equal(group.Tags.find(({ Key }) => Key === 'k7')?.Value, 'new')
})

test('rules have tags from the start, that go with them', async (t) => {
  const client = ec2(t, await startApi(t))
  const GroupId = await makeGroup(client)
  const { SecurityGroupRules: [rule] = [] } = await client.authorizeSecurityGroupIngress({
    GroupId,
    IpPermissions: [{ ...HTTP, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }],
    TagSpecifications: [{ ResourceType: 'security-group-rule', Tags: [{ Key: 'a', Value: '1' }] }],
  })
  const id = rule?.SecurityGroupRuleId ?? ''
  assert.deepEqual(rule?.Tags, [{ Key: 'a', Value: '1' }])
  await client.createTags({ Resources: [id], Tags: [{ Key: 'b', Value: '2' }] })
  const described = async (): Promise<unknown> => {
    const { SecurityGroupRules } = await client.describeSecurityGroupRules({
      Filters: [{ Name: 'tag:b', Values: ['2'] }],
    })
    return SecurityGroupRules?.map(({ SecurityGroupRuleId, Tags }) => [SecurityGroupRuleId, Tags?.length])
  }
  assert.deepEqual(await described(), [[id, 2]])
  const tagged = { Filters: [{ Name: 'resource-type', Values: ['security-group-rule'] }] }
  assert.equal((await client.describeTags(tagged)).Tags?.length, 2)
  await client.revokeSecurityGroupIngress({ GroupId, SecurityGroupRuleIds: [id] })
  assert.deepEqual((await client.describeTags(tagged)).Tags, [])
})
