// Requests that wait for a filter, over real sockets: what their clients notice of it, and what their targets do not.

import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'

import { scaledClock } from '../../src/clock/clock.ts'
import { HttpDate } from '../../src/clock/http-date.ts'
import { TimerWheel } from '../../src/clock/timer-wheel.ts'
import type { Exchange } from '../../src/exchange/exchange.ts'
import { failures } from '../../src/exchange/failure.ts'
import type { Filter } from '../../src/exchange/filter.ts'
import { Verdict } from '../../src/exchange/verdict.ts'
import { WAITING_BYTES_MAX, type WaitingRoom } from '../../src/exchange/waiting-room.ts'
import { Http1Connection } from '../../src/listener/http1/connection.ts'
import { Http1Exchange } from '../../src/listener/http1/exchange.ts'
import { ExchangePool } from '../../src/listener/exchange-pool.ts'
import { TicketKeys } from '../../src/listener/tls/ticket-keys.ts'
import { Ledger } from '../../src/listener/ledger.ts'
import { Counters } from '../../src/recording/application/counters.ts'
import { OutcomeTally } from '../../src/recording/target-outcomes.ts'
import { SessionCookies } from '../../src/targets/session-cookies.ts'
import { Http1Pool } from '../../src/upstream/http1/pool.ts'
import { TraceIds } from '../../src/wire/trace-id.ts'
import { ApplicationPipeline } from '../../src/worker/application-pipeline.ts'
import { Serving } from '../../src/worker/serving.ts'
import type { ListeningHandle } from '../../src/sockets/accept.ts'
import { RawClient } from '../support/client.ts'
import { eventually } from '../support/eventually.ts'
import { echo, startTarget, type Target } from '../support/target.ts'
import {
  bindAnyPort,
  defaultTraffic,
  forwardTo,
  groupUnit,
  loadBalancerUnit,
  targetUnit,
} from '../support/worker.ts'

const HOST = 'Host: a.example\r\n'
const SCALE = 20

/** Keeps every request waiting until the test says what becomes of it. */
class Door implements Filter {
  room: WaitingRoom | null = null
  cancelled = 0

  check(_exchange: Exchange, room: () => WaitingRoom): Verdict {
    const entered = room()
    entered.open({ timeoutMs: 20_000, onTimeout: failures.targetTimeout, cancel: () => this.cancelled++ })
    this.room = entered
    return Verdict.wait
  }

  /** Resolves with the room of a request that waits. */
  async waiting(): Promise<WaitingRoom> {
    return await eventually('a request waits', () => (this.room?.isOpen === true ? this.room : false))
  }
}

const door = new Door()
let target: Target
let port: number
let handle: ListeningHandle
let wheel: TimerWheel

before(async () => {
  target = await startTarget(echo)
  const clock = scaledClock(SCALE)
  wheel = new TimerWheel(clock)
  wheel.start()
  const random = Math.random
  const cookies = new SessionCookies(clock)
  const tools = { clock, wheel, httpDate: new HttpDate(), ledger: new Ledger() }
  const serving = new Serving({
    clock,
    random,
    cookies,
    ticketKeys: new TicketKeys(),
    counters: new Counters(),
    outcomes: new OutcomeTally(),
    spoolFolder: '/nowhere',
    workerIndex: 0,
    newLink: (_, { address, port: targetPort }, onIdle) =>
      new Http1Pool({ wheel, address, port: targetPort, connectsFromNodes: false, onIdle }),
    makers: new Map([['http', (socket, binding) => new Http1Connection(socket, binding, null, parts)]]),
    onBindingGone: () => {},
    onTargetIdle: () => {},
    onProblem: (message) => assert.fail(message),
  })
  const { groups } = serving
  const handler = new ApplicationPipeline(
    { groups, cookies, traceIds: new TraceIds(), random, filters: [door] },
    wheel,
  )
  const exchanges = new ExchangePool(() => new Http1Exchange(handler.newPassage(), tools))
  const parts = { handler, exchanges, tools }
  const bound = bindAnyPort()
  port = bound.port
  handle = bound.handle as unknown as ListeningHandle
  serving.apply({
    version: 1,
    full: true,
    loadBalancers: [
      loadBalancerUnit(port, { accessLog: false, traffic: defaultTraffic, actions: [forwardTo('default')] }),
    ],
    targetGroups: [groupUnit('default', [targetUnit(target.port)])],
    removedLoadBalancers: [],
    removedTargetGroups: [],
  })
  assert.equal(
    serving.binding(`127.0.0.1:${port}`).listen(handle, 16, () => true),
    0,
  )
})

after(() => {
  handle.close()
  wheel.close()
  target.close()
})

afterEach(() => {
  door.room = null
  door.cancelled = 0
})

test('a request that waited reaches its target whole, with the body that came meanwhile and after', async () => {
  const client = await RawClient.connect(port)
  client.send(`POST / HTTP/1.1\r\n${HOST}Content-Length: 10\r\n\r\nfirst`)
  const room = await door.waiting()
  assert.equal(target.requests.length, 0)
  room.goOn()
  client.send('after')
  assert.match((await client.response()).body, /\r\n\r\nfirstafter$/)
  client.close()
})

test('a chunked body with trailers that ended during the wait does so', async () => {
  const client = await RawClient.connect(port)
  client.send(`POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n`)
  const room = await door.waiting()
  room.goOn()
  assert.match((await client.response()).body, /\r\n\r\nabc$/)
  client.close()
})

test('a client that sends much has to stop, and the whole body arrives in the end', async () => {
  const size = 20 * 1024 * 1024
  const client = await RawClient.connect(port)
  client.send(`POST / HTTP/1.1\r\n${HOST}Content-Length: ${size}\r\n\r\n`)
  client.send('x'.repeat(size))
  const room = await door.waiting()
  const before = process.memoryUsage().arrayBuffers
  await eventually('the client has to wait', () => client.socket.bytesWritten > WAITING_BYTES_MAX)
  assert.ok(client.socket.writableLength > 0, 'the rest is still with the client')
  assert.ok(process.memoryUsage().arrayBuffers - before < size / 4)
  room.goOn()
  const { body } = await client.response()
  assert.equal(body.length - body.indexOf('\r\n\r\n') - 4, size)
  client.close()
})

test('requests behind one that waits are answered behind it', async () => {
  const client = await RawClient.connect(port)
  const get = (path: string): string => `GET ${path} HTTP/1.1\r\n${HOST}\r\n`
  client.send(get('/1') + get('/2'))
  const first = await door.waiting()
  door.room = null
  first.answer({ status: 403, reason: 'Forbidden', lines: '', body: 'no' })
  assert.equal((await client.response()).status, 403)
  const second = await door.waiting()
  second.goOn()
  assert.match((await client.response()).body, /^GET \/2 /)
  client.close()
})

test('a client that goes away ends the wait; what was awaited comes too late for anybody', async () => {
  const client = await RawClient.connect(port)
  const seen = target.requests.length
  client.send(`POST / HTTP/1.1\r\n${HOST}Content-Length: 10\r\n\r\nfirst`)
  const room = await door.waiting()
  client.socket.resetAndDestroy()
  await eventually('the wait is cancelled', () => door.cancelled === 1)
  room.goOn()
  assert.equal(target.requests.length, seen)
})

test('a wait that is too long fails with what the filter named', async () => {
  const client = await RawClient.connect(port)
  client.send(`GET / HTTP/1.1\r\n${HOST}\r\n`)
  await door.waiting()
  assert.equal((await client.response()).status, 504)
  assert.equal(door.cancelled, 1)
  client.close()
})
