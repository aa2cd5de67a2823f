// Where a load balancer stands: its subnets, one per zone, the VPC they share, its security groups and the addresses
// of its nodes.

import { type Directory, type Subnet, SUBNET_PREFIX_MAX, type Vpc } from '../../directory/directory.ts'
import { fixedQuotas } from '../../model/quotas.ts'
import type {
  IpAddressType,
  LoadBalancer,
  LoadBalancerZone,
  Scheme,
  ZoneType,
} from '../../model/resources.ts'
import type { RowReader, RowWriter } from '../../store/store.ts'
import type { ApiEnvironment } from '../environment.ts'
import { ApiError, validationError } from '../errors.ts'
import { invalidConfiguration } from './errors.ts'

const GROUP_ID = /^sg-[0-9A-Za-z]+$/

interface NetworkInput {
  readonly Subnets?: readonly string[] | undefined
  readonly SubnetMappings?:
    | readonly {
        readonly SubnetId?: string | undefined
        readonly AllocationId?: string | undefined
        readonly PrivateIPv4Address?: string | undefined
        readonly IPv6Address?: string | undefined
        readonly SourceNatIpv6Prefix?: string | undefined
      }[]
    | undefined
}

export interface Network {
  readonly vpc: Vpc
  /** By zone name, ascending; one per zone. */
  readonly subnets: readonly Subnet[]
  readonly zoneType: ZoneType
}

/**
 * Checks the subnets of a call: they exist, two zones at least, one subnet per zone, one VPC, enough addresses
 * (ALB-LB-090, 118 … 121, texts of OQ-02 there). Zones of `present` already have their address.
 */
export async function chooseNetwork(
  directory: Directory,
  rows: RowReader,
  region: string,
  input: NetworkInput,
  present: readonly LoadBalancerZone[] = [],
): Promise<Network> {
  const subnets: Subnet[] = []
  for (const id of subnetIds(input)) {
    const subnet = await directory.subnet(region, id)
    if (subnet === undefined) throw new ApiError('SubnetNotFound', `The subnet ID '${id}' does not exist`)
    subnets.push(subnet)
  }
  const zones = new Set(subnets.map(({ zone }) => zone))
  const zoneType = checkZoneTypes(subnets)
  if (zones.size < subnets.length) {
    throw invalidConfiguration(
      'A load balancer cannot be attached to multiple subnets in the same Availability Zone',
    )
  }
  const vpcIds = new Set(subnets.map(({ vpcId }) => vpcId))
  const [vpcId = ''] = vpcIds
  if (vpcIds.size > 1) throw invalidConfiguration('All subnets must belong to the same VPC')
  const vpc = await directory.vpc(region, vpcId)
  if (vpc === undefined) throw invalidConfiguration(`The VPC ID '${vpcId}' is not found`)
  for (const subnet of subnets) {
    const { id, pool } = subnet
    if (present.some(({ subnetId }) => subnetId === id)) continue
    if (pool === null) throw noPool(subnet)
    if (subnet.isTooSmall) {
      throw new ApiError(
        'InvalidSubnet',
        `The subnet '${id}' must have a CIDR block with at least a /${SUBNET_PREFIX_MAX} bitmask`,
      )
    }
    if ((await rows.nodeAddresses.free(pool)) < fixedQuotas.freeAddressesPerSubnet) throw noAddresses(id)
  }
  return { vpc, zoneType, subnets: subnets.toSorted((left, right) => (left.zone < right.zone ? -1 : 1)) }
}

/** ALB-LB-115, 118, 125, 129: zones of one type; how many depends on it. */
function checkZoneTypes(subnets: readonly Subnet[]): ZoneType {
  const types = new Set(subnets.map(zoneTypeOf))
  const [type = 'availability-zone'] = types
  if (types.size > 1) throw invalidConfiguration('The subnets must be in zones of the same type')
  if (subnets.length === 0 || (type === 'availability-zone' && subnets.length < 2)) {
    throw validationError('At least two subnets in two different Availability Zones must be specified')
  }
  if (type === 'outpost' && subnets.length > 1) {
    throw invalidConfiguration('Only one subnet can be specified for a load balancer on an Outpost')
  }
  return type
}

/** Type of the zones that a load balancer is in. */
export async function zoneTypeOfLoadBalancer(
  directory: Directory,
  { region, zones }: LoadBalancer,
): Promise<ZoneType> {
  const [first] = zones
  const subnet = first === undefined ? undefined : await directory.subnet(region, first.subnetId)
  return subnet === undefined ? 'availability-zone' : zoneTypeOf(subnet)
}

