// Rows of what EC2's API made: each item is read and replaced whole.

import type { NetworkItem } from '../../model/networks.ts'
import type { NetworkWriter } from '../networks.ts'
import type { UnitOfWork } from './unit-of-work.ts'

export class NetworkRows implements NetworkWriter {
  readonly #work: UnitOfWork

  constructor(work: UnitOfWork) {
    this.#work = work
  }

  async items(): Promise<readonly NetworkItem[]> {
    const rows = await this.#work.db.selectFrom('network_items').select('item').orderBy('sequence').execute()
    return rows.map(({ item }) => JSON.parse(item) as NetworkItem)
  }

  async loadBalancersInGroups(region: string, groupIds: readonly string[]): Promise<readonly string[]> {
    if (groupIds.length === 0) return []
    const rows = await this.#work.db
      .selectFrom('load_balancer_security_groups')
      .innerJoin('load_balancers', 'load_balancers.arn', 'load_balancer_security_groups.load_balancer_arn')
      .select('load_balancers.arn')
      .distinct()
      .where('load_balancer_security_groups.security_group_id', 'in', groupIds)
      .where('load_balancers.region', '=', region)
      .execute()
    return rows.map(({ arn }) => arn)
  }

  async loadBalancersInVpc(
    region: string,
    vpcId: string,
  ): Promise<readonly { readonly arn: string; readonly scheme: string }[]> {
    return await this.#work.db
      .selectFrom('load_balancers')
      .select(['arn', 'scheme'])
      .where('vpc_id', '=', vpcId)
      .where('region', '=', region)
      .execute()
  }

  async nodesInSubnet(subnetId: string): Promise<number> {
    const row = await this.#work.db
      .selectFrom('load_balancer_zones')
      .select(({ fn }) => fn.countAll().as('count'))
      .where('subnet_id', '=', subnetId)
      .executeTakeFirst()
    return Number(row?.count ?? 0)
  }

  async targetGroupsOf(targetIds: readonly string[]): Promise<readonly string[]> {
    if (targetIds.length === 0) return []
    const rows = await this.#work.db
      .selectFrom('targets')
      .select('target_group_arn')
      .distinct()
      .where('id', 'in', targetIds)
      .execute()
    return rows.map((row) => row.target_group_arn)
  }

  async put(item: NetworkItem, groups: readonly string[]): Promise<void> {
    const { region, id } = item
    await this.#work.db
      .insertInto('network_items')
      .values({ region, id, item: JSON.stringify(item) })
      .onConflict((conflict) =>
        conflict.columns(['region', 'id']).doUpdateSet({ item: JSON.stringify(item) }),
      )
      .execute()
    this.#work.changes.networks.push({ region, id, item })
    await this.#note(item, groups)
  }

  async remove(item: NetworkItem, groups: readonly string[]): Promise<void> {
    const { region, id } = item
    await this.#work.db
      .deleteFrom('network_items')
      .where('region', '=', region)
      .where('id', '=', id)
      .execute()
    this.#work.changes.networks.push({ region, id, item: null })
    await this.#note(item, groups)
  }

  async #note({ kind, region, id }: NetworkItem, groups: readonly string[]): Promise<void> {
    const { changes } = this.#work
    for (const arn of await this.loadBalancersInGroups(region, groups)) changes.loadBalancers.add(arn)
    if (kind !== 'instance') return
    // An instance that stops is of no use to the groups that it is registered in.
    for (const arn of await this.targetGroupsOf([id])) changes.targetGroups.add(arn)
  }
}
