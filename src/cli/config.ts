// The configuration file: its shape, and how it is put together with the command line and the defaults.

import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { isIP, isIPv4, isIPv6 } from 'node:net'
import { z } from 'zod'
import { isBucketName } from '../delivery/names.ts'
import { DEFAULT_DIRECTORY_SETTINGS } from '../directory/built-in.ts'
import { readIdentity, ROOT } from '../model/access-keys.ts'
import { addressPool, ipv6Block } from '../model/cidr.ts'
import { ipv4ToNumber, isLoopbackHost, numberToIpv4, parseCidr } from '../model/ip.ts'
import { DEFAULT_QUOTAS, type Quotas } from '../model/quotas.ts'
import type { DnsSettings, ProgramSettings } from '../model/settings.ts'
import { StartError } from '../model/start-error.ts'
import { directory } from './directory-config.ts'
import type { Options } from './options.ts'

const DAY_MS = 86_400_000
const DRAIN_TIMEOUT_SECONDS = 30
const DNS_PORT = 5300
const DNS_SUFFIX = 'elb.amazonaws.com'

const letter = z.string().regex(/^[a-z]$/, 'one lower-case letter')

const zone = z.strictObject({
  letter,
  subnet: z
    .string()
    .regex(/^subnet-[0-9A-Za-z]+$/, 'an ID such as subnet-0e3f5cac72EXAMPLE')
    .optional(),
  pool: z.string().refine((text) => addressPool(text) !== undefined, 'an IPv4 block such as 127.1.0.0/16'),
  ipv6Pool: z
    .string()
    .refine((text) => ipv6Block(text) !== undefined, 'an IPv6 block such as fd00:1::/64')
    .optional(),
  type: z.enum(['availability-zone', 'local-zone', 'outpost']).default('availability-zone'),
})

const block = z.strictObject({
  cidr: z.string().refine((text) => parseCidr(text) !== null, 'an address block such as 10.0.0.0/16'),
  zone: z.union([letter, z.literal('all')], 'the letter of a zone, or all'),
})

const instance = z.strictObject({
  id: z.string().regex(/^i-[0-9A-Za-z]+$/, 'an ID such as i-0abcdef1234567890'),
  address: z.string().refine((text) => isIPv4(text), 'an IPv4 address'),
  ipv6Address: z
    .string()
    .refine((text) => isIPv6(text), 'an IPv6 address')
    .optional(),
  zone: letter,
})

const quota = (initial: number): z.ZodDefault<z.ZodInt> => z.int().min(1).max(1_000_000).default(initial)

const quotas = z.strictObject({
  valuesPerCondition: z.int().min(1).max(5).default(5),
  loadBalancers: quota(DEFAULT_QUOTAS.loadBalancers),
  listenersPerLoadBalancer: quota(DEFAULT_QUOTAS.listenersPerLoadBalancer),
  rulesPerLoadBalancer: quota(DEFAULT_QUOTAS.rulesPerLoadBalancer),
  certificatesPerLoadBalancer: quota(DEFAULT_QUOTAS.certificatesPerLoadBalancer),
  targetGroups: quota(DEFAULT_QUOTAS.targetGroups),
  targetsPerTargetGroup: quota(DEFAULT_QUOTAS.targetsPerTargetGroup),
  targetsPerLoadBalancer: quota(DEFAULT_QUOTAS.targetsPerLoadBalancer),
  capacityUnitsPerLoadBalancer: quota(DEFAULT_QUOTAS.capacityUnitsPerLoadBalancer),
  trustStores: quota(DEFAULT_QUOTAS.trustStores),
  caCertificatesPerTrustStore: quota(DEFAULT_QUOTAS.caCertificatesPerTrustStore),
  revocationListsPerTrustStore: quota(DEFAULT_QUOTAS.revocationListsPerTrustStore),
  revocationEntriesPerTrustStore: quota(DEFAULT_QUOTAS.revocationEntriesPerTrustStore),
  certificates: quota(DEFAULT_QUOTAS.certificates),
  domainNamesPerCertificate: quota(DEFAULT_QUOTAS.domainNamesPerCertificate),
  serverCertificates: quota(DEFAULT_QUOTAS.serverCertificates),
} satisfies Record<keyof Quotas | 'valuesPerCondition', z.ZodType>)

