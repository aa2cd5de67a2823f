import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../clock/clock.ts'
import type { ForwardUnit } from '../snapshot/application-units.ts'
import type { StickinessUnit, TargetUnit } from '../snapshot/target-group-units.ts'
import { HeaderFields } from '../wire/header-fields.ts'
import { SessionCookies } from './session-cookies.ts'
import { StickyGroup } from './sticky-group.ts'
import { StickyRequest } from './sticky-request.ts'

const START = 1_800_000_000_000
const DAY_MS = 86_400_000

/** Fields of these names and values. */
function fieldsOf(...pairs: readonly (readonly [string, string])[]): HeaderFields {
  const fields = new HeaderFields()
  fields.reset(pairs.map(([name, value]) => `${name}: ${value}\r\n`).join(''))
  let at = 0
  for (const [name, value] of pairs) {
    const start = at + name.length + 2
    fields.add(at, at + name.length, start, start + value.length)
    at = start + value.length + 2
  }
  return fields
}

function target(id: string): TargetUnit {
  return { id, address: '127.0.0.1', port: 80, zone: 'a', state: 'healthy' }
}

/** Numbers that are spread evenly and always the same. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** A client with a jar before one target group, with time in the test's hand. */
class Bench {
  date = START
  readonly cookies: SessionCookies
  readonly group: StickyGroup
  readonly targets: readonly TargetUnit[] = [target('a'), target('b')]
  readonly jar = new Map<string, string>()
  readonly expires = new Map<string, number>()

  constructor(stickiness: StickinessUnit, scale = 1) {
    const clock: Clock = {
      now: () => this.date,
      date: () => this.date,
      dateAt: () => this.date,
      realMs: (durationMs) => durationMs / scale,
    }
    this.cookies = new SessionCookies(clock)
    this.cookies.setKeys([{ id: 1, secret: Buffer.alloc(32, 1).toString('base64'), usedFrom: 0 }])
    this.group = new StickyGroup('group', stickiness)
    this.configure(stickiness)
  }

  configure(stickiness: StickinessUnit): void {
    this.group.update(stickiness, this.targets, this.targets)
  }

  fields(): HeaderFields {
    return fieldsOf(['Cookie', [...this.jar].map((pair) => pair.join('=')).join('; ')])
  }

  /** One request, which goes to `fallback` where there is no session; the ID of its target. */
  request(fallback = 'a', ...response: readonly (readonly [string, string])[]): string {
    const sticky = new StickyRequest(this.cookies, true)
    const found = sticky.findTarget(this.group, this.fields())
    const chosen = found ?? this.targets.find(({ id }) => id === fallback) ?? target('?')
    sticky.took(this.group, chosen)
    this.take(sticky, response)
    return chosen.id
  }

  take(sticky: StickyRequest, response: readonly (readonly [string, string])[] = []): string {
    const lines = sticky.lines({ fields: fieldsOf(...response) })
    for (const [, name = '', value = '', expires = ''] of lines.matchAll(
      /Set-Cookie: ([^=]+)=([^;]*); Expires=([^;\r]+)/g,
    )) {
      this.jar.set(name, value)
      this.expires.set(name, Date.parse(expires))
    }
    for (const [name, value] of response) if (name === 'Set-Cookie') this.jar.set(...split(value))
    return lines
  }
}

function split(cookie: string): [string, string] {
  const [name = '', value = ''] = cookie.split('=')
  return [name, value]
}

test('ALB-TG-318 two answers 5 s apart have expiries 5 s apart', () => {
  const bench = new Bench({ type: 'lb_cookie', durationMs: 60_000 })
  bench.request()
  const first = bench.expires.get('AWSALB') ?? 0
  assert.equal(first, START + 7 * DAY_MS)
  bench.date += 5000
  bench.request()
  assert.equal(bench.expires.get('AWSALB'), first + 5000)
  assert.equal(bench.expires.get('AWSALBCORS'), first + 5000)
})

test('ALB-TG-318, 319 a session lasts as long as no pause between answers is longer than the duration', () => {
  const bench = new Bench({ type: 'lb_cookie', durationMs: 2000 })
  assert.equal(bench.request('b'), 'b')
  for (let count = 0; count < 10; count++) {
    bench.date += 2000
    assert.equal(bench.request('a'), 'b')
  }
  bench.date += 3001
  assert.equal(bench.request('a'), 'a')
  bench.date += 1000
  assert.equal(bench.request('b'), 'a', 'the new session')
})

