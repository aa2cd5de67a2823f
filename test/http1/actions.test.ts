// Rules and actions end to end: fixed responses, redirects, weights, priorities, with their log lines and counters.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import type { ActionUnit, ConditionUnit, RuleUnit } from '../../src/snapshot/application-units.ts'
import { exchange, RawClient } from '../support/client.ts'
import { answer, startTarget, type Target } from '../support/target.ts'
import { forwardTo, groupArn, groupUnit, targetUnit, WorkerProcess } from '../support/worker.ts'

let blue: Target
let green: Target
let worker: WorkerProcess

before(async () => {
  blue = await startTarget(({ socket }) => socket.write(answer('blue')))
  green = await startTarget(({ socket }) => socket.write(answer('green')))
  worker = await WorkerProcess.start({ targets: [blue.port] })
})

after(() => {
  worker.close()
  blue.close()
  green.close()
})

const groups = () => [
  groupUnit('blue', [targetUnit(blue.port)]),
  groupUnit('green', [targetUnit(green.port)]),
]
const fixed = (
  messageBody: string,
  statusCode = 200,
  contentType: string | null = 'text/plain',
): ActionUnit => ({
  type: 'fixed-response',
  statusCode,
  contentType,
  messageBody,
})
const rule = (priority: number, action: ActionUnit, ...conditions: ConditionUnit[]): RuleUnit => ({
  arn: `rule-${priority}`,
  priority,
  conditions,
  actions: [action],
})
const get = async (path: string, host = 'a.example', fields = ''): Promise<string> =>
  (await exchange(worker.port, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${fields}\r\n`)).body

test('ALB-LSN-049, 051, 059 a fixed response answers every method, HEAD without its body, and no target', async () => {
  await worker.serve({ groups: groups(), actions: [fixed('Hello world', 299)] })
  const reached = blue.requests.length + green.requests.length
  const response = await exchange(worker.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.equal(response.status, 299)
  assert.equal(response.headers['content-type'], 'text/plain; charset=utf-8')
  assert.equal(response.headers['content-length'], '11')
  assert.equal(response.body, 'Hello world')
  const client = await RawClient.connect(worker.port)
  client.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.equal((await client.response(true)).headers['content-length'], '11')
  client.send(
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloCUSTOM /x HTTP/1.1\r\nHost: a\r\n\r\n',
  )
  assert.equal((await client.response()).body, 'Hello world')
  assert.equal((await client.response()).body, 'Hello world')
  client.close()
  assert.equal(blue.requests.length + green.requests.length, reached)
})

test('ALB-LSN-052, 054, 055, ALB-OBS-194 it is logged and counted', async () => {
  await worker.serve({ groups: groups(), actions: [fixed('', 503)] })
  const before = await worker.metric('HTTP_Fixed_Response_Count')
  const response = await exchange(worker.port, 'GET /fixed HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.equal(response.status, 503)
  assert.equal(response.headers['content-length'], '0')
  const line = (await worker.logLines()).find((entry) => entry.includes('/fixed'))
  assert.match(
    line ?? '',
    / - -1 -1 -1 503 - \d+ \d+ "GET http:\/\/a:80\/fixed HTTP\/1\.1" "-" - - - "Root=\S+" "-" "-" 0 \S+ "fixed-response" "-" "-" "-" "-" "-" "-"$/,
  )
  assert.equal((await worker.metric('HTTP_Fixed_Response_Count')) - before, 1)
})

test('ALB-LSN-087, 116, 117, ALB-OBS-184, 196 a redirect is answered, logged and counted', async () => {
  const redirect: ActionUnit = {
    type: 'redirect',
    statusCode: 301,
    protocol: 'HTTPS',
    host: '#{host}',
    port: '443',
    path: '/#{path}',
    query: '#{query}',
  }
  await worker.serve({ groups: groups(), actions: [redirect] })
  const before = await worker.metric('HTTP_Redirect_Count')
  const reached = blue.requests.length + green.requests.length
  const response = await exchange(worker.port, 'GET /a/b?c=d HTTP/1.1\r\nHost: example.com:8080\r\n\r\n')
  assert.equal(response.status, 301)
  assert.equal(response.headers['location'], 'https://example.com:443/a/b?c=d')
  assert.equal(response.headers['server'], 'awselb/2.0')
  assert.equal(blue.requests.length + green.requests.length, reached)
  const line = (await worker.logLines()).find((entry) => entry.includes('/a/b?c=d HTTP'))
  assert.match(
    line ?? '',
    / - -1 -1 -1 301 - .* "redirect" "https:\/\/example\.com:443\/a\/b\?c=d" "-" "-" "-" "-" "-"$/,
  )
  assert.equal((await worker.metric('HTTP_Redirect_Count')) - before, 1)
})

test('OQ-15 redirects are the bytes of the real service, Location last', async () => {
  // internetstandards/Internet.nl#1291 and stratospheric-dev/cdk-constructs#19
  for (const [statusCode, text, page] of [
    [301, '301 Moved Permanently', '301 Moved Permanently'],
    [302, '302 Moved Temporarily', '302 Found'],
  ] as const) {
    const kept = { type: 'redirect', host: '#{host}', path: '/#{path}', query: '#{query}' } as const
    const redirect: ActionUnit = { ...kept, statusCode, protocol: 'HTTPS', port: '443' }
    await worker.serve({ groups: groups(), actions: [redirect] })
    const client = await RawClient.connect(worker.port)
    client.send('GET / HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n')
    assert.equal(
      (await client.end()).replace(/Date: .*\r\n/, ''),
      `HTTP/1.1 ${text}\r\nServer: awselb/2.0\r\nContent-Type: text/html\r\n` +
        `Content-Length: ${page === text ? 134 : 110}\r\nConnection: close\r\n` +
        'Location: https://example.com:443/\r\n\r\n' +
        `<html>\r\n<head><title>${page}</title></head>\r\n<body>\r\n` +
        `<center><h1>${page}</h1></center>\r\n</body>\r\n</html>\r\n`,
    )
  }
})

test('ALB-LSN-028, 031, 033, ALB-LB-015, 286, ALB-OBS-178, 179 the first rule by priority that is met decides', async () => {
  const path: ConditionUnit = { field: 'path-pattern', values: ['/img/*'] }
  const host: ConditionUnit = { field: 'host-header', values: ['b.example'] }
  await worker.serve({
    groups: groups(),
    rules: [
      rule(50_000, fixed('last'), host),
      rule(9, fixed('nine'), path, host),
      rule(20, fixed('twenty'), path),
    ],
    actions: [forwardTo('blue')],
  })
  assert.equal(await get('/img/1', 'b.example'), 'nine')
  assert.equal(await get('/img/2'), 'twenty')
  assert.equal(await get('/other', 'b.example:81'), 'last')
  assert.equal(await get('/default'), 'blue')
  assert.equal(await get('/two', 'b.example', 'Host: a.example\r\n'), 'last')
  assert.equal(await get('/three', 'a.example', 'Host: b.example\r\n'), 'blue')
  const lines = await worker.logLines()
  assert.match(lines.find((line) => line.includes('/img/1')) ?? '', / "-" "-" 9 \S+ "fixed-response"/)
  assert.match(lines.find((line) => line.includes('/default')) ?? '', / "-" "-" 0 \S+ "forward"/)
})

test('ALB-LSN-185 a path that a pattern matches reaches its target as it was sent', async () => {
  const path: ConditionUnit = { field: 'path-pattern', values: ['/img/*'] }
  await worker.serve({
    groups: groups(),
    rules: [rule(1, forwardTo('green'), path)],
    actions: [forwardTo('blue')],
  })
  for (const target of ['/img/picture.jpg', '/img/a%20b/../c?x=%2F&y']) {
    assert.equal(await get(target), 'green')
    assert.ok(green.requests.at(-1)?.head.startsWith(`GET ${target} HTTP/1.1\r\n`))
  }
})

test('ALB-OBS-595 ALB-LSN-060, 063..066 weights share the requests out', async () => {
  const weighted = (first: number, second: number): ActionUnit => ({
    type: 'forward',
    targetGroups: [
      { arn: groupArn('blue'), weight: first },
      { arn: groupArn('green'), weight: second },
    ],
  })
  const client = await RawClient.connect(worker.port)
  const share = async (first: number, second: number): Promise<number> => {
    await worker.serve({ groups: groups(), actions: [weighted(first, second)] })
    const count = 1500
    let blues = 0
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(count))
    for (let index = 0; index < count; index++) if ((await client.response()).body === 'blue') blues++
    return blues / count
  }
  // Six standard deviations of 1500 draws are less than 0.08.
  assert.ok(Math.abs((await share(10, 10)) - 1 / 2) < 0.08)
  assert.ok(Math.abs((await share(10, 20)) - 1 / 3) < 0.08)
  assert.equal(await share(0, 1), 0)
  client.close()
  await worker.serve({ groups: groups(), actions: [weighted(0, 0)] })
  assert.equal((await exchange(worker.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).status, 503)
})

test('ALB-LSN-025 rules change under traffic without a lost request', async () => {
  const client = await RawClient.connect(worker.port)
  await worker.serve({ groups: groups(), actions: [forwardTo('green')] })
  for (let round = 0; round < 50; round++) {
    // Under way while the rules change.
    client.send('GET /g HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(20))
    await worker.serve({
      groups: groups(),
      rules: [rule(round + 1, fixed(`round ${round}`), { field: 'path-pattern', values: ['/r'] })],
      actions: [forwardTo('green')],
    })
    client.send('GET /r HTTP/1.1\r\nHost: a\r\n\r\n')
    for (let count = 0; count < 20; count++) assert.equal((await client.response()).body, 'green')
    assert.equal((await client.response()).body, `round ${round}`)
  }
  client.close()
})
