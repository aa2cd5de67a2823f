// The directory at an EC2 endpoint that the operator names. What was asked for is remembered, looked at again all the
// time, and goes on to count while the endpoint is away; an answer never waits for a network.

import type { Clock } from '../clock/clock.ts'
import { isLoopbackPool } from '../model/cidr.ts'
import { parseCidr } from '../model/ip.ts'
import { ALL_ZONES, type ZoneType } from '../model/resources.ts'
import type { DirectorySettings } from '../model/settings.ts'
import { isRegion } from './aws-endpoint.ts'
import {
  type Directory,
  type Instance,
  type SecurityGroup,
  type Subnet,
  SUBNET_PREFIX_MAX,
  type Vpc,
} from './directory.ts'
import { Ec2Endpoint } from './ec2-endpoint.ts'
import { DirectoryUnavailable, LookupNeeded } from './lookups.ts'
import { type NetworkChange, NetworkView } from './network-view.ts'
import { RecentMap } from './recent-map.ts'
import { SeenFile } from './seen-file.ts'
import type { SeenSubnet, SeenVpc } from './seen-networks.ts'

export interface AwsDirectoryOptions {
  /** Endpoint of EC2. */
  readonly url: string
  readonly settings: DirectorySettings
  /** Region that is looked at from the start, so that a wrong endpoint is noticed. */
  readonly region: string
  /** CIDR block of node addresses by zone letter. */
  readonly zonePools: Readonly<Record<string, string>>
  /** CIDR block of IPv6 node addresses by zone letter; loopback pools do without. */
  readonly ipv6Pools: Readonly<Record<string, string>>
  /** Whether load balancers in small subnets are refused. */
  readonly isStrict: boolean
  readonly certificate: Directory['certificate']
  /** Path of the file that keeps what was seen. */
  readonly file: string
  readonly clock: Clock
  readonly onChange: (region: string, change: NetworkChange) => void
  /** For the process log: the endpoint is away, or back. */
  readonly report: (message: string) => void
}

type Kind = 'VPC' | 'subnet' | 'security group' | 'instance' | 'members of security group' | 'zones'

/** Something to look up. */
interface Wanted {
  readonly region: string
  readonly kind: Kind
  readonly id: string
}

/** Takes down what a look changed. */
interface ChangeNotes {
  readonly groups: (ids: readonly string[]) => void
  readonly instances: (ids: readonly string[]) => void
}

/** More Regions than AWS has. */
const REGIONS_MAX = 60
/** What was not there is looked up again after this time: it may have been made since. */
const ABSENT_MS = 2000
/** After a failure the endpoint is left alone for this time, and whoever needs it gets the same error at once. */
const PAUSE_MS = 1000
const NOTES_MAX = 1000

/** Loopback targets belong to the machine, and so to every zone on it (ALB-TG OQ-24). */
const LOOPBACK_BLOCKS = ['127.0.0.0/8', '::1/128']

const ID = /^[a-z]+-[0-9A-Za-z]+$/

/** Methods throw LookupNeeded for what was not seen yet. */
export class AwsDirectory implements Directory {
  readonly certificate: Directory['certificate']
  readonly #options: AwsDirectoryOptions
  readonly #endpoint: Ec2Endpoint
  readonly #file: SeenFile
  readonly #views = new RecentMap<string, NetworkView>(REGIONS_MAX)
  /** When something was found not to be there, by what it is. */
  readonly #absent = new RecentMap<string, number>(NOTES_MAX)
  /** What could not be looked up, for the next look. */
  readonly #missed = new RecentMap<string, Wanted>(NOTES_MAX)
  /** By Region, while its endpoint cannot be asked. */
  readonly #failures = new RecentMap<string, { readonly at: number; readonly message: string }>(NOTES_MAX)
  readonly #lookups = new Map<string, Promise<void>>()
  #timer: NodeJS.Timeout | null = null
  #refreshing: Promise<void> | null = null
  #isClosed = false

  constructor(options: AwsDirectoryOptions) {
    this.#options = options
    this.certificate = options.certificate
    this.#endpoint = new Ec2Endpoint(options.url, options.settings)
    this.#file = new SeenFile(options.file, options.url)
  }

