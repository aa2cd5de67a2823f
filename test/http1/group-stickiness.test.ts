// Sticky target groups of forward actions: the AWSALBTG and AWSALBTGCORS cookies, alone and with sticky targets.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import tls from 'node:tls'

import type { ActionUnit } from '../../src/snapshot/application-units.ts'
import type { StickinessUnit, TargetGroupUnit } from '../../src/snapshot/target-group-units.ts'
import { RawClient } from '../support/client.ts'
import { TestAuthority } from '../support/certificates.ts'
import { CookieJar, setCookies } from '../support/cookie-jar.ts'
import { becomes, eventually } from '../support/eventually.ts'
import { Random } from '../support/random.ts'
import type { Target } from '../support/target.ts'
import { groupArn, groupUnit, targetUnit, WorkerProcess } from '../support/worker.ts'
import { bodies, get, namedTarget, same, session, spread } from './sticky.ts'

const DURATION_MS = 1_000_000
const LB_COOKIE: StickinessUnit = { type: 'lb_cookie', durationMs: 86_400_000 }

let targets: Target[]
let worker: WorkerProcess

before(async () => {
  // Two targets in each of the groups blue and green.
  targets = await Promise.all(['b1', 'b2', 'g1', 'g2'].map(async (name) => await namedTarget(name)))
  worker = await WorkerProcess.start({ groups: groups(), actions: [forward(10, 20)] })
})

after(() => {
  worker.close()
  for (const target of targets) target.close()
})

function groups(stickiness?: StickinessUnit): TargetGroupUnit[] {
  const units = targets.map(({ port }) => targetUnit(port))
  return [groupUnit('blue', units.slice(0, 2)), groupUnit('green', units.slice(2))].map((unit) =>
    stickiness === undefined ? unit : { ...unit, stickiness },
  )
}

/** An action with these weights of blue and green; groups are sticky for `durationMs` unless it is null. */
function forward(blue: number, green: number, durationMs: number | null = DURATION_MS): ActionUnit {
  const targetGroups = [
    { arn: groupArn('blue'), weight: blue },
    { arn: groupArn('green'), weight: green },
  ]
  return {
    type: 'forward',
    targetGroups,
    ...(durationMs === null ? {} : { groupStickiness: { durationMs } }),
  }
}

/** The groups that requests went to. */
function colours(names: readonly string[]): string[] {
  return names.map((name) => name.charAt(0))
}

/** A jar with a session, and the group it leads to. */
async function begun(colour?: string): Promise<{ jar: CookieJar; colour: string }> {
  return await eventually(`a session begins in ${colour ?? 'any group'}`, async () => {
    const jar = new CookieJar()
    const [found = ''] = colours(await session(worker.port, jar, 1))
    return colour === undefined || found === colour ? { jar, colour: found } : false
  })
}

test('ALB-LSN-072, 078 without group stickiness the cookie neither comes nor counts', async () => {
  const { jar } = await begun('b')
  await worker.serve({ groups: groups(LB_COOKIE), actions: [forward(10, 20, null)] })
  const plain = new CookieJar()
  assert.equal(spread(colours(await session(worker.port, plain, 60))), 2)
  assert.deepEqual([...plain.values.keys()], ['AWSALB', 'AWSALBCORS'])
  assert.equal(spread(colours(await bodies(worker.port, 60, jar.line()))), 2)
  await worker.serve({ groups: groups(), actions: [forward(10, 20)] })
})

test('ALB-LSN-074, 080, 084 each answer has both cookies, which live as long as the session', async () => {
  const start = Date.now()
  const cookies = setCookies(await get(worker.port))
  const end = Date.now()
  assert.deepEqual(
    cookies.map(({ name }) => name),
    ['AWSALBTG', 'AWSALBTGCORS'],
  )
  const [plain, cors] = cookies
  assert.equal(plain?.value, cors?.value)
  const expires = plain?.attributes['expires'] ?? ''
  // To the second.
  const from = Date.parse(expires) - DURATION_MS
  assert.ok(from >= start - 1000 && from <= end + 1000, expires)
  assert.deepEqual(plain?.attributes, { expires, path: '/' })
  // ALB-LSN Q39: Secure only where clients come by HTTPS.
  assert.deepEqual(cors?.attributes, { expires, path: '/', samesite: 'None' })
})

