// Rows of load balancers' zones, each with the address of a node.

import type { Kysely } from 'kysely'
import type { LoadBalancerZone } from '../../model/resources.ts'
import type { Tables } from './tables.ts'

/** By zone name, ascending. */
export async function zonesOf(db: Kysely<Tables>, loadBalancerArn: string): Promise<LoadBalancerZone[]> {
  const rows = await db
    .selectFrom('load_balancer_zones')
    .select(['zone', 'subnet_id', 'address'])
    .where('load_balancer_arn', '=', loadBalancerArn)
    .orderBy('zone')
    .execute()
  return rows.map(({ zone, subnet_id: subnetId, address }) => ({ zone, subnetId, address }))
}

/** Gives back the addresses of a load balancer's nodes but those to keep, and forgets their zones. */
export async function releaseNodes(
  db: Kysely<Tables>,
  loadBalancerArn: string,
  kept: ReadonlySet<string>,
): Promise<void> {
  for (const { zone, address } of await zonesOf(db, loadBalancerArn)) {
    if (kept.has(address)) continue
    await db
      .deleteFrom('load_balancer_zones')
      .where('load_balancer_arn', '=', loadBalancerArn)
      .where('zone', '=', zone)
      .execute()
    const row = await db
      .deleteFrom('node_addresses')
      .where('address', '=', address)
      .returning('pool')
      .executeTakeFirst()
    if (row === undefined) continue
    await db
      .updateTable('address_pools')
      .set((set) => ({ used: set('used', '-', 1) }))
      .where('pool', '=', row.pool)
      .execute()
  }
}
