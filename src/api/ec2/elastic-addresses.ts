// Elastic addresses, which NAT gateways are made with. They are of a range for documentation: nothing is reached by
// them, and so they cannot be somebody else's.

import type { Address } from '@aws-sdk/client-ec2'
import type { Networks } from '../../directory/networks.ts'
import { ipv4ToNumber, numberToIpv4 } from '../../model/ip.ts'
import type { ElasticAddressItem } from '../../model/networks.ts'
import type { Scope } from '../../model/resources.ts'
import type { Tag } from '../../store/tags.ts'
import { ApiError } from '../errors.ts'
import { checkDryRun, type Ec2Environment, type Ec2Handlers } from './environment.ts'
import { newEc2Id } from './ids.ts'
import { filtered, named, paged } from './listing.ts'
import { forgetTags, putNewTags, specifiedTags, tagList, tagsOf } from './tags.ts'

/** 203.0.113.0/24 of RFC 5737, which is as many as a Region may have. */
const FIRST = ipv4ToNumber('203.0.113.1')
const ADDRESSES_MAX = 254

interface Listed {
  readonly address: ElasticAddressItem
  readonly tags: readonly Tag[]
}

export function elasticAddressHandlers({
  store,
  networks,
}: Ec2Environment): Pick<
  Ec2Handlers,
  | 'AllocateAddress'
  | 'ReleaseAddress'
  | 'DisassociateAddress'
  | 'DescribeAddresses'
  | 'DescribeAddressesAttribute'
> {
  async function listed(scope: Scope, ids: readonly string[] | undefined): Promise<readonly Listed[]> {
    const all = networks.list(scope.region, 'elastic-address')
    const addresses = named(all, ids, ({ id }) => id, allocationNotFound)
    return await store.read(async (rows) => {
      const found: Listed[] = []
      for (const address of addresses) found.push({ address, tags: await tagsOf(rows, scope, address.id) })
      return found
    })
  }

  return {
    async AllocateAddress(input, call) {
      checkDryRun(input.DryRun)
      const tags = specifiedTags(input.TagSpecifications, 'elastic-ip')
      return await networks.edit(async ({ put }, rows) => {
        const taken = new Set(networks.list(call.region, 'elastic-address').map(({ publicIp }) => publicIp))
        if (taken.size >= ADDRESSES_MAX) {
          throw new ApiError('AddressLimitExceeded', 'The maximum number of addresses has been reached.')
        }
        let next = FIRST
        while (taken.has(numberToIpv4(next))) next++
        const address: ElasticAddressItem = {
          kind: 'elastic-address',
          region: call.region,
          id: newEc2Id('eipalloc'),
          publicIp: numberToIpv4(next),
        }
        put(address)
        await putNewTags(rows, call, address.id, tags)
        return {
          AllocationId: address.id,
          PublicIp: address.publicIp,
          PublicIpv4Pool: 'amazon',
          Domain: 'vpc' as const,
          NetworkBorderGroup: call.region,
        }
      })
    },

    async ReleaseAddress(input, call) {
      checkDryRun(input.DryRun)
      await networks.edit(async ({ remove }, rows) => {
        const address = theAddress(networks, call.region, input.AllocationId ?? '')
        if (
          networks.list(call.region, 'nat-gateway').some(({ allocationId }) => allocationId === address.id)
        ) {
          throw new ApiError('InvalidIPAddress.InUse', `Address ${address.publicIp} is in use.`)
        }
        remove(address)
        await forgetTags(rows, call, address.id)
      })
      return {}
    },

    /** A NAT gateway keeps its address until it is deleted, and then the association is gone. */
    async DisassociateAddress(input, call) {
      checkDryRun(input.DryRun)
      const associations = networks
        .list(call.region, 'elastic-address')
        .flatMap((address) => associationsOf(networks, address))
      const wanted = input.AssociationId ?? ''
      if (associations.some(({ AssociationId }) => AssociationId === wanted)) {
        throw new ApiError('OperationNotPermitted', `The association '${wanted}' belongs to a NAT gateway`)
      }
      throw new ApiError('InvalidAssociationID.NotFound', `The association ID '${wanted}' does not exist`)
    },

    async DescribeAddresses(input, call) {
      const all = filtered(await listed(call, input.AllocationIds), input.Filters, {
        'allocation-id': ({ address }) => [address.id],
        'public-ip': ({ address }) => [address.publicIp],
        'association-id': ({ address }) =>
          associationsOf(networks, address).map(({ AssociationId }) => AssociationId),
        'private-ip-address': ({ address }) =>
          associationsOf(networks, address).map(({ PrivateIpAddress }) => PrivateIpAddress),
        domain: () => ['vpc'],
      })
      const wanted = input.PublicIps ?? []
      const byAddress = all.filter(({ address }) => wanted.length === 0 || wanted.includes(address.publicIp))
      return { Addresses: byAddress.map((each) => describe(networks, each, call)) }
    },

    /** No address has a name of its own. */
    async DescribeAddressesAttribute(input, call) {
      const { page, next } = paged(await listed(call, input.AllocationIds), input)
      const addresses = page.map(({ address: { id, publicIp } }) => ({
        AllocationId: id,
        PublicIp: publicIp,
      }))
      return { Addresses: addresses, ...next }
    },
  }
}

export function theAddress(networks: Networks, region: string, id: string): ElasticAddressItem {
  const address = networks.find(region, 'elastic-address', id)
  if (address === undefined) throw allocationNotFound(id)
  return address
}

function allocationNotFound(id: string): ApiError {
  return new ApiError('InvalidAllocationID.NotFound', `The allocation ID '${id}' does not exist`)
}

/** What the address is used by, which is one thing at most. */
function associationsOf(networks: Networks, { region, id }: ElasticAddressItem) {
  return networks
    .list(region, 'nat-gateway')
    .filter(({ allocationId }) => allocationId === id)
    .map((gateway) => ({
      AssociationId: id.replace(/^eipalloc-/, 'eipassoc-'),
      PrivateIpAddress: gateway.privateIp,
      NetworkInterfaceId: gateway.id.replace(/^nat-/, 'eni-'),
    }))
}

function describe(networks: Networks, { address, tags }: Listed, scope: Scope): Address {
  return {
    AllocationId: address.id,
    PublicIp: address.publicIp,
    PublicIpv4Pool: 'amazon',
    Domain: 'vpc',
    NetworkBorderGroup: scope.region,
    ...associationsOf(networks, address)[0],
    Tags: tagList(tags),
  }
}
