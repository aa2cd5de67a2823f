// Networks of the built-in directory: what is there from the start, and what EC2's API made. Kept in memory, because it
// is asked for in the middle of units of work; it follows the store's feed of changes.

import type { InstanceItem, ItemOf, NetworkItem, NetworkKind, SecurityGroupItem } from '../model/networks.ts'
import type { NetworkChange } from '../store/changes.ts'
import type { RowWriter, Store } from '../store/store.ts'
import type { TrafficRule } from './directory.ts'
import { givenItems, type GivenNetworks } from './given-networks.ts'
import { RecentMap } from './recent-map.ts'

/** Takes down what is to be changed when the work is done, all at once. */
export interface NetworkEdit {
  /** Adds or replaces. */
  readonly put: (item: NetworkItem) => void
  readonly remove: (item: NetworkItem) => void
}

/** Regions whose given items are kept ready. */
const REGIONS_MAX = 60

/** As much of the store as is needed here. */
export type NetworkStore = Pick<Store, 'changes' | 'read' | 'write'>

export class Networks {
  /** What is there without having been made. */
  readonly there: GivenNetworks
  /** Null: nothing can be made. */
  readonly #store: NetworkStore | null
  readonly #given = new RecentMap<string, ReadonlyMap<string, NetworkItem>>(REGIONS_MAX)
  /** Stored items by Region and ID; they stand before given ones of the same ID. */
  readonly #items = new Map<string, Map<string, NetworkItem>>()

  private constructor(given: GivenNetworks, store: NetworkStore | null) {
    this.there = given
    this.#store = store
  }

  /** What is there from the start alone. */
  static given(given: GivenNetworks): Networks {
    return new Networks(given, null)
  }

  static async load(given: GivenNetworks, store: NetworkStore): Promise<Networks> {
    const networks = new Networks(given, store)
    const items = await store.read(async (rows) => await rows.networks.items())
    for (const item of items) networks.#follow({ region: item.region, id: item.id, item })
    store.changes.follow((change) => {
      for (const each of change.networks) networks.#follow(each)
    })
    return networks
  }

