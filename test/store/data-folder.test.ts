// Data folders from which something is missing, or in which something is not what it was: refused with what is lost and
// how to go on, and left as they are.

import assert from 'node:assert/strict'
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { StartError } from '../../src/model/start-error.ts'
import { KEY_FILE, SecretBox } from '../../src/store/secret-box.ts'
import { DATABASE_FILE, openStore } from '../../src/store/sqlite/sqlite-store.ts'
import type { Store } from '../../src/store/store.ts'
import { temporaryFolder } from '../api/support.ts'
import { layFolder } from './older-folder.ts'

const SCOPE = { accountId: '123456789012', region: 'us-east-2' }

async function filledFolder(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t)
  layFolder(folder)
  // Once, so that it has this version's tables.
  await (await openStore({ folder })).close()
  return folder
}

function contentsOf(folder: string): Map<string, string> {
  return new Map(
    readdirSync(folder)
      .toSorted()
      .map((name) => [name, readFileSync(join(folder, name)).toString('hex')]),
  )
}

/** Expects a StartError of one line, and that every file is as it was. */
async function refused(folder: string, pattern: RegExp): Promise<void> {
  const before = contentsOf(folder)
  const error = await openStore({ folder }).then(
    async (store) => {
      await store.close()
      assert.fail('the store was opened')
    },
    (cause: unknown) => cause,
  )
  assert.ok(error instanceof StartError, String(error))
  assert.match(error.message, pattern)
  assert.doesNotMatch(error.message, /\n/)
  assert.deepEqual(contentsOf(folder), before)
}

const LOST =
  /secrets\.key is .*; without the right one these are lost: 2 private keys of certificates \(import them again\), 1 private key of a server certificate \(upload them again\), \d keys of the local certificate authority \(.*\), 1 client secret of a rule \(set them again\), 2 keys of sticky sessions \(sessions begin anew\); put it back, or start once with --forget-secrets/

test('a key file that is missing or foreign is never replaced unasked', async (t) => {
  const folder = await filledFolder(t)
  const file = join(folder, KEY_FILE)
  const key = readFileSync(file)
  rmSync(file)
  await refused(folder, LOST)
  assert.ok(!existsSync(file))
  SecretBox.newIn(folder)
  await refused(folder, LOST)
  writeFileSync(file, key.subarray(1))
  await refused(
    folder,
    /secrets\.key: it is not a key of 32 bytes; put the right file back, or .*--forget-secrets/,
  )
  writeFileSync(file, key)
  await (await openStore({ folder })).close()
})

/** Of each kind of secret, how many can be read. */
async function secretsIn(store: Store): Promise<Record<string, number>> {
  return await store.write(async (rows) => {
    const rules = (await rows.loadBalancers.list(SCOPE, 'application', { after: 0, limit: 9 })).items
    let clientSecrets = 0
    for (const { arn } of rules) {
      for (const listener of (await rows.listeners.list(arn, { after: 0, limit: 9 })).items) {
        for (const rule of (await rows.rules.list(listener.arn, { after: 0, limit: 9 })).items) {
          if ((await rows.rules.clientSecret(rule.arn)) !== undefined) clientSecrets++
        }
      }
    }
    let privateKeys = 0
    const certificates = await rows.certificates.certificates(SCOPE)
    const serverCertificates = await rows.certificates.serverCertificates(SCOPE.accountId)
    for (const { arn } of [...certificates, ...serverCertificates]) {
      if ((await rows.certificates.material(arn)) !== undefined) privateKeys++
      assert.ok(await rows.certificates.publicMaterial(arn))
    }
    const authorities = (await rows.certificates.authority('root')) === undefined ? 0 : 1
    return { clientSecrets, privateKeys, authorities, cookieKeys: (await rows.cookieKeys.all()).length }
  })
}

