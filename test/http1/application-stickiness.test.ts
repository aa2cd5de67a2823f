// Sticky sessions that follow a cookie of the application: AWSALBAPP-0 to AWSALBAPP-3.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import type { RuleUnit } from '../../src/snapshot/application-units.ts'
import type { StickinessUnit, TargetGroupUnit, TargetUnit } from '../../src/snapshot/target-group-units.ts'
import type { RawResponse } from '../support/client.ts'
import { CookieJar, setCookies } from '../support/cookie-jar.ts'
import { becomes, eventually } from '../support/eventually.ts'
import type { Target } from '../support/target.ts'
import { forwardTo, groupArn, groupUnit, targetUnit, WorkerProcess } from '../support/worker.ts'
import { bodies, get, namedTarget, same, session, spread } from './sticky.ts'

const DAY_MS = 86_400_000
const SHARDS = ['AWSALBAPP-0', 'AWSALBAPP-1', 'AWSALBAPP-2', 'AWSALBAPP-3']
const FOLLOWED = appCookie('MyCookie')

let targets: Target[]
let worker: WorkerProcess

before(async () => {
  targets = await Promise.all(['a', 'b', 'c'].map((name) => namedTarget(name, setsCookie)))
  worker = await WorkerProcess.start({ groups: [group()] })
})

after(() => {
  worker.close()
  for (const target of targets) target.close()
})

/** A path `/…/set=NAME=VALUE;…&NAME=VALUE` has the target set these cookies; underscores become spaces. */
function setsCookie(head: string): string {
  const cookies = /set=(\S+)/.exec(head)?.[1]?.replaceAll('_', ' ').split('&') ?? []
  return cookies.map((cookie) => `Set-Cookie: ${cookie}\r\n`).join('')
}

function appCookie(cookieName: string, durationMs = DAY_MS): StickinessUnit {
  return { type: 'app_cookie', cookieName, durationMs }
}

function group(
  stickiness: StickinessUnit = FOLLOWED,
  states: readonly TargetUnit['state'][] = [],
  name = 'default',
): TargetGroupUnit {
  const units = targets.map(({ port }, at) => targetUnit(port, states[at]))
  return { ...groupUnit(name, units), stickiness }
}

/** A rule that sends paths below `/NAME/` to the group NAME. */
function ruleFor(name: string, priority: number): RuleUnit {
  const values = [`/${name}/*`]
  return { arn: name, priority, conditions: [{ field: 'path-pattern', values }], actions: [forwardTo(name)] }
}

/** A jar with a session, and the name of the target it leads to. */
async function begun(path = '/set=MyCookie=1'): Promise<{ jar: CookieJar; name: string }> {
  const jar = new CookieJar()
  const [name = ''] = await session(worker.port, jar, 1, path)
  return { jar, name }
}

/** Values of the load balancer's cookies in an answer. */
function shards(response: RawResponse): string[] {
  const found = setCookies(response).filter(({ name }) => name.startsWith('AWSALB'))
  assert.deepEqual(
    found.map(({ name }) => name),
    SHARDS,
  )
  return found.map(({ value }) => value)
}

test('ALB-TG-343, 345, 349, 350 a session begins when the target sets the cookie, and needs both cookies', async () => {
  const jar = new CookieJar()
  const before = await worker.metric('NonStickyRequestCount')
  assert.equal(spread(await session(worker.port, jar, 6)), 3, 'no session before the cookie is set')
  assert.equal(await worker.metric('NonStickyRequestCount'), before + 6)
  const response = await get(worker.port, '', '/set=MyCookie=1')
  assert.deepEqual(
    setCookies(response).map(({ name }) => name),
    ['MyCookie', ...SHARDS],
  )
  const name = jar.take(response).body
  assert.equal(same(await session(worker.port, jar, 6)), name)
  assert.equal(spread(await bodies(worker.port, 6, jar.line('MyCookie'))), 3)
  assert.equal(spread(await bodies(worker.port, 6, jar.line(...SHARDS))), 3)
  assert.equal(same(await bodies(worker.port, 6, jar.line('MyCookie', 'AWSALBAPP-0'))), name)
})

