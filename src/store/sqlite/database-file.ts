// The file of a SQLite store: opened and locked for this process, checked before anything is written to it, and brought
// to the tables of this version.

import assert from 'node:assert/strict'
import { existsSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StartError } from '../../model/start-error.ts'
import { KEY_FILE } from '../secret-box.ts'
import { migrations } from './migrations.ts'
import { problemOfLog } from './write-ahead-log.ts'

/** Marks the file as ours ("evnk"), so that another program's database is never migrated. */
const APPLICATION_ID = 0x65766e6b

/** Throws a StartError, with nothing changed on disk, when the file is damaged or not ours, or another process has it. */
export function openDatabase(file: string): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    if (isMissingOrEmpty(file)) checkNewBeginning(file)
    checkLog(file)
    database = new DatabaseSync(file, { enableForeignKeyConstraints: true, timeout: 0 })
    // Set before the first access: the file is then locked for this process from that access on, and the lock ends
    // with the process, however it ends.
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    checkDatabase(database, file)
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    migrate(database)
    return database
  } catch (error) {
    database?.close()
    throw startError(error, file)
  }
}

/** Refuses a write-ahead log that SQLite would silently take for an empty one. */
function checkLog(file: string): void {
  const log = `${file}-wal`
  const problem = problemOfLog(log)
  if (problem === undefined) return
  // While another process writes to it, it may look like anything. A reader leaves the log alone when it closes; a
  // process that holds the database has no index file.
  const reader = new DatabaseSync(file, { readOnly: true, timeout: 0 })
  const index = `${file}-shm`
  const hadIndex = existsSync(index)
  try {
    reader.prepare('SELECT 1 FROM sqlite_schema').get()
  } finally {
    reader.close()
    if (!hadIndex) rmSync(index, { force: true })
  }
  throw new StartError(
    `Cannot use ${log}: it is ${problem}, and it has the newest changes to ${file}; put copies of both back, or move this file away to go on without these changes`,
  )
}

function isMissingOrEmpty(file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0
}

/** What an earlier run leaves in the data folder beside the database. */
const TRACES: readonly string[] = [KEY_FILE, 'networks-seen.json']

/** An empty database beside what an earlier run left is not a new beginning, but a loss. */
function checkNewBeginning(file: string): void {
  const folder = dirname(file)
  const traces = TRACES.filter((name) => existsSync(join(folder, name)))
  if (traces.length === 0) return
  throw new StartError(
    `Cannot use ${file}: it is missing or empty, but ${folder} has ${traces.join(' and ')} of an earlier run; put a copy of the database back, or move ${traces.join(' and ')} away to start with an empty store`,
  )
}

/** Reads all of the file once before anything is written to it. */
function checkDatabase(database: DatabaseSync, file: string): void {
  // Takes the lock, and fails at once if another process has it.
  database.exec('BEGIN IMMEDIATE; COMMIT')
  const problem = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})[0]
  if (problem !== 'ok') throw damaged(file, String(problem))
  const version = pragma(database, 'user_version')
  const isEmpty = pragma(database, 'schema_version') === 0
  // Tables that are only in a log that is gone leave a file with nothing in it.
  if (isEmpty) checkNewBeginning(file)
  else if (pragma(database, 'application_id') !== APPLICATION_ID) {
    throw new StartError(
      `Cannot use ${file}: it is the database of another program; name another data folder`,
    )
  }
  if (version > migrations.length) {
    throw new StartError(
      `Cannot use ${file}: it was written by a newer version (tables ${version}, known up to ${migrations.length}); run that version or name another data folder`,
    )
  }
}

function migrate(database: DatabaseSync): void {
  // A table that is made anew is dropped with what refers to it still there. No effect inside a transaction.
  database.exec('PRAGMA foreign_keys = OFF')
  for (let version = pragma(database, 'user_version'); version < migrations.length; version++) {
    // One transaction per step, version included: a crash leaves either the old tables or the new ones.
    database.exec('BEGIN IMMEDIATE')
    database.exec(migrations[version] ?? '')
    assert.deepEqual(database.prepare('PRAGMA foreign_key_check').all(), [])
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version + 1}; COMMIT`)
  }
  database.exec('PRAGMA foreign_keys = ON')
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name])
}

function startError(error: unknown, file: string): StartError {
  if (error instanceof StartError) return error
  const code = (error as { errcode?: number }).errcode ?? 0
  // The low byte is the primary result code.
  switch (code & 0xff) {
    case 5: // SQLITE_BUSY
      return new StartError(
        `Cannot use ${file}: another process holds it; stop that process or name another data folder`,
        { cause: error },
      )
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
      return damaged(file, messageOf(error), error)
    default:
      return new StartError(
        `Cannot open ${file}: ${messageOf(error)}; check that this user may read and write it and that the disk is not full`,
        { cause: error },
      )
  }
}

function damaged(file: string, problem: string, cause?: unknown): StartError {
  return new StartError(
    `Cannot use ${file}: it is damaged (${problem}); put a copy of it back, or move it away to start with an empty store`,
    { cause },
  )
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ')
}
