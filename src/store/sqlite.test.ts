import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import type { LoadBalancer, Rule, TargetGroup } from '../model/resources.ts'
import { StartError } from '../model/start-error.ts'
import { DATABASE_FILE, openStore } from './sqlite.ts'
import type { Store, StoreChange } from './store.ts'

const scope = { accountId: '123456789012', region: 'us-east-2' }
const POOL = '127.9.0.0/28'

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'evenkeel-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function newStore(t: TestContext): Promise<{ store: Store; changes: StoreChange[]; folder: string }> {
  const folder = newFolder(t)
  const store = await openStore({ folder })
  t.after(async () => await store.close())
  const changes: StoreChange[] = []
  store.onChange((change) => changes.push(change))
  return { store, changes, folder }
}

function loadBalancer(name: string, zones: LoadBalancer['zones'] = []): LoadBalancer {
  return {
    ...scope,
    arn: `lb:${name}`,
    name,
    scheme: 'internet-facing',
    vpcId: 'vpc-1',
    ipAddressType: 'ipv4',
    dnsName: `${name}.test`,
    createdAt: 1,
    state: { code: 'provisioning', reason: null },
    securityGroups: ['sg-2', 'sg-1'],
    zones,
  }
}

function targetGroup(name: string): TargetGroup {
  return {
    ...scope,
    arn: `arn:targetgroup/${name}`,
    name,
    protocol: 'HTTP',
    protocolVersion: 'HTTP1',
    port: 80,
    vpcId: 'vpc-1',
    targetType: 'ip',
    ipAddressType: 'ipv4',
    healthCheck: {
      enabled: true,
      protocol: 'HTTP',
      port: 'traffic-port',
      path: '/',
      intervalSeconds: 30,
      timeoutSeconds: 5,
      healthyThreshold: 5,
      unhealthyThreshold: 2,
      matcher: '200',
    },
    createdAt: 1,
  }
}

function rule(arn: string, priority: number | null, ...groups: string[]): Rule {
  return {
    arn,
    listenerArn: 'l:1',
    loadBalancerArn: 'lb:a',
    priority,
    conditions: [],
    transforms: [],
    actions: [
      {
        Type: 'forward',
        ForwardConfig: {
          TargetGroups: groups.map((name) => ({ TargetGroupArn: `arn:targetgroup/${name}` })),
        },
      },
    ],
  }
}

/** One load balancer with a listener whose default rule forwards to group `x`; group `y` is in no rule. */
async function fill(store: Store): Promise<void> {
  await store.write(async (rows) => {
    await rows.insertTargetGroup(targetGroup('x'))
    await rows.insertTargetGroup(targetGroup('y'))
    const address = (await rows.allocateAddress(POOL)) ?? ''
    await rows.insertLoadBalancer(loadBalancer('a', [{ zone: 'z-a', subnetId: 's-1', address }]))
    await rows.insertListener(
      { arn: 'l:1', loadBalancerArn: 'lb:a', protocol: 'HTTP', port: 80, tls: null },
      rule('r:0', null, 'x'),
    )
  })
}

function names(change: StoreChange | undefined): string[] {
  return [...(change?.loadBalancers ?? []), ...(change?.targetGroups ?? [])].toSorted()
}

test('what was written is read back, also after the store was opened again', async (t) => {
  const { store, folder } = await newStore(t)
  await fill(store)
  const before = await store.read(async (rows) => [await rows.loadBalancer('lb:a'), await rows.rule('r:0')])
  await store.close()
  const again = await openStore({ folder })
  t.after(async () => await again.close())
  const after = await again.read(async (rows) => [await rows.loadBalancer('lb:a'), await rows.rule('r:0')])
  assert.deepEqual(after, before)
  assert.deepEqual(after[0], {
    ...loadBalancer('a', [{ zone: 'z-a', subnetId: 's-1', address: '127.9.0.1' }]),
  })
  assert.deepEqual(after[1], rule('r:0', null, 'x'))
})

test('a transaction that throws leaves nothing and tells nobody', async (t) => {
  const { store, changes } = await newStore(t)
  const failing = store.write(async (rows) => {
    await rows.insertLoadBalancer(loadBalancer('a'))
    await rows.allocateAddress(POOL)
    throw new Error('no')
  })
  await assert.rejects(failing, /^Error: no$/)
  assert.deepEqual(changes, [])
  await store.read(async (rows) => {
    assert.equal(await rows.loadBalancer('lb:a'), undefined)
    assert.equal(await rows.freeAddresses(POOL), 14)
  })
})

test('a change names the load balancers and target groups whose traffic it touches, and no others', async (t) => {
  const { store, changes } = await newStore(t)
  await fill(store)
  assert.deepEqual(names(changes.pop()), ['arn:targetgroup/x', 'arn:targetgroup/y', 'lb:a'])

  await store.write(async (rows) => await rows.updateRule('r:0', { actions: rule('', null, 'y').actions }))
  assert.deepEqual(names(changes.pop()), ['arn:targetgroup/x', 'arn:targetgroup/y', 'lb:a'])

  const target = {
    targetGroupArn: 'arn:targetgroup/x',
    id: '10.0.0.1',
    port: 80,
    address: '10.0.0.1',
    zone: 'z-a',
  }
  await store.write(async (rows) => await rows.putTarget({ ...target, drainsUntil: null }))
  assert.deepEqual(names(changes.pop()), ['arn:targetgroup/x'])

  await store.write(async (rows) => await rows.setAttributes('lb:a', new Map([['k', 'v']])))
  assert.deepEqual(names(changes.pop()), ['lb:a'])

  await store.write(async (rows) => await rows.updateLoadBalancer('lb:a', { zones: [] }))
  assert.deepEqual(names(changes.pop()), ['arn:targetgroup/y', 'lb:a'])

  await store.write(async (rows) => await rows.putTags('lb:a', [{ key: 'k', value: 'v' }]))
  await store.markApplied(['lb:a'])
  assert.deepEqual(changes, [])

  await store.write(async (rows) => await rows.deleteLoadBalancer('lb:a'))
  assert.deepEqual(names(changes.pop()), ['arn:targetgroup/y', 'lb:a'])
  assert.deepEqual(names(await store.everything()), ['arn:targetgroup/x', 'arn:targetgroup/y'])
})