test('ALB-TG-344, 348, 352 only the name of the application’s cookie counts, and it passes unchanged both ways', async () => {
  for (const cookie of [
    'MyCookie=',
    'MyCookie=x%20y;_Max-Age=1;_Path=/x;_HttpOnly;_Secure',
    'MyCookie=0;_Expires=Thu,_01_Jan_1970_00:00:00_GMT',
  ]) {
    const response = await get(worker.port, '', `/set=${cookie}`)
    assert.ok(response.head.includes(`\r\nSet-Cookie: ${cookie.replaceAll('_', ' ')}\r\n`))
    assert.notEqual(shards(response)[0], '_remove_', cookie)
  }
  for (const cookie of ['mycookie=1', 'MyCookie2=1', 'Other=MyCookie=1', 'MyCookie']) {
    assert.deepEqual(
      shards(await get(worker.port, '', `/set=${cookie}`)),
      SHARDS.map(() => '_remove_'),
      cookie,
    )
  }
  const { jar, name } = await begun()
  const sent = `Cookie: x=1; MyCookie="odd %20 value"; AWSALBAPP-0=${jar.get('AWSALBAPP-0')}`
  assert.equal((await get(worker.port, `${sent}\r\n`)).body, name)
  const received = targets[['a', 'b', 'c'].indexOf(name)]?.requests.at(-1)?.head ?? ''
  assert.ok(received.includes(`\r\n${sent}`), received)
})

test('ALB-TG-347 its own expiry is a week away, also in those that come when the target sets nothing', async () => {
  const start = Date.now()
  const { jar, name } = await begun('/set=MyCookie=1;_Max-Age=5;_HttpOnly')
  const first = jar.get('AWSALBAPP-0')
  const answers: RawResponse[] = []
  // Given out anew every second.
  await eventually('the cookie is another one', async () => {
    const response = await get(worker.port, jar.line())
    answers.push(response)
    jar.take(response)
    return jar.get('AWSALBAPP-0') !== first
  })
  const end = Date.now()
  for (const response of answers) {
    assert.equal(response.body, name)
    const [cookie] = setCookies(response)
    const expires = cookie?.attributes['expires'] ?? ''
    assert.deepEqual(cookie?.attributes, { expires, path: '/' })
    // To the second.
    const from = Date.parse(expires) - 7 * DAY_MS
    assert.ok(from >= start - 1000 && from <= end + 1000, expires)
  }
})

test('ALB-TG-351, 367 when the duration is over the target has to set the cookie again', async () => {
  // A second takes 20 ms here.
  const fast = await WorkerProcess.start({ groups: [group()] }, { timeScale: 50 })
  try {
    const jar = new CookieJar()
    const [name] = await session(fast.port, jar, 1, '/set=MyCookie=1')
    const line = jar.line()
    assert.equal(same(await bodies(fast.port, 3, line)), name)
    await fast.serve({ groups: [group(appCookie('MyCookie', 1000))] })
    await becomes(async () => spread(await bodies(fast.port, 3, line)), 3)
    assert.deepEqual(
      shards(await get(fast.port, line)),
      SHARDS.map(() => '_remove_'),
    )
    assert.notEqual(shards(await get(fast.port, line, '/set=MyCookie=2'))[0], '_remove_')
  } finally {
    fast.close()
  }
})

test('ALB-TG-355 a session whose target fails moves, and stays when the target is back', async () => {
  const { jar, name } = await begun()
  const states = ['a', 'b', 'c'].map(
    (each) => (each === name ? 'unhealthy' : 'healthy') satisfies TargetUnit['state'],
  )
  await worker.serve({ groups: [group(FOLLOWED, states)] })
  const other = same(await session(worker.port, jar, 4))
  assert.notEqual(other, name)
  await worker.serve({ groups: [group()] })
  assert.equal(same(await session(worker.port, jar, 4)), other)
})

test('ALB-TG-316, 366 a client that drops the application’s cookie begins anew', async () => {
  const { jar } = await begun()
  await session(worker.port, jar, 1, '/set=MyCookie=;_Expires=Thu,_01_Jan_1970_00:00:00_GMT')
  assert.deepEqual([...jar.values.keys()], SHARDS)
  const response = await get(worker.port, jar.line())
  assert.deepEqual(
    shards(response),
    SHARDS.map(() => '_remove_'),
  )
  jar.take(response)
  assert.equal(spread(await session(worker.port, jar, 6)), 3)
})

