import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seenInstance, seenVpc, seenZone } from './seen-networks.ts'

test('a VPC is read with its subnets and the rules of its groups', () => {
  const vpc = seenVpc(
    { VpcId: 'vpc-1', CidrBlock: '10.0.0.0/16', CidrBlockAssociationSet: [{ CidrBlock: '10.1.0.0/16' }] },
    [
      {
        SubnetId: 'subnet-1',
        AvailabilityZone: 'us-east-2a',
        CidrBlock: '10.0.1.0/24',
        Ipv6CidrBlockAssociationSet: [{ Ipv6CidrBlock: '2001:db8::/64' }],
      },
      { SubnetId: 'subnet-2', AvailabilityZone: 'us-east-2a', OutpostArn: 'arn:aws:outposts' },
    ],
    [
      {
        GroupId: 'sg-1',
        GroupName: 'web',
        IpPermissions: [
          {
            IpProtocol: '6',
            FromPort: 80,
            ToPort: 81,
            IpRanges: [{ CidrIp: '10.0.0.0/8' }, { CidrIp: '?' }],
          },
          { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: 'sg-2' }, { GroupName: 'old' }] },
          { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, PrefixListIds: [{ PrefixListId: 'pl-1' }] },
          { IpProtocol: 'constructor' },
        ],
        IpPermissionsEgress: [
          { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, UserIdGroupPairs: [{ GroupId: 'sg-3' }] },
        ],
      },
    ],
    false,
  )
  assert.deepEqual(vpc, {
    id: 'vpc-1',
    cidrs: ['10.0.0.0/16', '10.1.0.0/16'],
    hasInternetGateway: false,
    subnets: [
      {
        id: 'subnet-1',
        zone: 'us-east-2a',
        cidrs: ['10.0.1.0/24', '2001:db8::/64'],
        hasIpv6: true,
        isOnOutpost: false,
      },
      { id: 'subnet-2', zone: 'us-east-2a', cidrs: [], hasIpv6: false, isOnOutpost: true },
    ],
    groups: [
      {
        id: 'sg-1',
        name: 'web',
        inbound: [
          { protocol: 'tcp', fromPort: 80, toPort: 81, cidrs: ['10.0.0.0/8'], groups: [] },
          { protocol: 'all', fromPort: 0, toPort: 65_535, cidrs: [], groups: ['sg-2'] },
          { protocol: 'tcp', fromPort: 443, toPort: 443, cidrs: [], groups: [] },
          { protocol: 'other', fromPort: 0, toPort: 65_535, cidrs: [], groups: [] },
        ],
        outbound: [{ protocol: 'tcp', fromPort: 80, toPort: 80, cidrs: [], groups: ['sg-3'] }],
      },
    ],
  })
})

test('an EC2 that says nothing of outbound rules lets everything out, one that says there are none nothing', () => {
  const outbound = (IpPermissionsEgress?: []) =>
    seenVpc({ VpcId: 'vpc-1' }, [], [{ GroupId: 'sg-1', IpPermissionsEgress }], false).groups[0]?.outbound
  assert.deepEqual(outbound([]), [])
  assert.deepEqual(outbound()?.[0]?.cidrs, ['0.0.0.0/0', '::/0'])
})

test('a default VPC counts as having the internet gateway that AWS gives it', () => {
  const has = (isDefault: boolean, isAttached: boolean): boolean =>
    seenVpc({ VpcId: 'vpc-1', IsDefault: isDefault }, [], [], isAttached).hasInternetGateway
  assert.deepEqual([has(true, false), has(false, false), has(false, true)], [true, false, true])
})

test('instances on their way to another state count as there already', () => {
  const state = (Name: 'stopping' | 'shutting-down' | 'pending') =>
    seenInstance({ InstanceId: 'i-1', PrivateIpAddress: '10.0.0.1', VpcId: 'vpc-1', State: { Name } })?.state
  assert.deepEqual(
    [state('stopping'), state('shutting-down'), state('pending')],
    ['stopped', 'terminated', 'pending'],
  )
  assert.equal(seenInstance({ InstanceId: 'i-1', State: { Name: 'terminated' } }), undefined)
})

test('zones that are no Availability Zones are told apart', () => {
  const types = ['availability-zone', 'local-zone', 'wavelength-zone', undefined]
  assert.deepEqual(
    types.map(
      (ZoneType) => seenZone({ ZoneName: 'z', ...(ZoneType === undefined ? {} : { ZoneType }) }).type,
    ),
    ['availability-zone', 'local-zone', 'local-zone', 'availability-zone'],
  )
})
