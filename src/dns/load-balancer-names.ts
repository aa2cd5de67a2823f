// The names that DNS knows: those of load balancers, for as long as they serve, and those that the operator maps to them
// (ALB-TG-266, 276, 286 … 291). Addresses are put together when they are asked for, out of what is so at that moment.

import type { FoundName, Names } from './names.ts'
import { loadBalancerName } from '../model/arns.ts'
import type { DnsAlias, DnsTarget } from '../model/settings.ts'
import type { LoadBalancerUnit, NodeAddress } from '../snapshot/application-units.ts'

/** AWS answers every name of a load balancer with this in front of it too. */
const DUALSTACK = 'dualstack.'

export interface DnsNamesOptions {
  /** Ending of all load balancers' names: `elb.amazonaws.com`. */
  readonly suffix: string
  /** Of load balancers that are mapped by name alone. */
  readonly region: string
  /** By name in lower case; `*.` in front stands for any labels. */
  readonly aliases: Readonly<Record<string, DnsAlias>>
  /** Zones whose addresses are to leave the answers. */
  readonly awayZones: (loadBalancerArn: string) => ReadonlySet<string>
  /** Whether all target groups in use have healthy targets. */
  readonly hasHealthyTargets: (loadBalancerArn: string) => boolean
}

type DnsUnit = Pick<LoadBalancerUnit, 'arn' | 'id' | 'region' | 'dnsName' | 'nodes'>

interface Entry {
  readonly arn: string
  /** In lower case. */
  readonly dnsName: string
  /** Null in other Regions than that of `DnsNamesOptions`. */
  readonly name: string | null
  readonly nodes: readonly NodeAddress[]
  /** Nodes that do not listen; null until the load balancer serves. */
  failedAddresses: ReadonlySet<string> | null
}

export class DnsNames implements Names {
  readonly serverName: string
  /** Addresses of this server itself. */
  serverAddresses: readonly string[] = []
  readonly #options: DnsNamesOptions
  readonly #byArn = new Map<string, Entry>()
  readonly #byDnsName = new Map<string, Entry>()
  /** Those of the Region by the name that they were created with. */
  readonly #byName = new Map<string, Entry>()
  /** How many names lie directly below a name. */
  readonly #below = new Map<string, number>()

  constructor(options: DnsNamesOptions) {
    this.#options = options
    this.serverName = `ns.${options.suffix}`
  }

  /** A load balancer as it is now; its name is answered from `serves` on. */
  put({ arn, id, region, dnsName, nodes }: DnsUnit): void {
    const failedAddresses = this.#byArn.get(arn)?.failedAddresses ?? null
    this.remove(arn)
    const name = region === this.#options.region ? loadBalancerName(id) : null
    const entry = { arn, dnsName: dnsName.toLowerCase(), name, nodes, failedAddresses }
    this.#byArn.set(arn, entry)
    this.#byDnsName.set(entry.dnsName, entry)
    if (name !== null) this.#byName.set(name, entry)
    this.#count(parentOf(entry.dnsName), 1)
  }

  /** What became of its nodes: the addresses that do not listen. */
  serves(arn: string, failedAddresses: ReadonlySet<string>): void {
    const entry = this.#byArn.get(arn)
    if (entry !== undefined) entry.failedAddresses = failedAddresses
  }

  remove(arn: string): void {
    const entry = this.#byArn.get(arn)
    if (entry === undefined) return
    this.#byArn.delete(arn)
    this.#byDnsName.delete(entry.dnsName)
    if (entry.name !== null) this.#byName.delete(entry.name)
    this.#count(parentOf(entry.dnsName), -1)
  }

  lookup(name: string): FoundName | null {
    const { suffix, aliases } = this.#options
    const alias = aliases[name]
    if (alias !== undefined) return { zone: name, addresses: this.#addressesOfAlias(alias) }
    if (name === suffix || name.endsWith(`.${suffix}`)) {
      return { zone: suffix, addresses: this.#addressesBelowSuffix(name) }
    }
    for (let zone = name; zone !== ''; zone = parentOf(zone)) {
      const wildcard = aliases[`*.${zone}`]
      if (wildcard === undefined) continue
      return { zone, addresses: zone === name ? [] : this.#addressesOfAlias(wildcard) }
    }
    return null
  }

  #addressesBelowSuffix(name: string): readonly string[] | null {
    if (name === this.serverName) return this.serverAddresses
    const plain = name.startsWith(DUALSTACK) ? name.slice(DUALSTACK.length) : name
    const found = this.#addressesOf(this.#byDnsName.get(plain))
    if (found !== null) return found
    return name === this.#options.suffix || this.#below.has(name) ? [] : null
  }

  /** Null while it does not serve. If every zone is to leave, none does. */
  #addressesOf(entry: Entry | undefined): readonly string[] | null {
    if (entry === undefined) return null
    const { arn, nodes, failedAddresses } = entry
    if (failedAddresses === null) return null
    const away = this.#options.awayZones(arn)
    const staying = nodes.filter(({ zone, address }) => !away.has(zone) && !failedAddresses.has(address))
    return [...new Set((staying.length === 0 ? nodes : staying).map(({ address }) => address))]
  }

  /** The secondary while the primary is not there, or not healthy and the secondary is. */
  #addressesOfAlias({ primary, secondary, evaluatesHealth }: DnsAlias): readonly string[] | null {
    const first = this.#addressesOfTarget(primary)
    if (secondary === null) return first
    const second = this.#addressesOfTarget(secondary)
    if (first === null || second === null) return first ?? second
    const isSwitched = evaluatesHealth && !this.#isHealthy(primary) && this.#isHealthy(secondary)
    return isSwitched ? second : first
  }

  #addressesOfTarget(target: DnsTarget): readonly string[] | null {
    return target.type === 'addresses' ? target.addresses : this.#addressesOf(this.#entryOf(target.name))
  }

  #isHealthy(target: DnsTarget): boolean {
    if (target.type === 'addresses') return true
    const entry = this.#entryOf(target.name)
    if (entry === undefined || entry.failedAddresses === null) return false
    const { arn, nodes, failedAddresses } = entry
    return nodes.some(({ address }) => !failedAddresses.has(address)) && this.#options.hasHealthyTargets(arn)
  }

  /** By its DNS name, or by the name that it was created with. */
  #entryOf(name: string): Entry | undefined {
    return name.includes('.') ? this.#byDnsName.get(name.toLowerCase()) : this.#byName.get(name)
  }

  #count(name: string, change: 1 | -1): void {
    const count = (this.#below.get(name) ?? 0) + change
    if (count === 0) this.#below.delete(name)
    else this.#below.set(name, count)
  }
}

/** Without its first label; empty for a single label. */
function parentOf(name: string): string {
  const dot = name.indexOf('.')
  return dot === -1 ? '' : name.slice(dot + 1)
}
