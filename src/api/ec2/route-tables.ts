// Route tables and the subnets that use them. They are kept and told; traffic goes where the machine sends it.

import type { Route, RouteTable, RouteTableAssociation } from '@aws-sdk/client-ec2'
import type { Networks } from '../../directory/networks.ts'
import type { RouteTableItem, VpcItem } from '../../model/networks.ts'
import type { Scope } from '../../model/resources.ts'
import type { Tag } from '../../store/tags.ts'
import { ApiError } from '../errors.ts'
import { checkDryRun, type Ec2Environment, type Ec2Handlers, notDeletable } from './environment.ts'
import { newEc2Id } from './ids.ts'
import { filtered, type FilterFields, named, paged } from './listing.ts'
import { theSubnet } from './subnets.ts'
import { forgetTags, putNewTags, specifiedTags, tagList, tagsOf } from './tags.ts'
import { theVpc } from './vpcs.ts'

/** Per VPC, AWS's quota. */
const TABLES_MAX = 200

interface Listed {
  readonly table: RouteTableItem
  /** IDs of gateways that are there; routes to others are told as dead ends. */
  readonly gateways: ReadonlySet<string>
  readonly vpc: VpcItem
  readonly tags: readonly Tag[]
}

export function routeTableHandlers({
  store,
  networks,
}: Ec2Environment): Pick<
  Ec2Handlers,
  | 'CreateRouteTable'
  | 'DeleteRouteTable'
  | 'DescribeRouteTables'
  | 'AssociateRouteTable'
  | 'DisassociateRouteTable'
  | 'ReplaceRouteTableAssociation'
> {
  /** The table that has an association, and the association. */
  function associated(region: string, id: string) {
    for (const table of networks.list(region, 'route-table')) {
      const association = table.associations.find((each) => each.id === id)
      if (association !== undefined) return { table, association }
    }
    throw new ApiError('InvalidAssociationID.NotFound', `The association ID '${id}' does not exist`)
  }

  return {
    async CreateRouteTable(input, call) {
      checkDryRun(input.DryRun)
      const tags = specifiedTags(input.TagSpecifications, 'route-table')
      return await networks.edit(async ({ put }, rows) => {
        const vpc = theVpc(networks, call.region, input.VpcId)
        const neighbours = networks.list(call.region, 'route-table').filter(({ vpcId }) => vpcId === vpc.id)
        if (neighbours.length >= TABLES_MAX) {
          throw new ApiError(
            'RouteTableLimitExceeded',
            'The maximum number of route tables has been reached.',
          )
        }
        const table: RouteTableItem = {
          kind: 'route-table',
          region: call.region,
          id: newEc2Id('rtb'),
          vpcId: vpc.id,
          routes: [],
          associations: [],
        }
        put(table)
        await putNewTags(rows, call, table.id, tags)
        return { RouteTable: describe({ table, gateways: new Set(), vpc, tags }, call) }
      })
    },

    async DeleteRouteTable(input, call) {
      checkDryRun(input.DryRun)
      await networks.edit(async ({ remove }, rows) => {
        const table = theRouteTable(networks, call.region, input.RouteTableId)
        if (networks.isGiven(table)) throw notDeletable(table)
        if (table.associations.length > 0) {
          throw new ApiError(
            'DependencyViolation',
            `The routeTable '${table.id}' has dependencies and cannot be deleted.`,
          )
        }
        remove(table)
        await forgetTags(rows, call, table.id)
      })
      return {}
    },

    async DescribeRouteTables(input, call) {
      const tables = named(
        networks.list(call.region, 'route-table'),
        input.RouteTableIds,
        ({ id }) => id,
        tableNotFound,
      )
      const gateways = new Set([
        ...networks.list(call.region, 'internet-gateway').map(({ id }) => id),
        ...networks.list(call.region, 'nat-gateway').map(({ id }) => id),
      ])
      const all = await store.read(async (rows) => {
        const listed: Listed[] = []
        for (const table of tables) {
          const vpc = theVpc(networks, call.region, table.vpcId)
          listed.push({ table, gateways, vpc, tags: await tagsOf(rows, call, table.id) })
        }
        return listed
      })
      const { page, next } = paged(filtered(all, input.Filters, fieldsOf(call)), input)
      return { RouteTables: page.map((each) => describe(each, call)), ...next }
    },

    async AssociateRouteTable(input, call) {
      checkDryRun(input.DryRun)
      return await networks.edit(async ({ put }) => {
        const table = theRouteTable(networks, call.region, input.RouteTableId)
        if (input.SubnetId === undefined) {
          throw new ApiError('UnsupportedOperation', 'Route tables can only be associated with subnets')
        }
        const subnet = theSubnet(networks, call.region, input.SubnetId)
        if (subnet.vpcId !== table.vpcId) {
          throw new ApiError(
            'InvalidParameterValue',
            `Route table ${table.id} and network ${subnet.vpcId} belong to different networks`,
          )
        }
        const others = networks.list(call.region, 'route-table').flatMap((each) => each.associations)
        if (others.some(({ subnetId }) => subnetId === subnet.id)) {
          throw new ApiError(
            'Resource.AlreadyAssociated',
            `the specified association for route table ${table.id} conflicts with an existing association`,
          )
        }
        const association = { id: newEc2Id('rtbassoc'), subnetId: subnet.id }
        put({ ...table, associations: [...table.associations, association] })
        return { AssociationId: association.id, AssociationState: { State: 'associated' as const } }
      })
    },

    async DisassociateRouteTable(input, call) {
      checkDryRun(input.DryRun)
      await networks.edit(async ({ put }) => {
        const { table, association } = associated(call.region, input.AssociationId)
        if (association.subnetId === null) {
          throw new ApiError(
            'InvalidParameterValue',
            `cannot disassociate the main route table association ${association.id}`,
          )
        }
        put(without(table, association.id))
      })
      return {}
    },

    /** Also how another table becomes the main one of a VPC. */
    async ReplaceRouteTableAssociation(input, call) {
      checkDryRun(input.DryRun)
      return await networks.edit(async ({ put }) => {
        const { table: old, association } = associated(call.region, input.AssociationId)
        const table = theRouteTable(networks, call.region, input.RouteTableId)
        if (table.vpcId !== old.vpcId) {
          throw new ApiError(
            'InvalidParameterValue',
            `Route table ${table.id} and network ${old.vpcId} belong to different networks`,
          )
        }
        const replacement = { ...association, id: newEc2Id('rtbassoc') }
        // First what loses it: the table may be the same one.
        const others = table.id === old.id ? without(old, association.id) : table
        if (table.id !== old.id) put(without(old, association.id))
        put({ ...others, associations: [...others.associations, replacement] })
        return { NewAssociationId: replacement.id, AssociationState: { State: 'associated' as const } }
      })
    },
  }
}

