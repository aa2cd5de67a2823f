// The pipeline driven by an exchange of plain values: no socket is opened here.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { TimerWheel } from '../clock/timer-wheel.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { failures } from '../exchange/failure.ts'
import type { Filter } from '../exchange/filter.ts'
import type { Forwarded, TargetLink } from '../exchange/target-link.ts'
import type { TargetSide } from '../exchange/target-side.ts'
import { Verdict } from '../exchange/verdict.ts'
import { WAITING_BYTES_MAX, type WaitingRoom } from '../exchange/waiting-room.ts'
import { forwardingOf } from '../listener/forwarding.ts'
import { Counters } from '../recording/application/counters.ts'
import { OutcomeTally } from '../recording/target-outcomes.ts'
import { compileRouter } from '../routing/compiled-router.ts'
import type { ActionUnit, ListenerUnit, LoadBalancerUnit, RuleUnit } from '../snapshot/application-units.ts'
import type { TargetGroupUnit } from '../snapshot/target-group-units.ts'
import { SessionCookies } from '../targets/session-cookies.ts'
import { TraceIds } from '../wire/trace-id.ts'
import { ApplicationPipeline } from './application-pipeline.ts'
import { FakeExchange } from './fake-exchange.ts'
import { ServedGroup } from './served-group.ts'
import { type ApplicationListener, applicationListener } from './served-listener.ts'

const MINUTE_MS = 60_000
const ARN = 'arn:aws:elasticloadbalancing:us-east-2:123456789012:loadbalancer/app/test/1234567890abcdef'

/** What one request to a target was. */
class FakeTarget implements TargetSide {
  readonly exchange: Exchange
  readonly forwarded: Forwarded
  body = ''
  hasEnded = false
  isAborted = false
  /** What `sendBody` answers. */
  takesMore = true

  constructor(exchange: Exchange, forwarded: Forwarded) {
    this.exchange = exchange
    this.forwarded = forwarded
  }

  sendBody(buffer: Buffer, start: number, end: number): boolean {
    this.body += buffer.toString('latin1', start, end)
    return this.takesMore
  }

  endBody(): void {
    this.hasEnded = true
  }

  flush(): void {}

  resumeResponse(): void {}

  abort(): void {
    this.isAborted = true
  }
}

class FakeLink implements TargetLink {
  isBlocked = false
  readonly requests: FakeTarget[] = []

  get outstanding(): number {
    return this.requests.length
  }

  begin(exchange: Exchange, forwarded: Forwarded): TargetSide {
    const target = new FakeTarget(exchange, forwarded)
    this.requests.push(target)
    return target
  }

  drain(): void {}

  resume(): void {}

  close(): void {}
}

/** A filter that keeps every request waiting, until the test says what becomes of it. */
class WaitingFilter implements Filter {
  readonly rooms: WaitingRoom[] = []
  cancelled = 0
  asked = 0

  check(_exchange: Exchange, room: () => WaitingRoom): Verdict {
    this.asked++
    const entered = room()
    this.rooms.push(entered)
    entered.open({ timeoutMs: MINUTE_MS, onTimeout: failures.internal, cancel: () => this.cancelled++ })
    return Verdict.wait
  }

  get room(): WaitingRoom {
    const room = this.rooms.at(-1)
    assert.ok(room !== undefined, 'nobody waits')
    return room
  }
}

interface House {
  readonly pipeline: ApplicationPipeline
  readonly listener: ApplicationListener
  readonly link: FakeLink
  /** Moves the clock. */
  readonly pass: (durationMs: number) => void
  readonly request: (headText: string) => FakeExchange
}

const GROUP: TargetGroupUnit = {
  arn: 'group',
  name: 'group',
  protocol: 'HTTP',
  protocolVersion: 'HTTP1',
  targets: [{ id: 'i-1', address: '127.0.0.1', port: 80, zone: 'a', state: 'healthy' }],
}
const FORWARD: ActionUnit = { type: 'forward', targetGroups: [{ arn: 'group', weight: 1 }] }

