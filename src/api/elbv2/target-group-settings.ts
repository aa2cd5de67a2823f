// What a call of CreateTargetGroup asks for, checked, defaults filled in: which members belong to which target type
// and protocol.

import type { AddressTargetGroup, FunctionTargetGroup, Scope } from '../../model/resources.ts'
import { ApiError, validationError } from '../errors.ts'
import { invalidConfiguration } from '../load-balancing/errors.ts'
import { nameProblem } from '../load-balancing/names.ts'
import type { Input } from '../operations.ts'
import { changedHealthCheck, defaultHealthCheck } from './health-check-settings.ts'

/** A target group without what a new one is given. */
export type WantedGroup = Wanted<AddressTargetGroup> | Wanted<FunctionTargetGroup>
type Wanted<T> = Omit<T, 'arn' | 'createdAt' | keyof Scope>

type GroupInput = Input<'CreateTargetGroup'>

/** The one port of a GENEVE group. */
const GENEVE_PORT = 6081

export function wantedTargetGroup(input: GroupInput): WantedGroup {
  const problem = nameProblem(input.Name)
  if (problem !== undefined) throw validationError(`Target group name '${input.Name}' ${problem}`)
  if (input.TargetControlPort !== undefined)
    throw invalidConfiguration('Target control ports are not supported')
  const targetType = input.TargetType ?? 'instance'
  if (targetType === 'lambda') return functionGroup(input)
  const { Protocol: protocol, Port: port, VpcId: vpcId } = input
  if (protocol === undefined) throw validationError('A protocol must be specified')
  if (port === undefined) throw validationError('A port must be specified')
  if (vpcId === undefined || vpcId === '') throw validationError('A VPC ID must be specified')
  if (protocol !== 'HTTP' && protocol !== 'HTTPS') throw refusalOf(protocol, port, input)
  if (targetType === 'alb') {
    throw validationError(`Protocol '${protocol}' is not supported for target groups with target type 'alb'`)
  }
  const protocolVersion = versionOf(input) ?? 'HTTP1'
  if (protocolVersion !== 'HTTP1' && protocolVersion !== 'HTTP2' && protocolVersion !== 'GRPC') {
    throw validationError(`Protocol version '${protocolVersion}' must be one of 'GRPC, HTTP1, HTTP2'`)
  }
  return {
    name: input.Name,
    protocol,
    protocolVersion,
    port,
    vpcId,
    targetType,
    ipAddressType: input.IpAddressType ?? 'ipv4',
    healthCheck: changedHealthCheck(defaultHealthCheck(protocolVersion), protocolVersion, input),
  }
}

/** ALB-TG-039, 053, 058, 061, 386: a function has no network and no protocol. */
function functionGroup(input: GroupInput): Wanted<FunctionTargetGroup> {
  const foreign: readonly (readonly [string, unknown])[] = [
    ['Protocol', input.Protocol],
    ['Port', input.Port],
    ['VPC ID', input.VpcId],
    ['Protocol version', versionOf(input)],
    [`IP address type 'ipv6'`, input.IpAddressType === 'ipv6' ? 'ipv6' : undefined],
  ]
  for (const [name, value] of foreign) {
    if (value === undefined) continue
    throw validationError(`${name} cannot be specified for target groups with target type 'lambda'`)
  }
  return {
    name: input.Name,
    targetType: 'lambda',
    ipAddressType: 'ipv4',
    healthCheck: changedHealthCheck(defaultHealthCheck('lambda'), 'lambda', input),
  }
}

/**
 * Groups with other protocols belong to Network and Gateway Load Balancers, which cannot be made here. What AWS refuses
 * is refused in its words, and the rest because nothing could ever use it.
 */
function refusalOf(protocol: string, port: number, input: GroupInput): ApiError {
  if (input.TargetType === 'alb' && protocol !== 'TCP') {
    return validationError(`Protocol '${protocol}' is not supported for target groups with target type 'alb'`)
  }
  if (versionOf(input) !== undefined) {
    return validationError(
      `Protocol version cannot be specified for target groups with protocol '${protocol}'`,
    )
  }
  if (protocol === 'GENEVE' && port !== GENEVE_PORT) {
    return validationError(
      `Port '${port}' is not supported for target groups with protocol 'GENEVE': it must be '${GENEVE_PORT}'`,
    )
  }
  return invalidConfiguration(
    `Target groups with protocol '${protocol}' are not supported: they are for Network and Gateway Load Balancers, whose traffic is not carried`,
  )
}

/** Terraform sends an empty version where none is wanted. */
function versionOf({ ProtocolVersion: version }: GroupInput): string | undefined {
  return version === '' ? undefined : version
}
