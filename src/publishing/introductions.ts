// Says where new load balancers are: their DNS names are not known to this machine's resolver.

import { loadBalancerId, loadBalancerName } from '../model/arns.ts'
import type { NodeAddress } from '../snapshot/application-units.ts'
import type { SnapshotUpdate } from '../snapshot/update.ts'

export class Introductions {
  readonly #say: (line: string) => void
  /** Load balancers that need no introduction any more. */
  readonly #known = new Set<string>()
  /** Nodes by load balancer, as they are bound. */
  readonly #nodes = new Map<string, readonly NodeAddress[]>()

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  /** These load balancers were there at the start. */
  knows(loadBalancerArns: Iterable<string>): void {
    for (const arn of loadBalancerArns) this.#known.add(arn)
  }

  /** Notes an update that was sent. */
  sent({ loadBalancers, removedLoadBalancers }: SnapshotUpdate): void {
    for (const { arn, nodes } of loadBalancers) this.#nodes.set(arn, nodes)
    for (const arn of removedLoadBalancers) this.#nodes.delete(arn)
  }

  /** The load balancer serves, but for the nodes with these addresses. */
  serves(arn: string, failedAddresses: ReadonlySet<string>): void {
    if (this.#known.has(arn)) return
    this.#known.add(arn)
    const nodes = (this.#nodes.get(arn) ?? []).flatMap(({ address, zone }) =>
      failedAddresses.has(address) ? [] : [`${address} (${zone})`],
    )
    const name = loadBalancerName(loadBalancerId(arn))
    this.#say(`The load balancer ${name} serves at ${nodes.join(', ')}`)
  }

  /** Address of a load balancer's first node. */
  nodeAddress(arn: string): string | undefined {
    return this.#nodes.get(arn)?.[0]?.address
  }
}
