// Network interfaces: those of load balancer nodes, by which EC2 shows the nodes' addresses.

import { createHash } from 'node:crypto'
import { loadBalancerId } from '../../model/arns.ts'
import { LOAD_BALANCER_KINDS, type LoadBalancer } from '../../model/resources.ts'
import { allOf } from '../../store/page.ts'
import { ApiError } from '../errors.ts'
import type { Call } from '../operations.ts'
import type { Ec2Environment, Ec2Handlers } from './environment.ts'
import { filtered, named, paged } from './listing.ts'

export function interfaceHandlers({
  store,
  networks,
}: Ec2Environment): Pick<Ec2Handlers, 'DescribeNetworkInterfaces'> {
  async function loadBalancers(call: Call): Promise<readonly LoadBalancer[]> {
    return await store.read(async (rows) => {
      const all: LoadBalancer[] = []
      for (const kind of LOAD_BALANCER_KINDS) {
        all.push(...(await allOf(async (page) => await rows.loadBalancers.list(call, kind, page))))
      }
      return all
    })
  }

  return {
    async DescribeNetworkInterfaces(input, call) {
      const all = (await loadBalancers(call)).flatMap((loadBalancer) =>
        loadBalancer.zones.map(({ zone, subnetId, address }) => ({
          id: interfaceId(loadBalancer.arn, zone),
          description: `ELB ${loadBalancerId(loadBalancer.arn)}`,
          vpcId: loadBalancer.vpcId,
          groups: loadBalancer.securityGroups,
          zone,
          subnetId,
          address,
          tags: [],
        })),
      )
      const byId = named(
        all,
        input.NetworkInterfaceIds,
        ({ id }) => id,
        (id) =>
          new ApiError(
            'InvalidNetworkInterfaceID.NotFound',
            `The networkInterface ID '${id}' does not exist`,
          ),
      )
      const { page, next } = paged(
        filtered(byId, input.Filters, {
          'network-interface-id': ({ id }) => [id],
          description: ({ description }) => [description],
          'group-id': ({ groups }) => groups,
          'private-ip-address': ({ address }) => [address],
          'addresses.private-ip-address': ({ address }) => [address],
          'subnet-id': ({ subnetId }) => [subnetId],
          'vpc-id': ({ vpcId }) => [vpcId],
          'availability-zone': ({ zone }) => [zone],
          status: () => ['in-use'],
          'interface-type': () => ['interface'],
          'requester-managed': () => ['true'],
          'requester-id': () => ['amazon-elb'],
          'attachment.instance-id': () => [],
          'attachment.instance-owner-id': () => ['amazon-elb'],
          'attachment.status': () => ['attached'],
          'owner-id': () => [call.accountId],
        }),
        input,
      )
      return {
        NetworkInterfaces: page.map(({ id, description, vpcId, groups, zone, subnetId, address }) => ({
          NetworkInterfaceId: id,
          Description: description,
          InterfaceType: 'interface' as const,
          Status: 'in-use' as const,
          OwnerId: call.accountId,
          RequesterId: 'amazon-elb',
          RequesterManaged: true,
          SourceDestCheck: true,
          VpcId: vpcId,
          SubnetId: subnetId,
          AvailabilityZone: zone,
          PrivateIpAddress: address,
          PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: address }],
          Ipv6Addresses: [],
          Groups: groups.map((groupId) => ({
            GroupId: groupId,
            GroupName: networks.securityGroup(call.region, groupId)?.name ?? groupId,
          })),
          Attachment: {
            AttachmentId: id.replace(/^eni-/, 'ela-attach-'),
            DeleteOnTermination: false,
            DeviceIndex: 1,
            InstanceOwnerId: 'amazon-elb',
            Status: 'attached' as const,
          },
          TagSet: [],
        })),
        ...next,
      }
    },
  }
}

/** The same for a node as long as it is there. */
function interfaceId(arn: string, zone: string): string {
  return `eni-${createHash('sha256').update(`${arn} ${zone}`).digest('hex').slice(0, 17)}`
}
