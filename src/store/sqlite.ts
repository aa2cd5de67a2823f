// The store in one SQLite file inside the data folder, held by one process at a time. What was answered is on disk:
// the write-ahead log is synced at every commit.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely, SqliteDialect, type SqliteDatabase, type SqliteStatement, type Transaction } from 'kysely'
import { StartError } from '../model/start-error.ts'
import { splitTargetKey, targetKey } from '../model/target-key.ts'
import { SecretBox } from './secret-box.ts'
import { SqliteWriter } from './sqlite-writer.ts'
import type { DrainingTarget, RowReader, RowWriter, Store, StoreChange } from './store.ts'
import { migrations, type Tables } from './tables.ts'

export interface StoreOptions {
  /** Data folder; made if it is missing. */
  readonly folder: string
  /** Told of errors that listeners of `onChange` throw. */
  readonly reportError?: (error: unknown) => void
}

/** Name of the database file in the data folder. */
export const DATABASE_FILE = 'evenkeel.sqlite'

/** Prepared statements that are kept. Lists of different lengths make different statements. */
const STATEMENTS_MAX = 1000

/** Marks the file as ours ("evnk"), so that another program's database is never migrated. */
const APPLICATION_ID = 0x65766e6b

/**
 * Opens the store and holds it until `close`. Throws a StartError, with nothing changed on disk, when the folder
 * cannot be used, the file is damaged or not ours, or another process holds it.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const file = join(options.folder, DATABASE_FILE)
  try {
    mkdirSync(options.folder, { recursive: true })
  } catch (cause) {
    throw new StartError(
      `Cannot use the data folder ${options.folder}: ${messageOf(cause)}; make it a folder that this user may write to, or name another one`,
      { cause },
    )
  }
  const database = openDatabase(file)
  try {
    // Only who holds the database makes a key.
    return new SqliteStore(
      database,
      SecretBox.inFolder(options.folder),
      options.reportError ?? (() => undefined),
    )
  } catch (error) {
    database.close()
    throw error
  }
}

function openDatabase(file: string): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
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

/** Reads all of the file once before anything is written to it. */
function checkDatabase(database: DatabaseSync, file: string): void {
  // Takes the lock, and fails at once if another process has it.
  database.exec('BEGIN IMMEDIATE; COMMIT')
  const problem = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {})[0]
  if (problem !== 'ok') throw damaged(file, String(problem))
  const version = pragma(database, 'user_version')
  const isEmpty = pragma(database, 'schema_version') === 0
  if (!isEmpty && pragma(database, 'application_id') !== APPLICATION_ID) {
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
  for (let version = pragma(database, 'user_version'); version < migrations.length; version++) {
    // One transaction per step, version included: a crash leaves either the old tables or the new ones.
    database.exec('BEGIN IMMEDIATE')
    database.exec(migrations[version] ?? '')
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version + 1}; COMMIT`)
  }
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

class SqliteStore implements Store {
  readonly #database: DatabaseSync
  readonly #kysely: Kysely<Tables>
  readonly #secrets: SecretBox
  readonly #listeners = new Set<(change: StoreChange) => void>()
  readonly #reportError: (error: unknown) => void
  readonly #running = new Set<Promise<unknown>>()
  #closed: Promise<void> | null = null

  constructor(database: DatabaseSync, secrets: SecretBox, reportError: (error: unknown) => void) {
    this.#database = database
    this.#secrets = secrets
    this.#kysely = new Kysely<Tables>({ dialect: new SqliteDialect({ database: adaptSqlite(database) }) })
    this.#reportError = reportError
  }

  async read<T>(work: (rows: RowReader) => Promise<T>): Promise<T> {
    return await this.#transaction(async (rows) => await work(rows))
  }

  async write<T>(work: (rows: RowWriter) => Promise<T>): Promise<T> {
    let change: StoreChange | undefined
    const result = await this.#transaction(async (rows) => {
      const value = await work(rows)
      change = rows.change
      return value
    })
    if (change !== undefined) this.#tell(change)
    return result
  }

  onChange(listener: (change: StoreChange) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async everything(): Promise<StoreChange> {
    return await this.#transaction(async (_, db) => {
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
      async (_, db) =>
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
    await this.write(async (rows) => {
      const target = await rows.target(targetGroupArn, id, port)
      if (target === undefined || target.drainsUntil === null) return
      await rows.removeTarget(targetGroupArn, id, port)
    })
  }

  async close(): Promise<void> {
    this.#listeners.clear()
    this.#closed ??= this.#close()
    await this.#closed
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#running)
    await this.#kysely.destroy()
    // Kysely closes only what it has used; the lock must go in any case.
    if (this.#database.isOpen) this.#database.close()
  }

  async #transaction<T>(work: (rows: SqliteWriter, db: Transaction<Tables>) => Promise<T>): Promise<T> {
    if (this.#closed !== null) throw new Error('The store is closed')
    const running = this.#kysely
      .transaction()
      .execute(async (db) => await work(new SqliteWriter(db, this.#secrets), db))
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  async #setStates(arns: readonly string[], code: string, reason: string | null): Promise<void> {
    await this.#transaction(async (_, db) => {
      for (const arn of arns) {
        await db
          .updateTable('load_balancers')
          .set({ state_code: code, state_reason: reason })
          .where('arn', '=', arn)
          // No write to the disk where nothing changes: control says so after every update.
          .where((where) =>
            where.or([where('state_code', '!=', code), where('state_reason', 'is not', reason)]),
          )
          .execute()
      }
    })
  }

  #tell(change: StoreChange): void {
    if (change.loadBalancers.size === 0 && change.targetGroups.size === 0) return
    for (const listener of this.#listeners) {
      try {
        listener(change)
      } catch (error) {
        // The write is done; who watches must not make it look undone.
        this.#reportError(error)
      }
    }
  }
}

/** `node:sqlite` in the form in which Kysely's dialect drives a database. */
function adaptSqlite(database: DatabaseSync): SqliteDatabase {
  // The program has a limited number of statements, and preparing one takes longer than running it.
  const prepared = new Map<string, SqliteStatement>()
  function prepare(sql: string): SqliteStatement {
    const statement = database.prepare(sql)
    return {
      reader: statement.columns().length > 0,
      all: (parameters) => statement.all(...(parameters as [])),
      run: (parameters) => statement.run(...(parameters as [])),
      iterate: (parameters) => statement.iterate(...(parameters as [])),
    }
  }
  return {
    close: () => database.close(),
    prepare(sql) {
      let statement = prepared.get(sql)
      if (statement === undefined) {
        if (prepared.size >= STATEMENTS_MAX) prepared.clear()
        statement = prepare(sql)
        prepared.set(sql, statement)
      }
      return statement
    },
  }
}
