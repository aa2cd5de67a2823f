// Data folders of earlier versions open unchanged.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RowWriter, Store } from '../../src/store/store.ts'
import { openStore } from '../../src/store/sqlite/sqlite-store.ts'
import { temporaryFolder } from '../api/support.ts'
import { layFolder, made } from './older-folder.ts'

const SCOPE = { accountId: '123456789012', region: 'us-east-2' }
const PAGE = { after: 0, limit: 1000 }

/** What `read` gives for each, by name. */
async function each<T>(
  names: readonly string[],
  read: (name: string) => Promise<T>,
): Promise<Record<string, T>> {
  const all: Record<string, T> = {}
  for (const name of names) all[name] = await read(name)
  return all
}

function arnsOf(resources: readonly { readonly arn: string }[]): string[] {
  return resources.map(({ arn }) => arn)
}

/** All that a store holds, secrets opened. */
async function everythingIn(rows: RowWriter): Promise<object> {
  const { items: loadBalancers } = await rows.loadBalancers.list(SCOPE, 'application', PAGE)
  const { items: targetGroups } = await rows.targetGroups.list(SCOPE, PAGE)
  const { items: trustStores } = await rows.trustStores.trustStores(SCOPE, PAGE)
  const listeners = []
  for (const { arn } of loadBalancers) listeners.push(...(await rows.listeners.list(arn, PAGE)).items)
  const rules = []
  for (const { arn } of listeners) rules.push(...(await rows.rules.list(arn, PAGE)).items)
  const targets = []
  for (const { arn } of targetGroups) targets.push(...(await rows.targets.list(arn)))
  const certificates = await rows.certificates.certificates(SCOPE)
  const named = [...loadBalancers, ...targetGroups, ...listeners, ...rules, ...certificates]
  const serverCertificates = await rows.certificates.serverCertificates(SCOPE.accountId)
  return {
    loadBalancers,
    listeners,
    rules,
    targetGroups,
    certificates,
    trustStores,
    targets,
    attributes: await each(arnsOf(named), async (arn) => Object.fromEntries(await rows.attributes.of(arn))),
    tags: await each(arnsOf(named), async (arn) => await rows.tags.of(arn)),
    listenerCertificates: await each(
      arnsOf(listeners),
      async (arn) => await rows.listeners.certificates(arn),
    ),
    clientSecrets: await each(arnsOf(rules), async (arn) => (await rows.rules.clientSecret(arn)) ?? null),
    capacity: await rows.loadBalancers.capacityReservation(loadBalancers[0]?.arn ?? ''),
    freeAddresses: await rows.nodeAddresses.free('127.1.0.0/16'),
    materials: await each(arnsOf(certificates), async (arn) => await rows.certificates.material(arn)),
    authorities: await each(['root'], async (name) => (await rows.certificates.authority(name)) ?? null),
    serverCertificates,
    serverMaterial: await rows.certificates.material(serverCertificates[0]?.arn ?? ''),
    bundles: await each(arnsOf(trustStores), async (arn) => await rows.trustStores.bundle(arn)),
    revocationLists: await each(
      arnsOf(trustStores),
      async (arn) => await rows.trustStores.revocationLists(arn),
    ),
    networkItems: await rows.networks.items(),
    zonalShifts: await rows.zonalShifts.shifts(SCOPE),
    cookieKeys: await rows.cookieKeys.all(),
  }
}

async function contentsOf(store: Store): Promise<object> {
  const rows = await store.write(async (writer) => await everythingIn(writer))
  return { ...rows, drainingTargets: await store.drainingTargets() }
}

test('a data folder of tables version 9 opens and has everything that was in it', async (t) => {
  const folder = await temporaryFolder(t)
  layFolder(folder)
  const then = JSON.parse(made('expected.json')) as { readonly loadBalancers: readonly object[] }
  // There was one kind of load balancer.
  const loadBalancers = then.loadBalancers.map((each) => ({ kind: 'application', ...each }))
  const expected = { ...then, loadBalancers }
  // The second time it is a folder of this version.
  for (const _ of [1, 2]) {
    const store = await openStore({ folder })
    try {
      // JSON, because that is how the expectation is kept.
      assert.deepEqual(JSON.parse(JSON.stringify(await contentsOf(store))), expected)
    } finally {
      await store.close()
    }
  }
})
