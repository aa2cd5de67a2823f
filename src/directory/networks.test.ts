import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { InternetGatewayItem } from '../model/networks.ts'
import { openStore } from '../store/sqlite/sqlite-store.ts'
import { DEFAULT_DIRECTORY_SETTINGS } from './built-in.ts'
import { Networks, type NetworkStore } from './networks.ts'

const REGION = 'us-east-2'

function gateway(id: string): InternetGatewayItem {
  return { kind: 'internet-gateway', region: REGION, id, vpcId: null }
}

test('an edit that is not committed leaves nothing in memory', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-'))
  const store = await openStore({ folder })
  t.after(async () => {
    await store.close()
    rmSync(folder, { recursive: true })
  })
  const failing: NetworkStore = {
    changes: store.changes,
    read: async (work) => await store.read(work),
    write: async (work) =>
      await store.write(async (rows) => {
        await work(rows)
        throw new Error('the commit failed')
      }),
  }
  const networks = await Networks.load(DEFAULT_DIRECTORY_SETTINGS, failing)
  await assert.rejects(
    networks.edit(async ({ put }) => put(gateway('igw-1'))),
    /the commit failed/,
  )
  assert.equal(networks.find(REGION, 'internet-gateway', 'igw-1'), undefined)
})

test('what is stored by whomever is known at once', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-'))
  const store = await openStore({ folder })
  t.after(async () => {
    await store.close()
    rmSync(folder, { recursive: true })
  })
  const networks = await Networks.load(DEFAULT_DIRECTORY_SETTINGS, store)
  await store.write(async (rows) => await rows.networks.put(gateway('igw-2'), []))
  assert.deepEqual(networks.find(REGION, 'internet-gateway', 'igw-2'), gateway('igw-2'))
  await store.write(async (rows) => await rows.networks.remove(gateway('igw-2'), []))
  assert.equal(networks.find(REGION, 'internet-gateway', 'igw-2'), undefined)
})
