// NAT gateways, as far as the networks around load balancers are made with them. Nothing passes through them.

import type { NatGateway } from '@aws-sdk/client-ec2'
import type { Networks } from '../../directory/networks.ts'
import type { NatGatewayItem } from '../../model/networks.ts'
import type { Tag } from '../../store/tags.ts'
import { ApiError } from '../errors.ts'
import { theAddress } from './elastic-addresses.ts'
import { checkDryRun, type Ec2Environment, type Ec2Handlers } from './environment.ts'
import { freeAddresses } from './free-addresses.ts'
import { newEc2Id } from './ids.ts'
import { filtered, named, paged } from './listing.ts'
import { theSubnet } from './subnets.ts'
import { forgetTags, putNewTags, specifiedTags, tagList, tagsOf } from './tags.ts'

/** Per Region. */
const GATEWAYS_MAX = 200

interface Listed {
  readonly gateway: NatGatewayItem
  readonly tags: readonly Tag[]
}

export function natGatewayHandlers({
  store,
  networks,
  clock,
}: Ec2Environment): Pick<Ec2Handlers, 'CreateNatGateway' | 'DeleteNatGateway' | 'DescribeNatGateways'> {
  return {
    async CreateNatGateway(input, call) {
      checkDryRun(input.DryRun)
      const tags = specifiedTags(input.TagSpecifications, 'natgateway')
      return await networks.edit(async ({ put }, rows) => {
        const subnet = theSubnet(networks, call.region, input.SubnetId ?? '')
        const all = networks.list(call.region, 'nat-gateway')
        if (all.length >= GATEWAYS_MAX) {
          throw new ApiError(
            'NatGatewayLimitExceeded',
            'The maximum number of NAT gateways has been reached.',
          )
        }
        const isPublic = input.ConnectivityType !== 'private'
        const gateway: NatGatewayItem = {
          kind: 'nat-gateway',
          region: call.region,
          id: newEc2Id('nat'),
          vpcId: subnet.vpcId,
          subnetId: subnet.id,
          allocationId: allocation(networks, call.region, isPublic, input.AllocationId, all),
          privateIp: freeAddresses(networks, subnet, input.PrivateIpAddress)(),
          createdAt: Math.floor(clock.date()),
        }
        if (isPublic && !networks.hasInternetGateway(call.region, subnet.vpcId)) {
          throw new ApiError(
            'Gateway.NotAttached',
            `Network ${subnet.vpcId} has no Internet gateway attached`,
          )
        }
        put(gateway)
        await putNewTags(rows, call, gateway.id, tags)
        return { NatGateway: { ...describe(networks, { gateway, tags }), State: 'pending' as const } }
      })
    },

    /** AWS describes it as deleted for a while; here it is gone at once. */
    async DeleteNatGateway(input, call) {
      checkDryRun(input.DryRun)
      await networks.edit(async ({ remove }, rows) => {
        const gateway = networks.find(call.region, 'nat-gateway', input.NatGatewayId)
        if (gateway === undefined) throw natGatewayNotFound(input.NatGatewayId)
        remove(gateway)
        await forgetTags(rows, call, gateway.id)
      })
      return { NatGatewayId: input.NatGatewayId }
    },

    async DescribeNatGateways(input, call) {
      const gateways = named(
        networks.list(call.region, 'nat-gateway'),
        input.NatGatewayIds,
        ({ id }) => id,
        natGatewayNotFound,
      )
      const all = await store.read(async (rows) => {
        const listed: Listed[] = []
        for (const gateway of gateways) listed.push({ gateway, tags: await tagsOf(rows, call, gateway.id) })
        return listed
      })
      const { page, next } = paged(
        filtered(all, input.Filter, {
          'nat-gateway-id': ({ gateway }) => [gateway.id],
          'subnet-id': ({ gateway }) => [gateway.subnetId],
          'vpc-id': ({ gateway }) => [gateway.vpcId],
          state: () => ['available'],
        }),
        input,
      )
      return { NatGateways: page.map((each) => describe(networks, each)), ...next }
    },
  }
}

export function natGatewayNotFound(id: string): ApiError {
  return new ApiError('NatGatewayNotFound', `The Nat Gateway ${id} was not found`)
}

/** A public one needs an elastic address that nothing else has, a private one has none. */
function allocation(
  networks: Networks,
  region: string,
  isPublic: boolean,
  id: string | undefined,
  others: readonly NatGatewayItem[],
): string | null {
  if (!isPublic && id === undefined) return null
  if (!isPublic) {
    throw new ApiError('InvalidParameterCombination', 'A private NAT gateway cannot have an elastic address')
  }
  if (id === undefined) {
    throw new ApiError('MissingParameter', 'The request must contain the parameter AllocationId')
  }
  const address = theAddress(networks, region, id)
  if (others.some(({ allocationId }) => allocationId === address.id)) {
    throw new ApiError(
      'Resource.AlreadyAssociated',
      `Elastic IP address [${address.id}] is already associated`,
    )
  }
  return address.id
}

function describe(networks: Networks, { gateway, tags }: Listed): NatGateway {
  const { id, region, allocationId, privateIp } = gateway
  const address = allocationId === null ? undefined : networks.find(region, 'elastic-address', allocationId)
  return {
    NatGatewayId: id,
    SubnetId: gateway.subnetId,
    VpcId: gateway.vpcId,
    ConnectivityType: address === undefined ? 'private' : 'public',
    State: 'available',
    CreateTime: new Date(gateway.createdAt),
    NatGatewayAddresses: [
      {
        ...(address === undefined
          ? {}
          : {
              AllocationId: address.id,
              PublicIp: address.publicIp,
              AssociationId: address.id.replace(/^eipalloc-/, 'eipassoc-'),
            }),
        IsPrimary: true,
        NetworkInterfaceId: id.replace(/^nat-/, 'eni-'),
        PrivateIp: privateIp,
        Status: 'succeeded',
      },
    ],
    Tags: tagList(tags),
  }
}
