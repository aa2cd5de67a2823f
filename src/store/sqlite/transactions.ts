// Transactions on the one connection to a SQLite file, one after the other.

import type { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import type { Database } from '../rows/row-store.ts'
import type { Tables } from '../rows/tables.ts'
import type { DiskRoom } from './disk-room.ts'
import { sqliteDialect } from './driver.ts'

export class SqliteTransactions implements Database {
  readonly #database: DatabaseSync
  readonly #room: DiskRoom
  readonly #kysely: Kysely<Tables>
  /** Settled when every transaction that was asked for is over. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(database: DatabaseSync, room: DiskRoom) {
    this.#database = database
    this.#room = room
    this.#kysely = new Kysely<Tables>({ dialect: sqliteDialect(database) })
  }

  async transaction<T>(
    work: (db: Kysely<Tables>) => Promise<T>,
    committed?: (result: T) => void,
  ): Promise<T> {
    const result = this.#last.then(async () => {
      const value = await this.#committed(work)
      // Before the next one begins: it must not see rows that memory does not know of yet.
      committed?.(value)
      return value
    })
    this.#last = result.catch(() => undefined)
    return await result
  }

  async #committed<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    const isRoomMissing = this.#room.isMissing
    const before = isRoomMissing ? this.#changeCount() : 0
    try {
      const value = await this.#kysely.transaction().execute(work)
      // Reads say nothing about the disk.
      if (isRoomMissing && this.#changeCount() > before) this.#room.written()
      return value
    } catch (error) {
      throw this.#room.errorFor(error)
    }
  }

  /** Rows that were ever changed on this connection. */
  #changeCount(): number {
    return Number(this.#database.prepare('SELECT total_changes() AS count').get()?.['count'])
  }

  async close(): Promise<void> {
    await this.#last
    await this.#kysely.destroy()
    if (this.#database.isOpen) this.#database.close()
  }
}
