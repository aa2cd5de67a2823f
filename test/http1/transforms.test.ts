// Transforms and regular expressions of rules end to end: what a target gets in place of what the client sent.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import type { ConditionUnit, RuleUnit, TransformsUnit } from '../../src/snapshot/application-units.ts'
import { exchange } from '../support/client.ts'
import { startTarget, type Target } from '../support/target.ts'
import { forwardTo, groupUnit, targetUnit, WorkerProcess } from '../support/worker.ts'

let target: Target
let worker: WorkerProcess

before(async () => {
  target = await startTarget()
  worker = await WorkerProcess.start({ targets: [target.port] })
})

after(() => {
  worker.close()
  target.close()
})

const EVERYTHING: ConditionUnit = { field: 'path-pattern', values: ['*'] }
const rule = (transforms: Partial<TransformsUnit>, condition: ConditionUnit = EVERYTHING): RuleUnit => ({
  arn: 'rule',
  priority: 1,
  conditions: [condition],
  actions: [forwardTo('group')],
  transforms: { host: null, url: null, ...transforms },
})

async function serve(one: RuleUnit, options: { listenerPort?: number; preserveHostHeader?: boolean } = {}) {
  await worker.serve({
    groups: [groupUnit('group', [targetUnit(target.port)])],
    rules: [one],
    actions: [{ type: 'fixed-response', statusCode: 404, contentType: null, messageBody: '' }],
    listenerPort: options.listenerPort ?? 80,
    traffic: { preserveHostHeader: options.preserveHostHeader ?? false },
    accessLog: true,
  })
}

/** Request line and Host lines that the target got. */
async function seen(path: string, host = 'example.com', method = 'GET'): Promise<readonly string[]> {
  const response = await exchange(
    worker.port,
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nX-Own: kept\r\n\r\n`,
  )
  assert.equal(response.status, 200, response.body)
  const lines = response.body.split('\r\n')
  assert.ok(lines.includes('X-Own: kept'))
  return lines.filter((line, index) => index === 0 || line.startsWith('Host:'))
}

test('the URL is rewritten with its query, and the log line keeps what was sent', async () => {
  await serve(
    rule({ url: { expression: '^/dp/([A-Za-z0-9]+)/?', replacement: '/product.php?id=$1&from=dp' } }),
  )
  assert.deepEqual(await seen('/dp/B09'), ['GET /product.php?id=B09&from=dp HTTP/1.1', 'Host: example.com'])
  assert.deepEqual(await seen('/other?a=%20'), ['GET /other?a=%20 HTTP/1.1', 'Host: example.com'])
  assert.deepEqual(await seen('http://absolute.example/dp/1', 'absolute.example'), [
    'GET /product.php?id=1&from=dp HTTP/1.1',
    'Host: absolute.example',
  ])
  assert.deepEqual(await seen('*', 'example.com', 'OPTIONS'), ['OPTIONS * HTTP/1.1', 'Host: example.com'])
  const [line] = await worker.logLines()
  assert.match(line ?? '', /"GET http:\/\/example\.com:80\/dp\/B09 HTTP\/1\.1"/)
})

test('the Host is rewritten, with and without a port, whether it is preserved or not', async () => {
  const host = { expression: '^mywebsite-(.+).com$', replacement: 'internal.dev.$1.myweb.com' }
  await serve(rule({ host }))
  assert.deepEqual(await seen('/project-a', 'MyWebsite-example.com'), [
    'GET /project-a HTTP/1.1',
    'Host: internal.dev.example.myweb.com',
  ])
  assert.deepEqual(await seen('/', 'other.com'), ['GET / HTTP/1.1', 'Host: other.com'])
  await serve(rule({ host }), { listenerPort: 8080 })
  assert.deepEqual(await seen('/', 'mywebsite-example.com:8080'), [
    'GET / HTTP/1.1',
    'Host: internal.dev.example.myweb.com:8080',
  ])
  await serve(rule({ host }), { listenerPort: 8080, preserveHostHeader: true })
  assert.deepEqual(await seen('/', 'mywebsite-example.com'), [
    'GET / HTTP/1.1',
    'Host: internal.dev.example.myweb.com',
  ])
})

test('routing goes by the request as it was sent', async () => {
  const condition: ConditionUnit = { field: 'path-pattern-regex', expressions: ['^/a/[0-9]+$'] }
  const transforms = {
    url: { expression: '^/a', replacement: '/b' },
    host: { expression: '.*', replacement: 'b.c' },
  }
  await serve(rule(transforms, condition))
  assert.deepEqual(await seen('/a/12'), ['GET /b/12 HTTP/1.1', 'Host: b.c'])
  assert.equal((await exchange(worker.port, 'GET /b/12 HTTP/1.1\r\nHost: a\r\n\r\n')).status, 404)
})

test('a transform that makes no request is answered with 500, and no target sees it', async () => {
  const before = target.requests.length
  for (const transforms of [
    { url: { expression: '^/', replacement: '' } },
    { host: { expression: 'example', replacement: 'a/b' } },
    { host: { expression: '.*', replacement: '' } },
  ]) {
    await serve(rule(transforms))
    const response = await exchange(worker.port, 'GET /a HTTP/1.1\r\nHost: example.com\r\n\r\n')
    assert.equal(response.status, 500)
  }
  assert.equal(target.requests.length, before)
})
