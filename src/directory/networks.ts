// Security groups and instances of the built-in directory: what is there from the start, and what EC2's API made.
// Kept in memory, because it is asked for in the middle of transactions; every change is stored before it counts.

import {
  EVERY_IPV4,
  EVERY_IPV6,
  type InstanceItem,
  type NetworkItem,
  type RulePeer,
  type SecurityGroupItem,
  type SecurityGroupRule,
} from '../model/networks.ts'
import type { Store } from '../store/store.ts'
import type { InboundRule } from './directory.ts'

/** What is there in every Region without having been made. */
export interface GivenNetworks {
  readonly vpcId: string
  readonly subnets: readonly { readonly id: string; readonly zone: string }[]
  /** The first one is the VPC's default group. */
  readonly securityGroups: readonly string[]
  readonly instances: readonly {
    readonly id: string
    readonly zone: string
    readonly address: string
    readonly ipv6Address?: string | undefined
  }[]
}

export class Networks {
  /** What is there without having been made. */
  readonly there: GivenNetworks
  /** Null: nothing can be made. */
  readonly #store: Store | null
  /** Stored items by Region and ID. */
  readonly #items = new Map<string, Map<string, NetworkItem>>()

  private constructor(given: GivenNetworks, store: Store | null) {
    this.there = given
    this.#store = store
  }

  /** What is there from the start alone. */
  static given(given: GivenNetworks): Networks {
    return new Networks(given, null)
  }

  static async load(given: GivenNetworks, store: Store): Promise<Networks> {
    const networks = new Networks(given, store)
    const items = await store.read(async (rows) => await rows.networks.items())
    for (const item of items) networks.#remember(item)
    return networks
  }

  securityGroups(region: string): readonly SecurityGroupItem[] {
    const stored = this.#ofKind(region, 'security-group')
    const given = this.there.securityGroups.filter((id) => !stored.some((group) => group.id === id))
    return [...given.map((id) => this.#givenGroup(region, id)), ...stored]
  }

  securityGroup(region: string, id: string): SecurityGroupItem | undefined {
    const stored = this.#items.get(region)?.get(id)
    if (stored?.kind === 'security-group') return stored
    return this.there.securityGroups.includes(id) ? this.#givenGroup(region, id) : undefined
  }

  instances(region: string): readonly InstanceItem[] {
    const stored = this.#ofKind(region, 'instance')
    const given = this.there.instances.filter(({ id }) => !stored.some((instance) => instance.id === id))
    return [...given.map((instance) => this.#givenInstance(region, instance)), ...stored]
  }

  instance(region: string, id: string): InstanceItem | undefined {
    const stored = this.#items.get(region)?.get(id)
    if (stored?.kind === 'instance') return stored
    const given = this.there.instances.find((instance) => instance.id === id)
    return given && this.#givenInstance(region, given)
  }

  /** Addresses of the running instances in a group. */
  addressesInGroup(region: string, groupId: string): readonly string[] {
    return this.instances(region)
      .filter(({ state, securityGroups }) => state === 'running' && securityGroups.includes(groupId))
      .map(({ address }) => address)
  }

  /** Load balancers that cannot do without the group. */
  async loadBalancersInGroup(region: string, groupId: string): Promise<readonly string[]> {
    return await this.#writable().read(async (rows) => {
      return await rows.networks.loadBalancersInGroups(region, [groupId])
    })
  }

  /** Adds or replaces an item. */
  async put(item: NetworkItem): Promise<void> {
    const before = this.#items.get(item.region)?.get(item.id)
    const groups = this.#concerned(item, before)
    await this.#writable().write(async (rows) => {
      await rows.networks.put(item, groups)
      // Before the commit, so that whoever is told of it already sees the change.
      this.#remember(item)
    })
  }