  /** All items of a kind: the given ones, then those that were made, in order. */
  list<Kind extends NetworkKind>(region: string, kind: Kind): readonly ItemOf<Kind>[] {
    const stored = this.#items.get(region)
    const given = [...this.#givenIn(region).values()].filter(({ id }) => stored?.has(id) !== true)
    return [...given, ...(stored?.values() ?? [])].filter((item): item is ItemOf<Kind> => item.kind === kind)
  }

  find<Kind extends NetworkKind>(region: string, kind: Kind, id: string): ItemOf<Kind> | undefined {
    const item = this.#items.get(region)?.get(id) ?? this.#givenIn(region).get(id)
    return item?.kind === kind ? (item as ItemOf<Kind>) : undefined
  }

  /** Whether it is there from the start, and so cannot be deleted. */
  isGiven({ region, id }: NetworkItem): boolean {
    return this.#givenIn(region).has(id)
  }

  /** IDs of all items of a Region. */
  ids(region: string): readonly string[] {
    const stored = [...(this.#items.get(region)?.keys() ?? [])]
    return [...new Set([...this.#givenIn(region).keys(), ...stored])]
  }

  securityGroups(region: string): readonly SecurityGroupItem[] {
    return this.list(region, 'security-group')
  }

  securityGroup(region: string, id: string): SecurityGroupItem | undefined {
    return this.find(region, 'security-group', id)
  }

  instances(region: string): readonly InstanceItem[] {
    return this.list(region, 'instance')
  }

  instance(region: string, id: string): InstanceItem | undefined {
    return this.find(region, 'instance', id)
  }

  /** VPC of a subnet, which may be gone while an instance that was in it is still told of. */
  vpcIdOfSubnet(region: string, subnetId: string): string {
    return this.find(region, 'subnet', subnetId)?.vpcId ?? this.there.vpcId
  }

  /** Whether a VPC has a way to the internet. */
  hasInternetGateway(region: string, vpcId: string): boolean {
    return this.list(region, 'internet-gateway').some((gateway) => gateway.vpcId === vpcId)
  }

  /** The group that is used in a VPC where none is named. */
  defaultGroup(region: string, vpcId: string): SecurityGroupItem | undefined {
    return this.securityGroups(region).find((group) => group.vpcId === vpcId && group.name === 'default')
  }

  /** Addresses of the running instances in a group. */
  addressesInGroup(region: string, groupId: string): readonly string[] {
    return this.instances(region)
      .filter(({ state, securityGroups }) => state === 'running' && securityGroups.includes(groupId))
      .map(({ address }) => address)
  }

  /**
   * Looks and changes in one transaction, with no other change between the look and the change. Nothing is changed when
   * the work throws.
   */
  async edit<T>(work: (edit: NetworkEdit, rows: RowWriter) => Promise<T>): Promise<T> {
    return await this.#writable().write(async (rows) => {
      const puts: NetworkItem[] = []
      const removed: NetworkItem[] = []
      const result = await work(
        { put: (item) => void puts.push(item), remove: (item) => void removed.push(item) },
        rows,
      )
      for (const item of puts) {
        const before = this.find(item.region, item.kind, item.id)
        await rows.networks.put(item, this.#concerned(item, before))
      }
      for (const item of removed) await rows.networks.remove(item, this.#concerned(item, undefined))
      return result
    })
  }

  #writable(): NetworkStore {
    if (this.#store === null) throw new Error('Nothing can be made in networks without a store')
    return this.#store
  }

  #givenIn(region: string): ReadonlyMap<string, NetworkItem> {
    const known = this.#given.get(region)
    if (known !== undefined) return known
    const items = givenItems(this.there, region)
    this.#given.set(region, items)
    return items
  }

  #follow({ region, id, item }: NetworkChange): void {
    const items = this.#items.get(region) ?? new Map<string, NetworkItem>()
    this.#items.set(region, items)
    if (item === null) items.delete(id)
    else items.set(id, item)
  }

  /** Groups that let others through after a change of the item: itself, or those that name an instance's groups. */
  #concerned(item: NetworkItem, before: NetworkItem | undefined): readonly string[] {
    if (item.kind === 'security-group') return [item.id]
    if (item.kind !== 'instance') return []
    const members = new Set(item.securityGroups)
    if (before?.kind === 'instance') for (const id of before.securityGroups) members.add(id)
    return this.securityGroups(item.region)
      .filter(({ rules }) => rules.some(({ peer }) => peer.type === 'group' && members.has(peer.groupId)))
      .map(({ id }) => id)
  }
}

const PROTOCOLS: ReadonlyMap<string, TrafficRule['protocol']> = new Map([
  ['-1', 'all'],
  ['tcp', 'tcp'],
  ['6', 'tcp'],
  ['udp', 'udp'],
  ['17', 'udp'],
  ['icmp', 'icmp'],
  ['1', 'icmp'],
  ['icmpv6', 'icmpv6'],
  ['58', 'icmpv6'],
])

/** By the name or number that EC2 has for a protocol. */
export function protocolOf(name: string): TrafficRule['protocol'] {
  return PROTOCOLS.get(name) ?? 'other'
}

/** Rules of a group for one direction, as load balancers need them. */
export function trafficRules(group: SecurityGroupItem, isEgress: boolean): readonly TrafficRule[] {
  return group.rules
    .filter((rule) => rule.isEgress === isEgress)
    .map(({ protocol, fromPort, toPort, peer }) => ({
      protocol: protocolOf(protocol),
      fromPort: Math.max(fromPort, 0),
      toPort: toPort < 0 ? 65_535 : toPort,
      cidrs: peer.type === 'group' ? [] : [peer.cidr],
      groups: peer.type === 'group' ? [peer.groupId] : [],
    }))
}
