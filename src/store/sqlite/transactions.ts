// Transactions on the one connection to a SQLite file, one after the other.

import type { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import type { Database } from '../rows/row-store.ts'
import type { Tables } from '../rows/tables.ts'
import { sqliteDialect } from './driver.ts'

export class SqliteTransactions implements Database {
  readonly #database: DatabaseSync
  readonly #kysely: Kysely<Tables>
  /** Settled when every transaction that was asked for is over. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#kysely = new Kysely<Tables>({ dialect: sqliteDialect(database) })
  }

  async transaction<T>(
    work: (db: Kysely<Tables>) => Promise<T>,
    committed?: (result: T) => void,
  ): Promise<T> {
    const result = this.#last.then(async () => {
      const value = await this.#kysely.transaction().execute(work)
      // Before the next one begins: it must not see rows that memory does not know of yet.
      committed?.(value)
      return value
    })
    this.#last = result.catch(() => undefined)
    return await result
  }

  async close(): Promise<void> {
    await this.#last
    await this.#kysely.destroy()
    if (this.#database.isOpen) this.#database.close()
  }
}