test('ALB-LSN-080, ALB-TG-336 over HTTPS the cookies for other sites are Secure', async (t) => {
  const authority = await TestAuthority.make()
  const certificate = await authority.issue('standard', { names: ['h.example'] })
  const secure = await WorkerProcess.start({
    groups: groups(LB_COOKIE),
    actions: [forward(10, 20)],
    tls: { certificates: [certificate] },
  })
  t.after(() => secure.close())
  const socket = tls.connect({ host: '127.0.0.1', port: secure.port, rejectUnauthorized: false })
  socket.write('GET / HTTP/1.1\r\nHost: h.example\r\nConnection: close\r\n\r\n')
  let head = ''
  for await (const chunk of socket) head += String(chunk)
  const cookies = setCookies({ head })
  assert.deepEqual(
    cookies.map(({ name, attributes: { samesite, secure: flag } }) => [name, samesite, flag]),
    [
      ['AWSALBTG', undefined, undefined],
      ['AWSALBTGCORS', 'None', ''],
      ['AWSALB', undefined, undefined],
      ['AWSALBCORS', 'None', ''],
    ],
  )
  assert.equal(cookies[0]?.value, cookies[1]?.value)
  assert.equal(cookies[2]?.value, cookies[3]?.value)
})

test('ALB-LSN-076, 081 a client stays with its group, whatever the weights, by either cookie', async () => {
  const { jar, colour } = await begun()
  assert.equal(same(colours(await session(worker.port, jar, 40))), colour)
  assert.equal(same(colours(await bodies(worker.port, 20, jar.line('AWSALBTG')))), colour)
  assert.equal(same(colours(await bodies(worker.port, 20, jar.line('AWSALBTGCORS')))), colour)
  const [blue, green] = colour === 'b' ? [0, 1] : [1, 0]
  await worker.serve({ groups: groups(), actions: [forward(blue, green)] })
  assert.equal(same(colours(await session(worker.port, jar, 20))), colour, 'ALB-LSN Q39 weight 0')
  await worker.serve({ groups: groups(), actions: [forward(0, 0)] })
  assert.equal((await get(worker.port, jar.line())).status, 200)
  assert.equal((await get(worker.port)).status, 503)
  await worker.serve({ groups: groups(), actions: [forward(10, 20)] })
})

test('ALB-LSN-077 requests without the cookie are drawn by weight', async () => {
  const count = 1500
  const blue = colours(await bodies(worker.port, count)).filter((colour) => colour === 'b').length
  // A third is wanted; five standard deviations are 0.061, which a fair draw misses once in 1.7 million runs.
  assert.ok(Math.abs(blue / count - 1 / 3) < 0.061, `${blue} of ${count}`)
})

test('ALB-LSN-075, 079, ALB-OBS-235 a cookie that is not as it was given is not used, and the log says so', async () => {
  const { jar } = await begun('b')
  const value = jar.get('AWSALBTG')
  const arn = Buffer.from(value, 'base64').toString('latin1')
  assert.ok(!arn.includes('blue') && !arn.includes('targetgroup'))
  const middle = value.length >> 1
  const encoded = value.replaceAll(/./g, (letter) => `%${letter.charCodeAt(0).toString(16)}`)
  const flipped = `${value.slice(0, middle)}${value[middle] === 'A' ? 'B' : 'A'}${value.slice(middle + 1)}`
  for (const text of [encoded, flipped, '']) {
    const before = (await worker.logLines()).length
    const names = await bodies(worker.port, 60, `Cookie: AWSALBTG=${text}; AWSALBTGCORS=${text}\r\n`)
    assert.equal(spread(colours(names)), 2)
    const lines = (await worker.logLines()).slice(before)
    assert.equal(lines.length, 60)
    for (const line of lines) assert.match(line, / 200 200 .* "forward" "-" "AWSALBTGCookieInvalid" /)
  }
  const before = (await worker.logLines()).length
  await get(worker.port, jar.line())
  await get(worker.port, `Cookie: AWSALBTG=x; AWSALBTGCORS=${value}\r\n`)
  for (const line of (await worker.logLines()).slice(before)) assert.match(line, / "forward" "-" "-" /)
})

