// What workers need of a target group and its targets: immutable, plain data.

import type { HealthyMinimum } from '../model/target-group-health.ts'

/** A target group with its targets in registration order. */
export interface TargetGroupUnit {
  readonly arn: string
  readonly name: string
  readonly protocol: 'HTTP' | 'HTTPS'
  readonly protocolVersion: 'HTTP1' | 'HTTP2' | 'GRPC'
  /** Missing: `round_robin`. */
  readonly algorithm?: RoutingAlgorithm
  readonly targets: readonly TargetUnit[]
  /** The registered function of a group for one, which has no other targets; `null`: none yet. Missing: not such a group. */
  readonly functionArn?: string | null
  /** `false`: a node uses the targets of its own zone only. Missing: those of all zones. */
  readonly isCrossZone?: false
  /** With fewer healthy targets, requests go to unhealthy ones too. Missing: with none. */
  readonly routingMinimum?: HealthyMinimum
  /** Missing while sticky sessions are off. */
  readonly stickiness?: StickinessUnit
}

/** Values of `load_balancing.algorithm.type` (ALB-TG-076). */
export type RoutingAlgorithm = 'round_robin' | 'least_outstanding_requests' | 'weighted_random'

/** Sticky sessions of a target group; names follow `stickiness.type`. */
export type StickinessUnit =
  | { readonly type: 'lb_cookie'; readonly durationMs: number }
  | { readonly type: 'app_cookie'; readonly durationMs: number; readonly cookieName: string }

export interface TargetUnit {
  /** The ID it was registered with. */
  readonly id: string
  readonly address: string
  readonly port: number
  readonly zone: string
  readonly state: TargetState
  /** Traffic is shifted away from its zone: it counts as unhealthy. */
  readonly isShiftedAway?: true
  /** The load balancer's security groups let no connection through to it (ALB-LB-067). */
  readonly isBlocked?: true
  /** Its share with `weighted_random`, from above 0 to 1, which is a full one. Missing: 1. */
  readonly weight?: number
  /** Missing: the target is not in slow start. */
  readonly slowStart?: SlowStartUnit
}

/** A target's way to its full share, which it has when the duration has passed (ALB-TG-147). */
export interface SlowStartUnit {
  /** When it became healthy: milliseconds since 1970. */
  readonly startedDate: number
  readonly durationMs: number
}

/**
 * What routing may do with a target. `draining` takes no new requests and leaves the unit when its deregistration
 * delay ends; whatever still runs there is then cut. `unused` never gets a request, not even when nothing is healthy.
 */
export type TargetState = 'initial' | 'healthy' | 'unhealthy' | 'draining' | 'unused'