test('ALB-TG-336 clients that come by HTTPS get a cookie for other sites that is Secure', () => {
  const bench = new Bench({ type: 'lb_cookie', durationMs: 2000 })
  const sticky = new StickyRequest(bench.cookies, true)
  sticky.took(bench.group, target('a'))
  const [plain = '', cors = ''] = bench.take(sticky).split('\r\n')
  assert.match(plain, /^Set-Cookie: AWSALB=[^;]+; Expires=[^;]+; Path=\/$/)
  assert.match(cors, /^Set-Cookie: AWSALBCORS=[^;]+; Expires=[^;]+; Path=\/; SameSite=None; Secure$/)
})

test('ALB-TG-367 a duration that is made shorter ends sessions from before', () => {
  const bench = new Bench({ type: 'app_cookie', cookieName: 'own', durationMs: DAY_MS })
  assert.equal(bench.request('b', ['Set-Cookie', 'own=1']), 'b')
  bench.date += 10_000
  bench.configure({ type: 'app_cookie', cookieName: 'own', durationMs: 1000 })
  assert.equal(bench.request('a'), 'a')
})

test('ALB-TG-351, 353 a session of an application lasts from answer to answer', () => {
  const bench = new Bench({ type: 'app_cookie', cookieName: 'own', durationMs: 5000 })
  assert.equal(bench.request('b', ['Set-Cookie', 'own=1']), 'b')
  let expires = 0
  for (let count = 0; count < 5; count++) {
    bench.date += 3000
    assert.equal(bench.request('a'), 'b')
    assert.ok((bench.expires.get('AWSALBAPP-0') ?? 0) > expires)
    expires = bench.expires.get('AWSALBAPP-0') ?? 0
  }
  bench.date += 6001
  assert.equal(bench.request('a'), 'a')
  assert.equal(bench.jar.get('AWSALBAPP-0'), '_remove_')
  assert.equal(bench.request('b'), 'b')
})

test('ALB-TG-354 no session outlasts the seven days of its cookie', () => {
  const bench = new Bench({ type: 'app_cookie', cookieName: 'own', durationMs: 7 * DAY_MS })
  bench.request('b', ['Set-Cookie', 'own=1'])
  bench.date += 7 * DAY_MS
  assert.equal(bench.request('a'), 'b')
  bench.date += 7 * DAY_MS + 2000
  assert.equal(bench.request('a'), 'a')
})

test('a group that changes its kind of stickiness gives out the other cookies from then on', () => {
  const bench = new Bench({ type: 'lb_cookie', durationMs: DAY_MS })
  bench.request('b')
  bench.configure({ type: 'app_cookie', cookieName: 'own', durationMs: DAY_MS })
  assert.equal(bench.request('a', ['Set-Cookie', 'own=1']), 'a')
  assert.equal(bench.request('b'), 'a')
  bench.configure({ type: 'lb_cookie', durationMs: DAY_MS })
  assert.equal(bench.request('a'), 'b', 'the cookie of before still counts')
})

test('ALB-LSN-077, 084 groups are drawn by weight, and kept as long as they are used', () => {
  const bench = new Bench({ type: 'lb_cookie', durationMs: DAY_MS })
  const action: ForwardUnit = {
    type: 'forward',
    targetGroups: [
      { arn: 'blue', weight: 10 },
      { arn: 'green', weight: 20 },
    ],
    groupStickiness: { durationMs: 1000_000 },
  }
  const random = seededRandom(11)
  let blue = 0
  for (let count = 0; count < 3000; count++) {
    const sticky = new StickyRequest(bench.cookies, false)
    const drawn = sticky.chooseGroup(action, fieldsOf(), random)
    if (drawn === 'blue') blue++
    bench.take(sticky)
    for (let request = 0; request < 3; request++) {
      const next = new StickyRequest(bench.cookies, false)
      assert.equal(next.chooseGroup(action, bench.fields(), random), drawn)
      assert.equal(next.hasInvalidGroupCookie, false)
      bench.take(next)
      bench.date += 900_000
    }
    bench.date += 200_000
  }
  // Five standard deviations of a fair draw.
  assert.ok(Math.abs(blue / 3000 - 1 / 3) < 0.043, String(blue))
  const kept = new StickyRequest(bench.cookies, false)
  assert.equal(bench.expires.get('AWSALBTG'), Math.floor((bench.date - 1_100_000 + 1_000_000) / 1000) * 1000)
  const draws = new Set(Array.from({ length: 40 }, () => kept.chooseGroup(action, bench.fields(), random)))
  assert.equal(draws.size, 2, 'the pause was longer than the duration')
})

