// How the operator wants the program to run: command line and configuration file put together, checked, defaults
// filled in. Plain data, so that it can be sent to the other processes as it is.

import type { AccessKey } from './access-keys.ts'
import type { Quotas } from './quotas.ts'
import type { ZoneType } from './resources.ts'

/** Everything that can be set. Folders are absolute. */
export interface ProgramSettings {
  readonly dataFolder: string
  /** Where the API listens; port 0 lets the system choose one. */
  readonly api: { readonly host: string; readonly port: number }
  readonly accountId: string
  readonly region: string
  /** Suffix of DNS names after the Region. */
  readonly dnsSuffix: string
  readonly zones: readonly ZoneSettings[]
  readonly instances: readonly InstanceSettings[]
  /** What the VPC has beside the zones' pools. */
  readonly vpcBlocks: readonly BlockSettings[]
  /** Whether VPC IDs that nobody declared are refused, and load balancers in small subnets. */
  readonly strictVpcs: boolean
  readonly directory: DirectorySettings
  /** By access key ID. Null: signatures are not checked. */
  readonly accessKeys: Readonly<Record<string, AccessKey>> | null
  readonly valuesPerConditionMax: number
  readonly quotas: Quotas
  /** How long certificates that are requested wait for their validation. */
  readonly certificateValidationMs: number
  /** Where the DNS server is and what it answers beside load balancers' names. Null: there is none. */
  readonly dns: DnsSettings | null
  /** URL that is told of targets whose health changes. Null: none. */
  readonly targetHealthHook: string | null
  /** Folder whose subfolders stand for S3 buckets. */
  readonly logRoot: string
  /** Age at which delivered log files are deleted. Null: never. */
  readonly logRetentionMs: number | null
  /** Names of this machine under which clients reach the API; `*.` in front stands for any labels. */
  readonly allowedHosts: readonly string[]
  /** Whether `/metrics` answers other machines too. */
  readonly openMetrics: boolean
  /** Bucket that the audit log is delivered to. Null: calls are not recorded. */
  readonly auditBucket: string | null
  readonly workers: number
  /** Added to the port of every listener to get the port that is bound; `auto`: only where low ports are out of reach. */
  readonly portOffset: number | 'auto'
  /** One address for all load balancers, where the operator wants that; null for an address each. */
  readonly sharedAddress: string | null
  /** Whether targets see the addresses of nodes, as they do in AWS, where these lead to them. */
  readonly connectsFromNodes: boolean
  readonly drainTimeoutMs: number
  /** How many times faster than real time every duration runs. */
  readonly timeScale: number
  readonly logLevel: LogLevel
  readonly demo: boolean
  /** Whether stored secrets that the key file does not open are dropped at the start. */
  readonly forgetSecrets: boolean
}

export interface DnsSettings {
  readonly host: string
  readonly port: number
  /** Whether any other port will do where this one is taken. */
  readonly orAnyPort: boolean
  /** By name in lower case; `*.` in front stands for any labels. */
  readonly aliases: Readonly<Record<string, DnsAlias>>
}

/** A name of the operator's. */
export interface DnsAlias {
  readonly primary: DnsTarget
  /** What is answered instead of a primary that is not there or not healthy; null: nothing. */
  readonly secondary: DnsTarget | null
  /** Whether the health of target groups counts (ALB-TG-288). */
  readonly evaluatesHealth: boolean
}

/** `name`: that of a load balancer in the settings' Region, or the DNS name of any. */
export type DnsTarget =
  | { readonly type: 'load-balancer'; readonly name: string }
  | { readonly type: 'addresses'; readonly addresses: readonly string[] }

/** Services of AWS that are asked elsewhere in place of what is built in. */
export interface DirectorySettings {
  /** URLs, in which `{region}` stands for the Region that is asked about. Null: built in. */
  readonly ec2: string | null
  readonly acm: string | null
  readonly iam: string | null
  /** For all three. Null: what the SDK finds by itself, in the environment, a profile or the role of the machine. */
  readonly credentials: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string
  } | null
  /** Time between two looks at what is in use there. */
  readonly refreshMs: number
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

/** A zone with the one subnet in it. */
export interface ZoneSettings {
  /** The zone's name is the Region's with this letter. */
  readonly letter: string
  /** Empty where EC2 is elsewhere. */
  readonly subnet: string
  /** Missing: an Availability Zone. */
  readonly type?: ZoneType
  /** CIDR block that node addresses are taken from. */
  readonly pool: string
  /** IPv6 block for dualstack load balancers, at least as large. Missing: see `nodeAddresses`. */
  readonly ipv6Pool?: string | undefined
}

/** A part of the VPC's addresses that targets may have. */
export interface BlockSettings {
  readonly cidr: string
  /** Letter of the zone of its targets, or `all` where they are to name it. */
  readonly zone: string
}

/** Subnets that a load balancer can be made in: of two Availability Zones, or of one zone of another type. */
export function firstSubnets(zones: readonly ZoneSettings[]): readonly string[] {
  const isOther = ({ type = 'availability-zone' }: ZoneSettings): boolean => type !== 'availability-zone'
  const availabilityZones = zones.filter((zone) => !isOther(zone)).slice(0, 2)
  const other = zones.find(isOther)
  const chosen = availabilityZones.length < 2 && other !== undefined ? [other] : availabilityZones
  return chosen.map(({ subnet }) => subnet)
}

export interface InstanceSettings {
  readonly id: string
  /** Primary private IPv4 address. */
  readonly address: string
  /** Primary IPv6 address. Missing: it has none. */
  readonly ipv6Address?: string | undefined
  /** Letter of its zone. */
  readonly zone: string
}

/** What the control process is told: the settings, and what the supervisor found out about this machine. */
export interface ControlSettings extends ProgramSettings {
  /** In force; 0 where low ports may be bound. */
  readonly bindOffset: number
  /** The one address of all nodes: asked for, or because the pools' addresses cannot be bound. */
  readonly sharedAddress: string | null
  readonly spoolFolder: string
  /** How many files each process may have open; null: as many as it likes. */
  readonly openFilesMax: number | null
  /** Where the audit log waits for its delivery. */
  readonly auditFolder: string
  /** Addresses of the demo's targets; empty without `--demo`. */
  readonly demoTargets: readonly { readonly address: string; readonly port: number }[]
}
