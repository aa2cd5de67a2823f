// What every store has to do, whatever keeps its rows: units of work, the feed of changes, and rows of load balancers
// with what belongs to them. A new implementation passes this before anything else is said of it.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { InstanceItem } from '../../src/model/networks.ts'
import type { LoadBalancerKind } from '../../src/model/resources.ts'
import type { CommittedChange } from '../../src/store/changes.ts'
import type { Store } from '../../src/store/store.ts'
import { fill, loadBalancer, names, POOL, rule, SCOPE, targetGroup } from './resources.ts'

export interface StoreImplementation {
  /** Of the implementation, for the titles of tests. */
  readonly name: string
  /** Where a new, empty store can be; gone with the test. */
  readonly newPlace: (t: TestContext) => Promise<string>
  /** Opens the store of a place, which nobody else has open. */
  readonly open: (place: string, reportError?: (error: unknown) => void) => Promise<Store>
}

export function storeContract({ name, newPlace, open }: StoreImplementation): void {
  async function newStore(
    t: TestContext,
  ): Promise<{ store: Store; changes: CommittedChange[]; place: string }> {
    const place = await newPlace(t)
    const store = await open(place)
    t.after(async () => await store.close())
    const changes: CommittedChange[] = []
    store.changes.follow((change) => changes.push(change))
    return { store, changes, place }
  }

  test(`what was written is read back, also after the store was opened again (${name})`, async (t) => {
    const { store, place } = await newStore(t)
    await fill(store)
    const before = await store.read(async (rows) => [
      await rows.loadBalancers.find('lb:a'),
      await rows.rules.find('r:0'),
    ])
    await store.close()
    const again = await open(place)
    t.after(async () => await again.close())
    const after = await again.read(async (rows) => [
      await rows.loadBalancers.find('lb:a'),
      await rows.rules.find('r:0'),
    ])
    assert.deepEqual(after, before)
    assert.deepEqual(after[0], {
      ...loadBalancer('a', [{ zone: 'z-a', subnetId: 's-1', address: '127.9.0.1' }]),
    })
    assert.deepEqual(after[1], rule('r:0', null, 'x'))
  })

  test(`a transaction that throws leaves nothing and tells nobody (${name})`, async (t) => {
    const { store, changes } = await newStore(t)
    const failing = store.write(async (rows) => {
      await rows.loadBalancers.insert(loadBalancer('a'))
      await rows.nodeAddresses.allocate(POOL)
      throw new Error('no')
    })
    await assert.rejects(failing, /^Error: no$/)
    assert.deepEqual(changes, [])
    await store.read(async (rows) => {
      assert.equal(await rows.loadBalancers.find('lb:a'), undefined)
      assert.equal(await rows.nodeAddresses.free(POOL), 14)
    })
  })

  test(`a change names the load balancers and target groups whose traffic it touches, and no others (${name})`, async (t) => {
    const { store, changes } = await newStore(t)
    await fill(store)
    assert.deepEqual(names(changes.pop()), ['arn:targetgroup/x', 'arn:targetgroup/y', 'lb:a'])

    await store.write(
      async (rows) => await rows.rules.update('r:0', { actions: rule('', null, 'y').actions }),
    )
    assert.deepEqual(names(changes.pop()), ['arn:targetgroup/x', 'arn:targetgroup/y', 'lb:a'])

    const target = {
      targetGroupArn: 'arn:targetgroup/x',
      id: '10.0.0.1',
      port: 80,
      address: '10.0.0.1',
      zone: 'z-a',
    }
    await store.write(async (rows) => await rows.targets.put({ ...target, drainsUntil: null }))
    assert.deepEqual(names(changes.pop()), ['arn:targetgroup/x'])

    await store.write(async (rows) => await rows.attributes.set('lb:a', new Map([['k', 'v']])))
    assert.deepEqual(names(changes.pop()), ['lb:a'])

    await store.write(async (rows) => await rows.loadBalancers.update('lb:a', { zones: [] }))
    assert.deepEqual(names(changes.pop()), ['arn:targetgroup/y', 'lb:a'])

    const tls = { sslPolicy: 'a', certificateArn: 'c', mutualAuthentication: { mode: 'off' } } as const
    await store.write(async (rows) => await rows.listeners.update('l:1', { protocol: 'HTTPS', tls }))
    assert.deepEqual(names(changes.pop()), ['arn:targetgroup/y', 'lb:a'])
    await store.write(
      async (rows) => await rows.listeners.update('l:1', { tls: { ...tls, certificateArn: 'd' } }),
    )
    assert.deepEqual(names(changes.pop()), ['lb:a'])
    await store.write(async (rows) => await rows.listeners.update('l:1', { tls: { ...tls, sslPolicy: 'b' } }))
    assert.deepEqual(names(changes.pop()), ['arn:targetgroup/y', 'lb:a'])

    await store.write(async (rows) => await rows.tags.put('lb:a', [{ key: 'k', value: 'v' }]))
    await store.markApplied(['lb:a'])
    assert.deepEqual(changes, [])

    await store.write(async (rows) => await rows.loadBalancers.delete('lb:a'))
    assert.deepEqual(names(changes.pop()), ['arn:targetgroup/y', 'lb:a'])
    assert.deepEqual(names(await store.everything()), ['arn:targetgroup/x', 'arn:targetgroup/y'])
  })

  test(`ALB-LB-425 deletion frees addresses and groups, and leaves targets registered (${name})`, async (t) => {
    const { store } = await newStore(t)
    await fill(store)
    const target = {
      targetGroupArn: 'arn:targetgroup/x',
      id: 'i',
      port: 80,
      address: '10.0.0.1',
      zone: 'z-a',
    }
    await store.write(async (rows) => {
      await rows.targets.put({ ...target, drainsUntil: null })
      await rows.tags.put('r:0', [{ key: 'k', value: 'v' }])
      assert.equal(await rows.nodeAddresses.free(POOL), 13)
      await rows.loadBalancers.delete('lb:a')
    })
    await store.read(async (rows) => {
      assert.equal(await rows.nodeAddresses.free(POOL), 14)
      assert.equal(await rows.listeners.find('l:1'), undefined)
      assert.deepEqual(await rows.tags.of('r:0'), [])
      assert.equal(await rows.targetGroups.use('arn:targetgroup/x'), undefined)
      assert.equal((await rows.targets.list('arn:targetgroup/x')).length, 1)
    })
  })

  test(`node addresses are unique until the pool is empty, and a freed one rests longest (${name})`, async (t) => {
    const { store } = await newStore(t)
    await store.write(async (rows) => {
      const given = new Set<string | undefined>()
      for (let index = 0; index < 14; index++) given.add(await rows.nodeAddresses.allocate(POOL))
      assert.equal(given.size, 14)
      assert.ok(given.has('127.9.0.1') && given.has('127.9.0.14') && !given.has('127.9.0.15'))
      assert.equal(await rows.nodeAddresses.allocate(POOL), undefined)
    })
  })

  test(`node addresses that may not be taken are passed over, and stay free (${name})`, async (t) => {
    const { store } = await newStore(t)
    await store.write(async (rows) => {
      const take = async (address: string): Promise<boolean> => address === '127.9.0.3'
      assert.equal(await rows.nodeAddresses.allocate(POOL, take), '127.9.0.3')
      assert.equal(await rows.nodeAddresses.allocate(POOL, take), undefined)
      assert.equal(await rows.nodeAddresses.free(POOL), 13)
      assert.equal(await rows.nodeAddresses.allocate(POOL), '127.9.0.4')
    })
  })

  test(`load balancers of each kind have names, lists and counts of their own (${name})`, async (t) => {
    const { store } = await newStore(t)
    const application = loadBalancer('a')
    const classic = { ...application, arn: 'classic:a', kind: 'classic', dnsName: 'classic.test' } as const
    const other = loadBalancer('b')
    await store.write(async ({ loadBalancers }) => {
      for (const each of [application, classic, other]) await loadBalancers.insert(each)
    })
    await assert.rejects(
      store.write(async ({ loadBalancers }) => {
        await loadBalancers.insert({ ...classic, arn: 'classic:again', dnsName: 'again.test' })
      }),
    )
    await store.read(async ({ loadBalancers }) => {
      const arnOf = async (kind: LoadBalancerKind): Promise<unknown> =>
        (await loadBalancers.findByName(SCOPE, kind, 'a'))?.arn
      assert.deepEqual([await arnOf('application'), await arnOf('classic')], ['lb:a', 'classic:a'])
      const first = await loadBalancers.list(SCOPE, 'application', { after: 0, limit: 1 })
      assert.deepEqual(first.items, [application])
      const last = await loadBalancers.list(SCOPE, 'application', { after: first.next ?? 0, limit: 1 })
      assert.deepEqual(last, { items: [other], next: null })
      assert.equal(await loadBalancers.count(SCOPE, 'classic'), 1)
      assert.deepEqual(await loadBalancers.find('classic:a'), classic)
    })
  })

  test(`who follows the feed knows of a commit before the next unit of work looks (${name})`, async (t) => {
    const { store } = await newStore(t)
    const known = new Set<string>()
    store.changes.follow(({ targetGroups }) => {
      for (const arn of targetGroups) known.add(arn)
    })
    const added = ['a', 'b', 'c', 'd'].map(
      async (letter) =>
        await store.write(async ({ targetGroups }) => {
          const stored = (await targetGroups.list(SCOPE, { after: 0, limit: 10 })).items
          assert.deepEqual(
            stored.filter(({ arn }) => !known.has(arn)),
            [],
          )
          await targetGroups.insert(targetGroup(letter))
        }),
    )
    await Promise.all(added)
    assert.equal(known.size, 4)
  })

  test(`the feed has what memory needs of networks and zonal shifts (${name})`, async (t) => {
    const { store, changes } = await newStore(t)
    const region = SCOPE.region
    const item = { kind: 'instance', region, id: 'i-1' } as InstanceItem
    await store.write(async ({ networks }) => await networks.put(item, []))
    await store.write(async ({ networks }) => await networks.remove(item, []))
    const shift = {
      ...SCOPE,
      id: 's',
      loadBalancerArn: 'lb:a',
      awayFrom: 'z-a',
      comment: '',
      startedAt: 1,
      expiresAt: 2,
      isCanceled: false,
    }
    await store.write(async ({ zonalShifts }) => await zonalShifts.put(shift))
    await assert.rejects(
      store.write(async ({ networks, zonalShifts }) => {
        await networks.put(item, [])
        await zonalShifts.put({ ...shift, isCanceled: true })
        throw new Error('no')
      }),
    )
    assert.deepEqual(
      changes.map(({ networks, zonalShifts }) => [networks, zonalShifts]),
      [
        [[{ region, id: 'i-1', item }], []],
        [[{ region, id: 'i-1', item: null }], []],
        [[], [shift]],
      ],
    )
  })

  test(`ALB-LSN-454 priorities are swapped in one go (${name})`, async (t) => {
    const { store } = await newStore(t)
    await fill(store)
    await store.write(async (rows) => {
      await rows.rules.insert(rule('r:1', 10, 'x'))
      await rows.rules.insert(rule('r:2', 20, 'x'))
      await rows.rules.setPriorities([
        { arn: 'r:1', priority: 20 },
        { arn: 'r:2', priority: 10 },
      ])
      const { items } = await rows.rules.list('l:1', { after: 0, limit: 10 })
      assert.deepEqual(
        items.map(({ arn, priority }) => [arn, priority]),
        [
          ['r:2', 10],
          ['r:1', 20],
          ['r:0', null],
        ],
      )
    })
  })

  test(`ALB-LB-145 ALB-LB-147 states are set by those who serve, and kept (${name})`, async (t) => {
    const { store, place } = await newStore(t)
    await fill(store)
    const state = async (): Promise<unknown> =>
      await store.read(async (rows) => (await rows.loadBalancers.find('lb:a'))?.state)
    await store.markFailed('lb:a', 'Cannot bind 127.9.0.1:80')
    assert.deepEqual(await state(), { code: 'failed', reason: 'Cannot bind 127.9.0.1:80' })
    await store.markImpaired('lb:a', 'one zone')
    assert.deepEqual(await state(), { code: 'active_impaired', reason: 'one zone' })
    await store.markApplied(['lb:a', 'lb:gone'])
    await store.close()
    const again = await open(place)
    t.after(async () => await again.close())
    const [reopened] = await again.read(async (rows) => [(await rows.loadBalancers.find('lb:a'))?.state])
    assert.deepEqual(reopened, { code: 'active', reason: null })
  })

  test(`ALB-TG-137 draining targets are listed by deadline and leave when they are finished (${name})`, async (t) => {
    const { store, changes } = await newStore(t)
    await fill(store)
    const group = 'arn:targetgroup/x'
    await store.write(async (rows) => {
      for (const [id, drainsUntil] of [
        ['a', 300],
        ['b', null],
        ['c', 200],
      ] as const) {
        await rows.targets.put({
          targetGroupArn: group,
          id,
          port: 80,
          address: '10.0.0.1',
          zone: 'z-a',
          drainsUntil,
        })
      }
    })
    assert.deepEqual(await store.drainingTargets(), [
      { targetGroupArn: group, key: 'c|80', drainsUntil: 200 },
      { targetGroupArn: group, key: 'a|80', drainsUntil: 300 },
    ])
    changes.length = 0
    await store.finishDeregistration(group, 'c|80')
    assert.deepEqual(names(changes.pop()), [group])
    for (const key of ['b|80', 'c|80', 'gone|1']) await store.finishDeregistration(group, key)
    assert.deepEqual(changes, [])
    const left = await store.read(async (rows) => await rows.targets.list(group))
    assert.deepEqual(
      left.map(({ id }) => id),
      ['a', 'b'],
    )
  })

  test(`a follower of the feed that throws undoes nothing (${name})`, async (t) => {
    const errors: unknown[] = []
    const store = await open(await newPlace(t), (error) => errors.push(error))
    t.after(async () => await store.close())
    store.changes.follow(() => {
      throw new Error('follower')
    })
    await fill(store)
    assert.equal(errors.length, 1)
    assert.ok(await store.read(async (rows) => await rows.loadBalancers.find('lb:a')))
  })

  test(`a store that was opened and never used gives its place back when it is closed (${name})`, async (t) => {
    const place = await newPlace(t)
    for (const _ of [1, 2]) {
      const store = await open(place)
      await store.close()
      await store.close()
    }
  })

  test(`closing waits for what runs, and nothing begins after it (${name})`, async (t) => {
    const { store, place } = await newStore(t)
    const writing = fill(store)
    await store.close()
    await writing
    await assert.rejects(fill(store), /^Error: The store is closed$/)
    const again = await open(place)
    t.after(async () => await again.close())
    assert.ok(await again.read(async (rows) => await rows.rules.find('r:0')))
  })
}
