// Rows of what EC2's API made, in the SQLite store: each item is read and replaced whole.

import type { Kysely } from 'kysely'
import type { NetworkItem } from '../model/networks.ts'
import type { NetworkReader, NetworkWriter } from './networks.ts'
import type { Tables } from './tables.ts'

export class SqliteNetworkReader implements NetworkReader {
  protected readonly db: Kysely<Tables>

  constructor(db: Kysely<Tables>) {
    this.db = db
  }

  async items(): Promise<readonly NetworkItem[]> {
    const rows = await this.db.selectFrom('network_items').select('item').orderBy('sequence').execute()
    return rows.map(({ item }) => JSON.parse(item) as NetworkItem)
  }

  async loadBalancersInGroups(region: string, groupIds: readonly string[]): Promise<readonly string[]> {
    if (groupIds.length === 0) return []
    const rows = await this.db
      .selectFrom('load_balancer_security_groups')
      .innerJoin('load_balancers', 'load_balancers.arn', 'load_balancer_security_groups.load_balancer_arn')
      .select('load_balancers.arn')
      .distinct()
      .where('load_balancer_security_groups.security_group_id', 'in', groupIds)
      .where('load_balancers.region', '=', region)
      .execute()
    return rows.map(({ arn }) => arn)
  }
}

export class SqliteNetworkWriter extends SqliteNetworkReader implements NetworkWriter {
  /** Load balancers that the transaction changed for traffic. */
  readonly #changed: Set<string>

  constructor(db: Kysely<Tables>, changed: Set<string>) {
    super(db)
    this.#changed = changed
  }

  async put(item: NetworkItem, groups: readonly string[]): Promise<void> {
    const { region, id } = item
    await this.db
      .insertInto('network_items')
      .values({ region, id, item: JSON.stringify(item) })
      .onConflict((conflict) =>
        conflict.columns(['region', 'id']).doUpdateSet({ item: JSON.stringify(item) }),
      )
      .execute()
    await this.#note(region, groups)
  }

  async remove({ region, id }: NetworkItem, groups: readonly string[]): Promise<void> {
    await this.db.deleteFrom('network_items').where('region', '=', region).where('id', '=', id).execute()
    await this.#note(region, groups)
  }

  async #note(region: string, groups: readonly string[]): Promise<void> {
    for (const arn of await this.loadBalancersInGroups(region, groups)) this.#changed.add(arn)
  }
}