/** A jar's cookies behind others of the same names: what a browser sends that has them for two paths or domains. */
function behind(stale: ReadonlyMap<string, string>, valid: ReadonlyMap<string, string>): HeaderFields {
  return fieldsOf(['Cookie', [...stale, ...valid].map((pair) => pair.join('=')).join('; ')])
}

/** Jars whose cookies lead nowhere: not ours, of another key, run out, of a target that is gone. */
function staleJars(stickiness: StickinessUnit): ReadonlyMap<string, string>[] {
  return ['ours', 'key', 'old', 'gone'].map((kind) => {
    const bench = new Bench(stickiness)
    if (kind === 'key')
      bench.cookies.setKeys([{ id: 2, secret: Buffer.alloc(32, 2).toString('base64'), usedFrom: 0 }])
    if (kind === 'old') bench.date -= 8 * DAY_MS
    if (kind === 'gone') {
      const sticky = new StickyRequest(bench.cookies, true)
      sticky.findTarget(bench.group, bench.fields())
      sticky.took(bench.group, target('gone'))
      bench.take(sticky, [['Set-Cookie', 'own=0']])
    } else bench.request('a', ['Set-Cookie', 'own=0'])
    if (kind === 'ours') for (const name of bench.jar.keys()) bench.jar.set(name, 'x')
    return bench.jar
  })
}

for (const stickiness of [
  { type: 'lb_cookie', durationMs: DAY_MS },
  { type: 'app_cookie', cookieName: 'own', durationMs: DAY_MS },
] as const) {
  test(`ALB-TG-334, 335 a stale cookie before a valid one of the same name loses no session: ${stickiness.type}`, () => {
    for (const stale of staleJars(stickiness)) {
      const bench = new Bench(stickiness)
      bench.request('b', ['Set-Cookie', 'own=1'])
      for (const fields of [behind(stale, bench.jar), behind(bench.jar, stale)]) {
        const sticky = new StickyRequest(bench.cookies, true)
        assert.equal(sticky.findTarget(bench.group, fields)?.id, 'b')
      }
    }
  })
}

test('a stale cookie for a group before a valid one loses no session', () => {
  const bench = new Bench({ type: 'lb_cookie', durationMs: DAY_MS })
  const action = (arns: readonly string[]): ForwardUnit => ({
    type: 'forward',
    targetGroups: arns.map((arn) => ({ arn, weight: 1 })),
    groupStickiness: { durationMs: DAY_MS },
  })
  const jarOf = (arn: string): ReadonlyMap<string, string> => {
    bench.jar.clear()
    const sticky = new StickyRequest(bench.cookies, false)
    sticky.chooseGroup(action([arn]), fieldsOf(), Math.random)
    bench.take(sticky)
    return new Map(bench.jar)
  }
  const [valid, gone] = [jarOf('green'), jarOf('gone')]
  const stale = [gone, new Map([['AWSALBTG', 'x']]), new Map([['AWSALBTGCORS', 'x']])]
  for (const jar of stale) {
    const sticky = new StickyRequest(bench.cookies, false)
    assert.equal(
      sticky.chooseGroup(action(['blue', 'green']), behind(jar, valid), () => 0),
      'green',
    )
    assert.equal(sticky.hasInvalidGroupCookie, false)
  }
})

test('durations run faster on a faster clock', () => {
  const bench = new Bench({ type: 'lb_cookie', durationMs: 60_000 }, 10)
  bench.request('b')
  bench.date += 6000
  assert.equal(bench.request('a'), 'b')
  bench.date += 6201
  assert.equal(bench.request('a'), 'a')
})