const secret = z.string().min(1)

const accessKey = z.union(
  [
    secret.transform((text) => ({ secret: text, sessionToken: null, identity: ROOT })),
    z
      .strictObject({
        secret,
        sessionToken: z.string().min(1).optional(),
        identity: z
          .string()
          .refine(
            (text) => readIdentity(text) !== undefined,
            'root, user/NAME, assumed-role/ROLE/SESSION or federated-user/NAME',
          )
          .default('root'),
      })
      .transform(({ sessionToken, identity, ...key }) => ({
        ...key,
        sessionToken: sessionToken ?? null,
        identity: readIdentity(identity) ?? ROOT,
      })),
  ],
  'a secret, or an object with secret, and if wanted identity and sessionToken',
)

const audit = z.strictObject({
  enabled: z.boolean().default(true),
  bucket: z.string().refine(isBucketName, 'a bucket name such as my-audit-log').optional(),
})

const dnsTarget = z.union(
  [
    z
      .string()
      .regex(/^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/)
      .transform((name) => ({ type: 'load-balancer' as const, name })),
    z
      .array(z.string().refine((text) => isIP(text) !== 0))
      .min(1)
      .max(50)
      .transform((addresses) => ({ type: 'addresses' as const, addresses })),
  ],
  'the name of a load balancer, or a list of IP addresses',
)

const dnsAlias = z.union(
  [
    dnsTarget.transform((primary) => ({ primary, secondary: null, evaluatesHealth: false })),
    z
      .strictObject({
        primary: dnsTarget,
        secondary: dnsTarget.optional(),
        evaluateTargetHealth: z.boolean().default(true),
      })
      .transform(({ primary, secondary = null, evaluateTargetHealth }) => {
        return { primary, secondary, evaluatesHealth: evaluateTargetHealth }
      }),
  ],
  'the name of a load balancer, a list of IP addresses, or an object with primary, secondary and evaluateTargetHealth',
)

const dnsName = z
  .string()
  .toLowerCase()
  .max(253)
  .regex(/^(\*\.)?([a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}$/, 'a DNS name, or *. and a DNS name')

const dns = z.strictObject({
  host: z
    .string()
    .refine((text) => isIP(text) !== 0, 'an IP address')
    .optional(),
  port: z.int().min(0).max(65_535).optional(),
  names: z.record(dnsName, dnsAlias).optional(),
})

const file = z.strictObject({
  accountId: z
    .string()
    .regex(/^\d{12}$/, 'twelve digits')
    .optional(),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a Region such as us-east-2')
    .optional(),
  dnsSuffix: z
    .string()
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'a DNS name')
    .optional(),
  zones: z.array(zone).min(1).max(26).optional(),
  instances: z.array(instance).optional(),
  vpcBlocks: z.array(block).optional(),
  strictVpcs: z.boolean().optional(),
  directory: directory.prefault({}),
  accessKeys: z.record(z.string().regex(/^\w{1,128}$/, 'an ID of letters and digits'), accessKey).optional(),
  audit: audit.prefault({}),
  allowedHosts: z.array(dnsName).max(1000).optional(),
  openMetrics: z.boolean().optional(),
  quotas: quotas.prefault({}),
  certificateValidationSeconds: z.number().min(0).max(259_200).optional(),
  targetHealthHook: z
    .string()
    .refine(
      (text) => /^https?:\/\/[^/]/.test(text) && URL.canParse(text),
      'a URL such as http://127.0.0.1:7000/health',
    )
    .optional(),
  logRoot: z.string().min(1).optional(),
  logRetentionDays: z.number().positive().optional(),
  workers: z.int().min(1).max(256).optional(),
  portOffset: z.union([z.literal('auto'), z.int().min(0).max(64_000)]).optional(),
  sharedAddress: z
    .string()
    .refine((text) => isIP(text) !== 0, 'an IP address')
    .optional(),
  connectFromNodes: z.boolean().optional(),
  drainTimeoutSeconds: z.number().min(0).max(3600).optional(),
  timeScale: z.number().min(1).max(10_000).optional(),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).optional(),
  dns: z.union([z.literal(false), dns], 'false, or an object with host, port and names').optional(),
  api: z.strictObject({ host: z.string().min(1), port: z.int().min(0).max(65_535) }).optional(),
})

