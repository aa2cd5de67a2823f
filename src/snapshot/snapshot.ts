// What crosses from the control process to the workers: immutable, plain data, one unit per load balancer and one
// per target group, each replaced whole. A target group belongs to one load balancer, so the two units of a change
// never contradict each other for longer than one message. Nothing here knows how a unit is stored or used.

import type { CookieKey } from '../model/cookie-key.ts'
import type { HealthyMinimum } from '../model/target-group-health.ts'

/** Everything that a worker needs to serve one load balancer. */
export interface LoadBalancerUnit {
  readonly arn: string
  /** Resource ID as logs show it: `app/NAME/ID`. */
  readonly id: string
  readonly dnsName: string
  readonly accountId: string
  readonly region: string
  readonly traffic: TrafficAttributes
  /** `null` while access logs are off. */
  readonly accessLog: AccessLogTarget | null
  /** One node per enabled zone. */
  readonly nodes: readonly NodeAddress[]
  /** Nodes that take no new connections; those that they have go on (ALB-LB-199). Missing: none. */
  readonly closedNodes?: readonly NodeAddress[]
  readonly listeners: readonly ListenerUnit[]
}

/** Load balancer attributes that act on traffic; names follow the attribute keys. */
export interface TrafficAttributes {
  readonly idleTimeoutMs: number
  readonly clientKeepAliveMs: number
  readonly desyncMitigationMode: 'monitor' | 'defensive' | 'strictest'
  readonly dropInvalidHeaderFields: boolean
  readonly preserveHostHeader: boolean
  readonly xffHeaderProcessingMode: 'append' | 'preserve' | 'remove'
  readonly xffClientPort: boolean
}

/** Where a load balancer's access log goes: a bucket (a folder below the log root) and a key prefix. */
export interface AccessLogTarget {
  readonly bucket: string
  readonly prefix: string
}

/** The address of a load balancer in one of its zones. */
export interface NodeAddress {
  readonly zone: string
  readonly address: string
}

export interface ListenerUnit {
  readonly arn: string
  readonly protocol: 'HTTP'
  /** The port the API names; what `X-Forwarded-Port`, redirects and logs say. */
  readonly port: number
  /** The port the sockets are bound to: `port`, or `port` plus the operator's port offset. */
  readonly bindPort: number
  /** Rules with conditions, by ascending priority. */
  readonly rules: readonly RuleUnit[]
  readonly defaultRule: DefaultRuleUnit
  /** Address blocks of the clients that may connect. Missing: everyone may. */
  readonly admitted?: readonly string[]
  /** What every response gets. Missing: responses go as they came. */
  readonly responseHeaders?: ResponseHeadersUnit
}

export interface ResponseHeadersUnit {
  /** Whether responses keep their Server header. */
  readonly hasServer: boolean
  /** Headers that take the place of a response's own. */
  readonly values: readonly (readonly [name: string, value: string])[]
}

export interface DefaultRuleUnit {
  readonly arn: string
  /** In ascending order; the routing action is the last. */
  readonly actions: readonly ActionUnit[]
}

export interface RuleUnit extends DefaultRuleUnit {
  readonly priority: number
  readonly conditions: readonly ConditionUnit[]
  /** How requests are rewritten on the way to a target. Missing: they go as they came. */
  readonly transforms?: TransformsUnit
}

export interface TransformsUnit {
  readonly host: RewriteUnit | null
  /** Of path and query. */
  readonly url: RewriteUnit | null
}

/** The first match of the expression becomes the replacement, in which `$1` … are its groups. */
export interface RewriteUnit {
  readonly expression: string
  readonly replacement: string
}

export type ConditionUnit =
  | { readonly field: 'host-header'; readonly values: readonly string[] }
  | { readonly field: 'path-pattern'; readonly values: readonly string[] }
  | { readonly field: 'http-header'; readonly headerName: string; readonly values: readonly string[] }
  | { readonly field: 'http-request-method'; readonly values: readonly string[] }
  | {
      readonly field: 'query-string'
      readonly values: readonly { readonly key: string | null; readonly value: string }[]
    }
  | { readonly field: 'source-ip'; readonly values: readonly string[] }
  | { readonly field: 'host-header-regex'; readonly expressions: readonly string[] }
  | { readonly field: 'path-pattern-regex'; readonly expressions: readonly string[] }
  | {
      readonly field: 'http-header-regex'
      readonly headerName: string
      readonly expressions: readonly string[]
    }

export type ActionUnit = ForwardUnit | RedirectUnit | FixedResponseUnit

export interface ForwardUnit {
  readonly type: 'forward'
  readonly targetGroups: readonly { readonly arn: string; readonly weight: number }[]
  /** How long a client stays with the group that was drawn for it. Missing: not at all. */
  readonly groupStickiness?: { readonly durationMs: number }
}

/** Components may hold the placeholders `#{protocol}`, `#{host}`, `#{port}`, `#{path}`, `#{query}`. */
export interface RedirectUnit {
  readonly type: 'redirect'
  readonly statusCode: 301 | 302
  readonly protocol: string
  readonly host: string
  readonly port: string
  readonly path: string
  readonly query: string
}

export interface FixedResponseUnit {
  readonly type: 'fixed-response'
  readonly statusCode: number
  readonly contentType: string | null
  readonly messageBody: string
}

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

/**
 * A change of the snapshot. `full` says that units which are not named are gone; otherwise they stay as they were.
 * Whoever applies it applies all of it in one turn of the event loop.
 */
export interface SnapshotUpdate {
  /** Grows with every update of one control process. */
  readonly version: number
  readonly full: boolean
  readonly loadBalancers: readonly LoadBalancerUnit[]
  readonly targetGroups: readonly TargetGroupUnit[]
  readonly removedLoadBalancers: readonly string[]
  readonly removedTargetGroups: readonly string[]
  /** All keys in force, the oldest first. Missing: they stay as they were. */
  readonly cookieKeys?: readonly CookieKey[]
}

/** Key of a listening socket: one per node address and bound port. */
export function bindingKey(address: string, bindPort: number): string {
  return address.includes(':') ? `[${address}]:${bindPort}` : `${address}:${bindPort}`
}

/** The address of a binding key. */
export function bindingAddress(key: string): string {
  const address = key.slice(0, key.lastIndexOf(':'))
  return address.startsWith('[') ? address.slice(1, -1) : address
}
