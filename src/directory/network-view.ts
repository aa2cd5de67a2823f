// One Region of EC2 at another endpoint as it was last seen. Says what a new look changed for traffic. No I/O.

import type { Instance } from './directory.ts'
import { RecentMap } from './recent-map.ts'
import type { SeenGroup, SeenMembers, SeenRegion, SeenSubnet, SeenVpc } from './seen-networks.ts'

/** Far above AWS's quotas for what one account may have in use: only what is hardly used is ever forgotten. */
const VPCS_MAX = 1000
const INSTANCES_MAX = 20_000
const MEMBER_LISTS_MAX = 5000

/** A Region in the form in which it is written to a file. */
export interface StoredView {
  readonly name: string
  readonly seen: SeenRegion
  readonly vpcs: readonly SeenVpc[]
  readonly instances: readonly Instance[]
  readonly members: readonly SeenMembers[]
}

/** What a look changed for traffic, by IDs. */
export interface NetworkChange {
  /** Security groups that admit others than before. */
  readonly groups: readonly string[]
  /** Instances that are in another state than before. */
  readonly instances: readonly string[]
}

/** IDs of security groups. */
type GroupIds = readonly string[]

export class NetworkView {
  readonly name: string
  seen: SeenRegion
  readonly #vpcs = new RecentMap<string, SeenVpc>(VPCS_MAX)
  readonly #instances = new RecentMap<string, Instance>(INSTANCES_MAX)
  readonly #members = new RecentMap<string, SeenMembers>(MEMBER_LISTS_MAX)
  /** VPC by the ID of a subnet or security group. */
  readonly #homes = new Map<string, string>()

  constructor(name: string, seen: SeenRegion) {
    this.name = name
    this.seen = seen
  }

  static restored({ name, seen, vpcs, instances, members }: StoredView): NetworkView {
    const view = new NetworkView(name, seen)
    for (const vpc of vpcs) view.putVpc(vpc)
    for (const instance of instances) view.putInstance(instance)
    for (const each of members) view.putMembers(each)
    return view
  }

  toStored(): StoredView {
    const { name, seen, vpcs, instances, members } = this
    return { name, seen, vpcs, instances, members }
  }

  get vpcs(): readonly SeenVpc[] {
    return this.#vpcs.values()
  }

  get instances(): readonly Instance[] {
    return this.#instances.values()
  }

  get members(): readonly SeenMembers[] {
    return this.#members.values()
  }

  vpc(id: string): SeenVpc | undefined {
    return this.#vpcs.get(id)
  }

  subnet(id: string): { readonly vpc: SeenVpc; readonly subnet: SeenSubnet } | undefined {
    const vpc = this.#homeOf(id)
    const subnet = vpc?.subnets.find((each) => each.id === id)
    return vpc === undefined || subnet === undefined ? undefined : { vpc, subnet }
  }

  group(id: string): { readonly vpc: SeenVpc; readonly group: SeenGroup } | undefined {
    const vpc = this.#homeOf(id)
    const group = vpc?.groups.find((each) => each.id === id)
    return vpc === undefined || group === undefined ? undefined : { vpc, group }
  }

  instance(id: string): Instance | undefined {
    return this.#instances.get(id)
  }

  membersOf(groupId: string): SeenMembers | undefined {
    return this.#members.get(groupId)
  }

  putVpc(vpc: SeenVpc): GroupIds {
    const before = this.#vpcs.get(vpc.id)
    if (before !== undefined) this.#forgetHomes(before)
    for (const { id } of [...vpc.subnets, ...vpc.groups]) this.#homes.set(id, vpc.id)
    const forgotten = this.#vpcs.set(vpc.id, vpc)
    if (forgotten !== undefined) this.#forgetHomes(forgotten)
    const rules = new Map((before?.groups ?? []).map((group) => [group.id, rulesOf(group)]))
    const changed = vpc.groups.filter((group) => rules.get(group.id) !== rulesOf(group))
    const present = new Set(vpc.groups.map(({ id }) => id))
    const gone = (before?.groups ?? []).filter(({ id }) => !present.has(id))
    return [...changed, ...gone].map(({ id }) => id)
  }

  removeVpc(id: string): GroupIds {
    const vpc = this.#vpcs.get(id)
    if (vpc === undefined) return []
    this.#vpcs.delete(id)
    this.#forgetHomes(vpc)
    return vpc.groups.map((group) => group.id)
  }

  /** Whether its state is another one than before. */
  putInstance(instance: Instance): boolean {
    const before = this.#instances.get(instance.id)
    this.#instances.set(instance.id, instance)
    return before?.state !== instance.state
  }

  putMembers(members: SeenMembers): GroupIds {
    const before = this.#members.get(members.groupId)?.addresses ?? []
    this.#members.set(members.groupId, members)
    return before.join() === members.addresses.join() ? [] : this.groupsNaming(members.groupId)
  }

  removeMembers(groupId: string): void {
    this.#members.delete(groupId)
  }

  /** Groups that let traffic with the members of this one through. */
  groupsNaming(groupId: string): GroupIds {
    return this.#vpcs
      .values()
      .flatMap(({ groups }) => groups)
      .filter(({ inbound, outbound }) => {
        return [...inbound, ...outbound].some(({ groups }) => groups.includes(groupId))
      })
      .map(({ id }) => id)
  }

  #homeOf(id: string): SeenVpc | undefined {
    const vpcId = this.#homes.get(id)
    return vpcId === undefined ? undefined : this.#vpcs.get(vpcId)
  }

  #forgetHomes({ subnets, groups }: SeenVpc): void {
    for (const { id } of [...subnets, ...groups]) this.#homes.delete(id)
  }
}

function rulesOf({ inbound, outbound }: SeenGroup): string {
  return JSON.stringify([inbound, outbound])
}
