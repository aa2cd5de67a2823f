// Target health as DescribeTargetHealth shows it, and what a health checker has to know about a target group.

/** `State` of DescribeTargetHealth (ALB-TG-216 … 221). */
export type TargetHealthState = 'initial' | 'healthy' | 'unhealthy' | 'unused' | 'draining' | 'unavailable'

/** Reason and description are absent exactly when the target is healthy (ALB-TG-217, 223). */
export interface TargetHealth {
  readonly state: TargetHealthState
  readonly reason?: string
  readonly description?: string
}

/** The health checker's findings, as far as it has any. */
export interface TargetHealthReader {
  /** `key` is the `targetKey` of the registration. */
  healthOf(targetGroupArn: string, key: string): TargetHealth | undefined
}

/** What the health checker does for one target group. Holds only targets that are to be probed now. */
export interface HealthCheckPlan {
  readonly targetGroup: string
  readonly protocol: 'HTTP' | 'HTTPS'
  /** Of the target group, whatever the protocol of its checks is. */
  readonly protocolVersion: 'HTTP1' | 'HTTP2' | 'GRPC'
  /** Security policy of checks with protocol HTTPS; missing with HTTP. */
  readonly securityPolicy?: string
  readonly path: string
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly healthyThreshold: number
  readonly unhealthyThreshold: number
  /** Codes of HTTP, or of gRPC: `200`, `200,202`, `0-99`. */
  readonly matcher: string
  readonly targets: readonly ProbedTarget[]
}

export interface ProbedTarget {
  /** `targetKey` of its registration. */
  readonly key: string
  readonly address: string
  /** Port to probe, `traffic-port` already resolved. */
  readonly port: number
  /** Address that checks are made from. Missing: whatever the system takes. */
  readonly source?: string
  /** The load balancer's security groups let no connection through: it gets no answer. */
  readonly isBlocked?: true
}
