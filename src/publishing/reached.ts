// Whom a change of load balancers reaches: their target groups are told of what they are in.

import type { StoreChange } from '../store/changes.ts'
import type { RowReader } from '../store/store.ts'

/** These load balancers, with all target groups that they use. */
export async function withTargetGroups(
  rows: RowReader,
  loadBalancerArns: readonly string[],
): Promise<StoreChange> {
  const targetGroups = new Set<string>()
  for (const arn of loadBalancerArns) {
    for (const group of await rows.targetGroups.ofLoadBalancer(arn)) targetGroups.add(group)
  }
  return { loadBalancers: new Set(loadBalancerArns), targetGroups }
}
