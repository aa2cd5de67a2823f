import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SnapshotUpdate } from '../snapshot/update.ts'
import type { StoreChange } from '../store/changes.ts'
import { Publisher } from './publisher.ts'

function change(...loadBalancers: readonly string[]): StoreChange {
  return { loadBalancers: new Set(loadBalancers), targetGroups: new Set() }
}

class Bench {
  readonly built: string[][] = []
  readonly sent: SnapshotUpdate[] = []
  readonly errors: unknown[] = []
  readonly publisher: Publisher
  /** Told after each update. */
  onSend = (): void => undefined
  /** Waited for by each build. */
  gate = Promise.resolve()

  constructor(version = 0) {
    this.publisher = new Publisher({
      version,
      build: async ({ loadBalancers }) => {
        this.built.push([...loadBalancers])
        await this.gate
        return { loadBalancers: [], targetGroups: [], removedLoadBalancers: [], removedTargetGroups: [] }
      },
      send: async (update) => {
        this.sent.push(update)
        this.onSend()
      },
      reportError: (error) => this.errors.push(error),
    })
  }

  async nextUpdate(): Promise<void> {
    await new Promise<void>((resolve) => (this.onSend = resolve))
  }
}

test('changes of one turn go out as one update', async () => {
  const bench = new Bench()
  bench.publisher.changed(change('a'))
  bench.publisher.changed(change('b', 'a'))
  await bench.nextUpdate()
  assert.deepEqual(bench.built, [['a', 'b']])
  assert.deepEqual(
    bench.sent.map(({ version }) => version),
    [1],
  )
})

test('changes during a build go out next, in order', async () => {
  const bench = new Bench(41)
  const { promise, resolve } = Promise.withResolvers<void>()
  bench.gate = promise
  bench.publisher.changed(change('a', 'b'))
  await new Promise((next) => setImmediate(next))
  bench.publisher.changed(change('a'))
  const first = bench.nextUpdate()
  resolve()
  await first
  await bench.nextUpdate()
  assert.deepEqual(bench.built, [['a', 'b'], ['a']])
  assert.deepEqual(
    bench.sent.map(({ version }) => version),
    [42, 43],
  )
})

test('what could not be built is tried again with what came after', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const bench = new Bench()
  bench.gate = Promise.reject(new Error('store is busy'))
  bench.gate.catch(() => undefined)
  bench.publisher.changed(change('a'))
  await new Promise((next) => setImmediate(next))
  await new Promise((next) => setImmediate(next))
  assert.equal(bench.errors.length, 1)
  bench.gate = Promise.resolve()
  bench.publisher.changed(change('b'))
  t.mock.timers.tick(1000)
  await bench.nextUpdate()
  assert.deepEqual(bench.built, [['a'], ['a', 'b']])
})

test('many changes go out in parts, each once', async () => {
  const bench = new Bench()
  const names = Array.from({ length: 120 }, (_, index) => `lb-${index}`)
  bench.publisher.changed(change(...names))
  for (let part = 0; part < 3; part++) await bench.nextUpdate()
  assert.deepEqual(
    bench.built.map(({ length }) => length),
    [50, 50, 20],
  )
  assert.deepEqual(bench.built.flat(), names)
})

test('nothing goes out after close', async () => {
  const bench = new Bench()
  bench.publisher.changed(change('a'))
  bench.publisher.close()
  await new Promise((next) => setImmediate(next))
  assert.deepEqual(bench.built, [])
})

test('it has settled when nothing is left to be sent, and when it is closed', async () => {
  const bench = new Bench()
  await bench.publisher.settled()
  const { promise, resolve } = Promise.withResolvers<void>()
  bench.gate = promise
  bench.publisher.changed(change('a'))
  let hasSettled = false
  const settled = bench.publisher.settled().then(() => (hasSettled = true))
  await new Promise((done) => setImmediate(done))
  await new Promise((done) => setImmediate(done))
  bench.publisher.changed(change('b'))
  assert.equal(hasSettled, false)
  resolve()
  await settled
  assert.deepEqual(bench.built, [['a'], ['b']])
  bench.gate = new Promise(() => undefined)
  bench.publisher.changed(change('c'))
  const closed = bench.publisher.settled()
  bench.publisher.close()
  await closed
})
