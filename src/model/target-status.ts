// The health of a target as the API shows it and traffic obeys it: what registration, use and zones say comes first,
// then what is known of the target itself, then what the health checker found. Texts are those of ALB-TG-225 … 236.

import { ALL_ZONES, type Target, type TargetGroupUse } from './resources.ts'
import type { TargetHealth } from './target-health.ts'

export const NOT_REGISTERED: TargetHealth = {
  state: 'unused',
  reason: 'Target.NotRegistered',
  description: 'Target is not registered to the target group',
}

export const GROUP_NOT_IN_USE: TargetHealth = {
  state: 'unused',
  reason: 'Target.NotInUse',
  description: 'Target group is not configured to receive traffic from the load balancer',
}

export const ZONE_NOT_ENABLED: TargetHealth = {
  state: 'unused',
  reason: 'Target.NotInUse',
  description: 'Target is in an Availability Zone that is not enabled for the load balancer',
}

export const DRAINING: TargetHealth = {
  state: 'draining',
  reason: 'Target.DeregistrationInProgress',
  description: 'Target deregistration is in progress',
}

export const REGISTERING: TargetHealth = {
  state: 'initial',
  reason: 'Elb.RegistrationInProgress',
  description: 'Target registration is in progress',
}

export const HEALTH_CHECK_DISABLED: TargetHealth = {
  state: 'unavailable',
  reason: 'Target.HealthCheckDisabled',
  description: 'Health checks are disabled',
}

export const IP_UNUSABLE: TargetHealth = {
  state: 'unused',
  reason: 'Target.IpUnusable',
  description: 'The IP address cannot be used as a target, as it is in use by a load balancer',
}

/** Status of an instance that does not run; null for one that nobody knows any more. */
export function invalidState(state: 'stopped' | 'terminated' | null): TargetHealth {
  return {
    state: 'unused',
    reason: 'Target.InvalidState',
    description: state === null ? 'Target is in an invalid state' : `Target is in the ${state} state`,
  }
}

/** Whether the health checker is to look at a target: registered, in use, and in an enabled zone. */
export function isProbed(target: Target, use: TargetGroupUse): boolean {
  return target.drainsUntil === null && isInZones(target, use)
}

/**
 * Status of a registration; `found` is the health checker's latest word on it, if it has one. An `obstacle` is why the
 * checker's word does not count: the target cannot be used, or is not checked.
 */
export function targetStatus(
  target: Target,
  use: TargetGroupUse | undefined,
  found: TargetHealth | undefined,
  obstacle?: TargetHealth,
): TargetHealth {
  if (target.drainsUntil !== null) return DRAINING
  if (use === undefined) return GROUP_NOT_IN_USE
  if (!isInZones(target, use)) return ZONE_NOT_ENABLED
  return obstacle ?? found ?? REGISTERING
}

function isInZones({ zone }: Target, { zones }: TargetGroupUse): boolean {
  return zone === ALL_ZONES || zones.includes(zone)
}
