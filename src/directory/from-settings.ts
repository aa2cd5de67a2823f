// Which directory answers: the built-in one, or one that looks networks and certificates up where the operator says.

import { join } from 'node:path'
import type { Clock } from '../clock/clock.ts'
import { awsCertificates } from './aws-certificates.ts'
import { AwsDirectory } from './aws-directory.ts'
import { builtInDirectory, DEFAULT_DIRECTORY_SETTINGS, type BuiltInDirectorySettings } from './built-in.ts'
import type { Directory } from './directory.ts'
import type { NetworkChange } from './network-view.ts'
import type { Networks } from './networks.ts'
import { storedCertificates } from './stored-certificates.ts'
import type { ControlSettings } from '../model/settings.ts'
import type { StoreChange } from '../store/changes.ts'
import type { RowReader, Store } from '../store/store.ts'

export interface DirectoryParts {
  readonly settings: ControlSettings
  readonly store: Store
  readonly networks: Networks
  readonly clock: Clock
  /** Told of what networks elsewhere changed for traffic. */
  readonly onChange: (change: StoreChange) => void
  /** For the process log. */
  readonly warn: (message: string) => void
  readonly reportError: (error: unknown) => void
}

/** IDs that are named in one look into the store. */
const BATCH = 500

/** An AwsDirectory has to be loaded, started and closed. */
export function directoryFor(parts: DirectoryParts): Directory | AwsDirectory {
  const { settings, networks, clock, warn, reportError } = parts
  const { ec2: url } = settings.directory
  const certificate = certificatesFor(parts)
  if (url === null) return builtInDirectory(builtInSettings(settings), certificate, networks)
  return new AwsDirectory({
    url,
    settings: settings.directory,
    region: settings.region,
    zonePools: zonePools(settings),
    ipv6Pools: ipv6Pools(settings),
    isStrict: settings.strictVpcs,
    certificate,
    file: join(settings.dataFolder, 'networks-seen.json'),
    clock,
    onChange: (region, change) => {
      tell(parts, region, change).catch(reportError)
    },
    report: warn,
  })
}

/** Endpoint URLs by signing name of the services that are not offered here. */
export function servicesElsewhere({
  directory: { ec2, acm, iam },
}: ControlSettings): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries({ ec2, acm, iam }).filter((entry): entry is [string, string] => entry[1] !== null),
  )
}

export function builtInSettings(settings: ControlSettings): BuiltInDirectorySettings {
  const { zones, instances, vpcBlocks, strictVpcs } = settings
  return {
    ...DEFAULT_DIRECTORY_SETTINGS,
    zonePools: zonePools(settings),
    zoneTypes: Object.fromEntries(zones.map(({ letter, type = 'availability-zone' }) => [letter, type])),
    subnets: zones.map(({ letter, subnet }) => ({ id: subnet, zone: letter })),
    instances,
    blocks: vpcBlocks,
    strictVpcs,
    ipv6Pools: ipv6Pools(settings),
  }
}

function certificatesFor({ settings, store, clock, warn }: DirectoryParts): Directory['certificate'] {
  const { directory, region } = settings
  const builtIn = storedCertificates(store, clock)
  if (directory.acm === null && directory.iam === null) return builtIn
  return awsCertificates({ settings: directory, region, builtIn, clock, report: warn })
}

/** Finds the load balancers that admit others than before, and the groups whose targets start or stop. */
async function tell(
  { store, onChange }: DirectoryParts,
  region: string,
  change: NetworkChange,
): Promise<void> {
  const { groups, instances } = change
  const found = await store.read(async ({ networks }) => ({
    loadBalancers: await inBatches(groups, async (ids) => await networks.loadBalancersInGroups(region, ids)),
    targetGroups: await inBatches(instances, async (ids) => await networks.targetGroupsOf(ids)),
  }))
  if (found.loadBalancers.size + found.targetGroups.size > 0) onChange(found)
}

async function inBatches(
  ids: readonly string[],
  find: (some: readonly string[]) => ReturnType<RowReader['networks']['targetGroupsOf']>,
): Promise<ReadonlySet<string>> {
  const all = new Set<string>()
  for (let start = 0; start < ids.length; start += BATCH) {
    for (const arn of await find(ids.slice(start, start + BATCH))) all.add(arn)
  }
  return all
}

function zonePools({ zones }: ControlSettings): Readonly<Record<string, string>> {
  return Object.fromEntries(zones.map(({ letter, pool }) => [letter, pool]))
}

function ipv6Pools({ zones }: ControlSettings): Readonly<Record<string, string>> {
  return Object.fromEntries(
    zones.flatMap(({ letter, ipv6Pool }): [string, string][] => {
      return ipv6Pool === undefined ? [] : [[letter, ipv6Pool]]
    }),
  )
}