function zoneTypeOf({ zoneType = 'availability-zone' }: Subnet): ZoneType {
  return zoneType
}

/** A node address in each zone; a zone that keeps its subnet keeps its address (ALB-LB OQ-64). */
export async function allocateZones(
  rows: RowWriter,
  subnets: readonly Subnet[],
  present: readonly LoadBalancerZone[],
  take: ApiEnvironment['takeAddress'],
): Promise<readonly LoadBalancerZone[]> {
  const zones: LoadBalancerZone[] = []
  for (const { id, zone, pool } of subnets) {
    const kept = present.find(({ subnetId }) => subnetId === id)
    const address =
      kept?.address ?? (pool === null ? undefined : await rows.nodeAddresses.allocate(pool, take))
    if (address === undefined) throw noAddresses(id)
    zones.push({ zone, subnetId: id, address })
  }
  return zones
}

/** The groups named, or the VPC's default group if none is (ALB-LB OQ-05). */
export async function chooseSecurityGroups(
  directory: Directory,
  region: string,
  vpc: Vpc,
  ids: readonly string[] | undefined,
): Promise<readonly string[]> {
  if (ids === undefined || ids.length === 0) return [vpc.defaultSecurityGroup]
  const unique = [...new Set(ids)]
  const malformed = unique.find((id) => !GROUP_ID.test(id))
  if (malformed !== undefined) throw validationError(`Security group '${malformed}' is not valid`)
  for (const id of unique) {
    const group = await directory.securityGroup(region, id)
    if (group === undefined) {
      throw new ApiError('InvalidSecurityGroup', `The security group '${id}' does not exist`)
    }
    if (group.vpcId !== vpc.id)
      throw invalidConfiguration(`Security group '${id}' does not belong to VPC '${vpc.id}'`)
  }
  if (unique.length > fixedQuotas.securityGroupsPerLoadBalancer) {
    throw invalidConfiguration(
      `The maximum number of security groups per load balancer is '${fixedQuotas.securityGroupsPerLoadBalancer}'`,
    )
  }
  return unique
}

/** Refuses address types that the subnets or the scheme cannot have (ALB-LB-193, OQ-56 there). */
export function checkIpAddressType(
  type: IpAddressType,
  subnets: readonly Subnet[],
  scheme: Scheme,
): IpAddressType {
  if (type === 'dualstack-without-public-ipv4' && scheme === 'internal') {
    throw invalidConfiguration(`The IP address type '${type}' is not supported for internal load balancers`)
  }
  const without = subnets.find(({ hasIpv6 }) => !hasIpv6)
  if (type !== 'ipv4' && without !== undefined) {
    throw invalidConfiguration(
      `You must specify subnets with an associated IPv6 CIDR block: '${without.id}' has none`,
    )
  }
  return type
}

/** ALB-LB OQ-04: subnets or mappings, and nothing in a mapping but the subnet. */
function subnetIds({ Subnets: subnets, SubnetMappings: mappings }: NetworkInput): readonly string[] {
  if (subnets !== undefined && mappings !== undefined) {
    throw validationError('You must specify either subnets or subnet mappings, not both')
  }
  for (const { AllocationId, PrivateIPv4Address, IPv6Address, SourceNatIpv6Prefix } of mappings ?? []) {
    if (AllocationId ?? PrivateIPv4Address ?? IPv6Address ?? SourceNatIpv6Prefix) {
      throw invalidConfiguration(
        'Addresses cannot be specified in subnet mappings of an Application Load Balancer',
      )
    }
  }
  return [...new Set(subnets ?? (mappings ?? []).map(({ SubnetId }) => SubnetId ?? ''))]
}

/** A Region may have more zones than the operator has named pools for. */
function noPool({ id, zone }: Subnet): ApiError {
  return new ApiError(
    'InvalidSubnet',
    `The subnet '${id}' is in ${zone}, and there are no addresses for nodes in that zone: give 'zones' in the configuration an entry with the letter '${zone.slice(-1)}' and a pool`,
  )
}

function noAddresses(subnetId: string): ApiError {
  return new ApiError(
    'InvalidSubnet',
    `Not enough IP space available in ${subnetId}. ELB requires at least ${fixedQuotas.freeAddressesPerSubnet} free IP addresses in each subnet.`,
  )
}
