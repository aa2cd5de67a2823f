// Internet gateways: a load balancer that faces the internet needs one at its VPC. Nothing passes through them.

import type { InternetGateway } from '@aws-sdk/client-ec2'
import type { Networks } from '../../directory/networks.ts'
import type { InternetGatewayItem } from '../../model/networks.ts'
import type { Scope } from '../../model/resources.ts'
import type { Tag } from '../../store/tags.ts'
import { ApiError } from '../errors.ts'
import { checkDryRun, type Ec2Environment, type Ec2Handlers, notDeletable } from './environment.ts'
import { newEc2Id } from './ids.ts'
import { filtered, named, paged } from './listing.ts'
import { forgetTags, putNewTags, specifiedTags, tagList, tagsOf } from './tags.ts'
import { theVpc } from './vpcs.ts'

/** Per Region. AWS raises its 5 on request. */
const GATEWAYS_MAX = 100

interface Listed {
  readonly gateway: InternetGatewayItem
  readonly tags: readonly Tag[]
}

export function internetGatewayHandlers({
  store,
  networks,
}: Ec2Environment): Pick<
  Ec2Handlers,
  | 'CreateInternetGateway'
  | 'DeleteInternetGateway'
  | 'AttachInternetGateway'
  | 'DetachInternetGateway'
  | 'DescribeInternetGateways'
> {
  return {
    async CreateInternetGateway(input, call) {
      checkDryRun(input.DryRun)
      const tags = specifiedTags(input.TagSpecifications, 'internet-gateway')
      return await networks.edit(async ({ put }, rows) => {
        if (networks.list(call.region, 'internet-gateway').length >= GATEWAYS_MAX) {
          throw new ApiError(
            'InternetGatewayLimitExceeded',
            'The maximum number of internet gateways has been reached.',
          )
        }
        const gateway: InternetGatewayItem = {
          kind: 'internet-gateway',
          region: call.region,
          id: newEc2Id('igw'),
          vpcId: null,
        }
        put(gateway)
        await putNewTags(rows, call, gateway.id, tags)
        return { InternetGateway: describe({ gateway, tags }, call) }
      })
    },

    async DeleteInternetGateway(input, call) {
      checkDryRun(input.DryRun)
      await networks.edit(async ({ remove }, rows) => {
        const gateway = theGateway(networks, call.region, input.InternetGatewayId)
        if (networks.isGiven(gateway)) throw notDeletable(gateway)
        if (gateway.vpcId !== null) {
          throw new ApiError(
            'DependencyViolation',
            `The internetGateway '${gateway.id}' has dependencies and cannot be deleted.`,
          )
        }
        remove(gateway)
        await forgetTags(rows, call, gateway.id)
      })
      return {}
    },

    async AttachInternetGateway(input, call) {
      checkDryRun(input.DryRun)
      await networks.edit(async ({ put }) => {
        const gateway = theGateway(networks, call.region, input.InternetGatewayId)
        const vpc = theVpc(networks, call.region, input.VpcId)
        if (gateway.vpcId !== null) {
          throw new ApiError(
            'Resource.AlreadyAssociated',
            `resource ${gateway.id} is already attached to network ${gateway.vpcId}`,
          )
        }
        if (networks.hasInternetGateway(call.region, vpc.id)) {
          throw new ApiError(
            'InvalidParameterValue',
            `Network ${vpc.id} already has an internet gateway attached`,
          )
        }
        put({ ...gateway, vpcId: vpc.id })
      })
      return {}
    },

    async DetachInternetGateway(input, call) {
      checkDryRun(input.DryRun)
      await networks.edit(async ({ put }, rows) => {
        const gateway = theGateway(networks, call.region, input.InternetGatewayId)
        const vpc = theVpc(networks, call.region, input.VpcId)
        if (gateway.vpcId !== vpc.id) {
          throw new ApiError(
            'Gateway.NotAttached',
            `resource ${gateway.id} is not attached to network ${vpc.id}`,
          )
        }
        const loadBalancers = await rows.networks.loadBalancersInVpc(call.region, vpc.id)
        const hasPublicGateway = networks
          .list(call.region, 'nat-gateway')
          .some(({ vpcId, allocationId }) => vpcId === vpc.id && allocationId !== null)
        if (hasPublicGateway || loadBalancers.some(({ scheme }) => scheme === 'internet-facing')) {
          throw new ApiError(
            'DependencyViolation',
            `Network ${vpc.id} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
          )
        }
        put({ ...gateway, vpcId: null })
      })
      return {}
    },

    async DescribeInternetGateways(input, call) {
      const gateways = named(
        networks.list(call.region, 'internet-gateway'),
        input.InternetGatewayIds,
        ({ id }) => id,
        gatewayNotFound,
      )
      const all = await store.read(async (rows) => {
        const listed: Listed[] = []
        for (const gateway of gateways) listed.push({ gateway, tags: await tagsOf(rows, call, gateway.id) })
        return listed
      })
      const { page, next } = paged(
        filtered(all, input.Filters, {
          'internet-gateway-id': ({ gateway }) => [gateway.id],
          'attachment.vpc-id': ({ gateway }) => (gateway.vpcId === null ? [] : [gateway.vpcId]),
          'attachment.state': ({ gateway }) => (gateway.vpcId === null ? [] : ['available']),
          'owner-id': () => [call.accountId],
        }),
        input,
      )
      return { InternetGateways: page.map((each) => describe(each, call)), ...next }
    },
  }
}

export function theGateway(networks: Networks, region: string, id: string): InternetGatewayItem {
  const gateway = networks.find(region, 'internet-gateway', id)
  if (gateway === undefined) throw gatewayNotFound(id)
  return gateway
}

function gatewayNotFound(id: string): ApiError {
  return new ApiError('InvalidInternetGatewayID.NotFound', `The internetGateway ID '${id}' does not exist`)
}

function describe({ gateway, tags }: Listed, scope: Scope): InternetGateway {
  return {
    InternetGatewayId: gateway.id,
    OwnerId: scope.accountId,
    Attachments: gateway.vpcId === null ? [] : [{ VpcId: gateway.vpcId, State: 'available' as 'attached' }],
    Tags: tagList(tags),
  }
}
