// Health check settings of a target group: defaults, and checks of what a call sets (ALB-TG-202 … 215).

import type { AddressTargetGroup, HealthCheckSettings, TargetGroup } from '../../model/resources.ts'
import { validationError } from '../errors.ts'
import { invalidConfiguration } from '../load-balancing/errors.ts'

/** The members that CreateTargetGroup and ModifyTargetGroup share. */
export interface HealthCheckInput {
  readonly HealthCheckEnabled?: boolean | undefined
  readonly HealthCheckProtocol?: string | undefined
  readonly HealthCheckPort?: string | undefined
  readonly HealthCheckPath?: string | undefined
  readonly HealthCheckIntervalSeconds?: number | undefined
  readonly HealthCheckTimeoutSeconds?: number | undefined
  readonly HealthyThresholdCount?: number | undefined
  readonly UnhealthyThresholdCount?: number | undefined
  readonly Matcher?:
    | { readonly HttpCode?: string | undefined; readonly GrpcCode?: string | undefined }
    | undefined
}

/** How the targets of a group are checked: by its protocol version, or by calling the function. */
export type HealthCheckKind = AddressTargetGroup['protocolVersion'] | 'lambda'

export function healthCheckKind(group: TargetGroup): HealthCheckKind {
  return group.targetType === 'lambda' ? 'lambda' : group.protocolVersion
}

/** ALB-TG-206, 208, 210, 421; functions are checked only on request. */
export function defaultHealthCheck(kind: HealthCheckKind): HealthCheckSettings {
  const isFunction = kind === 'lambda'
  return {
    enabled: !isFunction,
    protocol: 'HTTP',
    port: 'traffic-port',
    path: kind === 'GRPC' ? '/AWS.ALB/healthcheck' : '/',
    intervalSeconds: isFunction ? 35 : 30,
    timeoutSeconds: isFunction ? 30 : 5,
    healthyThreshold: 5,
    unhealthyThreshold: 2,
    matcher: kind === 'GRPC' ? '12' : '200',
  }
}

/** The settings after a call, or the error that it gets. What is not named stays as it was. */
export function changedHealthCheck(
  old: HealthCheckSettings,
  kind: HealthCheckKind,
  input: HealthCheckInput,
): HealthCheckSettings {
  if (kind === 'lambda') refuseNetworkSettings(input)
  else if (input.HealthCheckEnabled === false) {
    throw invalidConfiguration('Health checks cannot be disabled for target groups of this target type')
  }
  const protocol = input.HealthCheckProtocol ?? old.protocol
  if (protocol !== 'HTTP' && protocol !== 'HTTPS') {
    throw validationError(`Health check protocol '${protocol}' must be one of 'HTTPS, HTTP'`)
  }
  const changed: HealthCheckSettings = {
    enabled: input.HealthCheckEnabled ?? old.enabled,
    protocol,
    port: checkPort(input.HealthCheckPort ?? old.port),
    path: checkPath(input.HealthCheckPath ?? old.path, kind),
    intervalSeconds: input.HealthCheckIntervalSeconds ?? old.intervalSeconds,
    timeoutSeconds: input.HealthCheckTimeoutSeconds ?? old.timeoutSeconds,
    healthyThreshold: input.HealthyThresholdCount ?? old.healthyThreshold,
    unhealthyThreshold: input.UnhealthyThresholdCount ?? old.unhealthyThreshold,
    matcher: input.Matcher === undefined ? old.matcher : readMatcher(input.Matcher, kind),
  }
  if (changed.timeoutSeconds >= changed.intervalSeconds) {
    throw validationError('Health check interval must be greater than the timeout.')
  }
  return changed
}

function refuseNetworkSettings({ HealthCheckProtocol, HealthCheckPort }: HealthCheckInput): void {
  const name = HealthCheckProtocol === undefined ? 'port' : 'protocol'
  if (HealthCheckProtocol === undefined && HealthCheckPort === undefined) return
  throw validationError(
    `Health check ${name} cannot be specified for target groups with target type 'lambda'`,
  )
}

function checkPort(port: string): string {
  const isNumber = /^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535
  if (port !== 'traffic-port' && !isNumber) {
    throw validationError(`Health check port '${port}' must be 'traffic-port' or in the range of 1-65535`)
  }
  return port
}

function checkPath(path: string, kind: HealthCheckKind): string {
  if (kind === 'GRPC' && !/^\/[\w.]+\/\w+$/.test(path)) {
    throw validationError(`Health check path '${path}' must be of the form '/package.service/method'`)
  }
  // Visible ASCII only: the path goes into a request line as it is.
  if (!/^\/[\x21-\x7e]*$/.test(path)) {
    throw validationError(`Health check path '${path}' must be a valid path and start with a '/'`)
  }
  return path
}

/** ALB-TG OQ-20: a comma list of codes and ranges, each end in range, low end first. */
function readMatcher(matcher: NonNullable<HealthCheckInput['Matcher']>, kind: HealthCheckKind): string {
  const isGrpc = kind === 'GRPC'
  const [name, min, max] = isGrpc ? ['GRPC', 0, 99] : ['HTTP', 200, 499]
  const wanted = isGrpc ? matcher.GrpcCode : matcher.HttpCode
  if ((isGrpc ? matcher.HttpCode : matcher.GrpcCode) !== undefined) {
    const where =
      kind === 'lambda'
        ? `for target groups with target type 'lambda'`
        : `with the protocol version '${kind}'`
    throw validationError(
      `Health check matcher ${isGrpc ? 'HTTP' : 'GRPC'} code cannot be specified ${where}`,
    )
  }
  const codes = (wanted ?? '')
    .split(',')
    .map((part) =>
      part
        .split('-')
        .map((end) => end.trim())
        .join('-'),
    )
    .join(',')
  if (codes === '') throw validationError(`Health check matcher ${name} code cannot be empty`)
  for (const part of codes.split(',')) {
    const [, low, high = low] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part) ?? []
    const isInRange = low !== undefined && Number(low) >= min && Number(high) <= max
    if (!isInRange || Number(low) > Number(high)) {
      throw validationError(
        `Health check matcher ${name} code '${part}' must be within '${min}-${max}' inclusive`,
      )
    }
  }
  return codes
}
