// Network interfaces: those of load balancer nodes, by which EC2 shows the nodes' addresses, and those of instances.
// Nothing translates addresses here: an interface that is reached from outside is reached by the address it has, and
// so that is its public one.

import { createHash } from 'node:crypto'
import type { NetworkInterface } from '@aws-sdk/client-ec2'
import type { Networks } from '../../directory/networks.ts'
import { loadBalancerId } from '../../model/arns.ts'
import type { InstanceItem } from '../../model/networks.ts'
import { LOAD_BALANCER_KINDS, type LoadBalancer } from '../../model/resources.ts'
import { allOf } from '../../store/page.ts'
import type { RowReader } from '../../store/store.ts'
import type { Tag } from '../../store/tags.ts'
import { ApiError } from '../errors.ts'
import type { Call } from '../operations.ts'
import { checkDryRun, type Ec2Environment, type Ec2Handlers, interfaceNotFound } from './environment.ts'
import { privateDnsName, publicDnsName } from './host-names.ts'
import { interfaceIdOf } from './ids.ts'
import { given, optionsOf } from './instance-options.ts'
import { filtered, type FilterFields, named, paged } from './listing.ts'
import { groupsFor } from './run-input.ts'
import { theSubnet } from './subnets.ts'
import { tagList, tagsOf } from './tags.ts'

const BALANCERS = 'amazon-elb'

interface Interface {
  readonly id: string
  readonly description: string
  readonly vpcId: string
  readonly subnetId: string
  readonly zone: string
  readonly address: string
  readonly ipv6Address: string | undefined
  readonly isPublic: boolean
  readonly groups: readonly string[]
  /** What it is attached to: an instance, or null for the node of a load balancer. */
  readonly instance: InstanceItem | null
  readonly tags: readonly Tag[]
}

export function interfaceHandlers({
  store,
  networks,
}: Ec2Environment): Pick<Ec2Handlers, 'DescribeNetworkInterfaces' | 'ModifyNetworkInterfaceAttribute'> {
  return {
    async DescribeNetworkInterfaces(input, call) {
      const byId = named(
        await store.read(async (rows) => await listed(networks, rows, call)),
        input.NetworkInterfaceIds,
        ({ id }) => id,
        interfaceNotFound,
      )
      const { page, next } = paged(filtered(byId, input.Filters, fieldsOf(call)), input)
      return { NetworkInterfaces: page.map((each) => describe(each, call, networks)), ...next }
    },

    /** Of instances alone: those of load balancers are changed with them. */
    async ModifyNetworkInterfaceAttribute(input, call) {
      checkDryRun(input.DryRun)
      const { NetworkInterfaceId: id } = input
      await networks.edit(async ({ put }, rows) => {
        const instance = networks
          .instances(call.region)
          .find((each) => each.state !== 'terminated' && interfaceIdOf(each) === id)
        if (instance === undefined) {
          const all = await listed(networks, rows, call)
          if (!all.some((each) => each.id === id)) throw interfaceNotFound(id)
          throw new ApiError('OperationNotPermitted', `The interface '${id}' belongs to a load balancer`)
        }
        const subnet = theSubnet(networks, call.region, instance.subnetId)
        put({
          ...instance,
          ...given({ securityGroups: input.Groups && groupsFor(networks, subnet, input.Groups) }),
          options: {
            ...optionsOf(instance),
            ...given({ checksSource: input.SourceDestCheck?.Value }),
          },
        })
      })
      return {}
    },
  }
}

/** How an address is reached from outside, as interfaces tell it. */
export function publicAssociation(
  region: string,
  address: string,
  IpOwnerId: string,
): { readonly PublicIp: string; readonly PublicDnsName: string; readonly IpOwnerId: string } {
  return { PublicIp: address, PublicDnsName: publicDnsName(region, address), IpOwnerId }
}

async function listed(networks: Networks, rows: RowReader, call: Call): Promise<readonly Interface[]> {
  const all = (await loadBalancersOf(rows, call)).flatMap(nodeInterfaces)
  for (const instance of networks.instances(call.region)) {
    if (instance.state === 'terminated') continue
    const tags = await tagsOf(rows, call, interfaceIdOf(instance))
    all.push(instanceInterface(networks, instance, tags))
  }
  return all
}

async function loadBalancersOf(rows: RowReader, call: Call): Promise<readonly LoadBalancer[]> {
  const all: LoadBalancer[] = []
  for (const kind of LOAD_BALANCER_KINDS) {
    all.push(...(await allOf(async (page) => await rows.loadBalancers.list(call, kind, page))))
  }
  return all
}

function nodeInterfaces(loadBalancer: LoadBalancer): Interface[] {
  const { arn, scheme, ipAddressType } = loadBalancer
  return loadBalancer.zones.map(({ zone, subnetId, address }) => ({
    id: nodeInterfaceId(arn, zone),
    description: `ELB ${loadBalancerId(arn)}`,
    vpcId: loadBalancer.vpcId,
    subnetId,
    zone,
    address,
    ipv6Address: undefined,
    isPublic: scheme === 'internet-facing' && ipAddressType !== 'dualstack-without-public-ipv4',
    groups: loadBalancer.securityGroups,
    instance: null,
    tags: [],
  }))
}

