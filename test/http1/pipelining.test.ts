// Many requests in one go: every one has its answer, in order, and its record, and none of it piles up.

import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'

import type { ActionUnit, RuleUnit } from '../../src/snapshot/application-units.ts'
import { RawClient } from '../support/client.ts'
import { becomes, eventually } from '../support/eventually.ts'
import { answer, type Behaviour, startTarget, type Target } from '../support/target.ts'
import { WorkerProcess } from '../support/worker.ts'

const fixed = {
  type: 'fixed-response',
  statusCode: 200,
  contentType: 'text/plain',
  messageBody: 'x'.repeat(1000),
} satisfies ActionUnit
const rules: readonly RuleUnit[] = [
  {
    arn: 'fixed',
    priority: 1,
    conditions: [{ field: 'path-pattern', values: ['/fixed/*'] }],
    actions: [fixed],
  },
]
const echoPath: Behaviour = ({ head, body, socket }) =>
  socket.write(answer(`${head.split(' ')[1]} ${body.toString()}`))

let worker: WorkerProcess
let target: Target

before(async () => {
  target = await startTarget(echoPath)
  worker = await WorkerProcess.start({ targets: [target.port], rules })
})

after(() => {
  worker.close()
  target.close()
})

afterEach(async () => await becomes(async () => await worker.metric('ActiveConnectionCount'), 0))

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: a.example\r\n\r\n`
}

/** Requests that the load balancer answers itself, among some that a target answers. */
function mixed(index: number): string {
  const path = index % 3 === 0 ? `/target/${index}` : `/fixed/${index}`
  const head = `POST ${path} HTTP/1.1\r\nHost: a.example\r\n`
  // An own answer to a body of unknown length would be the last one.
  if (index % 2 === 0 || path.startsWith('/fixed/')) return `${head}Content-Length: 4\r\n\r\nbody`
  return `${head}Transfer-Encoding: chunked\r\n\r\n3\r\nbod\r\n1\r\ny\r\n0\r\n\r\n`
}

test('a client that sends requests and takes no answers has to wait, and loses none', async () => {
  const count = 50_000
  const client = await RawClient.connect(worker.port)
  const before = await worker.metric('RequestCount')
  client.socket.pause()
  client.send(get('/fixed/').repeat(count))
  let answered = 0
  await eventually('the worker answers no further request', async () => {
    const last = answered
    answered = (await worker.metric('RequestCount')) - before
    return answered > 0 && answered === last
  })
  assert.ok(answered < count / 2, `${answered} of ${count} were answered to a client that reads nothing`)
  client.socket.removeAllListeners('data')
  let bytes = 0
  client.socket.on('data', (text: string) => (bytes += text.length))
  client.socket.end()
  client.socket.resume()
  await client.end()
  assert.equal((await worker.metric('RequestCount')) - before, count)
  assert.ok(bytes > count * 1000, `${bytes} bytes came of ${count} answers`)
  client.close()
})

test('requests with bodies and a FIN behind them are all answered, in order, and the connection ends', async () => {
  const count = 3000
  const client = await RawClient.connect(worker.port)
  client.socket.end(Array.from({ length: count }, (_, index) => mixed(index)).join(''))
  const received = await client.end()
  const bodies = received
    .replaceAll(fixed.messageBody, 'fixed')
    .split(/HTTP\/1\.1 200 [^]*?\r\n\r\n/)
    .slice(1)
  for (let index = 0; index < count; index++) {
    assert.equal(bodies[index], index % 3 === 0 ? `/target/${index} body` : 'fixed')
  }
  assert.equal(bodies.length, count)
  client.close()
})

for (const [what, path, statuses] of [
  ['a whole request', get('/fixed/last'), [200, 200, 200]],
  ['half a head', 'GET /fixed/last HTTP/1.1\r\nHost: a', [200, 200, 400]],
  ['half a body', 'POST /last HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab', [200, 200, 400]],
] as const) {
  test(`a FIN behind ${what} that had to wait ends the connection without a time-out`, async () => {
    const client = await RawClient.connect(worker.port)
    client.socket.end(get('/target/first') + get('/target/second') + path)
    const received = await client.end()
    assert.deepEqual(
      [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => Number(match[1])),
      statuses,
    )
    client.close()
  })
}

test('each of very many requests that are answered at once has its line in the log', async () => {
  const count = 20_000
  const before = (await worker.logLines()).length
  const client = await RawClient.connect(worker.port)
  client.socket.end(get('/fixed/').repeat(count))
  await client.end()
  client.close()
  // The last one is written when the connection is closed.
  await becomes(async () => (await worker.logLines()).length - before, count)
  assert.equal(await worker.metric('AccessLogDroppedLines'), 0)
})

test('one client with very many requests does not keep the worker from another', async () => {
  const many = await RawClient.connect(worker.port)
  const other = await RawClient.connect(worker.port)
  let isOver = false
  many.socket.end(get('/fixed/').repeat(50_000))
  const over = many.end().then(() => {
    isOver = true
  })
  for (let count = 0; count < 20; count++) {
    other.send(get('/fixed/other'))
    await other.response()
  }
  assert.equal(isOver, false)
  await over
  many.close()
  other.close()
})