export type ConfigFile = z.infer<typeof file>

/** All settings: the command line before the file before the defaults. Throws a StartError. */
export function settingsOf(options: Options): ProgramSettings {
  const config = options.config === undefined ? file.parse({}) : readConfig(options.config)
  const dataFolder = resolve(options.data ?? 'data')
  const retention = config.logRetentionDays
  const { valuesPerCondition, ...accountQuotas } = config.quotas
  const defaults = DEFAULT_DIRECTORY_SETTINGS
  const accountId = config.accountId ?? '123456789012'
  const api = options.api ?? config.api ?? { host: '127.0.0.1', port: 9999 }
  if (config.accessKeys === undefined && !isLoopbackHost(api.host)) {
    throw new StartError(
      `Cannot offer the API at ${api.host}:${api.port}: without access keys everyone who reaches it could change everything; set accessKeys in ${options.config ?? 'a file named with --config'}, or listen at 127.0.0.1 with --api`,
    )
  }
  return {
    dataFolder,
    api,
    accountId,
    region: config.region ?? 'us-east-2',
    dnsSuffix: config.dnsSuffix ?? DNS_SUFFIX,
    zones:
      config.zones?.map((entry) => ({ ...entry, subnet: entry.subnet ?? '' })) ??
      defaults.subnets.map(({ id, zone: zoneLetter }) => ({
        letter: zoneLetter,
        subnet: id,
        pool: defaults.zonePools[zoneLetter] ?? '',
      })),
    instances: config.instances ?? defaults.instances,
    vpcBlocks: config.vpcBlocks ?? defaults.blocks,
    strictVpcs: config.strictVpcs ?? defaults.strictVpcs,
    directory: config.directory,
    accessKeys: config.accessKeys ?? null,
    allowedHosts: config.allowedHosts ?? [],
    openMetrics: config.openMetrics ?? false,
    auditBucket: config.audit.enabled ? (config.audit.bucket ?? `aws-cloudtrail-logs-${accountId}`) : null,
    valuesPerConditionMax: valuesPerCondition,
    quotas: accountQuotas,
    certificateValidationMs: (config.certificateValidationSeconds ?? 0) * 1000,
    dns: dnsSettings(options, config),
    targetHealthHook: config.targetHealthHook ?? null,
    logRoot: config.logRoot === undefined ? join(dataFolder, 'logs') : resolve(config.logRoot),
    logRetentionMs: retention === undefined ? null : retention * DAY_MS,
    workers: options.workers ?? config.workers ?? availableParallelism(),
    portOffset: options.portOffset ?? config.portOffset ?? 'auto',
    sharedAddress: options.sharedAddress ?? config.sharedAddress ?? null,
    connectsFromNodes: config.connectFromNodes ?? false,
    drainTimeoutMs: (config.drainTimeoutSeconds ?? DRAIN_TIMEOUT_SECONDS) * 1000,
    timeScale: options.timeScale ?? config.timeScale ?? 1,
    logLevel: options.logLevel ?? config.logLevel ?? 'warn',
    demo: options.demo ?? false,
    forgetSecrets: options.forgetSecrets ?? false,
  }
}

/** Where nobody asked for a place, any port is better than none. */
function dnsSettings(options: Options, config: ConfigFile): DnsSettings | null {
  if (options.dns === 'off' || (options.dns === undefined && config.dns === false)) return null
  const inFile = config.dns === false ? undefined : config.dns
  return {
    host: options.dns?.host ?? inFile?.host ?? '127.0.0.1',
    port: options.dns?.port ?? inFile?.port ?? DNS_PORT,
    orAnyPort: options.dns === undefined && inFile?.port === undefined,
    aliases: inFile?.names ?? {},
  }
}

/** Reads and checks the file; all problems are reported together. */
export function readConfig(path: string): ConfigFile {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new StartError(
      `Cannot read the configuration ${path}: ${messageOf(cause)}; name a file with --config`,
      {
        cause,
      },
    )
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new StartError(
      `Cannot use the configuration ${path}: it is not JSON (${messageOf(cause)}); mend it`,
      {
        cause,
      },
    )
  }
  const result = file.safeParse(json)
  const problems = result.success ? conflicts(result.data) : result.error.issues.map(wording)
  if (!result.success || problems.length > 0) {
    throw new StartError(`Cannot use the configuration ${path}: ${problems.join('; ')}; mend the file`)
  }
  return result.data
}

