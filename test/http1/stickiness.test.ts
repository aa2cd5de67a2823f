// Duration-based sticky sessions: the AWSALB and AWSALBCORS cookies.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import type { StickinessUnit, TargetGroupUnit, TargetUnit } from '../../src/snapshot/target-group-units.ts'
import { exchange, RawClient } from '../support/client.ts'
import { CookieJar, setCookies } from '../support/cookie-jar.ts'
import { eventually } from '../support/eventually.ts'
import type { Target } from '../support/target.ts'
import { cookieKey, forwardTo, groupUnit, targetUnit, WorkerProcess } from '../support/worker.ts'
import { bodies, get, namedTarget, same, session, spread } from './sticky.ts'

const DAY_MS = 86_400_000
const LB_COOKIE: StickinessUnit = { type: 'lb_cookie', durationMs: DAY_MS }

let targets: Target[]
let worker: WorkerProcess

before(async () => {
  targets = await Promise.all(['a', 'b', 'c'].map((name) => namedTarget(name, setsOwnCookie)))
  worker = await WorkerProcess.start({ groups: [group()] })
})

after(() => {
  worker.close()
  for (const target of targets) target.close()
})

function setsOwnCookie(head: string): string {
  return head.includes('/own') ? 'Set-Cookie: own=1; Path=/x; HttpOnly\r\nSet-Cookie: more=2\r\n' : ''
}

/** The three targets in these states, `healthy` where none is named. */
function group(
  stickiness: StickinessUnit | undefined = LB_COOKIE,
  states: readonly TargetUnit['state'][] = [],
  name = 'default',
): TargetGroupUnit {
  const units = targets.map(({ port }, at) => targetUnit(port, states[at]))
  return { ...groupUnit(name, units), ...(stickiness === undefined ? {} : { stickiness }) }
}

/** A jar with a session, and the name of the target it leads to. */
async function begun(): Promise<{ jar: CookieJar; name: string }> {
  const jar = new CookieJar()
  const [name = ''] = await session(worker.port, jar, 1)
  return { jar, name }
}

function stateOf(name: string, state: TargetUnit['state']): TargetUnit['state'][] {
  return ['a', 'b', 'c'].map((each) => (each === name ? state : 'healthy'))
}

test('ALB-TG-313, ALB-OBS-056 without stickiness requests of one connection are spread, and no cookie is set or counted', async () => {
  await worker.serve({ targets: targets.map(({ port }) => port) })
  const client = await RawClient.connect(worker.port)
  const names: string[] = []
  for (let at = 0; at < 30; at++) {
    client.send('GET / HTTP/1.1\r\nHost: a\r\nCookie: AWSALB=x\r\n\r\n')
    const response = await client.response()
    names.push(response.body)
    assert.deepEqual(setCookies(response), [])
  }
  client.close()
  for (const name of ['a', 'b', 'c']) assert.equal(names.filter((each) => each === name).length, 10)
  assert.equal(await worker.metric('NonStickyRequestCount'), 0)
  await worker.serve({ groups: [group()] })
})

test('ALB-TG-093, 314, 331, 332, 334, 338, ALB-OBS-056, 057 a client that returns its cookies stays at one target', async () => {
  const before = await worker.metric('NonStickyRequestCount')
  const jar = new CookieJar()
  same(await session(worker.port, jar, 50))
  assert.equal(await worker.metric('NonStickyRequestCount'), before + 1)
  const { jar: other, name } = await begun()
  assert.deepEqual(await bodies(worker.port, 6, other.line('AWSALB')), Array(6).fill(name))
  assert.deepEqual(await bodies(worker.port, 6, other.line('AWSALBCORS')), Array(6).fill(name))
  const crumbs = `Cookie: x=1;y=AWSALB=2\r\ncookie: theme=dark;  AWSALB=${other.get('AWSALB')} ; z\r\n`
  assert.deepEqual(await bodies(worker.port, 6, crumbs), Array(6).fill(name))
  assert.equal(spread(await bodies(worker.port, 6)), 3)
  for (const algorithm of ['least_outstanding_requests', 'weighted_random'] as const) {
    await worker.serve({ groups: [{ ...group(), algorithm }] })
    same(await session(worker.port, new CookieJar(), 20))
  }
  await worker.serve({ groups: [group()] })
})