test('ALB-TG-356 attributes for other sites are for browsers that know them', async () => {
  for (const [agent, isExpected] of [
    ['Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/80.0.3987.0 Safari/537.36', true],
    ['Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36', true],
    ['Mozilla/5.0 (X11) Ubuntu Chromium/80.1 Safari/537.36', true],
    ['Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/79.0.3945.88 Safari/537.36', false],
    ['Mozilla/5.0 (X11; rv:140.0) Gecko/20100101 Firefox/140.0', false],
    ['curl/8.5.0', false],
    ['NotChrome/99', false],
  ] as const) {
    for (const path of ['/', '/set=MyCookie=1']) {
      const response = await get(worker.port, `User-Agent: ${agent}\r\n`, path)
      for (const { name, attributes } of setCookies(response)) {
        if (name === 'MyCookie') continue
        assert.equal(attributes['samesite'], isExpected ? 'None' : undefined, agent)
        assert.equal('secure' in attributes, isExpected, agent)
      }
    }
  }
})

test('ALB-TG-315, 323, 346 one cookie holds the sessions of all groups, each with its own name', async () => {
  await worker.serve({
    groups: [
      group(appCookie('One'), [], 'one'),
      group(appCookie('Two'), [], 'two'),
      group({ type: 'lb_cookie', durationMs: DAY_MS }, [], 'timed'),
      groupUnit('free', group().targets),
    ],
    rules: [ruleFor('one', 1), ruleFor('two', 2), ruleFor('timed', 3)],
    actions: [forwardTo('free')],
  })
  const jar = new CookieJar()
  const [one = ''] = await session(worker.port, jar, 1, '/one/set=One=1')
  await get(worker.port, '', '/two/')
  const [two = ''] = await session(worker.port, jar, 1, '/two/set=Two=1')
  const [timed = ''] = await session(worker.port, jar, 1, '/timed/')
  assert.deepEqual([...jar.values.keys()], ['One', ...SHARDS, 'Two', 'AWSALB', 'AWSALBCORS'])
  for (let round = 0; round < 3; round++) {
    assert.deepEqual(await session(worker.port, jar, 2, '/one/'), [one, one])
    assert.deepEqual(await session(worker.port, jar, 2, '/two/'), [two, two])
    assert.deepEqual(await session(worker.port, jar, 2, '/timed/'), [timed, timed])
  }
  assert.equal(spread(await session(worker.port, jar, 6, '/')), 3)
  // Without the one application's cookie the other session goes on.
  jar.values.delete('One')
  assert.equal(spread(await session(worker.port, jar, 6, '/one/')), 3)
  assert.deepEqual(await session(worker.port, jar, 2, '/two/'), [two, two])
  await worker.serve({ groups: [group()] })
})

test('ALB-TG-357..360 what is larger than a cookie may be is cut in up to four, and useless when one is missing', async () => {
  const names = Array.from({ length: 340 }, (_, index) => `g${index}`)
  const groups = names.map((name) => group(FOLLOWED, [], name))
  await worker.serve({ groups, rules: names.map((name, index) => ruleFor(name, index + 1)) })
  const jar = new CookieJar()
  let used = 1
  const sizes: number[] = []
  const sessions = new Map<string, string>()
  for (const name of names) {
    const response = jar.take(await get(worker.port, jar.line(), `/${name}/set=MyCookie=1`))
    sessions.set(name, response.body)
    const values = shards(response)
    const count = values.filter((value) => value !== '_remove_').length
    if (count > used) sizes.push(values.join('').replaceAll('_remove_', '').length)
    used = Math.max(used, count)
    assert.deepEqual(
      values.slice(count),
      values.slice(count).map(() => '_remove_'),
    )
    for (const value of values) assert.ok(value.length <= 4000)
    const lines = response.head.split('\r\n').filter((line) => line.startsWith('Set-Cookie: AWSALB'))
    for (const line of lines) assert.ok(line.length - 'Set-Cookie: '.length <= 4096)
  }
  assert.equal(used, 4)
  for (const [at, size] of sizes.entries()) assert.ok(size > 4000 * (at + 1) && size < 4000 * (at + 1) + 60)
  const last = names.at(-1) ?? ''
  const line = jar.line()
  for (const name of [last, names.at(-200) ?? '']) {
    assert.equal(same(await bodies(worker.port, 4, line, `/${name}/`)), sessions.get(name))
  }
  assert.equal(spread(await bodies(worker.port, 6, line, '/g0/')), 3, 'OQ-50 the first had to go')
  for (const missing of SHARDS) {
    const rest = jar.line('MyCookie', ...SHARDS.filter((name) => name !== missing))
    assert.equal(spread(await bodies(worker.port, 3, rest, `/${last}/`)), 3)
  }
  await worker.serve({ groups: [group()] })
})

