// Routes of a table. They can lead to internet gateways and NAT gateways.

import type { RouteItem, RouteTableItem } from '../../model/networks.ts'
import { blockText, ipv4Block, ipv6Block } from '../../model/cidr.ts'
import { numberToIpv6 } from '../../model/ip.ts'
import { ApiError } from '../errors.ts'
import { checkDryRun, type Ec2Environment, type Ec2Handlers } from './environment.ts'
import { theGateway } from './internet-gateways.ts'
import { natGatewayNotFound } from './nat-gateways.ts'
import { theRouteTable } from './route-tables.ts'

/** AWS's largest quota. */
const ROUTES_MAX = 1000

interface Destination {
  readonly DestinationCidrBlock?: string | undefined
  readonly DestinationIpv6CidrBlock?: string | undefined
}

export function routeHandlers({
  networks,
}: Ec2Environment): Pick<Ec2Handlers, 'CreateRoute' | 'ReplaceRoute' | 'DeleteRoute'> {
  /** The route that a call asks for. */
  function readRoute(
    region: string,
    table: RouteTableItem,
    input: Destination & {
      readonly GatewayId?: string | undefined
      readonly NatGatewayId?: string | undefined
    },
  ): RouteItem {
    const gatewayId = input.NatGatewayId ?? input.GatewayId
    const isNat = input.NatGatewayId !== undefined
    if (gatewayId === undefined || (!isNat && !gatewayId.startsWith('igw-'))) {
      throw new ApiError(
        'UnsupportedOperation',
        'A route can only lead to an internet gateway or a NAT gateway: there is nothing else here',
      )
    }
    const gateway = isNat
      ? networks.find(region, 'nat-gateway', gatewayId)
      : theGateway(networks, region, gatewayId)
    if (gateway === undefined) throw natGatewayNotFound(gatewayId)
    if (gateway.vpcId !== table.vpcId) {
      throw new ApiError(
        'InvalidParameterValue',
        `route table ${table.id} and network gateway ${gateway.id} belong to different networks`,
      )
    }
    return { destination: readDestination(input), gatewayId }
  }

  function isLocal(region: string, { vpcId }: RouteTableItem, destination: string): boolean {
    const vpc = networks.find(region, 'vpc', vpcId)
    return destination === vpc?.cidr || destination === vpc?.ipv6Cidr
  }

  return {
    async CreateRoute(input, call) {
      checkDryRun(input.DryRun)
      await networks.edit(async ({ put }) => {
        const table = theRouteTable(networks, call.region, input.RouteTableId)
        const route = readRoute(call.region, table, input)
        const present = table.routes.find(({ destination }) => destination === route.destination)
        // AWS takes the same route again.
        if (present?.gatewayId === route.gatewayId) return
        if (present !== undefined || isLocal(call.region, table, route.destination)) {
          throw new ApiError(
            'RouteAlreadyExists',
            `The route identified by ${route.destination} already exists.`,
          )
        }
        if (table.routes.length >= ROUTES_MAX) {
          throw new ApiError('RouteLimitExceeded', 'The maximum number of routes has been reached.')
        }
        put({ ...table, routes: [...table.routes, route] })
      })
      return { Return: true }
    },

    async ReplaceRoute(input, call) {
      checkDryRun(input.DryRun)
      await networks.edit(async ({ put }) => {
        const table = theRouteTable(networks, call.region, input.RouteTableId)
        const route = readRoute(call.region, table, input)
        checkPresent(table, route.destination)
        const routes = table.routes.map((each) => (each.destination === route.destination ? route : each))
        put({ ...table, routes })
      })
      return {}
    },

    async DeleteRoute(input, call) {
      checkDryRun(input.DryRun)
      await networks.edit(async ({ put }) => {
        const table = theRouteTable(networks, call.region, input.RouteTableId)
        const destination = readDestination(input)
        if (isLocal(call.region, table, destination)) {
          throw new ApiError(
            'InvalidParameterValue',
            `cannot remove local route ${destination} in route table ${table.id}`,
          )
        }
        checkPresent(table, destination)
        put({ ...table, routes: table.routes.filter((each) => each.destination !== destination) })
      })
      return {}
    },
  }
}

function checkPresent({ id, routes }: RouteTableItem, wanted: string): void {
  if (routes.some(({ destination }) => destination === wanted)) return
  throw new ApiError(
    'InvalidRoute.NotFound',
    `no route with destination-cidr-block ${wanted} in route table ${id}`,
  )
}

/** The block in its canonical form. */
function readDestination({
  DestinationCidrBlock: ipv4,
  DestinationIpv6CidrBlock: ipv6,
}: Destination): string {
  const text = ipv4 ?? ipv6
  if (text === undefined) {
    throw new ApiError('MissingParameter', 'The request must contain the parameter destinationCidrBlock')
  }
  const block = ipv4 === undefined ? undefined : ipv4Block(ipv4)
  if (block !== undefined) return blockText(block)
  const other = ipv4 === undefined && ipv6 !== undefined ? ipv6Block(ipv6) : undefined
  if (other !== undefined) return `${numberToIpv6(other.first)}/${other.prefix}`
  throw new ApiError(
    'InvalidParameterValue',
    `Value (${text}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.`,
  )
}