test('with forgetSecrets what no key opens is dropped and told, once, and everything else stays', async (t) => {
  for (const spoil of [
    (file: string) => rmSync(file),
    (file: string) => writeFileSync(file, 'damaged'),
    (file: string) => writeFileSync(file, Buffer.alloc(32, 7)),
  ]) {
    const folder = await filledFolder(t)
    spoil(join(folder, KEY_FILE))
    const told: string[] = []
    let store = await openStore({ folder, forgetSecrets: true, tell: (message) => told.push(message) })
    assert.equal(told.length, 1)
    assert.match(told[0] ?? '', /^Forgotten, because no key opens them: 2 private keys of certificates/)
    const none = { clientSecrets: 0, privateKeys: 0, authorities: 0, cookieKeys: 0 }
    assert.deepEqual(await secretsIn(store), none)
    await store.write(async ({ cookieKeys }) => await cookieKeys.insert({ id: 1, secret: 's', usedFrom: 0 }))
    await store.close()
    store = await openStore({ folder })
    assert.deepEqual(await secretsIn(store), { ...none, cookieKeys: 1 })
    await store.close()
  }
})

test('secrets that the key opens are not forgotten', async (t) => {
  const folder = await filledFolder(t)
  const told: string[] = []
  const store = await openStore({ folder, forgetSecrets: true, tell: (message) => told.push(message) })
  t.after(async () => await store.close())
  assert.deepEqual(told, [])
  assert.deepEqual(await secretsIn(store), {
    clientSecrets: 1,
    privateKeys: 3,
    authorities: 1,
    cookieKeys: 2,
  })
})

test('a database that is missing or empty beside what an earlier run left is no new beginning', async (t) => {
  const folder = await filledFolder(t)
  const file = join(folder, DATABASE_FILE)
  const pattern =
    /evenkeel\.sqlite: it is missing or empty, but .* has secrets\.key of an earlier run; put a copy of the database back, or move secrets\.key away/
  const good = readFileSync(file)
  rmSync(file)
  await refused(folder, pattern)
  writeFileSync(file, '')
  await refused(folder, pattern)
  renameSync(join(folder, KEY_FILE), join(folder, 'away'))
  const store = await openStore({ folder })
  await store.close()
  writeFileSync(file, good)
  renameSync(join(folder, 'away'), join(folder, KEY_FILE))
  await (await openStore({ folder })).close()
})

/** A folder as a process leaves it that was killed after these commits. */
async function killedFolder(t: TestContext, commits: number): Promise<{ folder: string; log: string }> {
  const living = await filledFolder(t)
  const store = await openStore({ folder: living })
  for (let commit = 0; commit < commits; commit++) {
    await store.write(async ({ tags }) => await tags.put('arn', [{ key: `k${commit}`, value: 'v' }]))
  }
  const folder = await temporaryFolder(t)
  const log = `${DATABASE_FILE}-wal`
  for (const name of [DATABASE_FILE, log, KEY_FILE]) copyFileSync(join(living, name), join(folder, name))
  await store.close()
  return { folder, log: join(folder, log) }
}

async function tagCount(folder: string): Promise<number> {
  const store = await openStore({ folder })
  try {
    return await store.read(async ({ tags }) => (await tags.of('arn')).length)
  } finally {
    await store.close()
  }
}

const FRAME_BYTES = 24 + 4096

test('a write-ahead log that is garbage, or broken before a later commit, is refused', async (t) => {
  const { folder, log } = await killedFolder(t, 5)
  const good = readFileSync(log)
  const broken = Buffer.from(good)
  broken.fill(0xee, 32 + 24 + 100, 32 + 24 + 200)
  for (const damage of [
    Buffer.from('garbage'),
    Buffer.alloc(good.length, 0x5a),
    Buffer.concat([Buffer.from([1, 2, 3, 4]), good.subarray(4)]),
    broken,
  ]) {
    writeFileSync(log, damage)
    await refused(
      folder,
      /-wal: it is damaged \(.*\), and it has the newest changes to .*evenkeel\.sqlite; put copies/,
    )
  }
  writeFileSync(log, good)
  assert.equal(await tagCount(folder), 5)
})

test('a write-ahead log whose last frames were being written when power failed is as good as any', async (t) => {
  for (const [change, commits] of [
    [(log: Buffer) => Buffer.concat([log, Buffer.alloc(FRAME_BYTES)]), 5],
    [(log: Buffer) => log.subarray(0, log.length - 100), 4],
    [(log: Buffer) => log.fill(0xee, log.length - 100), 4],
    [() => Buffer.alloc(32 + FRAME_BYTES), 0],
    [() => Buffer.alloc(0), 0],
  ] as const) {
    const { folder, log } = await killedFolder(t, 5)
    writeFileSync(log, change(readFileSync(log)))
    assert.equal(await tagCount(folder), commits)
  }
})
