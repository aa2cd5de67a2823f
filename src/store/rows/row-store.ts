// A store over any database that keeps the tables: units of work, and what they changed told in order.

import type { Kysely } from 'kysely'
import { splitTargetKey, targetKey } from '../../model/target-key.ts'
import { ChangeFeed, type StoreChange } from '../changes.ts'
import type { SecretBox } from '../secret-box.ts'
import type { RowReader, RowWriter, Store } from '../store.ts'
import type { DrainingTarget } from '../targets.ts'
import { Rows } from './rows.ts'
import type { Tables } from './tables.ts'

/** What a store needs of its database. */
export interface Database {
  /**
   * Runs `work` in a transaction, again from the start where the database wants that. Calls `committed` once with what
   * the try gave that was committed, before any later transaction begins that could see it.
   */
  transaction<T>(
    work: (db: Kysely<Tables>) => Promise<T>,
    committed?: (result: NoInfer<T>) => void,
  ): Promise<T>
  close(): Promise<void>
}

export class RowStore implements Store {
  readonly changes: ChangeFeed
  readonly #database: Database
  readonly #secrets: SecretBox
  readonly #running = new Set<Promise<unknown>>()
  #closed: Promise<void> | null = null

  /** `reportError` is told of errors that followers of the feed throw. */
  constructor(database: Database, secrets: SecretBox, reportError: (error: unknown) => void) {
    this.#database = database
    this.#secrets = secrets
    this.changes = new ChangeFeed(reportError)
  }

  async read<T>(work: (rows: RowReader) => Promise<T>): Promise<T> {
    return await this.#transaction(async (db) => await work(new Rows(db, this.#secrets)))
  }

  async write<T>(work: (rows: RowWriter) => Promise<T>): Promise<T> {
    const { result } = await this.#transaction(
      async (db) => {
        const rows = new Rows(db, this.#secrets)
        return { result: await work(rows), changes: rows.changes }
      },
      ({ changes }) => this.changes.tell(changes),
    )
    return result
  }

  async everything(): Promise<StoreChange> {
    return await this.#transaction(async (db) => {
      const loadBalancers = await db.selectFrom('load_balancers').select('arn').execute()
      const targetGroups = await db.selectFrom('target_groups').select('arn').execute()
      return {
        loadBalancers: new Set(loadBalancers.map(({ arn }) => arn)),
        targetGroups: new Set(targetGroups.map(({ arn }) => arn)),
      }
    })
  }

  async markApplied(loadBalancerArns: readonly string[]): Promise<void> {
    if (loadBalancerArns.length > 0) await this.#setStates(loadBalancerArns, 'active', null)
  }

  async markFailed(loadBalancerArn: string, reason: string): Promise<void> {
    await this.#setStates([loadBalancerArn], 'failed', reason)
  }

  async markImpaired(loadBalancerArn: string, reason: string): Promise<void> {
    await this.#setStates([loadBalancerArn], 'active_impaired', reason)
  }

  async drainingTargets(): Promise<readonly DrainingTarget[]> {
    const rows = await this.#transaction(
      async (db) =>
        await db
          .selectFrom('targets')
          .select(['target_group_arn', 'id', 'port', 'drains_until'])
          .where('drains_until', 'is not', null)
          .orderBy('drains_until')
          .execute(),
    )
    return rows.map((row) => ({
      targetGroupArn: row.target_group_arn,
      key: targetKey(row.id, row.port),
      drainsUntil: row.drains_until ?? 0,
    }))
  }

  async finishDeregistration(targetGroupArn: string, key: string): Promise<void> {
    const { id, port } = splitTargetKey(key)
    await this.write(async ({ targets }) => {
      const target = await targets.find(targetGroupArn, id, port)
      if (target === undefined || target.drainsUntil === null) return
      await targets.remove(targetGroupArn, id, port)
    })
  }

  async close(): Promise<void> {
    this.changes.close()
    this.#closed ??= this.#close()
    await this.#closed
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#running)
    await this.#database.close()
  }

  async #transaction<T>(
    work: (db: Kysely<Tables>) => Promise<T>,
    committed?: (result: T) => void,
  ): Promise<T> {
    if (this.#closed !== null) throw new Error('The store is closed')
    const running = this.#database.transaction(work, committed)
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  async #setStates(arns: readonly string[], code: string, reason: string | null): Promise<void> {
    await this.#transaction(async (db) => {
      for (const arn of arns) {
        await db
          .updateTable('load_balancers')
          .set({ state_code: code, state_reason: reason })
          .where('arn', '=', arn)
          // No write to the disk where nothing changes: control says so after every update.
          .where((where) =>
            where.or([where('state_code', '!=', code), where('state_reason', 'is distinct from', reason)]),
          )
          .execute()
      }
    })
  }
}
