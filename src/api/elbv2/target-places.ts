// Where a target is: its address and zone, from the directory for instances, from the address blocks of the VPC for
// IP addresses; a function is nowhere (ALB-TG-023 … 031, 301 … 305, OQ-11 and OQ-23 there).

import { isIPv4, isIPv6 } from 'node:net'
import type { Directory } from '../../directory/directory.ts'
import { addressSet } from '../../model/ip.ts'
import { ALL_ZONES, type AddressTargetGroup, type TargetGroup } from '../../model/resources.ts'
import { ApiError, validationError } from '../errors.ts'

export interface TargetPlace {
  readonly address: string
  readonly zone: string
}

const FUNCTION_ARN =
  /^arn:aws[a-z-]*:lambda:([a-z0-9-]+):(\d{12}):function:[A-Za-z0-9_-]{1,64}(?::(?:\$LATEST|[A-Za-z0-9_-]{1,128}))?$/

/** Networks outside a VPC that its targets may be in (ALB-TG-024). */
const isPrivate = addressSet(['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16'])

/** Address and zone of a target to register, or the error that the call gets. */
export async function placeTarget(
  directory: Directory,
  region: string,
  group: TargetGroup,
  id: string,
  zone: string | undefined,
): Promise<TargetPlace> {
  if (group.targetType === 'lambda') return placeFunction(group, id, zone)
  return group.targetType === 'instance'
    ? await placeInstance(directory, region, group, id, zone)
    : await placeAddress(directory, region, group, id, zone)
}

/** Refuses a call with instances of other VPCs, or that do not run, all of them at once (ALB-TG-302). */
export async function checkInstances(
  directory: Directory,
  region: string,
  group: TargetGroup,
  ids: readonly string[],
): Promise<void> {
  if (group.targetType !== 'instance') return
  const elsewhere: string[] = []
  const idle: string[] = []
  for (const id of new Set(ids)) {
    const instance = await directory.instance(region, id)
    if (instance === undefined) continue
    if (instance.vpcId !== group.vpcId) elsewhere.push(`'${id}'`)
    if (instance.state !== 'running') idle.push(`'${id}'`)
  }
  if (elsewhere.length > 0) {
    throw invalidTarget(
      `The following targets are not in the target group VPC '${group.vpcId}': ${elsewhere.join(', ')}`,
    )
  }
  if (idle.length === 0) return
  throw invalidTarget(
    `The following targets are not in a running state and cannot be registered: ${idle.join(', ')}`,
  )
}

/** ALB-TG-023, 369: a function of the group's own account and Region, with a version or alias or without. */
function placeFunction(group: TargetGroup, id: string, zone: string | undefined): TargetPlace {
  const [, region, accountId] = FUNCTION_ARN.exec(id) ?? []
  if (region === undefined) throw validationError(`'${id}' is not a valid Lambda function ARN`)
  if (zone !== undefined && zone !== ALL_ZONES) {
    throw validationError(`The Availability Zone of a Lambda function must be '${ALL_ZONES}', not '${zone}'`)
  }
  if (region !== group.region || accountId !== group.accountId) {
    throw invalidTarget(`Lambda function '${id}' is not in the account and Region of the target group`)
  }
  return { address: '', zone: ALL_ZONES }
}

async function placeInstance(
  directory: Directory,
  region: string,
  group: AddressTargetGroup,
  id: string,
  zone: string | undefined,
): Promise<TargetPlace> {
  if (!/^i-[0-9A-Za-z]+$/.test(id)) throw validationError(`Instance ID '${id}' is not valid`)
  if (zone !== undefined) {
    throw validationError(`You cannot specify an Availability Zone for the instance '${id}'`)
  }
  const instance = await directory.instance(region, id)
  if (instance === undefined) throw invalidTarget(`The instance ID '${id}' does not exist`)
  if (group.ipAddressType === 'ipv4') return { address: instance.address, zone: instance.zone }
  if (instance.ipv6Address === undefined) {
    throw invalidTarget(`Instance '${id}' has no primary IPv6 address`)
  }
  return { address: instance.ipv6Address, zone: instance.zone }
}

async function placeAddress(
  directory: Directory,
  region: string,
  group: AddressTargetGroup,
  id: string,
  zone: string | undefined,
): Promise<TargetPlace> {
  const isOfFamily = group.ipAddressType === 'ipv4' ? isIPv4(id) : isIPv6(id) && !id.includes('%')
  if (!isOfFamily) {
    const family = group.ipAddressType === 'ipv4' ? 'IPv4' : 'IPv6'
    throw validationError(`The IP address '${id}' is not a valid ${family} address`)
  }
  const known = [ALL_ZONES, ...(await directory.zones(region))]
  if (zone !== undefined && !known.includes(zone)) {
    throw validationError(`The Availability Zone '${zone}' is not valid`)
  }
  const vpc = await directory.vpc(region, group.vpcId)
  const block = vpc?.blocks.find(({ cidr }) => addressSet([cidr])(id))
  if (block === undefined) {
    const isInVpc = vpc !== undefined && addressSet(vpc.cidrs)(id)
    if (!isInVpc && !isPrivate(id)) {
      throw invalidTarget(`The IP address '${id}' is not within a valid range for the target group`)
    }
    if (zone === undefined) {
      throw validationError(
        `The Availability Zone is required for IP address '${id}' because it is not in the VPC`,
      )
    }
    return { address: id, zone }
  }
  // A block of no single zone leaves the choice to the caller.
  if (block.zone === ALL_ZONES) return { address: id, zone: zone ?? ALL_ZONES }
  if (zone !== undefined && zone !== block.zone) {
    throw validationError(
      `The IP address '${id}' is within the VPC, and cannot have its Availability Zone overridden to '${zone}' from '${block.zone}'`,
    )
  }
  return { address: id, zone: block.zone }
}

function invalidTarget(message: string): ApiError {
  return new ApiError('InvalidTarget', message)
}