test('ALB-LB-425 deletion frees addresses and groups, and leaves targets registered', async (t) => {
  const { store } = await newStore(t)
  await fill(store)
  const target = { targetGroupArn: 'arn:targetgroup/x', id: 'i', port: 80, address: '10.0.0.1', zone: 'z-a' }
  await store.write(async (rows) => {
    await rows.putTarget({ ...target, drainsUntil: null })
    await rows.putTags('r:0', [{ key: 'k', value: 'v' }])
    assert.equal(await rows.freeAddresses(POOL), 13)
    await rows.deleteLoadBalancer('lb:a')
  })
  await store.read(async (rows) => {
    assert.equal(await rows.freeAddresses(POOL), 14)
    assert.equal(await rows.listener('l:1'), undefined)
    assert.deepEqual(await rows.tags('r:0'), [])
    assert.equal(await rows.targetGroupUse('arn:targetgroup/x'), undefined)
    assert.equal((await rows.targets('arn:targetgroup/x')).length, 1)
  })
})

test('node addresses are unique until the pool is empty, and a freed one rests longest', async (t) => {
  const { store } = await newStore(t)
  await store.write(async (rows) => {
    const given = new Set<string | undefined>()
    for (let index = 0; index < 14; index++) given.add(await rows.allocateAddress(POOL))
    assert.equal(given.size, 14)
    assert.ok(given.has('127.9.0.1') && given.has('127.9.0.14') && !given.has('127.9.0.15'))
    assert.equal(await rows.allocateAddress(POOL), undefined)
  })
})

test('ALB-LSN-454 priorities are swapped in one go', async (t) => {
  const { store } = await newStore(t)
  await fill(store)
  await store.write(async (rows) => {
    await rows.insertRule(rule('r:1', 10, 'x'))
    await rows.insertRule(rule('r:2', 20, 'x'))
    await rows.setPriorities([
      { arn: 'r:1', priority: 20 },
      { arn: 'r:2', priority: 10 },
    ])
    const { items } = await rows.rules('l:1', { after: 0, limit: 10 })
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

test('ALB-LB-145 ALB-LB-147 states are set by those who serve, and kept', async (t) => {
  const { store, folder } = await newStore(t)
  await fill(store)
  const state = async (): Promise<unknown> =>
    await store.read(async (rows) => (await rows.loadBalancer('lb:a'))?.state)
  await store.markFailed('lb:a', 'Cannot bind 127.9.0.1:80')
  assert.deepEqual(await state(), { code: 'failed', reason: 'Cannot bind 127.9.0.1:80' })
  await store.markImpaired('lb:a', 'one zone')
  assert.deepEqual(await state(), { code: 'active_impaired', reason: 'one zone' })
  await store.markApplied(['lb:a', 'lb:gone'])
  await store.close()
  const again = await openStore({ folder })
  t.after(async () => await again.close())
  const [reopened] = await again.read(async (rows) => [(await rows.loadBalancer('lb:a'))?.state])
  assert.deepEqual(reopened, { code: 'active', reason: null })
})

test('ALB-TG-137 draining targets are listed by deadline and leave when they are finished', async (t) => {
  const { store, changes } = await newStore(t)
  await fill(store)
  const group = 'arn:targetgroup/x'
  await store.write(async (rows) => {
    for (const [id, drainsUntil] of [
      ['a', 300],
      ['b', null],
      ['c', 200],
    ] as const) {
      await rows.putTarget({
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
  const left = await store.read(async (rows) => await rows.targets(group))
  assert.deepEqual(
    left.map(({ id }) => id),
    ['a', 'b'],
  )
})

test('a listener that throws undoes nothing', async (t) => {
  const errors: unknown[] = []
  const store = await openStore({ folder: newFolder(t), reportError: (error) => errors.push(error) })
  t.after(async () => await store.close())
  store.onChange(() => {
    throw new Error('listener')
  })
  await fill(store)
  assert.equal(errors.length, 1)
  assert.ok(await store.read(async (rows) => await rows.loadBalancer('lb:a')))
})

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

test('a store that was opened and never used gives its folder back when it is closed', async (t) => {
  const folder = newFolder(t)
  for (const _ of [1, 2]) {
    const store = await openStore({ folder })
    await store.close()
    await store.close()
  }
})

test('closing waits for what runs, and nothing begins after it', async (t) => {
  const { store, folder } = await newStore(t)
  const writing = fill(store)
  await store.close()
  await writing
  await assert.rejects(fill(store), /^Error: The store is closed$/)
  const again = await openStore({ folder })
  t.after(async () => await again.close())
  assert.ok(await again.read(async (rows) => await rows.rule('r:0')))
})

test('a folder whose store is open is refused', async (t) => {
  const { store, folder } = await newStore(t)
  await fill(store)
  await refused(folder, /another process holds it; stop that process/)
  assert.ok(await store.read(async (rows) => await rows.loadBalancer('lb:a')))
})

test('a damaged file is named and not overwritten', async (t) => {
  const { store, folder } = await newStore(t)
  await fill(store)
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
