// Subnets: made in a zone of the configuration, described, changed, deleted. A load balancer in one gets its node from
// the zone's pool, whatever the subnet's own block is.

import type { Subnet } from '@aws-sdk/client-ec2'
import { newSubnet } from '../../directory/given-networks.ts'
import type { Networks } from '../../directory/networks.ts'
import { addressPool, blockText, ipv4Block, isInside, overlaps } from '../../model/cidr.ts'
import type { SubnetItem, VpcItem } from '../../model/networks.ts'
import { zoneId } from '../../model/zone-ids.ts'
import type { Scope } from '../../model/resources.ts'
import type { RowReader } from '../../store/store.ts'
import type { Tag } from '../../store/tags.ts'
import { ApiError } from '../errors.ts'
import { checkDryRun, type Ec2Environment, type Ec2Handlers, notDeletable } from './environment.ts'
import { newEc2Id } from './ids.ts'
import { subnetIpv6Cidr } from './ipv6-blocks.ts'
import { filtered, type FilterFields, named, paged } from './listing.ts'
import { ec2Arn, forgetTags, putNewTags, specifiedTags, tagList, tagsOf } from './tags.ts'
import { theVpc } from './vpcs.ts'
import { invalidZone } from './zones.ts'

/** Per VPC, AWS's quota. */
const SUBNETS_MAX = 200
/** Addresses of every subnet that AWS keeps. */
const RESERVED = 5

type Input<Name extends keyof Ec2Handlers> = Parameters<Ec2Handlers[Name]>[0]

interface Listed {
  readonly subnet: SubnetItem
  readonly free: number
  readonly tags: readonly Tag[]
}

export function subnetHandlers({
  store,
  directory,
  networks,
}: Ec2Environment): Pick<
  Ec2Handlers,
  'CreateSubnet' | 'DeleteSubnet' | 'DescribeSubnets' | 'ModifySubnetAttribute'
> {
  /** The letter of the zone that the call names, or of the first one. */
  async function zoneLetter(region: string, input: Input<'CreateSubnet'>): Promise<string> {
    const names = await directory.zones(region)
    const wanted = input.AvailabilityZone ?? input.AvailabilityZoneId
    if (wanted === undefined) return names[0]?.slice(-1) ?? ''
    const found = names.find((name) => name === wanted || zoneId(name) === wanted)
    if (found === undefined) throw invalidZone(wanted, names)
    return found.slice(-1)
  }

  return {
    async CreateSubnet(input, call) {
      checkDryRun(input.DryRun)
      const { region } = call
      const tags = specifiedTags(input.TagSpecifications, 'subnet')
      const zone = await zoneLetter(region, input)
      return await networks.edit(async ({ put }, rows) => {
        const vpc = theVpc(networks, region, input.VpcId)
        const neighbours = networks.list(region, 'subnet').filter(({ vpcId }) => vpcId === vpc.id)
        if (neighbours.length >= SUBNETS_MAX) {
          throw new ApiError('SubnetLimitExceeded', 'The maximum number of subnets has been reached.')
        }
        const cidr = readCidr(input.CidrBlock, vpc, neighbours)
        const ipv6Cidr = readIpv6Cidr(input.Ipv6CidrBlock, vpc, neighbours)
        const subnet = newSubnet({ region, id: newEc2Id('subnet'), vpcId: vpc.id, zone, cidr }, ipv6Cidr)
        put(subnet)
        await putNewTags(rows, call, subnet.id, tags)
        return { Subnet: describe({ subnet, free: sizeOf(subnet), tags }, call) }
      })
    },

    async DeleteSubnet(input, call) {
      checkDryRun(input.DryRun)
      await networks.edit(async ({ put, remove }, rows) => {
        const subnet = theSubnet(networks, call.region, input.SubnetId)
        if (networks.isGiven(subnet)) throw notDeletable(subnet)
        const hasInstances = networks
          .instances(call.region)
          .some(({ subnetId, state }) => subnetId === subnet.id && state !== 'terminated')
        const hasGateways = networks
          .list(call.region, 'nat-gateway')
          .some(({ subnetId }) => subnetId === subnet.id)
        if (hasInstances || hasGateways || (await rows.networks.nodesInSubnet(subnet.id)) > 0) {
          throw new ApiError(
            'DependencyViolation',
            `The subnet '${subnet.id}' has dependencies and cannot be deleted.`,
          )
        }
        remove(subnet)
        for (const table of networks.list(call.region, 'route-table')) {
          const associations = table.associations.filter(({ subnetId }) => subnetId !== subnet.id)
          if (associations.length < table.associations.length) put({ ...table, associations })
        }
        await forgetTags(rows, call, subnet.id)
      })
      return {}
    },

    async DescribeSubnets(input, call) {
      const subnets = named(
        networks.list(call.region, 'subnet'),
        input.SubnetIds,
        ({ id }) => id,
        subnetNotFound,
      )
      const all = await store.read(async (rows) => {
        const listed: Listed[] = []
        for (const subnet of subnets) {
          const free = await freeAddresses(rows, networks, subnet)
          listed.push({ subnet, free, tags: await tagsOf(rows, call, subnet.id) })
        }
        return listed
      })
      const { page, next } = paged(filtered(all, input.Filters, fieldsOf(call)), input)
      return { Subnets: page.map((each) => describe(each, call)), ...next }
    },

    async ModifySubnetAttribute(input, call) {
      await networks.edit(async ({ put }) => {
        put(changed(theSubnet(networks, call.region, input.SubnetId), input))
      })
      return {}
    },
  }
}