function instanceInterface(networks: Networks, instance: InstanceItem, tags: readonly Tag[]): Interface {
  const { region, subnetId, zone, address, ipv6Address, securityGroups } = instance
  return {
    id: interfaceIdOf(instance),
    description: '',
    vpcId: networks.vpcIdOfSubnet(region, subnetId),
    subnetId,
    zone: `${region}${zone}`,
    address,
    ipv6Address,
    isPublic: optionsOf(instance).hasPublicAddress,
    groups: securityGroups,
    instance,
    tags,
  }
}

/** The same for a node as long as it is there. */
function nodeInterfaceId(arn: string, zone: string): string {
  return `eni-${createHash('sha256').update(`${arn} ${zone}`).digest('hex').slice(0, 17)}`
}

function fieldsOf(call: Call): FilterFields<Interface> {
  const publicIp = ({ isPublic, address }: Interface): string[] => (isPublic ? [address] : [])
  const publicName = (each: Interface): string[] =>
    publicIp(each).map((address) => publicDnsName(call.region, address))
  const publicOwner = (each: Interface): string[] => publicIp(each).map(() => ownerOfAddress(each))
  return {
    'network-interface-id': ({ id }) => [id],
    description: ({ description }) => [description],
    'group-id': ({ groups }) => groups,
    'private-ip-address': ({ address }) => [address],
    'private-dns-name': ({ address }) => [privateDnsName(call.region, address)],
    'addresses.private-ip-address': ({ address }) => [address],
    'addresses.primary': () => ['true'],
    'addresses.association.public-ip': publicIp,
    'addresses.association.owner-id': publicOwner,
    'association.public-ip': publicIp,
    'association.public-dns-name': publicName,
    'association.ip-owner-id': publicOwner,
    // Elastic addresses are those of NAT gateways.
    'association.allocation-id': () => [],
    'association.association-id': () => [],
    'ipv6-addresses.ipv6-address': ({ ipv6Address }) => (ipv6Address === undefined ? [] : [ipv6Address]),
    'subnet-id': ({ subnetId }) => [subnetId],
    'vpc-id': ({ vpcId }) => [vpcId],
    'availability-zone': ({ zone }) => [zone],
    status: () => ['in-use'],
    'interface-type': () => ['interface'],
    'requester-managed': ({ instance }) => [String(instance === null)],
    'requester-id': ({ instance }) => (instance === null ? [BALANCERS] : []),
    'source-dest-check': (each) => [String(checksSource(each))],
    'attachment.attachment-id': (each) => [attachmentId(each)],
    'attachment.device-index': ({ instance }) => [instance === null ? '1' : '0'],
    'attachment.delete-on-termination': ({ instance }) => [String(instance !== null)],
    'attachment.instance-id': ({ instance }) => (instance === null ? [] : [instance.id]),
    'attachment.instance-owner-id': ({ instance }) => [instance === null ? BALANCERS : call.accountId],
    'attachment.status': () => ['attached'],
    'owner-id': () => [call.accountId],
  }
}

function describe(each: Interface, call: Call, networks: Networks): NetworkInterface {
  const { id, address, ipv6Address, isPublic, instance } = each
  const association = isPublic
    ? { Association: publicAssociation(call.region, address, ownerOfAddress(each)) }
    : {}
  const PrivateDnsName = privateDnsName(call.region, address)
  return {
    NetworkInterfaceId: id,
    Description: each.description,
    InterfaceType: 'interface',
    Status: 'in-use',
    OwnerId: call.accountId,
    ...(instance === null ? { RequesterId: BALANCERS } : {}),
    RequesterManaged: instance === null,
    SourceDestCheck: checksSource(each),
    VpcId: each.vpcId,
    SubnetId: each.subnetId,
    AvailabilityZone: each.zone,
    PrivateIpAddress: address,
    PrivateDnsName,
    PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: address, PrivateDnsName, ...association }],
    Ipv6Addresses: ipv6Address === undefined ? [] : [{ Ipv6Address: ipv6Address }],
    ...association,
    Groups: each.groups.map((groupId) => ({
      GroupId: groupId,
      GroupName: networks.securityGroup(call.region, groupId)?.name ?? groupId,
    })),
    Attachment: {
      AttachmentId: attachmentId(each),
      DeleteOnTermination: instance !== null,
      DeviceIndex: instance === null ? 1 : 0,
      ...(instance === null ? {} : { InstanceId: instance.id }),
      InstanceOwnerId: instance === null ? BALANCERS : call.accountId,
      Status: 'attached',
    },
    TagSet: tagList(each.tags),
  }
}

function checksSource({ instance }: Interface): boolean {
  return instance === null || optionsOf(instance).checksSource
}

/** Public addresses of nodes are the load balancers' own, those of instances come and go with Amazon's pool. */
function ownerOfAddress({ instance }: Interface): string {
  return instance === null ? BALANCERS : 'amazon'
}

function attachmentId({ id, instance }: Interface): string {
  return id.replace(/^eni-/, instance === null ? 'ela-attach-' : 'eni-attach-')
}
