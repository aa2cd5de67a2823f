// What the security groups of load balancers let through: which clients a listener admits, and to which targets
// connections may go (ALB-LB-067, 383 … 402).

import type { Directory, TrafficRule } from '../directory/directory.ts'
import { knownNow } from '../directory/lookups.ts'
import { addressSet } from '../model/ip.ts'
import type { Store } from '../store/store.ts'

/** Rules of all groups of a load balancer. */
export interface SecurityRules {
  readonly inbound: readonly TrafficRule[]
  readonly outbound: readonly TrafficRule[]
}

/** Rules by load balancer's ARN. Asks the directory, which may look into the store: not to be called in a transaction. */
export async function securityRules(
  store: Store,
  directory: Directory,
  loadBalancerArns: Iterable<string>,
): Promise<ReadonlyMap<string, SecurityRules>> {
  const byLoadBalancer = new Map<string, SecurityRules>()
  const byGroup = new Map<string, Promise<SecurityRules>>()
  const ofGroup = async (region: string, id: string): Promise<SecurityRules> => {
    const key = `${region} ${id}`
    const known = byGroup.get(key) ?? rulesOfGroup(directory, region, id)
    byGroup.set(key, known)
    return await known
  }
  for (const arn of loadBalancerArns) {
    const loadBalancer = await store.read(async (rows) => await rows.loadBalancers.find(arn))
    if (loadBalancer === undefined) continue
    const { region, securityGroups } = loadBalancer
    const groups = await Promise.all(securityGroups.map(async (id) => await ofGroup(region, id)))
    byLoadBalancer.set(arn, {
      inbound: groups.flatMap(({ inbound }) => inbound),
      outbound: groups.flatMap(({ outbound }) => outbound),
    })
  }
  return byLoadBalancer
}

/** A group that is gone lets nothing through. */
async function rulesOfGroup(directory: Directory, region: string, id: string): Promise<SecurityRules> {
  const group = await knownNow(async () => await directory.securityGroup(region, id))
  const withAddresses = async (rules: readonly TrafficRule[] = []): Promise<readonly TrafficRule[]> =>
    await Promise.all(rules.map(async (rule) => await withMembers(directory, region, rule)))
  return { inbound: await withAddresses(group?.inbound), outbound: await withAddresses(group?.outbound) }
}

/** With the addresses of the groups that a rule names. */
async function withMembers(directory: Directory, region: string, rule: TrafficRule): Promise<TrafficRule> {
  if (rule.groups.length === 0) return rule
  const members = await Promise.all(
    rule.groups.map(
      async (id) => (await knownNow(async () => await directory.addressesInGroup(region, id))) ?? [],
    ),
  )
  const cidrs = members.flat().map((address) => `${address}/${address.includes(':') ? 128 : 32}`)
  return { ...rule, cidrs: [...rule.cidrs, ...cidrs] }
}

/** Address blocks that rules let through at a TCP port; null: every address. */
export function permittedBlocks(rules: readonly TrafficRule[], port: number): readonly string[] | null {
  const blocks = new Set(
    rules
      .filter(({ protocol, fromPort, toPort }) => {
        return protocol === 'all' || (protocol === 'tcp' && fromPort <= port && port <= toPort)
      })
      .flatMap(({ cidrs }) => cidrs),
  )
  return blocks.has('0.0.0.0/0') && blocks.has('::/0') ? null : [...blocks]
}

/** Where load balancers may connect to, as of their latest rules. Kept are those that may not connect to everything. */
export class OutboundRules {
  readonly #byLoadBalancer = new Map<string, Outbound>()

  /** Takes the rules of a load balancer; `true` where they may let other connections through than before. */
  put(loadBalancerArn: string, rules: readonly TrafficRule[]): boolean {
    const before = this.#byLoadBalancer.get(loadBalancerArn)
    if (
      permittedBlocks(
        rules.filter(({ protocol }) => protocol === 'all'),
        0,
      ) === null
    ) {
      return this.#byLoadBalancer.delete(loadBalancerArn)
    }
    const text = JSON.stringify(rules)
    if (before?.text === text) return false
    this.#byLoadBalancer.set(loadBalancerArn, { text, rules, byPort: new Map() })
    return true
  }

  remove(loadBalancerArn: string): void {
    this.#byLoadBalancer.delete(loadBalancerArn)
  }

  permits(loadBalancerArn: string, address: string, port: number): boolean {
    const outbound = this.#byLoadBalancer.get(loadBalancerArn)
    if (outbound === undefined) return true
    let isPermitted = outbound.byPort.get(port)
    if (isPermitted === undefined) {
      const blocks = permittedBlocks(outbound.rules, port)
      isPermitted = blocks === null ? () => true : addressSet(blocks)
      outbound.byPort.set(port, isPermitted)
    }
    return isPermitted(address)
  }
}

interface Outbound {
  readonly text: string
  readonly rules: readonly TrafficRule[]
  /** Made when a port is first asked for. */
  readonly byPort: Map<number, (address: string) => boolean>
}
