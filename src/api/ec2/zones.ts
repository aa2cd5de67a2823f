// Zones, Regions and account attributes. The zones are those of the configuration, the same in every Region.

import type { Filter as SdkFilter } from '@aws-sdk/client-ec2'
import { zoneId } from '../../model/zone-ids.ts'
import { ApiError } from '../errors.ts'
import type { Call, Decoded } from '../operations.ts'
import type { Ec2Environment, Ec2Handlers } from './environment.ts'
import { filtered, named } from './listing.ts'

export function zoneHandlers({
  directory,
  networks,
}: Ec2Environment): Pick<
  Ec2Handlers,
  'DescribeAvailabilityZones' | 'DescribeRegions' | 'DescribeAccountAttributes'
> {
  return {
    async DescribeAvailabilityZones(input, call) {
      const names = await directory.zones(call.region)
      const all = names.map((name) => ({ name, id: zoneId(name), tags: [] }))
      const byName = named(all, input.ZoneNames, ({ name }) => name, zoneNotFound)
      const byId = named(byName, input.ZoneIds, ({ id }) => id, zoneNotFound)
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
        ['default-vpc', networks.there.vpcId],
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

function zoneNotFound(name: string): ApiError {
  return new ApiError('InvalidParameterValue', `Invalid availability zone: [${name}]`)
}

/** `names` are those that there are. */
export function invalidZone(name: string, names: readonly string[]): ApiError {
  return new ApiError(
    'InvalidParameterValue',
    `Value (${name}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${names.join(', ')}.`,
  )
}
