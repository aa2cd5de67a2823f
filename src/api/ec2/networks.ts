// VPCs, subnets and zones: described as they are in the built-in directory, which has one VPC with one subnet per zone.

import type { Filter as SdkFilter } from '@aws-sdk/client-ec2'
import { addressPool } from '../../model/cidr.ts'
import type { Call, Decoded } from '../operations.ts'
import { zoneId } from '../../model/zone-ids.ts'
import { ApiError } from '../errors.ts'
import type { Ec2Environment, Ec2Handlers } from './environment.ts'
import { filtered, named, paged } from './listing.ts'
import { ec2Arn, tagList, tagsOf } from './tags.ts'

/** The address block of AWS's default VPCs. */
const VPC_CIDR = '172.31.0.0/16'

export function networkHandlers({
  store,
  directory,
  networks,
}: Ec2Environment): Pick<
  Ec2Handlers,
  | 'DescribeVpcs'
  | 'DescribeVpcAttribute'
  | 'DescribeSubnets'
  | 'DescribeAvailabilityZones'
  | 'DescribeRegions'
  | 'DescribeAccountAttributes'
> {
  const { vpcId } = networks.there
  return {
    async DescribeVpcs(input, call) {
      const tags = await store.read(async (rows) => await tagsOf(rows, call, vpcId))
      const all = named([{ tags }], input.VpcIds, () => vpcId, vpcNotFound)
      const { page, next } = paged(
        filtered(all, input.Filters, {
          'vpc-id': () => [vpcId],
          cidr: () => [VPC_CIDR],
          'cidr-block-association.cidr-block': () => [VPC_CIDR],
          'is-default': () => ['true'],
          isDefault: () => ['true'],
          state: () => ['available'],
          'owner-id': () => [call.accountId],
        }),
        input,
      )
      const vpc = {
        VpcId: vpcId,
        OwnerId: call.accountId,
        CidrBlock: VPC_CIDR,
        CidrBlockAssociationSet: [
          {
            AssociationId: 'vpc-cidr-assoc-00000000000000000',
            CidrBlock: VPC_CIDR,
            CidrBlockState: { State: 'associated' as const },
          },
        ],
        DhcpOptionsId: 'dopt-00000000000000000',
        InstanceTenancy: 'default' as const,
        IsDefault: true,
        State: 'available' as const,
        Tags: tagList(tags),
      }
      return { Vpcs: page.map(() => vpc), ...next }
    },

    async DescribeVpcAttribute(input) {
      if (input.VpcId !== vpcId) throw vpcNotFound(input.VpcId)
      const value = { Value: true }
      if (input.Attribute === 'enableDnsHostnames') return { VpcId: vpcId, EnableDnsHostnames: value }
      if (input.Attribute === 'enableDnsSupport') return { VpcId: vpcId, EnableDnsSupport: value }
      return { VpcId: vpcId, EnableNetworkAddressUsageMetrics: { Value: false } }
    },

    async DescribeSubnets(input, call) {
      const pools = new Map<string, string>()
      for (const { id } of networks.there.subnets) {
        pools.set(id, (await directory.subnet(call.region, id))?.pool ?? '')
      }
      const all = await store.read(async (rows) => {
        const subnets = []
        for (const { id, zone } of networks.there.subnets) {
          const pool = pools.get(id) ?? ''
          const free = addressPool(pool) === undefined ? 0 : await rows.freeAddresses(pool)
          subnets.push({ id, zone: `${call.region}${zone}`, pool, free, tags: await tagsOf(rows, call, id) })
        }
        return subnets
      })
      const byId = named(
        all,
        input.SubnetIds,
        ({ id }) => id,
        (id) => new ApiError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`),
      )
      const { page, next } = paged(
        filtered(byId, input.Filters, {
          'subnet-id': ({ id }) => [id],
          'vpc-id': () => [vpcId],
          'availability-zone': ({ zone }) => [zone],
          availabilityZone: ({ zone }) => [zone],
          'availability-zone-id': ({ zone }) => [zoneId(zone)],
          'cidr-block': ({ pool }) => [pool],
          'default-for-az': () => ['true'],
          'map-public-ip-on-launch': () => ['true'],
          state: () => ['available'],
          'owner-id': () => [call.accountId],
        }),
        input,
      )
      return {
        Subnets: page.map(({ id, zone, pool, free, tags }) => ({
          SubnetId: id,
          SubnetArn: ec2Arn(call, id),
          OwnerId: call.accountId,
          VpcId: vpcId,
          AvailabilityZone: zone,
          AvailabilityZoneId: zoneId(zone),
          // The addresses of load balancer nodes in this zone.
          CidrBlock: pool,
          AvailableIpAddressCount: free,
          DefaultForAz: true,
          MapPublicIpOnLaunch: true,
          AssignIpv6AddressOnCreation: false,
          Ipv6CidrBlockAssociationSet: [],
          State: 'available' as const,
          Tags: tagList(tags),
        })),
        ...next,
      }
    },

    async DescribeAvailabilityZones(input, call) {
      const names = await directory.zones(call.region)
      const all = names.map((name) => ({ name, id: zoneId(name), tags: [] }))
      const byName = named(all, input.ZoneNames, ({ name }) => name, invalidZone)
      const byId = named(byName, input.ZoneIds, ({ id }) => id, invalidZone)
      const zones = filtered(byId, input.Filters, {
        'zone-name': ({ name }) => [name],
        'zone-id': ({ id }) => [id],
        'region-name': () => [call.region],
        state: () => ['available'],
        'zone-type': () => ['availability-zone'],
        'opt-in-status': () => ['opt-in-not-required'],
        'group-name': () => [call.region],
      })
      return {
        AvailabilityZones: zones.map(({ name, id }) => ({
          ZoneName: name,
          ZoneId: id,
          RegionName: call.region,
          GroupName: call.region,
          NetworkBorderGroup: call.region,
          ZoneType: 'availability-zone',
          State: 'available' as const,
          OptInStatus: 'opt-in-not-required' as const,
          Messages: [],
        })),
      }
    },

    async DescribeRegions(input, call) {
      return { Regions: regionsFor(call, input.RegionNames, input.Filters) }
    },

    async DescribeAccountAttributes(input) {
      const attributes = [
        ['supported-platforms', 'VPC'],
        ['default-vpc', vpcId],
        ['vpc-max-security-groups-per-interface', '5'],
        ['max-instances', '20'],
        ['max-elastic-ips', '5'],
        ['vpc-max-elastic-ips', '5'],
      ] as const
      const wanted = input.AttributeNames ?? []
      return {
        AccountAttributes: attributes
          .filter(([name]) => wanted.length === 0 || wanted.some((each) => each === name))
          .map(([name, value]) => ({
            AttributeName: name,
            AttributeValues: [{ AttributeValue: value }],
          })),
      }
    },
  }
}

export function vpcNotFound(id: string): ApiError {
  return new ApiError('InvalidVpcID.NotFound', `The vpc ID '${id}' does not exist`)
}

/** The Region of the call: every Region is the same here, and none is a place. */
function regionsFor(
  { region }: Call,
  names: readonly string[] | undefined,
  filters: Decoded<SdkFilter[]> | undefined,
): { RegionName: string; Endpoint: string; OptInStatus: string }[] {
  const wanted = names === undefined || names.length === 0 ? [region] : names
  return filtered(
    wanted.map((name) => ({ name, tags: [] })),
    filters,
    {
      'region-name': ({ name }) => [name],
      endpoint: ({ name }) => [`ec2.${name}.amazonaws.com`],
      'opt-in-status': () => ['opt-in-not-required'],
    },
  ).map(({ name }) => ({
    RegionName: name,
    Endpoint: `ec2.${name}.amazonaws.com`,
    OptInStatus: 'opt-in-not-required',
  }))
}

function invalidZone(name: string): ApiError {
  return new ApiError('InvalidParameterValue', `Invalid availability zone: [${name}]`)
}
