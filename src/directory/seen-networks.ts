// What EC2 at another endpoint was seen to have, in the form in which it is kept, and how it is read out of EC2's
// answers. Plain data, so that it can be written to a file.

import type {
  AvailabilityZone,
  Instance as InstanceOutput,
  IpPermission,
  SecurityGroup as SecurityGroupOutput,
  Subnet as SubnetOutput,
  Vpc as VpcOutput,
} from '@aws-sdk/client-ec2'
import { parseCidr } from '../model/ip.ts'
import { EVERY_IPV4, EVERY_IPV6 } from '../model/networks.ts'
import type { ZoneType } from '../model/resources.ts'
import type { TrafficRule, Instance } from './directory.ts'
import { protocolOf } from './networks.ts'

/** The zones of a Region, and its default VPC. */
export interface SeenRegion {
  readonly zones: readonly SeenZone[]
  readonly defaultVpcId: string | null
}

export interface SeenZone {
  readonly name: string
  readonly type: ZoneType
}

/** A VPC with what belongs to it. */
export interface SeenVpc {
  readonly id: string
  readonly cidrs: readonly string[]
  readonly hasInternetGateway: boolean
  readonly subnets: readonly SeenSubnet[]
  readonly groups: readonly SeenGroup[]
}

export interface SeenSubnet {
  readonly id: string
  readonly zone: string
  /** Of both families. */
  readonly cidrs: readonly string[]
  readonly hasIpv6: boolean
  readonly isOnOutpost: boolean
}

export interface SeenGroup {
  readonly id: string
  readonly name: string
  readonly inbound: readonly TrafficRule[]
  readonly outbound: readonly TrafficRule[]
}

/** Private addresses of those that have a security group. */
export interface SeenMembers {
  readonly groupId: string
  readonly addresses: readonly string[]
}

export function seenZone({ ZoneName: name = '', ZoneType: type }: AvailabilityZone): SeenZone {
  // A Wavelength Zone is one of the other kind to a load balancer, too.
  return {
    name,
    type: type === 'availability-zone' || type === undefined ? 'availability-zone' : 'local-zone',
  }
}

export function seenVpc(
  vpc: VpcOutput,
  subnets: readonly SubnetOutput[],
  groups: readonly SecurityGroupOutput[],
  hasInternetGateway: boolean,
): SeenVpc {
  const blocks = [
    vpc.CidrBlock,
    ...(vpc.CidrBlockAssociationSet ?? []).map(({ CidrBlock }) => CidrBlock),
    ...(vpc.Ipv6CidrBlockAssociationSet ?? []).map(({ Ipv6CidrBlock }) => Ipv6CidrBlock),
  ]
  return {
    id: vpc.VpcId ?? '',
    cidrs: [...new Set(readable(blocks))],
    // AWS makes a default VPC with one; stand-ins for EC2 may leave it out.
    hasInternetGateway: hasInternetGateway || vpc.IsDefault === true,
    subnets: subnets.map(seenSubnet),
    groups: groups.map(seenGroup),
  }
}

function seenSubnet(subnet: SubnetOutput): SeenSubnet {
  const ipv6 = readable((subnet.Ipv6CidrBlockAssociationSet ?? []).map(({ Ipv6CidrBlock }) => Ipv6CidrBlock))
  return {
    id: subnet.SubnetId ?? '',
    zone: subnet.AvailabilityZone ?? '',
    cidrs: [...readable([subnet.CidrBlock]), ...ipv6],
    hasIpv6: ipv6.length > 0,
    isOnOutpost: (subnet.OutpostArn ?? '') !== '',
  }
}

function seenGroup({
  GroupId: id = '',
  GroupName: name = '',
  IpPermissions: inbound = [],
  IpPermissionsEgress: outbound,
}: SecurityGroupOutput): SeenGroup {
  // Stand-ins for EC2 that know no outbound rules enforce none.
  return { id, name, inbound: inbound.map(trafficRule), outbound: outbound?.map(trafficRule) ?? [EVERYWHERE] }
}

const EVERYWHERE: TrafficRule = {
  protocol: 'all',
  fromPort: 0,
  toPort: 65_535,
  cidrs: [EVERY_IPV4, EVERY_IPV6],
  groups: [],
}

/** What a permission lets through. Prefix lists are not looked up, so they stand for nobody. */
function trafficRule(permission: IpPermission): TrafficRule {
  const { FromPort: from = -1, ToPort: to = -1 } = permission
  return {
    protocol: protocolOf(permission.IpProtocol ?? ''),
    fromPort: Math.max(from, 0),
    toPort: to < 0 ? 65_535 : to,
    cidrs: readable([
      ...(permission.IpRanges ?? []).map(({ CidrIp }) => CidrIp),
      ...(permission.Ipv6Ranges ?? []).map(({ CidrIpv6 }) => CidrIpv6),
    ]),
    groups: (permission.UserIdGroupPairs ?? []).flatMap(({ GroupId }) => GroupId ?? []),
  }
}

/** Undefined for an instance without an address, which cannot be a target. */
export function seenInstance(instance: InstanceOutput): Instance | undefined {
  const { InstanceId: id, PrivateIpAddress: address, Ipv6Address: ipv6Address, VpcId: vpcId } = instance
  if (id === undefined || address === undefined || vpcId === undefined) return undefined
  return {
    id,
    vpcId,
    zone: instance.Placement?.AvailabilityZone ?? '',
    address,
    ...(ipv6Address === undefined || ipv6Address === '' ? {} : { ipv6Address }),
    state: stateOf(instance.State?.Name),
  }
}

function stateOf(name: string | undefined): Instance['state'] {
  if (name === 'pending' || name === 'running') return name
  return name === 'stopping' || name === 'stopped' ? 'stopped' : 'terminated'
}

/** The blocks that are some: what cannot be read would fail wherever it is used. */
function readable(blocks: readonly (string | undefined)[]): readonly string[] {
  return blocks.filter((block): block is string => block !== undefined && parseCidr(block) !== null)
}
