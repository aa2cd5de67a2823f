// The built-in directory: one default VPC with one subnet per zone and a security group, the IDs of the guides, the
// instances that the operator declares, and what EC2's API made beside them. Zones are the Region's name and a letter.

import { isLoopbackPool } from '../model/cidr.ts'
import { parseCidr } from '../model/ip.ts'
import type { VpcItem } from '../model/networks.ts'
import { ALL_ZONES, type ZoneType } from '../model/resources.ts'
import {
  type AddressBlock,
  type Directory,
  type Instance,
  type SecurityGroup,
  type Subnet,
  SUBNET_PREFIX_MAX,
  type Vpc,
} from './directory.ts'
import type { GivenNetworks } from './given-networks.ts'
import { Networks, trafficRules } from './networks.ts'

export interface BuiltInDirectorySettings {
  /** CIDR block of node addresses by zone letter. */
  readonly zonePools: Readonly<Record<string, string>>
  /** Types of zones that are no Availability Zones, by zone letter. */
  readonly zoneTypes: Readonly<Record<string, ZoneType>>
  readonly vpcId: string
  readonly subnets: readonly { readonly id: string; readonly zone: string }[]
  readonly securityGroups: readonly string[]
  /** `zone` is a letter; `address` the primary private address. */
  readonly instances: GivenNetworks['instances']
  /** Addresses of the VPC beside the pools; `zone` is a letter or `all`. */
  readonly blocks: readonly AddressBlock[]
  /** Whether VPC IDs that nobody declared are refused, and load balancers in small subnets. */
  readonly strictVpcs: boolean
  /** CIDR block of IPv6 node addresses by zone letter. Zones with loopback addresses can do without (`nodeAddresses`). */
  readonly ipv6Pools: Readonly<Record<string, string>>
}

/** Private networks of the default VPC beside the pools, cut by zone letter as AWS cuts a default VPC. */
const PRIVATE_BLOCKS: readonly AddressBlock[] = [
  { cidr: '172.31.0.0/20', zone: 'a' },
  { cidr: '172.31.16.0/20', zone: 'b' },
  { cidr: '172.31.32.0/20', zone: 'c' },
  { cidr: '10.0.0.0/20', zone: 'a' },
  { cidr: '10.0.16.0/20', zone: 'b' },
  { cidr: '10.0.32.0/20', zone: 'c' },
]

/** Loopback targets belong to the machine, and so to every zone on it (ALB-TG OQ-24). */
const LOOPBACK_BLOCKS: readonly AddressBlock[] = [
  { cidr: '127.0.0.0/8', zone: ALL_ZONES },
  { cidr: '::1/128', zone: ALL_ZONES },
]

export const DEFAULT_DIRECTORY_SETTINGS: BuiltInDirectorySettings = {
  zonePools: { a: '127.1.0.0/16', b: '127.2.0.0/16', c: '127.3.0.0/16' },
  zoneTypes: {},
  vpcId: 'vpc-0598c7d356EXAMPLE',
  subnets: [
    { id: 'subnet-0e3f5cac72EXAMPLE', zone: 'a' },
    { id: 'subnet-081ec835f3EXAMPLE', zone: 'b' },
    { id: 'subnet-0c92d4b61aEXAMPLE', zone: 'c' },
  ],
  securityGroups: ['sg-07e8ffd50fEXAMPLE'],
  instances: [
    { id: 'i-0abcdef1234567890', zone: 'a', address: '127.0.10.1' },
    { id: 'i-1234567890abcdef0', zone: 'b', address: '127.0.10.2' },
  ],
  blocks: [...PRIVATE_BLOCKS, ...LOOPBACK_BLOCKS],
  strictVpcs: false,
  ipv6Pools: {},
}

/**
 * `certificate` looks certificates up; there are none without it. `networks` has what EC2's API made, too; without it
 * there is only what the settings name.
 */