test('ALB-TG-329, 333, 336, 337 both cookies have one value, a week of life, and their own attributes', async () => {
  await worker.serve({ groups: [group({ type: 'lb_cookie', durationMs: 60_000 })] })
  const start = Date.now()
  const cookies = setCookies(await get(worker.port))
  const end = Date.now()
  assert.deepEqual(
    cookies.map(({ name }) => name),
    ['AWSALB', 'AWSALBCORS'],
  )
  const [plain, cors] = cookies
  assert.equal(plain?.value, cors?.value)
  assert.match(plain?.value ?? '', /^[A-Za-z0-9+/]{90,140}={0,2}$/)
  const expires = plain?.attributes['expires'] ?? ''
  assert.match(expires, /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/)
  // To the second.
  const from = Date.parse(expires) - 7 * DAY_MS
  assert.ok(from >= start - 1000 && from <= end + 1000, expires)
  assert.deepEqual(plain?.attributes, { expires, path: '/' })
  // ALB-TG OQ-45: not Secure where clients come by HTTP, or they could not send it back.
  assert.deepEqual(cors?.attributes, { expires, path: '/', samesite: 'None' })
  await worker.serve({ groups: [group()] })
})

test('ALB-TG-317, 330, 335 a cookie that cannot be read is replaced', async () => {
  const { jar, name } = await begun()
  const value = jar.get('AWSALB')
  const bytes = Buffer.from(value, 'base64')
  for (const port of targets.map((target) => String(target.port)))
    assert.ok(!bytes.includes(port) && !bytes.includes('127.0.0.1'))
  const middle = value.length >> 1
  const wrong = [
    '',
    'garbage',
    'x'.repeat(4000),
    `${value.slice(0, middle)}${value[middle] === 'A' ? 'B' : 'A'}${value.slice(middle + 1)}`,
    value.slice(0, -4),
    `${value}AAAA`,
    `"${value}"`,
    value.replaceAll('+', '-').replaceAll('/', '_').concat('-'),
    `%${value.charCodeAt(0).toString(16)}${value.slice(1)}`,
    encodeURIComponent(`${value}+`),
  ]
  const before = await worker.metric('NonStickyRequestCount')
  for (const text of wrong) {
    const names = []
    for (let at = 0; at < 3; at++) {
      const response = await get(worker.port, `Cookie: AWSALB=${text}\r\n`)
      assert.equal(response.status, 200)
      assert.equal(setCookies(response).length, 2)
      names.push(response.body)
    }
    assert.equal(spread(names), 3, text)
  }
  assert.equal(await worker.metric('NonStickyRequestCount'), before + 3 * wrong.length)
  assert.equal((await get(worker.port, jar.line())).body, name)
  const both = `Cookie: AWSALB=garbage; AWSALBCORS=${value}\r\n`
  assert.deepEqual(await bodies(worker.port, 3, both), [name, name, name])
})

test('ALB-TG-335, 355, ALB-OBS-058 a session leaves a target that is unhealthy, draining or gone, and stays away', async () => {
  for (const state of ['unhealthy', 'draining', 'unused', 'gone'] as const) {
    const { jar, name } = await begun()
    const all = group(LB_COOKIE, stateOf(name, state === 'gone' ? 'draining' : state))
    const left = { ...all, targets: all.targets.filter(({ state: each }) => each !== 'draining') }
    await worker.serve({ groups: [state === 'gone' ? left : all] })
    const before = await worker.metric('NonStickyRequestCount')
    const other = same(await session(worker.port, jar, 4))
    assert.notEqual(other, name, state)
    assert.equal(await worker.metric('NonStickyRequestCount'), before + 1)
    await worker.serve({ groups: [group()] })
    assert.equal(same(await session(worker.port, jar, 4)), other)
  }
})

test('OQ-35 while no target is healthy sessions stay where they are', async () => {
  const { jar, name } = await begun()
  await worker.serve({ groups: [group(LB_COOKIE, ['unhealthy', 'unhealthy', 'unhealthy'])] })
  assert.equal(same(await session(worker.port, jar, 4)), name)
  await worker.serve({ groups: [group()] })
})

test('OQ-47 a cookie of one group means nothing in another', async () => {
  const path = { field: 'path-pattern', values: ['/other*'] } as const
  await worker.serve({
    groups: [group(), group(LB_COOKIE, [], 'other')],
    rules: [{ arn: 'r', priority: 1, conditions: [path], actions: [forwardTo('other')] }],
  })
  const { jar } = await begun()
  const value = jar.get('AWSALB')
  assert.equal(spread(await bodies(worker.port, 6, jar.line(), '/other')), 3)
  same(await session(worker.port, jar, 4, '/other'))
  assert.notEqual(jar.get('AWSALB'), value)
  await worker.serve({ groups: [group()] })
})

