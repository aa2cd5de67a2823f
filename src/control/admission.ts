// Which clients a listener admits, out of the security groups of its load balancer (ALB-LB-383 … 402).

import type { Directory, InboundRule } from '../directory/directory.ts'
import { knownNow } from '../directory/lookups.ts'
import type { Store } from '../store/store.ts'

/** Inbound rules of all groups of a load balancer, by ARN. */
export type InboundRules = ReadonlyMap<string, readonly InboundRule[]>

/** Asks the directory, which may look into the store: not to be called inside a transaction. */
export async function inboundRules(
  store: Store,
  directory: Directory,
  loadBalancerArns: Iterable<string>,
): Promise<InboundRules> {
  const byLoadBalancer = new Map<string, readonly InboundRule[]>()
  const byGroup = new Map<string, Promise<readonly InboundRule[]>>()
  const ofGroup = async (region: string, id: string): Promise<readonly InboundRule[]> => {
    const key = `${region} ${id}`
    const known = byGroup.get(key) ?? rulesOfGroup(directory, region, id)
    byGroup.set(key, known)
    return await known
  }
  for (const arn of loadBalancerArns) {
    const loadBalancer = await store.read(async (rows) => await rows.loadBalancer(arn))
    if (loadBalancer === undefined) continue
    const { region, securityGroups } = loadBalancer
    const rules = await Promise.all(securityGroups.map(async (id) => await ofGroup(region, id)))
    byLoadBalancer.set(arn, rules.flat())
  }
  return byLoadBalancer
}

/** Rules of a group with the addresses of the groups that they name. A group that is gone admits nobody. */
async function rulesOfGroup(
  directory: Directory,
  region: string,
  id: string,
): Promise<readonly InboundRule[]> {
  const group = await knownNow(async () => await directory.securityGroup(region, id))
  return await Promise.all(
    (group?.inbound ?? []).map(async (rule) => {
      if (rule.groups.length === 0) return rule
      const members = await Promise.all(
        rule.groups.map(
          async (source) =>
            (await knownNow(async () => await directory.addressesInGroup(region, source))) ?? [],
        ),
      )
      const cidrs = members.flat().map((address) => `${address}/${address.includes(':') ? 128 : 32}`)
      return { ...rule, cidrs: [...rule.cidrs, ...cidrs] }
    }),
  )
}

/** Address blocks that may connect to a TCP port; null: everyone. */
export function admittedBlocks(rules: readonly InboundRule[], port: number): readonly string[] | null {
  const blocks = new Set(
    rules
      .filter(({ protocol, fromPort, toPort }) => {
        return protocol === 'all' || (protocol === 'tcp' && fromPort <= port && port <= toPort)
      })
      .flatMap(({ cidrs }) => cidrs),
  )
  return blocks.has('0.0.0.0/0') && blocks.has('::/0') ? null : [...blocks]
}
