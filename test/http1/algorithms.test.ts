// Where requests go under each routing algorithm, counted at real targets behind a worker.

import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'

import type { RoutingAlgorithm, TargetGroupUnit, TargetUnit } from '../../src/snapshot/target-group-units.ts'
import { RawClient } from '../support/client.ts'
import { eventually } from '../support/eventually.ts'
import { answer, startTarget, type ReceivedRequest, type Target } from '../support/target.ts'
import { forwardTo, groupArn, groupUnit, targetUnit, WorkerProcess } from '../support/worker.ts'

const ALGORITHMS = ['round_robin', 'least_outstanding_requests', 'weighted_random'] as const
const GET = 'GET /now HTTP/1.1\r\nHost: h.example\r\n\r\n'
/** Is not answered until the test does it. */
const HELD = 'GET /held HTTP/1.1\r\nHost: h.example\r\n\r\n'
const UPGRADE =
  'GET /chat HTTP/1.1\r\nHost: h.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

let worker: WorkerProcess
/** Named `a`, `b`, `c` by their answers. */
let targets: Target[] = []
const held: ReceivedRequest[] = []

before(async () => {
  targets = await Promise.all(
    ['a', 'b', 'c'].map(
      async (name) =>
        await startTarget((request) => {
          const { head, socket } = request
          if (head.startsWith('GET /held')) held.push(request)
          else if (head.startsWith('GET /chat')) {
            socket.write(
              'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
            )
          } else socket.write(answer(name))
        }),
    ),
  )
  worker = await WorkerProcess.start({ targets: [] }, { randomSeed: 1 })
})

beforeEach(() => held.splice(0))

after(() => {
  worker.close()
  for (const target of targets) target.close()
})

/** A group of the first targets; states in their order, healthy unless told. */
function group(
  algorithm: RoutingAlgorithm,
  states: readonly TargetUnit['state'][] = ['healthy', 'healthy', 'healthy'],
  name = 'default',
): TargetGroupUnit {
  const units = states.map((state, index) => targetUnit(targets[index]?.port ?? 0, state))
  return { ...groupUnit(name, units), algorithm }
}

/** Names of the targets that answered so many requests, one after the other on one connection. */
async function answers(count: number): Promise<string> {
  const client = await RawClient.connect(worker.port)
  let names = ''
  for (let sent = 0; sent < count; sent++) {
    client.send(GET)
    const { status, body } = await client.response()
    names += status === 200 ? body : `[${status}]`
  }
  client.close()
  return names
}

function counts(names: string): Record<string, number> {
  return Object.fromEntries(['a', 'b', 'c'].map((name) => [name, names.split(name).length - 1]))
}

/** A request that its target holds, on a connection of its own. */
async function hold(): Promise<RawClient> {
  const before = held.length
  const client = await RawClient.connect(worker.port)
  client.send(HELD)
  await eventually('the target holds it', () => held.length > before, { pauseMs: 1 })
  return client
}

test('ALB-LB-014 ALB-TG-042, 091, 094, 313 without any setting, requests of one connection take targets in turn', async () => {
  const { algorithm: _, ...unit } = group('round_robin')
  await worker.serve({ groups: [unit] })
  const names = await answers(300)
  assert.match(names, /^(abc|bca|cab){100}$/)
  assert.deepEqual(counts(names), { a: 100, b: 100, c: 100 })
})

test('ALB-TG-096 ALB-OBS-594 a target with requests in progress gets no more until the others have as many', async () => {
  await worker.serve({ groups: [group('least_outstanding_requests', ['healthy', 'healthy'])] })
  const clients = [await hold(), await hold(), await hold()]
  const ports = held.map(({ socket }) => socket.localPort)
  assert.equal(new Set(ports.slice(0, 2)).size, 2, 'one each')
  const [busy, free] = ports[2] === targets[0]?.port ? ['a', 'b'] : ['b', 'a']
  assert.equal(await answers(20), free?.repeat(20), `${busy} has one more in progress`)
  for (const { socket } of held) socket.write(answer('late'))
  for (const client of clients) await client.response()
  assert.match(await answers(20), /^(ab|ba){10}$/, 'idle ones take turns')
  for (const client of clients) client.close()
})

