// The resources of a load balancer as AWS names them, in the form in which they are kept: defaults filled in, checked,
// plain data. Shapes that only travel through (actions, conditions) are those of AWS's own SDK. No I/O.

import type { Action, RuleCondition, RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2'

export type { Action, RuleCondition, RuleTransform }

/** Types, states and schemes of the API that this program offers. */
export type Scheme = 'internet-facing' | 'internal'
export type IpAddressType = 'ipv4' | 'dualstack' | 'dualstack-without-public-ipv4'
/** ALB-LB-117. */
export type ZoneType = 'availability-zone' | 'local-zone' | 'outpost'
/** ALB-LB-143. */
export type LoadBalancerStateCode = 'provisioning' | 'active' | 'active_impaired' | 'failed'

/** Where a resource lives; names are unique inside one scope. */
export interface Scope {
  readonly accountId: string
  readonly region: string
}

/** `application` ones are ELBv2's, `classic` ones of the API before it. */
export const LOAD_BALANCER_KINDS = ['application', 'classic'] as const
export type LoadBalancerKind = (typeof LOAD_BALANCER_KINDS)[number]

export interface LoadBalancer extends Scope {
  readonly kind: LoadBalancerKind
  readonly arn: string
  readonly name: string
  readonly scheme: Scheme
  readonly vpcId: string
  readonly ipAddressType: IpAddressType
  readonly dnsName: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** `reason` is null while the state needs no explanation. */
  readonly state: { readonly code: LoadBalancerStateCode; readonly reason: string | null }
  readonly securityGroups: readonly string[]
  /** By zone name, ascending. */
  readonly zones: readonly LoadBalancerZone[]
}

/** What was last asked for as the least capacity of a load balancer. */
export interface CapacityReservation {
  /** Load Balancer Capacity Units; null after a reset. */
  readonly units: number | null
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
  /** How often it was made smaller on the day (UTC) of its last modification. */
  readonly decreases: number
}

/** One enabled zone with the address of the load balancer's node in it. */
export interface LoadBalancerZone {
  readonly zone: string
  readonly subnetId: string
  readonly address: string
}

export interface Listener {
  readonly arn: string
  readonly loadBalancerArn: string
  readonly protocol: ListenerProtocol
  readonly port: number
  /** Null for HTTP. */
  readonly tls: ListenerTls | null
}

export type ListenerProtocol = 'HTTP' | 'HTTPS'

/** What an HTTPS listener has beside an HTTP one; the certificate list for SNI is kept apart. */
export interface ListenerTls {
  /** Name of a predefined security policy. */
  readonly sslPolicy: string
  /** ARN of the default certificate. */
  readonly certificateArn: string
  readonly mutualAuthentication: MutualAuthentication
}

/** What is asked of the client's certificate (ALB-SEC-001 … 015). */
export type MutualAuthentication =
  | { readonly mode: 'off' | 'passthrough' }
  | {
      readonly mode: 'verify'
      readonly trustStoreArn: string
      readonly ignoreClientCertificateExpiry: boolean
      readonly advertiseTrustStoreCaNames: boolean
    }

export interface Rule {
  readonly arn: string
  readonly listenerArn: string
  readonly loadBalancerArn: string
  /** 1-50000, or null for the default rule of the listener. */
  readonly priority: number | null
  readonly conditions: readonly RuleCondition[]
  /**
   * In ascending order; the routing action is the last. A `ClientSecret` is only in what is to be stored, never in
   * what was read: the store keeps it sealed and gives it to who asks for it by name.
   */
  readonly actions: readonly Action[]
  /** At most one of each type; none for the default rule. */
  readonly transforms: readonly RuleTransform[]
}

export type TargetGroup = AddressTargetGroup | FunctionTargetGroup

interface AnyTargetGroup extends Scope {
  readonly arn: string
  readonly name: string
  readonly ipAddressType: 'ipv4' | 'ipv6'
  readonly healthCheck: HealthCheckSettings
  readonly createdAt: number
}

/** A group of targets that are reached over the network. */
export interface AddressTargetGroup extends AnyTargetGroup {
  readonly targetType: 'instance' | 'ip'
  readonly protocol: 'HTTP' | 'HTTPS'
  readonly protocolVersion: 'HTTP1' | 'HTTP2' | 'GRPC'
  readonly port: number
  readonly vpcId: string
}

/** A group of one Lambda function at most, which has no protocol, port or network (ALB-TG-033, 385). */
export interface FunctionTargetGroup extends AnyTargetGroup {
  readonly targetType: 'lambda'
}

/** A function has no use for `protocol` and `port`. */
export interface HealthCheckSettings {
  /** False only for functions (ALB-TG OQ-22). */
  readonly enabled: boolean
  readonly protocol: 'HTTP' | 'HTTPS'
  /** `traffic-port` or a number in decimal. */
  readonly port: string
  readonly path: string
  readonly intervalSeconds: number
  readonly timeoutSeconds: number
  readonly healthyThreshold: number
  readonly unhealthyThreshold: number
  /** HTTP codes, or gRPC codes for a GRPC group: `200`, `200,202`, `200-299`. */
  readonly matcher: string
}

/** A registration of a target with a target group. */
export interface Target {
  readonly targetGroupArn: string
  /** Instance ID, IP address or function ARN as registered. */
  readonly id: string
  /** 0 for a function. */
  readonly port: number
  /** Empty for a function. */
  readonly address: string
  /** Zone name, or `all` for a target that every zone may use. */
  readonly zone: string
  /** While it drains: date in milliseconds since 1970 at which its deregistration delay ends; else null. */
  readonly drainsUntil: number | null
}

/** Where a target group is in use: the one load balancer whose rules name it, and the zones enabled there. */
export interface TargetGroupUse {
  readonly loadBalancerArn: string
  readonly zones: readonly string[]
}

/** Zone of a target that belongs to no single zone. */
export const ALL_ZONES = 'all'
