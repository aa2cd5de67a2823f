import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoadBalancerUnit } from '../snapshot/application-units.ts'
import type { SnapshotUpdate } from '../snapshot/update.ts'
import { Bindings, type Binder } from './bindings.ts'

function unit(address: string, ...ports: readonly number[]): LoadBalancerUnit {
  return {
    arn: `arn:${address}`,
    nodes: [{ zone: 'a', address }],
    listeners: ports.map((bindPort) => ({ bindPort })),
  } as unknown as LoadBalancerUnit
}

/** A snapshot of these load balancers and no others. */
function full(...loadBalancers: readonly LoadBalancerUnit[]): SnapshotUpdate {
  return { ...update(...loadBalancers), full: true }
}

function update(...loadBalancers: readonly LoadBalancerUnit[]): SnapshotUpdate {
  return {
    version: 1,
    full: false,
    loadBalancers,
    targetGroups: [],
    removedLoadBalancers: [],
    removedTargetGroups: [],
  }
}

/** Sockets that are open, by place, and places that cannot be bound. */
class Bench {
  readonly open = new Map<string, number>()
  readonly problems = new Map<string, string>()
  readonly bindings: Bindings

  constructor(workers: number) {
    const count = (place: string, change: number): void => {
      this.open.set(place, (this.open.get(place) ?? 0) + change)
    }
    const binder: Binder = {
      bindProblem: (address, port) => this.problems.get(`${address}:${port}`) ?? null,
      bindShared: (address, port) => {
        const place = `${address}:${port}`
        count(place, 1)
        return { ok: true, socket: { close: () => count(place, -1) } }
      },
    }
    this.bindings = new Bindings(workers, binder)
  }
}

test('each node address and port gets one socket per worker', () => {
  const bench = new Bench(3)
  assert.deepEqual(bench.bindings.update(full(unit('127.1.0.1', 80, 81))), {
    added: ['127.1.0.1:80', '127.1.0.1:81'],
    removed: [],
  })
  assert.deepEqual([...bench.open.values()], [3, 3])
  assert.deepEqual(bench.bindings.update(full(unit('127.1.0.1', 81, 82))), {
    added: ['127.1.0.1:82'],
    removed: ['127.1.0.1:80'],
  })
  assert.deepEqual([...bench.open.values()], [0, 3, 3])
})

test('a worker that is started again gets the same socket as before', () => {
  const { bindings } = new Bench(2)
  bindings.update(full(unit('127.1.0.1', 80)))
  const socket = bindings.socketFor('127.1.0.1:80', 1)
  assert.ok(socket !== undefined)
  assert.equal(bindings.socketFor('127.1.0.1:80', 1), socket)
  assert.notEqual(bindings.socketFor('127.1.0.1:80', 0), socket)
})

test('all is settled when every socket of the running workers listens', () => {
  const { bindings } = new Bench(2)
  bindings.update(full(unit('127.1.0.1', 80)))
  assert.equal(bindings.isSettled([0, 1]), false)
  bindings.listening('127.1.0.1:80', 0)
  assert.equal(bindings.isSettled([0, 1]), false)
  assert.equal(bindings.isSettled([0]), true)
  bindings.listening('127.1.0.1:80', 1)
  assert.equal(bindings.isSettled([0, 1]), true)
  bindings.socketFor('127.1.0.1:80', 1)
  assert.equal(bindings.isSettled([0, 1]), false)
})

test('a place that cannot be bound fails with words and is tried again', () => {
  const bench = new Bench(2)
  const words: readonly [code: string, pattern: RegExp][] = [
    ['EADDRINUSE', /^Cannot bind 127\.1\.0\.1:80: another program listens there$/],
    ['EACCES', /permission denied; run with --port-offset/],
    ['EADDRNOTAVAIL', /this machine does not have the address/],
    ['ERANGE', /above 65535/],
  ]
  for (const [code, pattern] of words) {
    bench.problems.set('127.1.0.1:80', code)
    assert.deepEqual(bench.bindings.update(full(unit('127.1.0.1', 80))).added, [])
    assert.deepEqual(bench.bindings.retryFailed(), [])
    assert.equal(bench.bindings.isSettled([0, 1]), true)
    assert.match(bench.bindings.failures()['127.1.0.1:80'] ?? '', pattern)
    bench.bindings.close()
  }
  bench.bindings.update(full(unit('127.1.0.1', 80)))
  bench.problems.clear()
  assert.deepEqual(bench.bindings.retryFailed(), ['127.1.0.1:80'])
  assert.deepEqual(bench.bindings.failures(), {})
})

test('a worker that cannot listen fails the place in all workers', () => {
  const bench = new Bench(2)
  bench.bindings.update(full(unit('127.1.0.1', 80)))
  bench.bindings.listening('127.1.0.1:80', 0)
  bench.bindings.listenFailed('127.1.0.1:80', 'taken')
  assert.deepEqual(bench.bindings.failures(), { '127.1.0.1:80': 'taken' })
  assert.equal(bench.bindings.socketFor('127.1.0.1:80', 0), undefined)
  assert.deepEqual([...bench.open.values()], [0])
})

test('an update concerns its own load balancers only, and what one gives up another may take', () => {
  const bench = new Bench(1)
  const { bindings, open } = bench
  bindings.update(full(unit('127.1.0.1', 80), unit('127.1.0.2', 80)))
  assert.deepEqual(bindings.update(update(unit('127.1.0.1', 80, 81))), {
    added: ['127.1.0.1:81'],
    removed: [],
  })
  const moved = { ...unit('127.1.0.2', 80), arn: 'other' }
  const change = { ...update(moved), removedLoadBalancers: ['arn:127.1.0.2'] }
  assert.deepEqual(bindings.update(change), { added: [], removed: [] })
  assert.equal(open.get('127.1.0.2:80'), 1)
  assert.deepEqual(bindings.update({ ...update(), removedLoadBalancers: ['other'] }).removed, [
    '127.1.0.2:80',
  ])
  assert.equal(open.get('127.1.0.2:80'), 0)
})

test('load balancers at one address share its sockets until the last one goes', () => {
  const { bindings, open } = new Bench(2)
  const [one, two] = ['one', 'two'].map((arn) => ({ ...unit('127.0.0.1', 80), arn }))
  assert.ok(one !== undefined && two !== undefined)
  assert.deepEqual(bindings.update(update(one, two)).added, ['127.0.0.1:80'])
  assert.deepEqual(bindings.update({ ...update(), removedLoadBalancers: ['one'] }).removed, [])
  assert.deepEqual([...open.values()], [2])
  assert.deepEqual(bindings.update({ ...update(), removedLoadBalancers: ['two'] }).removed, ['127.0.0.1:80'])
  assert.deepEqual([...open.values()], [0])
  assert.equal(bindings.isSettled([0, 1]), true)
})
