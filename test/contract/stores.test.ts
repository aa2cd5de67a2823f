// The contract of stores, on each implementation.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { openStore } from '../../src/store/sqlite/sqlite-store.ts'
import { rehearsedStore } from '../support/rehearsed-store.ts'
import { certificateContract } from './certificate-contract.ts'
import { storeContract, type StoreImplementation } from './store-contract.ts'

async function newFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'evenkeel-'))
  t.after(async () => await rm(folder, { recursive: true, force: true }))
  return folder
}

const openSqlite: StoreImplementation['open'] = async (folder, reportError = () => undefined) =>
  await openStore({ folder, reportError })

const implementations: readonly StoreImplementation[] = [
  { name: 'SQLite', newPlace: newFolder, open: openSqlite },
  {
    name: 'SQLite, each unit of work repeated',
    newPlace: newFolder,
    open: async (folder, reportError) => rehearsedStore(await openSqlite(folder, reportError)),
  },
]

for (const implementation of implementations) {
  storeContract(implementation)
  certificateContract(implementation)
}
