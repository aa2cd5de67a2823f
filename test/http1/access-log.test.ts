// Lines of the access log, field by field, for requests whose bytes are known.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'

import { exchange, RawClient } from '../support/client.ts'
import { eventually } from '../support/eventually.ts'
import { parseLogLine } from '../support/log-line.ts'
import { answer, startTarget, type Target } from '../support/target.ts'
import { groupArn, WorkerProcess } from '../support/worker.ts'

let target: Target
let worker: WorkerProcess
/** How long the target took for the slow path the last time. */
let heldMs = 0

before(async () => {
  target = await startTarget(async ({ socket, head }) => {
    if (head.includes('/slow')) heldMs = await held()
    if (head.includes('/chat')) {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nhi')
      return
    }
    socket.write(answer('hello', head.includes('/missing') ? '404 Not Found' : '200 OK'))
  })
  worker = await WorkerProcess.start({ targets: [target.port] })
})

after(() => {
  worker.close()
  target.close()
})

/** Real milliseconds that it took: long enough to be seen among the others. */
async function held(): Promise<number> {
  const start = performance.now()
  await pause(50)
  return performance.now() - start
}

/**
 * Checks the three times of a line in seconds: the target's has all of the delay, the others have what is left of the
 * client's whole time at most, each rounded to a millisecond.
 */
function assertDelayIsTheTargets(fields: readonly string[], delayMs: number, wholeMs: number): void {
  const [request = 0, inTarget = 0, response = 0] = fields.slice(5, 8).map((text) => Number(text) * 1000)
  const told = `${fields.slice(5, 8).join(' ')} of ${wholeMs} ms with a delay of ${delayMs} ms`
  assert.ok(inTarget >= delayMs - 2, told)
  assert.ok(request >= 0 && response >= 0 && request + response <= wholeMs - delayMs + 2, told)
}

/** Sends a request on a connection of its own; gives its line and the raw bytes of both directions. */
async function logged(
  text: string,
): Promise<{ line: string; fields: readonly string[]; sent: number; received: number; client: string }> {
  const count = (await worker.logLines()).length
  const client = await RawClient.connect(worker.port)
  client.send(text)
  await client.response()
  const name = `127.0.0.1:${client.socket.localPort}`
  const lines = await worker.logLines()
  assert.equal(lines.length, count + 1)
  client.close()
  const line = lines[count] ?? ''
  return {
    line,
    fields: parseLogLine(line).fields,
    sent: text.length,
    received: client.received.length,
    client: name,
  }
}

const isoMicroseconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/

describe('an ordinary request', () => {
  let entry: Awaited<ReturnType<typeof logged>>
  let startMs = 0

  before(async () => {
    startMs = Date.now()
    entry = await logged('GET /a?b=c HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: curl/7.46.0\r\n\r\n')
  })

  test('ALB-OBS-136, 138, 277 is one line of 29 fields, twelve of them in quotes', () => {
    assert.equal(entry.fields.length, 29)
    assert.deepEqual(parseLogLine(entry.line).quoted, [13, 14, 18, 19, 20, 23, 24, 25, 26, 27, 28, 29])
    assert.ok(!entry.line.includes('\n'))
  })

  test('ALB-OBS-140, 146, 147, 148, 182 has load balancer, client, and when it came and was answered', () => {
    const [type, time = '', elb, client] = entry.fields
    assert.equal(type, 'http')
    assert.match(time, isoMicroseconds)
    assert.ok(Date.parse(time) >= startMs - 5 && Date.parse(time) <= Date.now() + 5)
    assert.equal(elb, 'app/test/1234567890abcdef')
    assert.equal(client, entry.client)
    const created = entry.fields[21] ?? ''
    assert.match(created, isoMicroseconds)
    assert.ok(created.endsWith('000Z') && Date.parse(created) <= Date.parse(time))
  })

  test('ALB-OBS-149, 163, 173, 179, 186, 195 has the target and its group, by the default action', () => {
    const { fields } = entry
    const name = `127.0.0.1:${target.port}`
    assert.equal(fields[4], name)
    for (const duration of fields.slice(5, 8)) assert.match(duration, /^\d+\.\d{3}$/)
    assert.deepEqual(fields.slice(8, 10), ['200', '200'])
    assert.equal(fields[16], groupArn('default'))
    assert.equal(fields[20], '0')
    assert.deepEqual(fields.slice(22), ['forward', '-', '-', name, '200', '-', '-'])
  })

  test('ALB-OBS-165, 166, 167, 169, 406 has what was sent, how many bytes, and the new trace ID', () => {
    const { fields } = entry
    assert.deepEqual(fields.slice(10, 12), [String(entry.sent), String(entry.received)])
    assert.equal(fields[12], 'GET http://www.example.com:80/a?b=c HTTP/1.1')
    assert.equal(fields[13], 'curl/7.46.0')
    assert.deepEqual(fields.slice(14, 16), ['-', '-'])
    assert.match(fields[17] ?? '', /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/)
    assert.deepEqual(fields.slice(18, 20), ['-', '-'])
  })

  test('ALB-OBS-174 has the trace ID that its target got', () => {
    assert.ok(target.requests[0]?.head.includes(`\r\nX-Amzn-Trace-Id: ${entry.fields[17]}`))
  })
})