test('ALB-TG-099 an upgrade goes to the least busy target, stays there, and counts while it is open', async () => {
  await worker.serve({ groups: [group('least_outstanding_requests', ['healthy', 'healthy'])] })
  const busy = await hold()
  const busyPort = held[0]?.socket.localPort
  const free = targets.findIndex(({ port }) => port !== busyPort)
  const chat = await RawClient.connect(worker.port)
  const requestsBefore = targets[free]?.requests.length ?? 0
  chat.send(UPGRADE)
  await chat.until(() => chat.received.startsWith('HTTP/1.1 101'))
  assert.equal(targets[free]?.requests.length, requestsBefore + 1)
  assert.match(targets[free]?.requests.at(-1)?.head ?? '', /^GET \/chat/)
  const heads = chat.received.length
  const { socket } = targets[free]?.requests.at(-1) ?? {}
  for (const frame of ['one', 'two', 'three']) socket?.write(frame)
  await chat.until(() => chat.received.slice(heads) === 'onetwothree')
  assert.match(await answers(10), /^(ab|ba){5}$/, 'both have one in progress')
  held[0]?.socket.write(answer('late'))
  await busy.response()
  assert.equal(await answers(10), (free === 0 ? 'b' : 'a').repeat(10), 'only the upgraded one is busy')
  chat.close()
  busy.close()
})

test('ALB-TG-101 weighted random gives all targets equally much, in no order', async () => {
  await worker.serve({ groups: [group('weighted_random')] })
  const names = await answers(900)
  for (const [name, count] of Object.entries(counts(names))) {
    // 4 standard deviations; the seed is fixed.
    assert.ok(Math.abs(count - 300) < 57, `${name} ${count}`)
  }
  for (const pair of ['aa', 'ab', 'ac', 'ba', 'bb', 'bc', 'ca', 'cb', 'cc']) assert.ok(names.includes(pair))
})

test('a target whose weight is taken away gets as much less', async () => {
  const unit = group('weighted_random')
  const weighted = unit.targets.map((target, index) => (index === 0 ? { ...target, weight: 0.1 } : target))
  await worker.serve({ groups: [{ ...unit, targets: weighted }] })
  const { a = 0 } = counts(await answers(1050))
  // 50 expected, 4 standard deviations; the seed is fixed.
  assert.ok(Math.abs(a - 50) < 28, String(a))
})

test('ALB-TG-147 a target in its slow start gets as much of a full share as has passed of it', async () => {
  const unit = group('round_robin')
  for (const quarters of [1, 2, 3]) {
    // So long that no more of it passes while the test runs.
    const slowStart = { startedDate: Date.now() - quarters * 225_000_000 - 100_000, durationMs: 900_000_000 }
    const starting = unit.targets.map((target, index) => (index === 2 ? { ...target, slowStart } : target))
    await worker.serve({ groups: [{ ...unit, targets: starting }] })
    const { a, b, c } = counts(await answers(200 + quarters * 25))
    assert.deepEqual([a, b, c], [100, 100, quarters * 25])
  }
})

test('ALB-TG-092 the algorithm changes under traffic: no request is lost, no connection ends', async () => {
  await worker.serve({ groups: [group('round_robin')] })
  const clients = await Promise.all(
    Array.from({ length: 8 }, async () => await RawClient.connect(worker.port)),
  )
  const ended = new AbortController()
  const traffic = clients.map(async (client) => {
    let answered = 0
    while (!ended.signal.aborted) {
      client.send(GET)
      assert.equal((await client.response()).status, 200)
      answered++
    }
    return answered
  })
  const received = (): number => targets.reduce((sum, { requests }) => sum + requests.length, 0)
  const before = received()
  for (let change = 1; change <= 30; change++) {
    await worker.serve({ groups: [group(ALGORITHMS[change % 3] ?? 'round_robin')] })
    const wanted = received() + 20
    await eventually('twenty more requests have come', () => received() >= wanted, { pauseMs: 1 })
  }
  ended.abort()
  const answered = (await Promise.all(traffic)).reduce((sum, count) => sum + count, 0)
  assert.equal(received() - before, answered, 'every request reached exactly one target')
  for (const client of clients) {
    assert.ok(!client.isEnded && !client.isClosed)
    client.close()
  }
  await worker.serve({ groups: [group('round_robin')] })
  assert.match(await answers(30), /^(abc|bca|cab){10}$/)
})

