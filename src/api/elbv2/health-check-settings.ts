// Health check settings of a target group: defaults, and checks of what a call sets (ALB-TG-202 … 215).

import type { HealthCheckSettings, TargetGroup } from '../../model/resources.ts'
import { ApiError, validationError } from '../errors.ts'

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

type ProtocolVersion = TargetGroup['protocolVersion']

export function defaultHealthCheck(version: ProtocolVersion): HealthCheckSettings {
  return {
    protocol: 'HTTP',
    port: 'traffic-port',
    path: version === 'GRPC' ? '/AWS.ALB/healthcheck' : '/',
    intervalSeconds: 30,
    timeoutSeconds: 5,
    healthyThreshold: 5,
    unhealthyThreshold: 2,
    matcher: version === 'GRPC' ? '12' : '200',
  }
}

/** The settings after a call, or the error that it gets. What is not named stays as it was. */
export function changedHealthCheck(
  old: HealthCheckSettings,
  version: ProtocolVersion,
  input: HealthCheckInput,
): HealthCheckSettings {
  if (input.HealthCheckEnabled === false) {
    throw invalid('Health checks cannot be disabled for target groups of this target type')
  }
  const protocol = input.HealthCheckProtocol ?? old.protocol
  if (protocol !== 'HTTP' && protocol !== 'HTTPS') {
    throw validationError(`Health check protocol '${protocol}' must be one of 'HTTPS, HTTP'`)
  }
  const changed: HealthCheckSettings = {
    protocol,
    port: checkPort(input.HealthCheckPort ?? old.port),
    path: checkPath(input.HealthCheckPath ?? old.path, version),
    intervalSeconds: input.HealthCheckIntervalSeconds ?? old.intervalSeconds,
    timeoutSeconds: input.HealthCheckTimeoutSeconds ?? old.timeoutSeconds,
    healthyThreshold: input.HealthyThresholdCount ?? old.healthyThreshold,
    unhealthyThreshold: input.UnhealthyThresholdCount ?? old.unhealthyThreshold,
    matcher: input.Matcher === undefined ? old.matcher : readMatcher(input.Matcher, version),
  }
  if (changed.timeoutSeconds >= changed.intervalSeconds) {
    throw validationError(
      `Health check timeout '${changed.timeoutSeconds}' must be smaller than the interval '${changed.intervalSeconds}'`,
    )
  }
  return changed
}

function checkPort(port: string): string {
  const isNumber = /^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535
  if (port !== 'traffic-port' && !isNumber) {
    throw validationError(`Health check port '${port}' must be 'traffic-port' or in the range of 1-65535`)
  }
  return port
}

function checkPath(path: string, version: ProtocolVersion): string {
  if (version === 'GRPC' && !/^\/[\w.]+\/\w+$/.test(path)) {
    throw validationError(`Health check path '${path}' must be of the form '/package.service/method'`)
  }
  // Visible ASCII only: the path goes into a request line as it is.
  if (!/^\/[\x21-\x7e]*$/.test(path)) {
    throw validationError(`Health check path '${path}' must be a valid path and start with a '/'`)
  }
  return path
}

/** ALB-TG OQ-20: a comma list of codes and ranges, each end in range, low end first. */
function readMatcher(matcher: NonNullable<HealthCheckInput['Matcher']>, version: ProtocolVersion): string {
  const isGrpc = version === 'GRPC'
  const [name, min, max] = isGrpc ? ['GRPC', 0, 99] : ['HTTP', 200, 499]
  const wanted = isGrpc ? matcher.GrpcCode : matcher.HttpCode
  if ((isGrpc ? matcher.HttpCode : matcher.GrpcCode) !== undefined) {
    throw validationError(
      `Health check matcher ${isGrpc ? 'HTTP' : 'GRPC'} code cannot be specified with the protocol version '${version}'`,
    )
  }
  const codes = (wanted ?? '').replace(/\s*([,-])\s*/g, '$1').trim()
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

function invalid(message: string): ApiError {
  return new ApiError('InvalidConfigurationRequest', message)
}