test('ALB-OBS-148 X-Forwarded-For changes nothing in the line', async () => {
  const { fields, client } = await logged('GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n')
  assert.equal(fields[3], client)
})

test('ALB-OBS-153, 157, 161 a slow target is seen in the target’s time only', async () => {
  const start = performance.now()
  const { fields } = await logged('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n')
  assertDelayIsTheTargets(fields, heldMs, performance.now() - start)
})

test('ALB-OBS-160, 458 a slow upload counts in the target’s time', async () => {
  const client = await RawClient.connect(worker.port)
  const start = performance.now()
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab')
  // The worker has the head when it answers somebody who came later.
  await exchange(worker.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const delayMs = await held()
  client.send('cd')
  await client.response()
  client.close()
  const { fields } = parseLogLine((await worker.logLines()).find((line) => line.includes('"POST ')) ?? '')
  assertDelayIsTheTargets(fields, delayMs, performance.now() - start)
})

test('ALB-OBS-164, 190 the target’s own status is logged', async () => {
  const { fields } = await logged('GET /missing HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.deepEqual([fields[8], fields[9], fields[26]], ['404', '404', '404'])
})

test('ALB-OBS-165, 166 bodies and chunk framing count as bytes received', async () => {
  const { fields, sent, received } = await logged(
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  )
  assert.deepEqual(fields.slice(10, 12), [String(sent), String(received)])
})

test('ALB-OBS-146, 165, 166 a WebSocket has the time of its close, and all bytes of both directions', async () => {
  const client = await RawClient.connect(worker.port)
  const text = 'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'
  client.send(text)
  await client.until(() => client.received.endsWith('hi'))
  const delayMs = await held()
  client.socket.end('hello')
  await client.end()
  client.close()
  const line = await eventually(
    'its line is written',
    async () => (await worker.logLines()).find((each) => each.includes('/chat ')) ?? false,
  )
  const { fields } = parseLogLine(line)
  assert.ok(Date.parse(fields[1] ?? '') - Date.parse(fields[21] ?? '') >= delayMs - 2, line)
  assert.deepEqual(fields.slice(10, 12), [
    String(text.length + 'hello'.length),
    String(client.received.length),
  ])
})

test('ALB-OBS-168, 169 what the client sent is logged as sent, and cannot leave its quotes', async () => {
  const { fields } = await logged('GET /a%20b/../c HTTP/1.1\r\nHost: h.example:81\r\n\r\n')
  assert.equal(fields[12], 'GET http://h.example:80/a%20b/../c HTTP/1.1')
  assert.equal(fields[13], '-')
  const hostile = await logged('GET /"x HTTP/1.1\r\nHost: h\r\nUser-Agent: a"b\\c\r\n\r\n')
  assert.equal(hostile.fields.length, 29)
  assert.equal(hostile.fields[12], 'GET http://h:80/\\x22x HTTP/1.1')
  assert.equal(hostile.fields[13], 'a\\x22b\\x5Cc')
})

test('ALB-OBS-170 a long User-Agent is cut', async () => {
  const { fields } = await logged(`GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: ${'u'.repeat(9000)}\r\n\r\n`)
  assert.equal(fields[13], 'u'.repeat(8192))
})

test('ALB-OBS-132 every request on a connection has a line of its own', async () => {
  const count = (await worker.logLines()).length
  const client = await RawClient.connect(worker.port)
  client.send(
    'GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n',
  )
  for (let answered = 0; answered < 3; answered++) await client.response()
  const lines = (await worker.logLines()).slice(count)
  assert.deepEqual(
    lines.map((line) => parseLogLine(line).fields[12]),
    ['/1', '/2', '/3'].map((path) => `GET http://a:80${path} HTTP/1.1`),
  )
  client.close()
})