  async remove(item: NetworkItem): Promise<void> {
    const groups = this.#concerned(item, undefined)
    await this.#writable().write(async (rows) => {
      await rows.networks.remove(item, groups)
      this.#items.get(item.region)?.delete(item.id)
    })
  }

  #writable(): Store {
    if (this.#store === null) throw new Error('Nothing can be made in networks without a store')
    return this.#store
  }

  #remember(item: NetworkItem): void {
    const items = this.#items.get(item.region) ?? new Map<string, NetworkItem>()
    items.set(item.id, item)
    this.#items.set(item.region, items)
  }

  #ofKind<Kind extends NetworkItem['kind']>(
    region: string,
    kind: Kind,
  ): readonly Extract<NetworkItem, { kind: Kind }>[] {
    return [...(this.#items.get(region)?.values() ?? [])].filter(
      (item): item is Extract<NetworkItem, { kind: Kind }> => item.kind === kind,
    )
  }

  /** Groups that admit others after a change of the item: a group itself, or those that name an instance's groups. */
  #concerned(item: NetworkItem, before: NetworkItem | undefined): readonly string[] {
    if (item.kind === 'security-group') return [item.id]
    const members = new Set(item.securityGroups)
    if (before?.kind === 'instance') for (const id of before.securityGroups) members.add(id)
    return this.securityGroups(item.region)
      .filter(({ rules }) =>
        rules.some(({ isEgress, peer }) => !isEgress && peer.type === 'group' && members.has(peer.groupId)),
      )
      .map(({ id }) => id)
  }

  /** Groups that are there from the start admit everyone: what is made on one machine is to be reached there. */
  #givenGroup(region: string, id: string): SecurityGroupItem {
    const isDefault = id === this.there.securityGroups[0]
    return {
      kind: 'security-group',
      region,
      id,
      vpcId: this.there.vpcId,
      name: isDefault ? 'default' : id,
      description: isDefault ? 'default VPC security group' : id,
      rules: [
        ruleForAll('sgr-00000000000000001', false, { type: 'ipv4', cidr: EVERY_IPV4 }),
        ruleForAll('sgr-00000000000000002', false, { type: 'ipv6', cidr: EVERY_IPV6 }),
        ruleForAll('sgr-00000000000000003', true, { type: 'ipv4', cidr: EVERY_IPV4 }),
      ],
    }
  }

  #givenInstance(region: string, given: GivenNetworks['instances'][number]): InstanceItem {
    const { id, zone, address, ipv6Address } = given
    return {
      kind: 'instance',
      region,
      id,
      subnetId: this.there.subnets.find((subnet) => subnet.zone === zone)?.id ?? '',
      zone,
      address,
      ...(ipv6Address === undefined ? {} : { ipv6Address }),
      state: 'running',
      securityGroups: this.there.securityGroups.slice(0, 1),
      imageId: 'ami-00000000000000000',
      instanceType: 't3.micro',
      launchedAt: 0,
    }
  }
}

/** A rule for all protocols and ports. */
export function ruleForAll(id: string, isEgress: boolean, peer: RulePeer): SecurityGroupRule {
  return { id, isEgress, protocol: '-1', fromPort: -1, toPort: -1, peer, description: null }
}

const PROTOCOLS: Readonly<Record<string, InboundRule['protocol']>> = {
  '-1': 'all',
  tcp: 'tcp',
  '6': 'tcp',
  udp: 'udp',
  '17': 'udp',
  icmp: 'icmp',
  '1': 'icmp',
  icmpv6: 'icmpv6',
  '58': 'icmpv6',
}

/** By the name or number that EC2 has for a protocol. */
export function protocolOf(name: string): InboundRule['protocol'] {
  return Object.hasOwn(PROTOCOLS, name) ? (PROTOCOLS[name] ?? 'other') : 'other'
}

/** Rules of a group as load balancers need them. */
export function inboundOf(group: SecurityGroupItem): readonly InboundRule[] {
  return group.rules
    .filter(({ isEgress }) => !isEgress)
    .map(({ protocol, fromPort, toPort, peer }) => ({
      protocol: protocolOf(protocol),
      fromPort: Math.max(fromPort, 0),
      toPort: toPort < 0 ? 65_535 : toPort,
      cidrs: peer.type === 'group' ? [] : [peer.cidr],
      groups: peer.type === 'group' ? [peer.groupId] : [],
    }))
}
