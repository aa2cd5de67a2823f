// What networks have in AWS and never here. Tools ask for it when they look at a VPC, and an empty list is the answer of
// every account that has none.

import { ApiError } from '../errors.ts'
import type { Ec2Handlers } from './environment.ts'

export function absentHandlers(): Pick<
  Ec2Handlers,
  'DescribeVpnGateways' | 'DescribeVpcEndpoints' | 'DescribeVpcPeeringConnections'
> {
  return {
    async DescribeVpnGateways({ VpnGatewayIds: ids }) {
      refuseIds(ids, 'InvalidVpnGatewayID.NotFound', 'vpnGateway')
      return { VpnGateways: [] }
    },
    async DescribeVpcEndpoints({ VpcEndpointIds: ids }) {
      refuseIds(ids, 'InvalidVpcEndpointId.NotFound', 'Vpc Endpoint')
      return { VpcEndpoints: [] }
    },
    async DescribeVpcPeeringConnections({ VpcPeeringConnectionIds: ids }) {
      refuseIds(ids, 'InvalidVpcPeeringConnectionID.NotFound', 'vpcPeeringConnection')
      return { VpcPeeringConnections: [] }
    },
  }
}

function refuseIds(ids: readonly string[] | undefined, code: string, what: string): void {
  const [id] = ids ?? []
  if (id !== undefined) throw new ApiError(code, `The ${what} ID '${id}' does not exist`)
}
