// What happens to the store on a disk that is full, and when there is room again.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Networks } from '../../src/directory/networks.ts'
import { DEFAULT_DIRECTORY_SETTINGS } from '../../src/directory/built-in.ts'
import { openStore } from '../../src/store/sqlite/sqlite-store.ts'
import { StoreUnavailable } from '../../src/store/unavailable.ts'
import { smallDisk } from '../support/small-disk.ts'

const REGION = 'us-east-2'
const TRIES = 20

test('a full disk leaves nothing in force, is told once with what is missing, and is over when there is room', async (t) => {
  const disk = smallDisk(t, 4)
  if (disk === null) return
  const told: string[] = []
  const store = await openStore({ folder: disk.folder, tell: (message) => told.push(message) })
  t.after(async () => await store.close())
  const networks = await Networks.load(DEFAULT_DIRECTORY_SETTINGS, store)
  const changes: unknown[] = []
  store.changes.follow((change) => changes.push(change))
  await store.write(async ({ tags }) => await tags.put('arn', [{ key: 'before', value: 'x' }]))
  const large = Array.from({ length: 200 }, (_, index) => ({ key: `k${index}`, value: 'x'.repeat(250) }))
  const gateway = { kind: 'internet-gateway', region: REGION, id: 'igw-1', vpcId: null } as const

  disk.fill()
  for (let tries = 0; tries < TRIES; tries++) {
    const editing = networks.edit(async ({ put }, { tags }) => {
      put(gateway)
      await tags.put('arn', large)
    })
    await assert.rejects(editing, (error: unknown) => {
      assert.ok(error instanceof StoreUnavailable, String(error))
      assert.match(
        error.message,
        /evenkeel\.sqlite: its disk is full \(0 KiB free of \d+ KiB that are needed\)/,
      )
      return true
    })
    assert.equal(networks.find(REGION, 'internet-gateway', 'igw-1'), undefined)
  }
  assert.deepEqual(changes, [])
  assert.equal(told.length, 1, told.join('\n'))
  assert.match(told[0] ?? '', /make 8192 KiB of room; nothing can be changed until then/)
  const kept = await store.read(async ({ tags }) => await tags.of('arn'))
  assert.deepEqual(kept, [{ key: 'before', value: 'x' }])

  disk.makeRoom()
  await networks.edit(async ({ put }, { tags }) => {
    put(gateway)
    await tags.put('arn', large)
  })
  assert.deepEqual(networks.find(REGION, 'internet-gateway', 'igw-1'), gateway)
  assert.equal(changes.length, 1)
  assert.equal(told.length, 2, told.join('\n'))
  assert.match(told[1] ?? '', /can be written to again/)
  const after = await store.read(async ({ tags }) => await tags.of('arn'))
  assert.equal(after.length, large.length + 1)
})