export function theSubnet(networks: Networks, region: string, id: string): SubnetItem {
  const subnet = networks.find(region, 'subnet', id)
  if (subnet === undefined) throw subnetNotFound(id)
  return subnet
}

function subnetNotFound(id: string): ApiError {
  return new ApiError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`)
}

/** A call changes one attribute, but nothing is wrong with more. */
function changed(subnet: SubnetItem, input: Input<'ModifySubnetAttribute'>): SubnetItem {
  if (input.AssignIpv6AddressOnCreation?.Value === true && subnet.ipv6Cidr === null) {
    throw new ApiError(
      'InvalidParameterValue',
      `The subnet '${subnet.id}' must have an IPv6 CIDR block to assign IPv6 addresses`,
    )
  }
  return {
    ...subnet,
    mapsPublicIp: input.MapPublicIpOnLaunch?.Value ?? subnet.mapsPublicIp,
    assignsIpv6: input.AssignIpv6AddressOnCreation?.Value ?? subnet.assignsIpv6,
    hasDns64: input.EnableDns64?.Value ?? subnet.hasDns64,
    hostnameType: input.PrivateDnsHostnameTypeOnLaunch ?? subnet.hostnameType,
    hasNameRecordA: input.EnableResourceNameDnsARecordOnLaunch?.Value ?? subnet.hasNameRecordA,
    hasNameRecordAaaa: input.EnableResourceNameDnsAAAARecordOnLaunch?.Value ?? subnet.hasNameRecordAaaa,
  }
}

/** A block of 16 to 28 bits inside the VPC's that no other subnet has a part of, in its canonical form. */
function readCidr(text: string | undefined, vpc: VpcItem, neighbours: readonly SubnetItem[]): string {
  if (text === undefined) {
    throw new ApiError('MissingParameter', 'The request must contain the parameter cidrBlock')
  }
  const block = ipv4Block(text)
  if (block === undefined) {
    throw new ApiError(
      'InvalidParameterValue',
      `Value (${text}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
    )
  }
  const whole = ipv4Block(vpc.cidr)
  if (block.prefix < 16 || block.prefix > 28 || whole === undefined || !isInside(block, whole)) {
    throw new ApiError('InvalidSubnet.Range', `The CIDR '${text}' is invalid.`)
  }
  for (const { cidr } of neighbours) {
    const other = ipv4Block(cidr)
    if (other !== undefined && overlaps(block, other)) {
      throw new ApiError('InvalidSubnet.Conflict', `The CIDR '${text}' conflicts with another subnet`)
    }
  }
  return blockText(block)
}

function readIpv6Cidr(
  text: string | undefined,
  vpc: VpcItem,
  neighbours: readonly SubnetItem[],
): string | null {
  if (text === undefined) return null
  const cidr = vpc.ipv6Cidr === null ? undefined : subnetIpv6Cidr(text, vpc.ipv6Cidr)
  if (cidr === undefined) throw new ApiError('InvalidSubnet.Range', `The CIDR '${text}' is invalid.`)
  if (neighbours.some(({ ipv6Cidr }) => ipv6Cidr === cidr)) {
    throw new ApiError('InvalidSubnet.Conflict', `The CIDR '${text}' conflicts with another subnet`)
  }
  return cidr
}

