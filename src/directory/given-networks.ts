// What is there in every Region without having been made: the default VPC as it is in AWS, with the subnets, groups and
// instances of the configuration.

import {
  EVERY_IPV4,
  EVERY_IPV6,
  type NetworkAclItem,
  type NetworkItem,
  type RulePeer,
  type SecurityGroupItem,
  type SecurityGroupRule,
  type SubnetItem,
} from '../model/networks.ts'

export interface GivenNetworks {
  readonly vpcId: string
  readonly subnets: readonly { readonly id: string; readonly zone: string }[]
  /** CIDR block of node addresses by zone letter; it is described as that of the zone's subnet. */
  readonly zonePools: Readonly<Record<string, string>>
  /** The first one is the VPC's default group. */
  readonly securityGroups: readonly string[]
  readonly instances: readonly {
    readonly id: string
    readonly zone: string
    readonly address: string
    readonly ipv6Address?: string | undefined
  }[]
}

/** The address block of AWS's default VPCs. */
const VPC_CIDR = '172.31.0.0/16'
const GATEWAY = 'igw-00000000000000000'
const ROUTE_TABLE = 'rtb-00000000000000000'
const NETWORK_ACL = 'acl-00000000000000000'

/** The given items of a Region, by ID. */
export function givenItems(given: GivenNetworks, region: string): ReadonlyMap<string, NetworkItem> {
  const { vpcId } = given
  const items: readonly NetworkItem[] = [
    {
      kind: 'vpc',
      region,
      id: vpcId,
      cidr: VPC_CIDR,
      ipv6Cidr: null,
      isDefault: true,
      tenancy: 'default',
      hasDnsSupport: true,
      hasDnsHostnames: true,
      hasUsageMetrics: false,
    },
    ...given.subnets.map(({ id, zone }) => ({
      ...newSubnet({ region, id, vpcId, zone, cidr: given.zonePools[zone] ?? VPC_CIDR }),
      isDefault: true,
      mapsPublicIp: true,
    })),
    { kind: 'internet-gateway', region, id: GATEWAY, vpcId },
    {
      kind: 'route-table',
      region,
      id: ROUTE_TABLE,
      vpcId,
      routes: [{ destination: EVERY_IPV4, gatewayId: GATEWAY }],
      associations: [{ id: 'rtbassoc-00000000000000000', subnetId: null }],
    },
    newNetworkAcl({ region, id: NETWORK_ACL, vpcId }),
    ...given.securityGroups.map((id, index) => givenGroup(given, region, id, index === 0)),
    ...given.instances.map(({ id, zone, address, ipv6Address }) => ({
      kind: 'instance' as const,
      region,
      id,
      subnetId: given.subnets.find((subnet) => subnet.zone === zone)?.id ?? '',
      zone,
      address,
      ...(ipv6Address === undefined ? {} : { ipv6Address }),
      state: 'running' as const,
      securityGroups: given.securityGroups.slice(0, 1),
      imageId: 'ami-00000000000000000',
      instanceType: 't3.micro',
      launchedAt: 0,
    })),
  ]
  return new Map(items.map((item) => [item.id, item]))
}

/** A subnet as EC2 makes it. */
export function newSubnet(
  own: Pick<SubnetItem, 'region' | 'id' | 'vpcId' | 'zone' | 'cidr'>,
  ipv6Cidr: string | null = null,
): SubnetItem {
  return {
    kind: 'subnet',
    ...own,
    ipv6Cidr,
    isDefault: false,
    mapsPublicIp: false,
    assignsIpv6: false,
    hasDns64: false,
    hostnameType: 'ip-name',
    hasNameRecordA: false,
    hasNameRecordAaaa: false,
  }
}

/** A VPC's own network ACL, which lets everything through. */
export function newNetworkAcl(own: Pick<NetworkAclItem, 'region' | 'id' | 'vpcId'>): NetworkAclItem {
  return {
    kind: 'network-acl',
    ...own,
    entries: [false, true].map((isEgress) => ({
      isEgress,
      ruleNumber: 100,
      protocol: '-1',
      action: 'allow',
      cidr: EVERY_IPV4,
      ports: null,
      icmp: null,
    })),
  }
}

/** A rule for all protocols and ports. */
export function ruleForAll(id: string, isEgress: boolean, peer: RulePeer): SecurityGroupRule {
  return { id, isEgress, protocol: '-1', fromPort: -1, toPort: -1, peer, description: null }
}

/** Groups that are there from the start admit everyone: what is made on one machine is to be reached there. */
function givenGroup(
  { vpcId }: GivenNetworks,
  region: string,
  id: string,
  isDefault: boolean,
): SecurityGroupItem {
  return {
    kind: 'security-group',
    region,
    id,
    vpcId,
    name: isDefault ? 'default' : id,
    description: isDefault ? 'default VPC security group' : id,
    rules: [
      ruleForAll('sgr-00000000000000001', false, { type: 'ipv4', cidr: EVERY_IPV4 }),
      ruleForAll('sgr-00000000000000002', false, { type: 'ipv6', cidr: EVERY_IPV6 }),
      ruleForAll('sgr-00000000000000003', true, { type: 'ipv4', cidr: EVERY_IPV4 }),
      ruleForAll('sgr-00000000000000004', true, { type: 'ipv6', cidr: EVERY_IPV6 }),
    ],
  }
}