  /** Takes up what was seen last time. A file that cannot be read is reported and left aside. */
  async load(): Promise<void> {
    try {
      for (const stored of await this.#file.read()) {
        this.#views.set(stored.name, NetworkView.restored(stored))
      }
    } catch (error) {
      this.#options.report(
        `${this.#options.file} cannot be read (${messageOf(error)}); networks are looked up again`,
      )
    }
  }

  /** Begins to look again and again. */
  start(): void {
    void this.refresh()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#endpoint.close()
    await this.#refreshing
    await Promise.allSettled(this.#lookups.values())
    await this.#file.close()
  }

  async defaultVpc(region: string): Promise<Vpc | undefined> {
    const { defaultVpcId } = this.#view(region).seen
    return defaultVpcId === null ? undefined : await this.vpc(region, defaultVpcId)
  }

  async vpc(region: string, id: string): Promise<Vpc | undefined> {
    const vpc = this.#found({ region, kind: 'VPC', id }, (view) => view.vpc(id))
    return vpc && describeVpc(vpc)
  }

  async subnet(region: string, id: string): Promise<Subnet | undefined> {
    const found = this.#found({ region, kind: 'subnet', id }, (view) => view.subnet(id))
    if (found === undefined) return undefined
    const { subnet, vpc } = found
    const letter = subnet.zone.slice(-1)
    const { zonePools, ipv6Pools, isStrict } = this.#options
    const prefix = parseCidr(subnet.cidrs[0] ?? '')?.prefixLength ?? 0
    const pool = zonePools[letter] ?? null
    const hasIpv6Pool = pool !== null && (ipv6Pools[letter] !== undefined || isLoopbackPool(pool))
    return {
      id,
      vpcId: vpc.id,
      zone: subnet.zone,
      pool,
      hasIpv6: subnet.hasIpv6 && hasIpv6Pool,
      zoneType: this.#zoneTypeOf(region, subnet),
      isTooSmall: isStrict && prefix > SUBNET_PREFIX_MAX,
    }
  }

  async securityGroup(region: string, id: string): Promise<SecurityGroup | undefined> {
    const found = this.#found({ region, kind: 'security group', id }, (view) => view.group(id))
    return found && { id, vpcId: found.vpc.id, inbound: found.group.inbound, outbound: found.group.outbound }
  }

  async addressesInGroup(region: string, id: string): Promise<readonly string[]> {
    const wanted: Wanted = { region, kind: 'members of security group', id }
    return this.#found(wanted, (view) => view.membersOf(id))?.addresses ?? []
  }

  async instance(region: string, id: string): Promise<Instance | undefined> {
    return this.#found({ region, kind: 'instance', id }, (view) => view.instance(id))
  }

  async expectInstances(region: string, ids: readonly string[]): Promise<void> {
    const known = this.#views.get(region)
    const unknown = ids.filter((id) => ID.test(id) && known?.instance(id) === undefined)
    if (unknown.length === 0 || !isRegion(region)) return
    await this.#attempt(region, async (view, changed) => {
      const instances = await this.#endpoint.instances(region, unknown)
      for (const instance of instances) changed.instances(view.putInstance(instance) ? [instance.id] : [])
      for (const id of unknown) {
        if (view.instance(id) === undefined) this.#noteAbsent({ region, kind: 'instance', id })
      }
    })
  }

  async zones(region: string): Promise<readonly string[]> {
    return this.#view(region).seen.zones.map(({ name }) => name)
  }

  /** Looks at everything that is remembered again. Never rejects. */
  async refresh(): Promise<void> {
    this.#refreshing ??= this.#refreshAll().finally(() => (this.#refreshing = null))
    await this.#refreshing
  }

  async #refreshAll(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    const missed = this.#missed.values()
    const regions = new Set([
      this.#options.region,
      ...this.#views.keys(),
      ...missed.map(({ region }) => region),
    ])
    for (const region of regions) {
      if (this.#isClosed) return
      try {
        await this.#refreshRegion(region)
        for (const wanted of missed.filter((each) => each.region === region)) {
          this.#missed.delete(keyOf(wanted))
          await this.#lookUp(wanted)
        }
      } catch (error) {
        if (!(error instanceof DirectoryUnavailable)) this.#options.report(messageOf(error))
      }
    }
    if (this.#isClosed) return
    const { clock, settings } = this.#options
    this.#timer = setTimeout(() => void this.refresh(), clock.realMs(settings.refreshMs))
  }

  async #refreshRegion(region: string): Promise<void> {
    await this.#attempt(region, async (view, changed) => {
      view.seen = await this.#endpoint.region(region)
      for (const { id } of view.vpcs) {
        const vpc = await this.#endpoint.vpc(region, id)
        changed.groups(vpc === undefined ? this.#remove(view, id) : view.putVpc(vpc))
      }
      const instances = view.instances.map(({ id }) => id)
      const found = new Map(
        (await this.#endpoint.instances(region, instances)).map((instance) => [instance.id, instance]),
      )
      for (const instance of view.instances) {
        // EC2 forgets an instance some time after its end.
        const now: Instance = found.get(instance.id) ?? { ...instance, state: 'terminated' }
        changed.instances(view.putInstance(now) ? [now.id] : [])
      }
      for (const { groupId } of view.members) {
        if (view.groupsNaming(groupId).length === 0) {
          view.removeMembers(groupId)
          continue
        }
        const addresses = await this.#endpoint.addressesInGroup(region, groupId)
        changed.groups(view.putMembers({ groupId, addresses }))
      }
    })
  }

  #remove(view: NetworkView, vpcId: string): readonly string[] {
    const groups = view.removeVpc(vpcId)
    this.#options.report(
      `VPC ${vpcId} is gone at ${this.#options.url}: load balancers with its security groups (${groups.slice(0, 20).join(', ')}) admit nobody by them`,
    )
    return groups
  }

  /** What was seen, or undefined for what is known not to be there. */
  #found<T>(wanted: Wanted, look: (view: NetworkView) => T | undefined): T | undefined {
    if (!ID.test(wanted.id)) return undefined
    const found = look(this.#view(wanted.region))
    if (found !== undefined) return found
    const absentSince = this.#absent.get(keyOf(wanted))
    if (absentSince !== undefined && this.#options.clock.date() - absentSince < ABSENT_MS) return undefined
    throw this.#needed(wanted)
  }

  #view(region: string): NetworkView {
    const view = this.#views.get(region)
    if (view !== undefined) return view
    if (!isRegion(region)) throw new DirectoryUnavailable(`There is no Region '${region}' to ask EC2 about`)
    throw this.#needed({ region, kind: 'zones', id: '' })
  }

  #needed(wanted: Wanted): LookupNeeded {
    return new LookupNeeded(`${wanted.kind} ${wanted.id}`, async () => await this.#lookUp(wanted))
  }

  async #lookUp(wanted: Wanted): Promise<void> {
    const key = keyOf(wanted)
    const running =
      this.#lookups.get(key) ?? this.#lookUpOnce(wanted).finally(() => this.#lookups.delete(key))
    this.#lookups.set(key, running)
    await running
  }

  async #lookUpOnce(wanted: Wanted): Promise<void> {
    const { region, kind, id } = wanted
    try {
      await this.#attempt(region, async (view, changed) => {
        switch (kind) {
          case 'zones':
            break
          case 'instance': {
            const [instance] = await this.#endpoint.instances(region, [id])
            if (instance === undefined) this.#noteAbsent(wanted)
            else changed.instances(view.putInstance(instance) ? [id] : [])
            break
          }
          case 'members of security group': {
            const addresses = await this.#endpoint.addressesInGroup(region, id)
            changed.groups(view.putMembers({ groupId: id, addresses }))
            break
          }
          case 'VPC':
          case 'subnet':
          case 'security group': {
            const vpcId = kind === 'VPC' ? id : await this.#endpoint.vpcIdOf(region, kind, id)
            const vpc = vpcId === undefined ? undefined : await this.#endpoint.vpc(region, vpcId)
            if (vpc === undefined) this.#noteAbsent(wanted)
            else changed.groups(view.putVpc(vpc))
          }
        }
      })
    } catch (error) {
      this.#missed.set(keyOf(wanted), wanted)
      throw error
    }
  }

  #noteAbsent(wanted: Wanted): void {
    this.#absent.set(keyOf(wanted), this.#options.clock.date())
  }

  /** Asks the endpoint about a Region, which is made known first, and notes how that went. */
  async #attempt(
    region: string,
    work: (view: NetworkView, changed: ChangeNotes) => Promise<void>,
  ): Promise<void> {
    const { clock, onChange, report } = this.#options
    const failure = this.#failures.get(region)
    if (failure !== undefined && clock.date() - failure.at < PAUSE_MS) {
      throw new DirectoryUnavailable(failure.message)
    }
    const [groups, instances] = [new Set<string>(), new Set<string>()]
    try {
      const view = this.#views.get(region) ?? new NetworkView(region, await this.#endpoint.region(region))
      this.#views.set(region, view)
      await work(view, {
        groups: (ids) => ids.forEach((id) => groups.add(id)),
        instances: (ids) => ids.forEach((id) => instances.add(id)),
      })
      if (failure !== undefined) report(`EC2 answers for ${region} again`)
      this.#failures.delete(region)
    } catch (error) {
      const message = messageOf(error)
      if (!this.#isClosed && failure === undefined) {
        report(`${message}; what was known of networks in ${region} goes on to count`)
      }
      this.#failures.set(region, { at: clock.date(), message })
      throw error
    } finally {
      // Also what was seen before a failure.
      void this.#save()
      if (groups.size + instances.size > 0) {
        onChange(region, { groups: [...groups], instances: [...instances] })
      }
    }
  }

  /** What cannot be written is only missed by a start without the endpoint. */
  async #save(): Promise<void> {
    try {
      await this.#file.write(() => this.#views.values().map((view) => view.toStored()))
    } catch (error) {
      this.#options.report(`${this.#options.file} cannot be written: ${messageOf(error)}`)
    }
  }

  #zoneTypeOf(region: string, { zone, isOnOutpost }: SeenSubnet): ZoneType {
    if (isOnOutpost) return 'outpost'
    return this.#view(region).seen.zones.find(({ name }) => name === zone)?.type ?? 'availability-zone'
  }
}

function describeVpc({ id, cidrs, hasInternetGateway, subnets, groups }: SeenVpc): Vpc {
  return {
    id,
    declared: true,
    hasInternetGateway,
    defaultSecurityGroup: groups.find(({ name }) => name === 'default')?.id ?? '',
    cidrs,
    blocks: [
      ...subnets.flatMap(({ cidrs: ofSubnet, zone }) => ofSubnet.map((cidr) => ({ cidr, zone }))),
      ...LOOPBACK_BLOCKS.map((cidr) => ({ cidr, zone: ALL_ZONES })),
    ],
  }
}

function keyOf({ region, kind, id }: Wanted): string {
  return `${region} ${kind} ${id}`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