test('OQ-48 every answer of a target has the cookies, whatever its status and the client’s version', async () => {
  const missing = await get(worker.port, '', '/missing')
  assert.equal(missing.status, 404)
  assert.equal(setCookies(missing).length, 2)
  const old = await exchange(worker.port, 'GET / HTTP/1.0\r\nHost: a\r\n\r\n')
  assert.equal(setCookies(old).length, 2)
  const client = await RawClient.connect(worker.port)
  client.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.equal(setCookies(await client.response(true)).length, 2)
  client.send('GET /own HTTP/1.1\r\nHost: a\r\n\r\n')
  const own = await client.response()
  assert.deepEqual(
    setCookies(own).map(({ name }) => name),
    ['own', 'more', 'AWSALB', 'AWSALBCORS'],
  )
  assert.match(own.head, /\r\nSet-Cookie: own=1; Path=\/x; HttpOnly\r\nSet-Cookie: more=2\r\n/)
  client.close()
})

test('OQ-48 what the load balancer answers itself has none, also after an answer that had some', async () => {
  const refuse = { field: 'path-pattern', values: ['/fixed'] } as const
  const fixed = { type: 'fixed-response', statusCode: 200, contentType: null, messageBody: '' } as const
  const closed = await namedTarget('closed')
  closed.close()
  const dead = { ...groupUnit('dead', [targetUnit(closed.port)]), stickiness: LB_COOKIE }
  const deadPath = { field: 'path-pattern', values: ['/dead'] } as const
  await worker.serve({
    groups: [group(), dead],
    rules: [
      { arn: 'r1', priority: 1, conditions: [refuse], actions: [fixed] },
      { arn: 'r2', priority: 2, conditions: [deadPath], actions: [forwardTo('dead')] },
    ],
  })
  const client = await RawClient.connect(worker.port)
  for (const [path, status, count] of [
    ['/', 200, 2],
    ['/fixed', 200, 0],
    ['/dead', 502, 0],
    ['/', 200, 2],
  ] as const) {
    client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
    const response = await client.response()
    assert.equal(response.status, status)
    assert.equal(setCookies(response).length, count, path)
  }
  client.close()
  await worker.serve({ groups: [group()] })
})

test('OQ-48 the cookies are passed on to the target as they came', async () => {
  const { jar, name } = await begun()
  await get(worker.port, jar.line(), '/own')
  const target = targets[['a', 'b', 'c'].indexOf(name)]
  assert.ok(target?.requests.at(-1)?.head.includes(`\r\n${jar.line().trimEnd()}`))
})

test('ALB-TG-317, ALB-OBS-060 workers share keys; old keys count until they are taken away, new ones from their date', async () => {
  const { jar, name } = await begun()
  const tomorrow = Date.now() + DAY_MS
  const second = await WorkerProcess.start({
    groups: [group()],
    cookieKeys: [cookieKey(1), cookieKey(2, Date.now() - 1000), cookieKey(3, tomorrow)],
  })
  try {
    assert.equal(same(await bodies(second.port, 4, jar.line())), name)
    const newer = new CookieJar()
    const newName = same(await session(second.port, newer, 2))
    // The first worker has not got the second key.
    assert.equal(spread(await bodies(worker.port, 6, newer.line())), 3)
    await worker.serve({ groups: [group()], cookieKeys: [cookieKey(2), cookieKey(3, tomorrow)] })
    assert.equal(same(await bodies(worker.port, 4, newer.line())), newName)
    const before = await worker.metric('NonStickyRequestCount')
    assert.equal(spread(await bodies(worker.port, 6, jar.line())), 3, 'its key is gone')
    assert.equal(await worker.metric('NonStickyRequestCount'), before + 6)
    await worker.serve({ groups: [group()], cookieKeys: [] })
    const without = await get(worker.port)
    assert.deepEqual([without.status, setCookies(without)], [200, []])
  } finally {
    second.close()
    await worker.serve({ groups: [group()] })
  }
})

test('ALB-TG-316, 319, 331 a session ends with its duration, also one that was shortened since', async () => {
  const { jar, name } = await begun()
  // A second takes 20 ms here, and a day less than half an hour.
  const fast = await WorkerProcess.start({ groups: [group()] }, { timeScale: 50 })
  const isOver = async (): Promise<boolean> => spread(await bodies(fast.port, 3, jar.line())) === 3
  try {
    assert.equal(same(await bodies(fast.port, 6, jar.line())), name)
    await fast.serve({ groups: [group({ type: 'lb_cookie', durationMs: 1000 })] })
    await eventually('the session is over', isOver)
    await fast.serve({ groups: [group()] })
    assert.equal(same(await bodies(fast.port, 3, jar.line())), name)
    await fast.serve({ groups: [group({ type: 'lb_cookie', durationMs: 60_000 })] })
    await eventually('the session is over', isOver)
  } finally {
    fast.close()
  }
})
