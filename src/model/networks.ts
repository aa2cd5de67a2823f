// What users of EC2 make around their load balancers: security groups with their rules, and instances. Plain data.

/** `account` is left out: one program has one account. */
export type NetworkItem = SecurityGroupItem | InstanceItem

export interface SecurityGroupItem {
  readonly kind: 'security-group'
  readonly region: string
  readonly id: string
  readonly vpcId: string
  readonly name: string
  readonly description: string
  readonly rules: readonly SecurityGroupRule[]
}

export interface SecurityGroupRule {
  readonly id: string
  readonly isEgress: boolean
  /** `tcp`, `udp`, `icmp`, `icmpv6`, `-1` for all, or the number of a protocol. */
  readonly protocol: string
  /** Ports, or type and code of ICMP; -1 where there is none. */
  readonly fromPort: number
  readonly toPort: number
  readonly peer: RulePeer
  readonly description: string | null
}

export type RulePeer =
  | { readonly type: 'ipv4' | 'ipv6'; readonly cidr: string }
  | { readonly type: 'group'; readonly groupId: string }

/** An entry of the instance registry: an address that targets can be named by. Nothing is started or stopped. */
export interface InstanceItem {
  readonly kind: 'instance'
  readonly region: string
  readonly id: string
  readonly subnetId: string
  /** Zone letter. */
  readonly zone: string
  readonly address: string
  /** Primary IPv6 address. Missing: it has none. */
  readonly ipv6Address?: string
  readonly state: 'running' | 'stopped' | 'terminated'
  readonly securityGroups: readonly string[]
  readonly imageId: string
  readonly instanceType: string
  /** Milliseconds since 1970. */
  readonly launchedAt: number
}

/** Address blocks that stand for everyone. */
export const EVERY_IPV4 = '0.0.0.0/0'
export const EVERY_IPV6 = '::/0'
