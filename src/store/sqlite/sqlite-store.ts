// The store in one SQLite file inside the data folder, held by one process at a time. What was answered is on disk:
// the write-ahead log is synced at every commit.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { StartError } from '../../model/start-error.ts'
import { RowStore } from '../rows/row-store.ts'
import { openSecrets } from '../rows/secrets.ts'
import type { Store } from '../store.ts'
import { openDatabase } from './database-file.ts'
import { DiskRoom } from './disk-room.ts'
import { SqliteTransactions } from './transactions.ts'

export interface StoreOptions {
  /** Data folder; made if it is missing. */
  readonly folder: string
  /** Whether secrets that the key file does not open are dropped, rather than the start refused. */
  readonly forgetSecrets?: boolean
  /** Told of errors that followers of the feed throw. */
  readonly reportError?: (error: unknown) => void
  /** Told what who looks after the machine has to know, a line each. */
  readonly tell?: (message: string) => void
}

/** Name of the database file in the data folder. */
export const DATABASE_FILE = 'evenkeel.sqlite'

/**
 * Opens the store and holds it until `close`. Throws a StartError, with nothing changed on disk, when the folder
 * cannot be used, the file is damaged or not ours, or another process holds it.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const file = join(options.folder, DATABASE_FILE)
  try {
    mkdirSync(options.folder, { recursive: true })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StartError(
      `Cannot use the data folder ${options.folder}: ${reason}; make it a folder that this user may write to, or name another one`,
      { cause },
    )
  }
  const { folder, forgetSecrets = false, reportError = () => undefined, tell = () => undefined } = options
  const database = new SqliteTransactions(openDatabase(file), new DiskRoom(file, tell))
  try {
    const secrets = await openSecrets({ folder, database, forget: forgetSecrets, tell })
    return new RowStore(database, secrets, reportError)
  } catch (error) {
    await database.close()
    throw error
  }
}