function house(
  filters: readonly Filter[] = [],
  { actions = [FORWARD], rules = [] }: { actions?: readonly ActionUnit[]; rules?: readonly RuleUnit[] } = {},
): House {
  let now = 0
  const clock = { now: () => now, date: () => now, dateAt: (ms: number) => ms, realMs: (ms: number) => ms }
  const wheel = new TimerWheel(clock)
  const counters = new Counters()
  const link = new FakeLink()
  const random = (): number => 0
  const parts = { clock, random, workerIndex: 0, counters, outcomes: new OutcomeTally() }
  const group = new ServedGroup(GROUP, { ...parts, newLink: () => link, onTargetIdle: () => {} })
  const cookies = new SessionCookies(clock)
  const groups = new Map([['group', group]])
  const pipeline = new ApplicationPipeline(
    { groups, cookies, traceIds: new TraceIds(), random, filters },
    wheel,
  )
  const listener = listenerOf({ rules, defaultRule: { arn: 'default', actions } }, counters)
  return {
    pipeline,
    listener,
    link,
    pass(durationMs) {
      now += durationMs
      wheel.advance()
    },
    request(headText) {
      const exchange = new FakeExchange(pipeline, headText)
      pipeline.handle(exchange, listener, forwardingOf(listener, exchange.client))
      return exchange
    },
  }
}

function listenerOf(
  rules: Pick<ListenerUnit, 'rules' | 'defaultRule'>,
  counters: Counters,
): ApplicationListener {
  const listener: ListenerUnit = { arn: 'listener', protocol: 'HTTP', port: 80, bindPort: 80, ...rules }
  const unit: LoadBalancerUnit = {
    kind: 'application',
    arn: ARN,
    id: 'app/test/1234567890abcdef',
    dnsName: 'test.example.com',
    accountId: '123456789012',
    region: 'us-east-2',
    traffic: {
      idleTimeoutMs: MINUTE_MS,
      clientKeepAliveMs: 60 * MINUTE_MS,
      desyncMitigationMode: 'defensive',
      dropInvalidHeaderFields: false,
      preserveHostHeader: false,
      xffHeaderProcessingMode: 'append',
      xffClientPort: false,
    },
    accessLog: null,
    nodes: [],
    listeners: [listener],
  }
  const router = compileRouter(listener)
  const node = { zone: 'a', address: '127.0.0.1' }
  return applicationListener({
    unit,
    node,
    listener,
    router,
    counters: counters.loadBalancer(ARN, 'a'),
    sinks: [],
  })
}

const GET = 'GET /a HTTP/1.1\r\nHost: example.com'
const POST = 'POST /a HTTP/1.1\r\nHost: example.com\r\nContent-Length: 1000000'

test('a request goes to the target of its rule, with what was decided on the way', () => {
  const { link, request } = house()
  const exchange = request(GET)
  const [sent] = link.requests
  assert.equal(exchange.target, sent)
  assert.equal(exchange.record.target, '127.0.0.1:80')
  assert.equal(exchange.record.rulePriority, 0)
  assert.equal(exchange.record.kind, 'application')
  assert.equal(sent?.forwarded.trace, exchange.record.traceValue)
  assert.equal(sent?.forwarded.isOneShot, false)
})

test('a request that may not be served reaches neither rules nor filters', () => {
  const filter = new WaitingFilter()
  const { link, request } = house([filter])
  const exchange = request('TRACE / HTTP/1.1\r\nHost: a')
  assert.equal(exchange.failure, failures.traceMethod)
  assert.equal(exchange.answer?.status, 405)
  assert.deepEqual([filter.asked, link.requests.length], [0, 0])
})

test('the actions of a rule answer or forward', () => {
  const fixed = { type: 'fixed-response', statusCode: 404, contentType: null, messageBody: 'no' } as const
  assert.equal(house([], { actions: [fixed] }).request(GET).answer?.body, 'no')
  const none = house([], { actions: [] }).request(GET)
  assert.equal(none.failure, failures.internal)
})

test('filters are asked in their order, and the first that answers is the last', () => {
  const order: string[] = []
  const passing: Filter = { check: () => (order.push('first'), Verdict.goOn) }
  const answering: Filter = {
    check: (exchange) => {
      order.push('second')
      exchange.respondWith({ status: 403, reason: 'Forbidden', lines: '', body: '' })
      return Verdict.answered
    },
  }
  const never: Filter = { check: () => (order.push('third'), Verdict.goOn) }
  const { link, request } = house([passing, answering, never])
  assert.equal(request(GET).answer?.status, 403)
  assert.deepEqual(order, ['first', 'second'])
  assert.equal(link.requests.length, 0)
})

