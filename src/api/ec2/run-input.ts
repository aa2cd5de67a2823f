// Where RunInstances puts what it makes: how many, in which subnet, at which address, in which groups.

import { isIPv4 } from 'node:net'
import type { Networks } from '../../directory/networks.ts'
import type { SubnetItem } from '../../model/networks.ts'
import { ApiError } from '../errors.ts'
import { groupNotFound, interfaceNotFound } from './environment.ts'
import { checkType, givenText, type RunInput } from './instance-options.ts'
import { theSubnet } from './subnets.ts'

const INSTANCES_MAX = 1000

/** Refuses what contradicts itself or names what there is not. */
export function checkRun(input: RunInput): void {
  const { MaxCount: count, NetworkInterfaces: interfaces = [] } = input
  if (count < 1 || input.MinCount > count || count > INSTANCES_MAX) {
    throw new ApiError('InvalidParameterValue', `Value (${count}) for parameter maxCount is invalid.`)
  }
  const address = addressFor(input)
  if (address !== undefined && (count > 1 || !isIPv4(address))) {
    throw new ApiError(
      'InvalidParameterValue',
      `Value (${address}) for parameter privateIpAddress is invalid.`,
    )
  }
  const type = givenText(input.InstanceType)
  if (type !== undefined) checkType(type)
  const existing = interfaces.find(({ NetworkInterfaceId: id }) => id !== undefined)?.NetworkInterfaceId
  if (existing !== undefined) throw interfaceNotFound(existing)
  if (interfaces.length > 0 && (input.SubnetId ?? input.SecurityGroupIds) !== undefined) {
    throw new ApiError(
      'InvalidParameterCombination',
      'Network interfaces and an instance-level subnet or security groups may not be specified on the same request',
    )
  }
}

/** The subnet that is named, or the given one of a zone. */
export function subnetFor(networks: Networks, region: string, input: RunInput): SubnetItem {
  const id = givenText(input.SubnetId) ?? givenText(input.NetworkInterfaces?.[0]?.SubnetId)
  if (id !== undefined) return theSubnet(networks, region, id)
  const { subnets } = networks.there
  const zone = givenText(input.Placement?.AvailabilityZone)
  const found = subnets.find((subnet) => zone === undefined || `${region}${subnet.zone}` === zone)
  if (found === undefined && zone !== undefined) {
    throw new ApiError('InvalidParameterValue', `Invalid availability zone: [${zone}]`)
  }
  return theSubnet(networks, region, found?.id ?? '')
}

/** The address that is asked for. */
export function addressFor(input: RunInput): string | undefined {
  return givenText(input.PrivateIpAddress) ?? givenText(input.NetworkInterfaces?.[0]?.PrivateIpAddress)
}

/** The groups that are named, or the default one of the VPC. */
export function groupsFor(
  networks: Networks,
  { region, vpcId }: SubnetItem,
  ids: readonly string[] | undefined,
): readonly string[] {
  if (ids === undefined || ids.length === 0) {
    const group = networks.defaultGroup(region, vpcId)
    return group === undefined ? [] : [group.id]
  }
  for (const id of ids) {
    const group = networks.securityGroup(region, id)
    if (group === undefined) throw groupNotFound(id)
    if (group.vpcId === vpcId) continue
    throw new ApiError(
      'InvalidParameter',
      `Security group ${id} and subnet of VPC ${vpcId} belong to different networks.`,
    )
  }
  return ids
}
