// What other AWS services own and load balancers refer to: networks, subnets with their zones, security groups,
// instances. An interface, because an operator may look them up elsewhere; knows nothing of load balancers.
// Where it is elsewhere, methods but `certificate` throw LookupNeeded for what was not looked up yet, and
// DirectoryUnavailable for what cannot be.

import type { ZoneType } from '../model/resources.ts'

export interface Directory {
  /** VPC that subnets and groups belong to when nothing is named; undefined where there is none. */
  defaultVpc(region: string): Promise<Vpc | undefined>
  vpc(region: string, id: string): Promise<Vpc | undefined>
  subnet(region: string, id: string): Promise<Subnet | undefined>
  securityGroup(region: string, id: string): Promise<SecurityGroup | undefined>
  /** Private addresses of instances that have the security group. */
  addressesInGroup(region: string, id: string): Promise<readonly string[]>
  instance(region: string, id: string): Promise<Instance | undefined>
  /** Makes these instances known at once, where they would have to be looked up one by one. Not for transactions. */
  expectInstances(region: string, ids: readonly string[]): Promise<void>
  /** A certificate of ACM or a server certificate of IAM. Not to be asked inside a transaction of the store. */
  certificate(arn: string): Promise<Certificate | undefined>
  /** Names of the zones of the Region. */
  zones(region: string): Promise<readonly string[]>
}

export interface Vpc {
  readonly id: string
  /** False for an ID that nobody declared and that is accepted nevertheless. */
  readonly declared: boolean
  readonly hasInternetGateway: boolean
  readonly defaultSecurityGroup: string
  /** Blocks of the VPC itself. Not all of their addresses need to be in a subnet. */
  readonly cidrs: readonly string[]
  /** Blocks of its subnets, and what its targets may be in beside them. */
  readonly blocks: readonly AddressBlock[]
}

/** Addresses that the targets of a VPC may have without a word about their zone. */
export interface AddressBlock {
  readonly cidr: string
  /** Zone of its addresses; `all` where they belong to no single zone. */
  readonly zone: string
}

export interface Subnet {
  readonly id: string
  readonly vpcId: string
  readonly zone: string
  /** CIDR block that node addresses are taken from; null where the operator has named none for the zone. */
  readonly pool: string | null
  /** Whether the pool has IPv6 addresses too. */
  readonly hasIpv6: boolean
  /** Missing: an Availability Zone. */
  readonly zoneType?: ZoneType
  /** Whether load balancers are refused in it, because its block is small and the operator is strict (ALB-LB-120). */
  readonly isTooSmall: boolean
}

/** Most bits of the block of a subnet in which a load balancer has room to grow. */
export const SUBNET_PREFIX_MAX = 27

export interface SecurityGroup {
  readonly id: string
  readonly vpcId: string
  /** Who may connect; nobody else may. */
  readonly inbound: readonly TrafficRule[]
  /** Where its members may connect to, and nowhere else. */
  readonly outbound: readonly TrafficRule[]
}

/** What a security group lets through in one direction; the others are the sources, or the destinations. */
export interface TrafficRule {
  readonly protocol: 'all' | 'tcp' | 'udp' | 'icmp' | 'icmpv6' | 'other'
  /** 0-65535 for protocols without ports. */
  readonly fromPort: number
  readonly toPort: number
  /** Address blocks of both families. */
  readonly cidrs: readonly string[]
  /** Security groups whose members are the others. */
  readonly groups: readonly string[]
}

export interface Instance {
  readonly id: string
  readonly vpcId: string
  readonly zone: string
  /** Primary private IPv4 address. */
  readonly address: string
  /** Primary IPv6 address. Missing: it has none. */
  readonly ipv6Address?: string
  readonly state: 'pending' | 'running' | 'stopped' | 'terminated'
}

export interface Certificate {
  readonly arn: string
  /** Only an issued certificate can be used by a listener. */
  readonly status: 'PENDING_VALIDATION' | 'ISSUED' | 'EXPIRED' | 'REVOKED' | 'FAILED'
  readonly domainName: string
  readonly subjectAlternativeNames: readonly string[]
  /** As ACM names it: `RSA_2048`, `EC_prime256v1` … */
  readonly keyAlgorithm: string
  /** Milliseconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
}