test('a request that waited goes on behind the filter that it waited for, with its body', () => {
  const filter = new WaitingFilter()
  const order: string[] = []
  const next: Filter = { check: () => (order.push('next'), Verdict.goOn) }
  const { link, request } = house([filter, next])
  const exchange = request(POST)
  assert.ok(exchange.send('first '))
  assert.ok(exchange.send('second'))
  exchange.finish()
  assert.deepEqual([link.requests.length, order], [0, []])
  filter.room.goOn()
  const [sent] = link.requests
  assert.deepEqual([filter.asked, order], [1, ['next']])
  assert.equal(sent?.body, 'first second')
  assert.equal(sent?.hasEnded, true)
  assert.equal(exchange.target, sent)
})

test('body that comes after the wait goes to the target at once', () => {
  const filter = new WaitingFilter()
  const { link, request } = house([filter])
  const exchange = request(POST)
  exchange.send('before ')
  filter.room.goOn()
  exchange.send('after')
  assert.equal(link.requests[0]?.body, 'before after')
  assert.equal(link.requests[0]?.hasEnded, false)
})

test('a request without a body is not ended twice', () => {
  const filter = new WaitingFilter()
  const { link, request } = house([filter])
  request(GET)
  filter.room.goOn()
  assert.deepEqual([link.requests[0]?.body, link.requests[0]?.hasEnded], ['', false])
})

test('a waiting request keeps 64 KiB of its body, then has the client stop until it goes on', () => {
  const filter = new WaitingFilter()
  const { link, request } = house([filter])
  const exchange = request(POST)
  assert.ok(exchange.send('x'.repeat(WAITING_BYTES_MAX - 1)))
  assert.ok(!exchange.send('y'))
  assert.equal(exchange.resumed, 0)
  filter.room.goOn()
  assert.equal(link.requests[0]?.body.length, WAITING_BYTES_MAX)
  assert.equal(exchange.resumed, 1)
})

test('a target that takes no more than what was kept has the client wait on', () => {
  const filter = new WaitingFilter()
  const { link, request } = house([filter])
  const begin = link.begin.bind(link)
  link.begin = (exchange, forwarded) => {
    const target = begin(exchange, forwarded)
    if (target instanceof FakeTarget) target.takesMore = false
    return target
  }
  const exchange = request(POST)
  exchange.send('x'.repeat(WAITING_BYTES_MAX))
  filter.room.goOn()
  assert.equal(exchange.resumed, 0, 'the target will say when')
})

test('a client that goes away cancels what its request waits for, once', () => {
  const filter = new WaitingFilter()
  const { link, request } = house([filter])
  const exchange = request(POST)
  exchange.leave()
  assert.equal(filter.cancelled, 1)
  assert.equal(filter.room.isOpen, false)
  filter.room.goOn()
  filter.room.answer({ status: 403, reason: 'Forbidden', lines: '', body: '' })
  filter.room.fail(failures.internal)
  assert.deepEqual([link.requests.length, exchange.answer, exchange.failure], [0, null, null])
})

test('a wait has a time of its own, and fails with what the filter named', () => {
  const filter = new WaitingFilter()
  const { link, request, pass } = house([filter])
  const exchange = request(POST)
  pass(MINUTE_MS - 1000)
  assert.equal(exchange.failure, null)
  pass(2000)
  assert.equal(exchange.failure, failures.internal)
  assert.equal(exchange.answer?.status, 500)
  assert.equal(filter.cancelled, 1)
  filter.room.goOn()
  assert.equal(link.requests.length, 0, 'what comes too late does nothing')
})

test('the time of a wait ends with the wait', () => {
  const filter = new WaitingFilter()
  const { link, request, pass } = house([filter])
  const exchange = request(GET)
  filter.room.goOn()
  pass(10 * MINUTE_MS)
  assert.equal(exchange.failure, null)
  assert.equal(exchange.target, link.requests[0])
  assert.equal(filter.cancelled, 0)
})

test('a request may wait for one filter after the other, and keeps its body all the way', () => {
  const first = new WaitingFilter()
  const second = new WaitingFilter()
  const { link, request } = house([first, second])
  const exchange = request(POST)
  exchange.send('a')
  first.room.goOn()
  exchange.send('b')
  exchange.finish()
  assert.equal(link.requests.length, 0)
  second.room.goOn()
  assert.deepEqual([link.requests[0]?.body, link.requests[0]?.hasEnded], ['ab', true])
})

test('what a request waited for may answer it', () => {
  const filter = new WaitingFilter()
  const { link, request } = house([filter])
  const exchange = request(POST)
  filter.room.answer({ status: 302, reason: 'Found', lines: 'Location: /login\r\n', body: '' })
  assert.equal(exchange.answer?.status, 302)
  assert.deepEqual([link.requests.length, filter.cancelled], [0, 0])
})