test('ALB-TG-317, 330 application cookies that cannot be read are as none', async () => {
  const { jar } = await begun()
  const value = jar.get('AWSALBAPP-0')
  const timed = await WorkerProcess.start({ groups: [group({ type: 'lb_cookie', durationMs: DAY_MS })] })
  const [foreign] = setCookies(await get(timed.port))
  timed.close()
  for (const text of [
    '',
    'x',
    '_remove_',
    `${value.slice(0, -4)}AAAA`,
    `%${value.charCodeAt(0).toString(16)}${value.slice(1)}`,
    foreign?.value ?? '',
    '_remove__remove_',
  ]) {
    const names = await bodies(worker.port, 3, `Cookie: MyCookie=1; AWSALBAPP-0=${text}\r\n`)
    assert.equal(spread(names), 3, text)
  }
})

test('ALB-TG-325 among several groups of an action application cookies count for nothing', async () => {
  const two = { arn: groupArn('two'), weight: 1 }
  const both = { arn: groupArn('default'), weight: 1 }
  await worker.serve({
    groups: [group(), group(FOLLOWED, [], 'two')],
    actions: [{ type: 'forward', targetGroups: [both, two], groupStickiness: { durationMs: DAY_MS } }],
  })
  const jar = new CookieJar()
  const [first] = await session(worker.port, jar, 1, '/set=MyCookie=1')
  assert.ok(first !== undefined)
  assert.deepEqual([...jar.values.keys()], ['MyCookie', 'AWSALBTG', 'AWSALBTGCORS'])
  assert.equal(spread(await session(worker.port, jar, 9)), 3)
  await worker.serve({ groups: [group()] })
})

test('ALB-TG-324 load balancers in a row each keep their sessions', async () => {
  const others = await Promise.all(['d', 'e', 'f'].map((name) => namedTarget(name, setsCookie)))
  const units = others.map(({ port }) => targetUnit(port))
  const inner = await WorkerProcess.start({
    groups: [{ ...groupUnit('inner', units), stickiness: FOLLOWED }],
    actions: [forwardTo('inner')],
  })
  const inners = [targetUnit(worker.port), targetUnit(inner.port)]
  const outer = await WorkerProcess.start({
    groups: [{ ...groupUnit('outer', inners), stickiness: appCookie('Outer') }],
    actions: [forwardTo('outer')],
  })
  try {
    const jar = new CookieJar()
    const [name = ''] = await session(outer.port, jar, 1, '/set=MyCookie=1&Outer=1')
    assert.equal(same(await session(outer.port, jar, 6)), name)
    const side = (each: string): string => ('abc'.includes(each) ? 'first' : 'second')
    const line = jar.line()
    const withoutInner = await bodies(outer.port, 6, line.replace('MyCookie', 'x'))
    assert.equal(spread(withoutInner), 3)
    assert.equal(same(withoutInner.map(side)), side(name))
    const withoutOuter = await bodies(outer.port, 4, line.replace('Outer', 'x'))
    assert.equal(spread(withoutOuter.map(side)), 2)
    assert.deepEqual(new Set(withoutOuter.filter((each) => side(each) === side(name))), new Set([name]))
    assert.equal(same(await session(outer.port, jar, 6)), name)
  } finally {
    outer.close()
    inner.close()
    for (const target of others) target.close()
  }
})