test('ALB-LSN-063 weighted groups share by weight, and each group goes on with its own algorithm', async () => {
  const [first, second] = [targetUnit(targets[0]?.port ?? 0), targetUnit(targets[1]?.port ?? 0)]
  const third = targetUnit(targets[2]?.port ?? 0)
  await worker.serve({
    groups: [
      { ...groupUnit('pair', [first, second]), algorithm: 'round_robin' },
      { ...groupUnit('single', [third]), algorithm: 'weighted_random' },
    ],
    actions: [
      {
        type: 'forward',
        targetGroups: [
          { arn: groupArn('pair'), weight: 3 },
          { arn: groupArn('single'), weight: 1 },
        ],
      },
    ],
  })
  const names = await answers(400)
  assert.match(names.replaceAll('c', ''), /^b?(ab)*a?$/, 'in turn, whatever goes to the other group between')
  // 100 expected, 4 standard deviations; the seed is fixed.
  assert.ok(Math.abs((counts(names)['c'] ?? 0) - 100) < 35, names)
})

for (const algorithm of ALGORITHMS) {
  test(`ALB-TG-134, 191 ${algorithm} spares draining targets, fails open, and manages with one target`, async () => {
    await worker.serve({ groups: [group(algorithm, ['healthy', 'draining', 'unhealthy'])] })
    assert.equal(await answers(12), 'a'.repeat(12))
    await worker.serve({ groups: [group(algorithm, ['unhealthy', 'unhealthy', 'unhealthy'])] })
    const names = await answers(60)
    assert.deepEqual([...new Set(names)].toSorted(), ['a', 'b', 'c'])
    assert.equal(/^(abc|bca|cab|acb|cba|bac){20}$/.test(names), algorithm !== 'weighted_random', names)
    await worker.serve({ groups: [group(algorithm, ['healthy'])] })
    assert.equal(await answers(5), 'aaaaa')
    await worker.serve({ groups: [group(algorithm, [])], actions: [forwardTo('default')] })
    assert.equal(await answers(2), '[503][503]')
  })
}

test('ALB-TG-108 a worker reports how the requests to each target ended', async () => {
  const failing = await startTarget(({ head, socket }) => {
    if (head.startsWith('GET /reset')) socket.destroy()
    else socket.write(answer('', head.startsWith('GET /missing') ? '404 Not Found' : '500 Broken'))
  })
  const closed = await startTarget()
  closed.close()
  await worker.serve({
    groups: [groupUnit('default', [targetUnit(failing.port), targetUnit(closed.port)])],
  })
  const key = ({ port }: Target): string => `127.0.0.1|${port}`
  const reported = (target: Target): string => {
    const outcomes = worker.messages.flatMap((message) =>
      message.type === 'counters' ? message.outcomes.filter((outcome) => outcome.target === key(target)) : [],
    )
    const sum = (name: 'requests' | 'errors'): number =>
      outcomes.reduce((total, outcome) => total + outcome[name], 0)
    return `${sum('requests')} ${sum('errors')}`
  }
  const client = await RawClient.connect(worker.port)
  for (const path of ['/missing', '/broken', '/reset']) {
    for (let request = 0; request < 2; request++) {
      client.send(GET.replace('/now', path))
      await client.response()
    }
  }
  client.close()
  await worker.message(() => reported(failing) === '3 2' && reported(closed) === '3 3')
  failing.close()
})