export function builtInDirectory(
  changes: Partial<BuiltInDirectorySettings> = {},
  certificate: Directory['certificate'] = async () => undefined,
  networks: Networks = Networks.given({ ...DEFAULT_DIRECTORY_SETTINGS, ...changes }),
): Directory {
  const settings = { ...DEFAULT_DIRECTORY_SETTINGS, ...changes }
  const letters = Object.keys(settings.zonePools).toSorted()

  /** Blocks of the subnets that were made in a VPC. */
  function subnetBlocks(region: string, vpcId: string): readonly AddressBlock[] {
    return networks
      .list(region, 'subnet')
      .filter((subnet) => subnet.vpcId === vpcId && !subnet.isDefault)
      .flatMap((subnet) => blocksOf(subnet).map((cidr) => ({ cidr, zone: `${region}${subnet.zone}` })))
  }

  /** A VPC that EC2's API made. */
  function describeMadeVpc(region: string, { id, cidr, ipv6Cidr }: VpcItem): Vpc {
    return {
      id,
      declared: true,
      hasInternetGateway: networks.hasInternetGateway(region, id),
      defaultSecurityGroup: networks.defaultGroup(region, id)?.id ?? '',
      cidrs: blocksOf({ cidr, ipv6Cidr }),
      blocks: [
        ...subnetBlocks(region, id),
        ...LOOPBACK_BLOCKS.filter((block) => settings.blocks.some((each) => each.cidr === block.cidr)),
      ],
    }
  }

  /** The default VPC, or one that nobody declared, which is then as good. */
  function describeVpc(region: string, id: string): Vpc {
    const pools = letters.map((letter) => ({
      cidr: settings.zonePools[letter] ?? '',
      zone: `${region}${letter}`,
    }))
    const ipv6Pools = Object.entries(settings.ipv6Pools).map(([letter, cidr]) => ({
      cidr,
      zone: `${region}${letter}`,
    }))
    const vpc = networks.find(region, 'vpc', id)
    const others = settings.blocks.filter(({ zone }) => zone === ALL_ZONES || letters.includes(zone))
    return {
      id,
      declared: id === settings.vpcId,
      hasInternetGateway: id !== settings.vpcId || networks.hasInternetGateway(region, id),
      defaultSecurityGroup: settings.securityGroups[0] ?? '',
      cidrs: vpc === undefined ? [] : blocksOf(vpc),
      blocks: [
        ...subnetBlocks(region, id),
        ...pools,
        ...ipv6Pools,
        ...others.map(({ cidr, zone }) => ({ cidr, zone: zone === ALL_ZONES ? zone : `${region}${zone}` })),
      ],
    }
  }

  return {
    async defaultVpc(region: string): Promise<Vpc> {
      return describeVpc(region, settings.vpcId)
    },
    async vpc(region: string, id: string): Promise<Vpc | undefined> {
      const made = id === settings.vpcId ? undefined : networks.find(region, 'vpc', id)
      if (made !== undefined) return describeMadeVpc(region, made)
      if (id !== settings.vpcId && (settings.strictVpcs || !/^vpc-[0-9A-Za-z]+$/.test(id))) return undefined
      return describeVpc(region, id)
    },
    async subnet(region: string, id: string): Promise<Subnet | undefined> {
      const subnet = networks.find(region, 'subnet', id)
      if (subnet === undefined) return undefined
      const { vpcId, zone, isDefault, ipv6Cidr } = subnet
      const pool = settings.zonePools[zone]
      if (pool === undefined) return undefined
      const hasIpv6Pool = settings.ipv6Pools[zone] !== undefined || isLoopbackPool(pool)
      return {
        id,
        vpcId,
        zone: `${region}${zone}`,
        pool,
        hasIpv6: hasIpv6Pool && (isDefault || ipv6Cidr !== null),
        zoneType: settings.zoneTypes[zone] ?? 'availability-zone',
        isTooSmall: settings.strictVpcs && (parseCidr(subnet.cidr)?.prefixLength ?? 0) > SUBNET_PREFIX_MAX,
      }
    },
    async securityGroup(region: string, id: string): Promise<SecurityGroup | undefined> {
      const group = networks.securityGroup(region, id)
      if (group === undefined) return undefined
      const [inbound, outbound] = [trafficRules(group, false), trafficRules(group, true)]
      return { id, vpcId: group.vpcId, inbound, outbound }
    },
    async addressesInGroup(region: string, id: string): Promise<readonly string[]> {
      return networks.addressesInGroup(region, id)
    },
    async instance(region: string, id: string): Promise<Instance | undefined> {
      const instance = networks.instance(region, id)
      if (instance === undefined) return undefined
      const { zone, address, ipv6Address, state } = instance
      const ipv6 = ipv6Address === undefined ? {} : { ipv6Address }
      const vpcId = networks.vpcIdOfSubnet(region, instance.subnetId)
      return { id, vpcId, zone: `${region}${zone}`, address, ...ipv6, state }
    },
    async expectInstances(): Promise<void> {},
    certificate,
    async zones(region: string): Promise<readonly string[]> {
      return letters.map((letter) => `${region}${letter}`)
    },
  }
}

function blocksOf({ cidr, ipv6Cidr }: Pick<VpcItem, 'cidr' | 'ipv6Cidr'>): readonly string[] {
  return ipv6Cidr === null ? [cidr] : [cidr, ipv6Cidr]
}