/** Of a given subnet, whose block is the pool of its zone, those of the pool. */
async function freeAddresses(rows: RowReader, networks: Networks, subnet: SubnetItem): Promise<number> {
  if (subnet.isDefault) {
    return addressPool(subnet.cidr) === undefined ? 0 : await rows.nodeAddresses.free(subnet.cidr)
  }
  const instances = networks
    .instances(subnet.region)
    .filter(({ subnetId, state }) => subnetId === subnet.id && state !== 'terminated')
  return Math.max(0, sizeOf(subnet) - instances.length - (await rows.networks.nodesInSubnet(subnet.id)))
}

function sizeOf({ cidr }: SubnetItem): number {
  return (ipv4Block(cidr)?.size ?? RESERVED) - RESERVED
}

function fieldsOf({ region, accountId }: Scope): FilterFields<Listed> {
  const zoneName = ({ subnet }: Listed): string => `${region}${subnet.zone}`
  return {
    'subnet-id': ({ subnet }) => [subnet.id],
    'vpc-id': ({ subnet }) => [subnet.vpcId],
    'availability-zone': (each) => [zoneName(each)],
    availabilityZone: (each) => [zoneName(each)],
    'availability-zone-id': (each) => [zoneId(zoneName(each))],
    availabilityZoneId: (each) => [zoneId(zoneName(each))],
    'available-ip-address-count': ({ free }) => [String(free)],
    cidr: ({ subnet }) => [subnet.cidr],
    cidrBlock: ({ subnet }) => [subnet.cidr],
    'cidr-block': ({ subnet }) => [subnet.cidr],
    'ipv6-cidr-block-association.ipv6-cidr-block': ({ subnet }) =>
      subnet.ipv6Cidr === null ? [] : [subnet.ipv6Cidr],
    'ipv6-cidr-block-association.association-id': ({ subnet }) =>
      subnet.ipv6Cidr === null ? [] : [associationId(subnet)],
    'ipv6-cidr-block-association.state': ({ subnet }) => (subnet.ipv6Cidr === null ? [] : ['associated']),
    'default-for-az': ({ subnet }) => [String(subnet.isDefault)],
    defaultForAz: ({ subnet }) => [String(subnet.isDefault)],
    'map-public-ip-on-launch': ({ subnet }) => [String(subnet.mapsPublicIp)],
    state: () => ['available'],
    'owner-id': () => [accountId],
  }
}

function associationId({ id }: SubnetItem): string {
  return id.replace(/^subnet-/, 'subnet-cidr-assoc-')
}

function describe({ subnet, free, tags }: Listed, scope: Scope): Subnet {
  const { id, ipv6Cidr } = subnet
  const zone = `${scope.region}${subnet.zone}`
  return {
    SubnetId: id,
    SubnetArn: ec2Arn(scope, id),
    OwnerId: scope.accountId,
    VpcId: subnet.vpcId,
    AvailabilityZone: zone,
    AvailabilityZoneId: zoneId(zone),
    CidrBlock: subnet.cidr,
    AvailableIpAddressCount: free,
    DefaultForAz: subnet.isDefault,
    MapPublicIpOnLaunch: subnet.mapsPublicIp,
    MapCustomerOwnedIpOnLaunch: false,
    AssignIpv6AddressOnCreation: subnet.assignsIpv6,
    EnableDns64: subnet.hasDns64,
    Ipv6Native: false,
    Ipv6CidrBlockAssociationSet:
      ipv6Cidr === null
        ? []
        : [
            {
              AssociationId: associationId(subnet),
              Ipv6CidrBlock: ipv6Cidr,
              Ipv6CidrBlockState: { State: 'associated' as const },
            },
          ],
    PrivateDnsNameOptionsOnLaunch: {
      HostnameType: subnet.hostnameType as 'ip-name',
      EnableResourceNameDnsARecord: subnet.hasNameRecordA,
      EnableResourceNameDnsAAAARecord: subnet.hasNameRecordAaaa,
    },
    State: 'available' as const,
    Tags: tagList(tags),
  }
}
