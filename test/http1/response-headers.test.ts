// Response headers that a listener's attributes want, on answers of targets and of the load balancer itself.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import type { ActionUnit, ResponseHeadersUnit } from '../../src/snapshot/application-units.ts'
import { exchange, RawClient } from '../support/client.ts'
import { startTarget, type Target } from '../support/target.ts'
import { forwardTo, WorkerProcess } from '../support/worker.ts'

const ANSWER =
  'HTTP/1.1 200 OK\r\nServer: own\r\nX-Frame-Options: ALLOW\r\nx-frame-options: TWICE\r\nX-Own: kept\r\nContent-Length: 2\r\n\r\nok'
const HEADERS: ResponseHeadersUnit = {
  hasServer: false,
  values: [
    ['X-Frame-Options', 'DENY'],
    ['Strict-Transport-Security', 'max-age=1; preload'],
  ],
}

let target: Target
let worker: WorkerProcess

before(async () => {
  target = await startTarget(({ socket }) => socket.write(ANSWER))
  worker = await WorkerProcess.start({ targets: [target.port] })
})

after(() => {
  worker.close()
  target.close()
})

async function serve(action: ActionUnit, responseHeaders?: ResponseHeadersUnit): Promise<void> {
  await worker.serve({
    targets: [target.port],
    actions: [action],
    ...(responseHeaders === undefined ? {} : { responseHeaders }),
  })
}

/** The head that a client gets, line by line, without what changes from answer to answer. */
async function head(request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'): Promise<readonly string[]> {
  const { head: text } = await exchange(worker.port, request)
  const [, ...lines] = text.split('\r\n')
  return lines.filter((line) => !line.startsWith('Date: '))
}

test('a header of a target gives way to the listener’s, and Server goes when it is switched off', async () => {
  await serve(forwardTo('default'), HEADERS)
  assert.deepEqual(await head(), [
    'X-Own: kept',
    'Content-Length: 2',
    'X-Frame-Options: DENY',
    'Strict-Transport-Security: max-age=1; preload',
    'Connection: keep-alive',
  ])
  await serve(forwardTo('default'), { hasServer: true, values: [['Access-Control-Max-Age', '60']] })
  assert.deepEqual(await head(), [
    'Server: own',
    'X-Frame-Options: ALLOW',
    'x-frame-options: TWICE',
    'X-Own: kept',
    'Content-Length: 2',
    'Access-Control-Max-Age: 60',
    'Connection: keep-alive',
  ])
})

test('answers of the load balancer itself have the same headers', async () => {
  const fixed: ActionUnit = {
    type: 'fixed-response',
    statusCode: 200,
    contentType: 'text/plain',
    messageBody: 'hi',
  }
  await serve(fixed, HEADERS)
  const wanted = ['X-Frame-Options: DENY', 'Strict-Transport-Security: max-age=1; preload']
  assert.deepEqual(await head(), [
    ...wanted,
    'Content-Type: text/plain; charset=utf-8',
    'Content-Length: 2',
    'Connection: keep-alive',
  ])
  const refused = await head('BAD\r\n\r\n')
  assert.ok(!refused.some((line) => line.startsWith('Server')), refused.join())
})

test('a change reaches connections that are open', async () => {
  await serve(forwardTo('default'))
  const client = await RawClient.connect(worker.port)
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.equal((await client.response()).headers['server'], 'own')
  await serve(forwardTo('default'), HEADERS)
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const { headers } = await client.response()
  assert.equal(headers['server'], undefined)
  assert.equal(headers['x-frame-options'], 'DENY')
  client.close()
})
