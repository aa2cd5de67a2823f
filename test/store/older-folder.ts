// A data folder as an earlier version left it. `made-with-version-9` was made by calls to the API of the program whose
// tables had version 9: the database as statements, the key of its secrets, and all that was read back then.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { KEY_FILE } from '../../src/store/secret-box.ts'
import { DATABASE_FILE } from '../../src/store/sqlite/sqlite-store.ts'

const MADE = join(import.meta.dirname, 'made-with-version-9')

export function made(name: string): string {
  return readFileSync(join(MADE, name), 'utf8')
}

/** Lays the data folder as the earlier version left it. */
export function layFolder(folder: string): void {
  const database = new DatabaseSync(join(folder, DATABASE_FILE))
  database.exec('PRAGMA journal_mode = WAL')
  database.exec(made('evenkeel.sql'))
  database.close()
  writeFileSync(join(folder, KEY_FILE), Buffer.from(made('secrets.key.base64'), 'base64'), { mode: 0o600 })
}