export function theRouteTable(networks: Networks, region: string, id: string): RouteTableItem {
  const table = networks.find(region, 'route-table', id)
  if (table === undefined) throw tableNotFound(id)
  return table
}

function tableNotFound(id: string): ApiError {
  return new ApiError('InvalidRouteTableID.NotFound', `The routeTable ID '${id}' does not exist`)
}

function without(table: RouteTableItem, associationId: string): RouteTableItem {
  return { ...table, associations: table.associations.filter(({ id }) => id !== associationId) }
}

function fieldsOf({ accountId }: Scope): FilterFields<Listed> {
  return {
    'route-table-id': ({ table }) => [table.id],
    'vpc-id': ({ table }) => [table.vpcId],
    'association.main': ({ table }) => table.associations.map(({ subnetId }) => String(subnetId === null)),
    'association.subnet-id': ({ table }) => table.associations.flatMap(({ subnetId }) => subnetId ?? []),
    'association.route-table-id': ({ table }) => (table.associations.length > 0 ? [table.id] : []),
    'association.route-table-association-id': ({ table }) => table.associations.map(({ id }) => id),
    'association.gateway-id': () => [],
    'route.destination-cidr-block': (each) =>
      routesOf(each).flatMap(({ DestinationCidrBlock }) => DestinationCidrBlock ?? []),
    'route.destination-ipv6-cidr-block': (each) =>
      routesOf(each).flatMap(({ DestinationIpv6CidrBlock }) => DestinationIpv6CidrBlock ?? []),
    'route.gateway-id': (each) => routesOf(each).flatMap(({ GatewayId }) => GatewayId ?? []),
    'route.nat-gateway-id': (each) => routesOf(each).flatMap(({ NatGatewayId }) => NatGatewayId ?? []),
    'owner-id': () => [accountId],
  }
}

/** The local routes first, which every table has. */
function routesOf({ table, vpc, gateways }: Listed): readonly Route[] {
  const local = [vpc.cidr, ...(vpc.ipv6Cidr === null ? [] : [vpc.ipv6Cidr])]
  return [
    ...local.map((destination) => ({
      ...destinationOutput(destination),
      GatewayId: 'local',
      Origin: 'CreateRouteTable' as const,
      State: 'active' as const,
    })),
    ...table.routes.map(({ destination, gatewayId }) => ({
      ...destinationOutput(destination),
      ...(gatewayId.startsWith('nat-') ? { NatGatewayId: gatewayId } : { GatewayId: gatewayId }),
      Origin: 'CreateRoute' as const,
      State: gateways.has(gatewayId) ? ('active' as const) : ('blackhole' as const),
    })),
  ]
}

function destinationOutput(cidr: string): Pick<Route, 'DestinationCidrBlock' | 'DestinationIpv6CidrBlock'> {
  return cidr.includes(':') ? { DestinationIpv6CidrBlock: cidr } : { DestinationCidrBlock: cidr }
}

function describe(each: Listed, scope: Scope): RouteTable {
  const { table, tags } = each
  return {
    RouteTableId: table.id,
    VpcId: table.vpcId,
    OwnerId: scope.accountId,
    Associations: table.associations.map(({ id, subnetId }): RouteTableAssociation => {
      return {
        Main: subnetId === null,
        RouteTableAssociationId: id,
        RouteTableId: table.id,
        ...(subnetId === null ? {} : { SubnetId: subnetId }),
        AssociationState: { State: 'associated' },
      }
    }),
    PropagatingVgws: [],
    Routes: [...routesOf(each)],
    Tags: tagList(tags),
  }
}
