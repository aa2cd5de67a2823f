// What users of EC2 make around their load balancers: VPCs with what belongs to them, security groups with their rules,
// and instances. Plain data.

/** `account` is left out: one program has one account. */
export type NetworkItem =
  | VpcItem
  | SubnetItem
  | InternetGatewayItem
  | NatGatewayItem
  | ElasticAddressItem
  | RouteTableItem
  | NetworkAclItem
  | SecurityGroupItem
  | InstanceItem

export type NetworkKind = NetworkItem['kind']
export type ItemOf<Kind extends NetworkKind> = Extract<NetworkItem, { readonly kind: Kind }>

export interface VpcItem {
  readonly kind: 'vpc'
  readonly region: string
  readonly id: string
  /** IPv4 block. */
  readonly cidr: string
  /** IPv6 block of 56 bits; null where it has none. */
  readonly ipv6Cidr: string | null
  readonly isDefault: boolean
  readonly tenancy: 'default' | 'dedicated'
  readonly hasDnsSupport: boolean
  readonly hasDnsHostnames: boolean
  readonly hasUsageMetrics: boolean
}

export interface SubnetItem {
  readonly kind: 'subnet'
  readonly region: string
  readonly id: string
  readonly vpcId: string
  /** Zone letter. */
  readonly zone: string
  readonly cidr: string
  /** IPv6 block of 64 bits; null where it has none. */
  readonly ipv6Cidr: string | null
  readonly isDefault: boolean
  readonly mapsPublicIp: boolean
  readonly assignsIpv6: boolean
  readonly hasDns64: boolean
  /** What hosts are called: `ip-name` or `resource-name`. */
  readonly hostnameType: string
  readonly hasNameRecordA: boolean
  readonly hasNameRecordAaaa: boolean
}

export interface InternetGatewayItem {
  readonly kind: 'internet-gateway'
  readonly region: string
  readonly id: string
  /** Null: attached to none. */
  readonly vpcId: string | null
}

export interface NatGatewayItem {
  readonly kind: 'nat-gateway'
  readonly region: string
  readonly id: string
  readonly vpcId: string
  readonly subnetId: string
  /** ID of its elastic address; null for a private gateway. */
  readonly allocationId: string | null
  readonly privateIp: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

export interface ElasticAddressItem {
  readonly kind: 'elastic-address'
  readonly region: string
  /** Of the allocation. */
  readonly id: string
  readonly publicIp: string
}

export interface RouteTableItem {
  readonly kind: 'route-table'
  readonly region: string
  readonly id: string
  readonly vpcId: string
  /** Beside the local ones. */
  readonly routes: readonly RouteItem[]
  /** `subnetId` is null for the VPC's own association, which makes the table its main one. */
  readonly associations: readonly { readonly id: string; readonly subnetId: string | null }[]
}

export interface RouteItem {
  /** Block of either family. */
  readonly destination: string
  /** ID of an internet gateway or a NAT gateway; nothing else is there to lead to. */
  readonly gatewayId: string
}

/** The one network ACL of a VPC. Its entries are kept and told; nothing is filtered by them. */
export interface NetworkAclItem {
  readonly kind: 'network-acl'
  readonly region: string
  readonly id: string
  readonly vpcId: string
  readonly entries: readonly NetworkAclEntry[]
}

export interface NetworkAclEntry {
  readonly isEgress: boolean
  readonly ruleNumber: number
  /** Number of a protocol, -1 for all. */
  readonly protocol: string
  readonly action: 'allow' | 'deny'
  readonly cidr: string
  readonly ports: { readonly from: number; readonly to: number } | null
  readonly icmp: { readonly type: number; readonly code: number } | null
}

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
  /** Missing: it was not terminated, or by a version that did not take it down. */
  readonly terminatedAt?: number
  /** Missing for those of the configuration: all as EC2 has it by default. */
  readonly options?: InstanceOptions
}

/** What an instance was asked to be like. It is kept and told; nothing comes of it. */
export interface InstanceOptions {
  /** By which a call that is repeated finds what it made. Empty: the call had none. */
  readonly clientToken: string
  readonly keyName: string | null
  /** ARN of an instance profile. */
  readonly profileArn: string | null
  /** Base64. */
  readonly userData: string | null
  readonly hasPublicAddress: boolean
  readonly isTerminationProtected: boolean
  readonly isStopProtected: boolean
  readonly shutdownBehavior: string
  readonly isEbsOptimized: boolean
  readonly isMonitored: boolean
  readonly checksSource: boolean
  readonly tenancy: string
  readonly cpuCredits: string
  readonly autoRecovery: string
  readonly metadata: {
    readonly tokens: string
    readonly endpoint: string
    readonly hopLimit: number
    readonly ipv6: string
    readonly tags: string
  }
  readonly volumes: readonly InstanceVolume[]
}

export interface InstanceVolume {
  readonly id: string
  readonly device: string
  readonly sizeGib: number
  readonly type: string
  /** Null where the type has none to be set. */
  readonly iops: number | null
  /** MiB per second, likewise. */
  readonly throughput: number | null
  readonly isEncrypted: boolean
  readonly snapshotId: string | null
  readonly endsWithInstance: boolean
}

/** Address blocks that stand for everyone. */
export const EVERY_IPV4 = '0.0.0.0/0'
export const EVERY_IPV6 = '::/0'