test('ALB-LSN-084 when the duration is over a group is drawn again, without an error in the log', async () => {
  // A second takes 20 ms here.
  const fast = await WorkerProcess.start(
    { groups: groups(), actions: [forward(1, 1, 1000)] },
    { timeScale: 50 },
  )
  try {
    const { jar } = await begun()
    await becomes(async () => spread(colours(await bodies(fast.port, 20, jar.line()))), 2)
    for (const line of await fast.logLines()) assert.match(line, / "forward" "-" "-" /)
  } finally {
    fast.close()
  }
})

test('Q39 a group that the rule does not name is not used', async () => {
  const { jar } = await begun('b')
  const red = groupUnit('red', [targetUnit(targets[2]?.port ?? 0)])
  const action: ActionUnit = {
    type: 'forward',
    targetGroups: [{ arn: red.arn, weight: 1 }],
    groupStickiness: { durationMs: DURATION_MS },
  }
  await worker.serve({ groups: [...groups(), red], actions: [action] })
  const response = await get(worker.port, jar.line())
  assert.equal(response.body, 'g1')
  assert.deepEqual(
    setCookies(response).map(({ name }) => name),
    ['AWSALBTG', 'AWSALBTGCORS'],
  )
  await worker.serve({ groups: groups(), actions: [forward(10, 20)] })
})

test('ALB-LSN-085 with both kinds on a client stays with one target of one group', async () => {
  await worker.serve({ groups: groups(LB_COOKIE), actions: [forward(10, 20)] })
  const jar = new CookieJar()
  const response = jar.take(await get(worker.port))
  assert.deepEqual(
    setCookies(response).map(({ name }) => name),
    ['AWSALBTG', 'AWSALBTGCORS', 'AWSALB', 'AWSALBCORS'],
  )
  assert.equal(same(await session(worker.port, jar, 40)), response.body)
  const inGroup = await bodies(worker.port, 10, jar.line('AWSALBTG'))
  assert.equal(spread(inGroup), 2)
  assert.equal(same(colours(inGroup)), response.body.charAt(0))
  assert.equal(
    spread(await bodies(worker.port, 100, jar.line('AWSALB'))),
    3,
    'the other group has no session',
  )
  await worker.serve({ groups: groups(), actions: [forward(10, 20)] })
})

test('Q37 a sticky group that has no target left is not left for another', async () => {
  const { jar, colour } = await begun()
  const [blue, green] = groups()
  const empty = groupUnit(colour === 'b' ? 'blue' : 'green', [])
  const other = colour === 'b' ? green : blue
  await worker.serve({ groups: other === undefined ? [] : [empty, other], actions: [forward(1, 1)] })
  const response = await get(worker.port, jar.line())
  assert.equal(response.status, 503)
  assert.deepEqual(setCookies(response), [])
  await worker.serve({ groups: groups(), actions: [forward(10, 20)] })
})

test('whatever cookies a client sends, in whatever pieces, its requests are answered', async () => {
  await worker.serve({ groups: groups(LB_COOKIE), actions: [forward(1, 1)] })
  const { jar } = await begun()
  const random = new Random(20_261_121)
  const names = ['AWSALB', 'AWSALBCORS', 'AWSALBTG', 'AWSALBTGCORS', 'AWSALBAPP-0', 'AWSALBAPP-1', 'x', '']
  const values = [...jar.values.values(), '_remove_', '', '%3D', '"', '=', 'A'.repeat(5000), '\xff\x80']
  const client = await RawClient.connect(worker.port)
  for (let count = 0; count < 400; count++) {
    const pairs = Array.from({ length: random.whole(0, 6) }, () => {
      const value = random.pick(values)
      const at = random.whole(0, value.length)
      const changed = value.slice(0, at) + random.pick(['', 'A', '+', ';', ' ', ',']) + value.slice(at)
      return random.pick(names) + random.pick(['=', '=', '=', '', ' = ']) + changed
    })
    const text = pairs.join(random.pick(['; ', ';', ' ;', '\r\nCookie: ', ', ']))
    client.send(`GET / HTTP/1.1\r\nHost: a\r\nCookie: ${text}\r\n\r\n`)
    const response = await client.response()
    assert.equal(response.status, 200, text)
    assert.equal(setCookies(response).length, 4)
  }
  client.close()
  await worker.serve({ groups: groups(), actions: [forward(10, 20)] })
})
