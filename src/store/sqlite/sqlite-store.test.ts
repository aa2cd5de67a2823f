// What is of SQLite alone: the file in the data folder, and who may use it.

import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { StartError } from '../../model/start-error.ts'
import type { Store } from '../store.ts'
import { DATABASE_FILE, openStore } from './sqlite-store.ts'

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A store with a tag in it. */
async function newStore(t: TestContext): Promise<{ store: Store; folder: string }> {
  const folder = newFolder(t)
  const store = await openStore({ folder })
  t.after(async () => await store.close())
  await store.write(async ({ tags }) => await tags.put('arn', TAGS))
  return { store, folder }
}

const TAGS = [{ key: 'a', value: 'b' }]

async function tagsIn(store: Store): Promise<unknown> {
  return await store.read(async ({ tags }) => await tags.of('arn'))
}

/** Opens, expects a StartError of one line that matches, and gives its text. */
async function refused(folder: string, pattern: RegExp): Promise<void> {
  const error = await openStore({ folder }).then(
    () => assert.fail('the store was opened'),
    (cause: unknown) => cause,
  )
  assert.ok(error instanceof StartError, String(error))
  assert.match(error.message, pattern)
  assert.doesNotMatch(error.message, /\n/)
}

test('a folder whose store is open is refused', async (t) => {
  const { store, folder } = await newStore(t)
  await refused(folder, /another process holds it; stop that process/)
  assert.deepEqual(await tagsIn(store), TAGS)
})

test('a damaged file is named and not overwritten', async (t) => {
  const { store, folder } = await newStore(t)
  await store.close()
  const file = join(folder, DATABASE_FILE)
  const good = readFileSync(file)
  for (const damage of [
    Buffer.from('this is not a database, but long enough to be looked at as one'.repeat(200)),
    good.subarray(0, Math.floor(good.length / 2)),
    Buffer.concat([good.subarray(0, 4096), Buffer.alloc(good.length - 4096, 0xee)]),
  ]) {
    writeFileSync(file, damage)
    await refused(folder, /evenkeel\.sqlite: it is damaged \(.+\); put a copy of it back/)
    assert.deepEqual(readFileSync(file), damage)
  }
})

test('the database of another program, or of a newer version, is refused and left as it is', async (t) => {
  for (const [statements, pattern] of [
    ['CREATE TABLE theirs (x)', /database of another program/],
    ['CREATE TABLE ours (x); PRAGMA application_id = 1702260331; PRAGMA user_version = 99', /newer version/],
  ] as const) {
    const folder = newFolder(t)
    const file = join(folder, DATABASE_FILE)
    const database = new DatabaseSync(file)
    database.exec(statements)
    database.close()
    const before = readFileSync(file)
    await refused(folder, pattern)
    assert.deepEqual(readFileSync(file), before)
  }
})

test('a data folder that cannot be used is named', async (t) => {
  const folder = newFolder(t)
  writeFileSync(join(folder, 'file'), '')
  await refused(join(folder, 'file'), /Cannot use the data folder .*file.*: .*; make it a folder/)
  await refused(join(folder, 'file', 'below'), /Cannot use the data folder/)
})

test(
  'a data folder without permission is named',
  { skip: process.getuid?.() === 0 ? 'root may read everything' : false },
  async (t) => {
    const folder = newFolder(t)
    chmodSync(folder, 0)
    t.after(() => chmodSync(folder, 0o700))
    await refused(folder, /Cannot open .*; check that this user may read and write it/)
  },
)