/** What no single value tells: letters, subnets and instances named twice, pools that overlap, unknown zones. */
function conflicts(config: ConfigFile): string[] {
  const problems: string[] = []
  const suffix = config.dnsSuffix ?? DNS_SUFFIX
  for (const name of Object.keys(config.dns === false ? {} : (config.dns?.names ?? {}))) {
    if (`.${name}`.endsWith(`.${suffix}`)) {
      problems.push(`dns.names: ${name} is below ${suffix}, where the names of load balancers are`)
    }
  }
  if (Object.keys(config.accessKeys ?? { any: '' }).length === 0) {
    problems.push('accessKeys: there is none, so nobody could call the API')
  }
  const zones = config.zones ?? []
  const ranges: { first: number; last: number; pool: string }[] = []
  const seen = new Set<string>()
  for (const [index, entry] of zones.entries()) {
    if (entry.subnet === undefined && config.directory.ec2 === null) {
      problems.push(`zones[${index}].subnet: it is missing, and there is no directory.ec2 that knows subnets`)
    }
    const names = [`letter ${entry.letter}`]
    if (entry.subnet !== undefined) names.push(`subnet ${entry.subnet}`)
    for (const name of names) {
      if (seen.has(name)) problems.push(`zones[${index}]: ${name} is there twice`)
      seen.add(name)
    }
    const pool = addressPool(entry.pool)
    if (pool === undefined) continue
    const range = { first: pool.first - 1, last: pool.first + pool.size, pool: entry.pool }
    const other = ranges.find(({ first, last }) => first <= range.last && range.first <= last)
    if (other !== undefined) problems.push(`zones[${index}].pool: ${entry.pool} overlaps ${other.pool}`)
    ranges.push(range)
    problems.push(...ipv6Problems(config, index, range.last - range.first + 1))
  }
  if (config.instances !== undefined && config.directory.ec2 !== null) {
    problems.push('instances: they come from directory.ec2; leave them out')
  }
  const letters = new Set(zones.length > 0 ? zones.map((entry) => entry.letter) : ['a', 'b', 'c'])
  for (const [index, entry] of (config.vpcBlocks ?? []).entries()) {
    if (entry.zone !== 'all' && !letters.has(entry.zone)) {
      problems.push(`vpcBlocks[${index}].zone: there is no zone "${entry.zone}"`)
    }
  }
  for (const [index, entry] of (config.instances ?? []).entries()) {
    if (!letters.has(entry.zone)) problems.push(`instances[${index}].zone: there is no zone "${entry.zone}"`)
    const inPool = ranges.find(
      ({ first, last }) => first <= ipv4ToNumber(entry.address) && ipv4ToNumber(entry.address) <= last,
    )
    if (inPool !== undefined) {
      problems.push(
        `instances[${index}].address: ${numberToIpv4(ipv4ToNumber(entry.address))} is in the pool ${inPool.pool} of node addresses`,
      )
    }
  }
  return problems
}

/** An IPv6 pool has a place for each address of the IPv4 pool, and no address of another zone's. */
function ipv6Problems({ zones = [] }: ConfigFile, index: number, size: number): string[] {
  const cidr = zones[index]?.ipv6Pool
  const own = cidr === undefined ? undefined : ipv6Block(cidr)
  if (own === undefined) return []
  const problems: string[] = []
  if (own.size < BigInt(size)) {
    problems.push(`zones[${index}].ipv6Pool: ${cidr} has less than the ${size} addresses of the zone's pool`)
  }
  for (const { ipv6Pool = '' } of zones.slice(0, index)) {
    const other = ipv6Block(ipv6Pool)
    if (other === undefined) continue
    if (own.first < other.first + other.size && other.first < own.first + own.size) {
      problems.push(`zones[${index}].ipv6Pool: ${cidr} overlaps ${ipv6Pool}`)
    }
  }
  return problems
}

function wording(issue: z.core.$ZodIssue): string {
  const path = issue.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
  return `${path.replace(/^\./, '') || 'the file'}: ${issue.message}`
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ')
}
