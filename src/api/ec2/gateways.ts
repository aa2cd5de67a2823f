// What the default VPC has beside subnets: an internet gateway, a route table and a network ACL that let everything
// through. They cannot be changed; tools read them.

import type { Ec2Environment, Ec2Handlers } from './environment.ts'
import { filtered, named, paged } from './listing.ts'
import { ApiError } from '../errors.ts'

const GATEWAY = 'igw-00000000000000000'
const ROUTE_TABLE = 'rtb-00000000000000000'
const NETWORK_ACL = 'acl-00000000000000000'

export function gatewayHandlers({
  networks,
}: Ec2Environment): Pick<
  Ec2Handlers,
  'DescribeInternetGateways' | 'DescribeRouteTables' | 'DescribeNetworkAcls' | 'DescribeAddresses'
> {
  const { vpcId } = networks.there
  return {
    async DescribeInternetGateways(input, call) {
      const all = named([{ tags: [] }], input.InternetGatewayIds, () => GATEWAY, notFound('InternetGateway'))
      const { page, next } = paged(
        filtered(all, input.Filters, {
          'internet-gateway-id': () => [GATEWAY],
          'attachment.vpc-id': () => [vpcId],
          'attachment.state': () => ['available'],
          'owner-id': () => [call.accountId],
        }),
        input,
      )
      const gateway = {
        InternetGatewayId: GATEWAY,
        OwnerId: call.accountId,
        Attachments: [{ VpcId: vpcId, State: 'available' as 'attached' }],
        Tags: [],
      }
      return { InternetGateways: page.map(() => gateway), ...next }
    },
    async DescribeRouteTables(input, call) {
      const all = named([{ tags: [] }], input.RouteTableIds, () => ROUTE_TABLE, notFound('RouteTable'))
      const { page, next } = paged(
        filtered(all, input.Filters, {
          'route-table-id': () => [ROUTE_TABLE],
          'vpc-id': () => [vpcId],
          'association.main': () => ['true'],
          'association.subnet-id': () => [],
          'owner-id': () => [call.accountId],
        }),
        input,
      )
      const table = {
        RouteTableId: ROUTE_TABLE,
        VpcId: vpcId,
        OwnerId: call.accountId,
        Associations: [
          {
            Main: true,
            RouteTableAssociationId: 'rtbassoc-00000000000000000',
            RouteTableId: ROUTE_TABLE,
            AssociationState: { State: 'associated' as const },
          },
        ],
        PropagatingVgws: [],
        Routes: [
          {
            DestinationCidrBlock: '172.31.0.0/16',
            GatewayId: 'local',
            Origin: 'CreateRouteTable' as const,
            State: 'active' as const,
          },
          {
            DestinationCidrBlock: '0.0.0.0/0',
            GatewayId: GATEWAY,
            Origin: 'CreateRoute' as const,
            State: 'active' as const,
          },
        ],
        Tags: [],
      }
      return { RouteTables: page.map(() => table), ...next }
    },
    async DescribeNetworkAcls(input, call) {
      const all = named([{ tags: [] }], input.NetworkAclIds, () => NETWORK_ACL, notFound('NetworkAcl'))
      const { page, next } = paged(
        filtered(all, input.Filters, {
          'network-acl-id': () => [NETWORK_ACL],
          'vpc-id': () => [vpcId],
          default: () => ['true'],
          'association.subnet-id': () => networks.there.subnets.map(({ id }) => id),
          'owner-id': () => [call.accountId],
        }),
        input,
      )
      const acl = {
        NetworkAclId: NETWORK_ACL,
        VpcId: vpcId,
        OwnerId: call.accountId,
        IsDefault: true,
        Associations: networks.there.subnets.map(({ id }, index) => ({
          NetworkAclAssociationId: `aclassoc-0000000000000000${index}`,
          NetworkAclId: NETWORK_ACL,
          SubnetId: id,
        })),
        Entries: [false, true].map((isEgress) => ({
          CidrBlock: '0.0.0.0/0',
          Egress: isEgress,
          Protocol: '-1',
          RuleAction: 'allow' as const,
          RuleNumber: 100,
        })),
        Tags: [],
      }
      return { NetworkAcls: page.map(() => acl), ...next }
    },
    async DescribeAddresses(input) {
      named([], input.AllocationIds, String, notFound('AllocationID'))
      return { Addresses: [] }
    },
  }
}

function notFound(kind: string): (id: string) => ApiError {
  return (id) => new ApiError(`Invalid${kind}ID.NotFound`, `The ${kind} ID '${id}' does not exist`)
}
