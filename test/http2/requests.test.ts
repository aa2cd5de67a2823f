// Requests of HTTP/2 clients on their way to HTTP/1.1 targets, and the answers: raw frames in, raw bytes out.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import http2 from 'node:http2'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { becomes, eventually } from '../support/eventually.ts'
import { answer } from '../support/target.ts'
import { forwardTo, groupUnit, targetUnit } from '../support/worker.ts'
import { frame } from './frame-messages.ts'
import { headersFrame, requestFields, reset } from './raw-client.ts'
import { client, startWorker, statuses, target } from './support.ts'

test('ALB-LSN-015, 018 ALB-TG-043 ALB-LB-319 ALB-OBS-142 an HTTP/2 request reaches its target as HTTP/1.1, and is logged as h2', async (t) => {
  const { port, requests } = await target(t)
  const worker = await startWorker(t, { targets: [port] })
  const { stdout } = await promisify(execFile)('curl', [
    '-sk',
    '--http2',
    '-w',
    '|%{http_version} %{http_code}',
    '-d',
    'body',
    `https://127.0.0.1:${worker.port}/path?query`,
  ])
  assert.match(stdout, /\|2 200$/)
  assert.match(requests[0]?.head ?? '', /^POST \/path\?query HTTP\/1\.1\r\n/)
  assert.equal(requests[0]?.body.toString(), 'body')
  const [line = ''] = await worker.logLines()
  assert.match(
    line,
    /^h2 .* 200 200 \d+ \d+ "POST https:\/\/127\.0\.0\.1:443\/path\?query HTTP\/2\.0" "curl\//,
  )
})

test('ALB-LSN-020 streams of one connection are routed one by one', async (t) => {
  const first = await target(t, ({ socket }) => socket.write(answer('first')))
  const second = await target(t, ({ socket }) => socket.write(answer('second')))
  const worker = await startWorker(t, {
    groups: [groupUnit('default', [targetUnit(first.port)]), groupUnit('other', [targetUnit(second.port)])],
    rules: [
      {
        arn: 'rule',
        priority: 1,
        conditions: [{ field: 'path-pattern', values: ['/second'] }],
        actions: [forwardTo('other')],
      },
    ],
  })
  const raw = await client(t, worker)
  raw.request(1, { ':path': '/first' })
  raw.request(3, { ':path': '/second' })
  assert.equal((await raw.answer(1)).body, 'first')
  assert.equal((await raw.answer(3)).body, 'second')
})

test("many streams of Node's own client are answered, bodies and all", async (t) => {
  const { port } = await target(t)
  const worker = await startWorker(t, { targets: [port] })
  const session = http2.connect(`https://127.0.0.1:${worker.port}`, { rejectUnauthorized: false })
  t.after(() => session.destroy())
  const bodies = Array.from({ length: 100 }, (_, index) => `${index} `.repeat(1 + index * 100))
  const answers = await Promise.all(
    bodies.map(async (body) => {
      const stream = session.request({ ':method': 'POST', ':path': '/' })
      stream.end(body)
      let text = ''
      for await (const chunk of stream) text += String(chunk)
      return text.slice(text.indexOf('\r\n\r\n') + 4)
    }),
  )
  assert.deepEqual(answers, bodies)
})

test('answers without a body, of known length, chunked and until the end of the connection arrive whole', async (t) => {
  const large = 'x'.repeat(40_000)
  const { port } = await target(t, ({ head, socket }) => {
    const path = head.split(' ')[1]
    if (path === '/204') socket.write('HTTP/1.1 204 No Content\r\n\r\n')
    else if (path === '/304') socket.write('HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n')
    else if (path === '/head') socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n')
    else if (path === '/empty') socket.write(answer(''))
    else if (path === '/large') socket.write(answer(large))
    else if (path === '/close') socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end')
    else
      socket.write(
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\none\r\n4\r\n two\r\n0\r\nX-Sum: 7\r\n\r\n',
      )
  })
  const worker = await startWorker(t, { targets: [port] })
  const raw = await client(t, worker)
  const paths = ['/204', '/304', '/head', '/empty', '/large', '/close', '/chunked']
  for (const [index, path] of paths.entries())
    raw.request(2 * index + 1, { ':path': path, ':method': path === '/head' ? 'HEAD' : 'GET' })
  const answers = await Promise.all(paths.map(async (_, index) => await raw.answer(2 * index + 1)))
  const statuses = answers.map(({ heads }) => heads[0]?.[':status'])
  assert.deepEqual(statuses, ['204', '304', '200', '200', '200', '200', '200'])
  assert.deepEqual(
    answers.map(({ body }) => body),
    ['', '', '', '', large, 'until the end', 'one two'],
  )
  assert.equal(answers[2]?.heads[0]?.['content-length'], '1000')
  assert.equal(answers[6]?.heads[0]?.['transfer-encoding'], undefined)
  assert.deepEqual(answers[6]?.heads[1], { 'x-sum': '7' })
})

test('trailers of a request reach its target', async (t) => {
  let received = ''
  const { port } = await target(t, ({ socket }) => socket.write(answer('')))
  const worker = await startWorker(t, { targets: [port] })
  const raw = await client(t, worker)
  // The target of the tests reads no trailers: the bytes behind its request are looked at.
  const { createServer } = await import('node:net')
  const server = createServer((socket) => {
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1')
      if (received.endsWith('\r\n\r\n') && received.includes('0\r\n')) socket.write(answer('done'))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  await worker.serve({
    listenerPort: 443,
    groups: [groupUnit('default', [targetUnit(address.port)])],
    actions: [forwardTo('default')],
  })
  raw.request(1, { ':method': 'POST' }, false)
  raw.data(1, 'body')
  raw.send(headersFrame(1, { 'x-sum': '4' }))
  assert.equal((await raw.answer(1)).body, 'done')
  assert.match(received, /\r\n\r\n4\r\nbody\r\n0\r\nx-sum: 4\r\n\r\n$/)
})

test('interim answers come before the final one, and a client that waits to be told is told', async (t) => {
  const { port } = await target(t, ({ socket }) =>
    socket.write(`HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n${answer('done')}`),
  )
  const worker = await startWorker(t, { targets: [port] }, { timeScale: 10 })
  const raw = await client(t, worker)
  raw.request(1)
  const { heads } = await raw.answer(1)
  assert.deepEqual(
    heads.map((head) => head[':status']),
    ['103', '200'],
  )
  assert.equal(heads[0]?.['link'], '</a.css>; rel=preload')
  raw.request(3, { ':method': 'POST', 'content-length': '4', expect: '100-continue' }, false)
  await raw.until(() => raw.stream(3).heads.length > 0)
  assert.equal(raw.stream(3).heads[0]?.[':status'], '100')
  raw.data(3, 'body', true)
  assert.deepEqual(
    (await raw.answer(3)).heads.map((head) => head[':status']),
    ['100', '103', '200'],
  )
})

test("ALB-LSN-019 a target's Link with rel=preload passes, and nothing is pushed", async (t) => {
  const { port } = await target(t, ({ socket }) =>
    socket.write(answer('page', '200 OK', 'Link: </style.css>; rel=preload\r\n')),
  )
  const worker = await startWorker(t, { targets: [port] })
  const raw = await client(t, worker, { settings: [2, 1] })
  raw.request(1)
  const { heads } = await raw.answer(1)
  assert.equal(heads[0]?.['link'], '</style.css>; rel=preload')
  await raw.settle()
  assert.deepEqual(
    raw.messages.filter(({ name }) => name.startsWith('fault')),
    [],
  )
})

test('an answer before the end of the body ends the stream, and asks for no more of it', async (t) => {
  const { port } = await target(t)
  const worker = await startWorker(t, {
    targets: [port],
    actions: [{ type: 'fixed-response', statusCode: 418, contentType: 'text/plain', messageBody: 'no' }],
  })
  const raw = await client(t, worker)
  raw.request(1, { ':method': 'POST' }, false)
  const { heads, body, isEnded } = await raw.answer(1)
  assert.equal(heads[0]?.[':status'], '418')
  assert.equal(body, 'no')
  assert.ok(isEnded)
  await raw.until(() => raw.stream(1).reset !== null)
  assert.equal(raw.stream(1).reset, 0)
  raw.data(1, 'late', true)
  raw.request(3)
  assert.equal((await raw.answer(3)).heads[0]?.[':status'], '418')
})

test('an answer that breaks off ends its stream with an error, and no other', async (t) => {
  const { port } = await target(t, ({ head, socket }) => {
    if (head.includes('/broken'))
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n', () =>
        socket.destroy(),
      )
    else socket.write(answer('whole'))
  })
  const worker = await startWorker(t, { targets: [port] })
  const raw = await client(t, worker)
  raw.request(1, { ':path': '/broken' })
  assert.equal((await raw.answer(1)).reset, 2)
  raw.request(3)
  assert.equal((await raw.answer(3)).body, 'whole')
  const [line = ''] = await worker.logLines()
  assert.match(line, / 502 200 /)
})

test('errors of the load balancer are answers of the stream: the connection goes on', async (t) => {
  const worker = await startWorker(t, { targets: [] })
  const raw = await client(t, worker)
  raw.request(1)
  raw.request(3, { ':method': 'TRACE' })
  raw.send(headersFrame(5, { ':method': 'CONNECT', ':authority': 'a.example.com:443' }))
  raw.request(7, { 'x-large': 'x'.repeat(8000), 'x-larger': 'y'.repeat(8000) })
  assert.equal((await raw.answer(1)).heads[0]?.[':status'], '503')
  assert.equal((await raw.answer(3)).heads[0]?.[':status'], '405')
  assert.equal((await raw.answer(5)).heads[0]?.[':status'], '400')
  assert.equal((await raw.answer(7)).heads[0]?.[':status'], '503')
  assert.equal(raw.messages.filter(({ name }) => name === 'goaway').length, 0)
  assert.deepEqual(statuses(await worker.logLines()), ['503', '405', '400', '503'])
})

test('a request that the client takes back ends at its target, and is logged with 460', async (t) => {
  const silent = await target(t, () => {})
  const worker = await startWorker(t, { targets: [silent.port] })
  const raw = await client(t, worker)
  raw.request(1)
  raw.request(3)
  await becomes(() => silent.requests.length, 2)
  raw.send(reset(1))
  await becomes(() => silent.open(), 1)
  const started = performance.now()
  await eventually('a FIN means that the client gives up', () => performance.now() - started > 200)
  raw.close()
  await becomes(() => silent.open(), 0)
  await becomes(async () => statuses(await worker.logLines()), ['460', '460'])
})

test('a body that is not as long as its head says is an error of the stream, and goes no further', async (t) => {
  const { port, requests } = await target(t)
  const worker = await startWorker(t, { targets: [port] })
  const raw = await client(t, worker)
  raw.request(1, { ':method': 'POST', 'content-length': '3' }, false)
  raw.data(1, 'four', true)
  raw.request(3, { ':method': 'POST', 'content-length': '5' }, false)
  raw.data(3, 'four', true)
  raw.request(5, { ':method': 'POST', 'content-length': '1' })
  for (const stream of [1, 3, 5]) assert.equal((await raw.answer(stream)).reset, 1)
  raw.request(7, { ':method': 'POST', 'content-length': '4' }, false)
  raw.data(7, 'fo')
  raw.send(frame(0, 9, 7, '\x03ur\0\0\0'))
  assert.match((await raw.answer(7)).body, /four$/)
  assert.equal(requests.length, 1)
  assert.deepEqual(statuses(await worker.logLines()), ['400', '400', '400', '200'])
})

test('a request that is none is an error of its stream alone, with a line in the log', async (t) => {
  const { port } = await target(t)
  const worker = await startWorker(t, { targets: [port] })
  const raw = await client(t, worker)
  const malformed: readonly Record<string, string>[] = [
    { ':method': 'GET', ':scheme': 'https', ':authority': 'a.example.com' },
    { ...requestFields, 'X-Upper': 'case' },
    { ...requestFields, connection: 'close' },
    { ...requestFields, 'transfer-encoding': 'chunked' },
  ]
  for (const [index, fields] of malformed.entries()) {
    raw.send(headersFrame(2 * index + 1, fields))
    assert.equal((await raw.answer(2 * index + 1)).reset, 1)
  }
  raw.request(101)
  assert.equal((await raw.answer(101)).heads[0]?.[':status'], '200')
  const lines = await worker.logLines()
  assert.equal(lines.filter((line) => / 400 - \d+ \d+ "- https/.test(line)).length, malformed.length)
})

test('a gRPC request is logged as grpcs', async (t) => {
  const { port } = await target(t)
  const worker = await startWorker(t, { targets: [port] })
  const raw = await client(t, worker)
  raw.request(1, { ':method': 'POST', 'content-type': 'application/grpc+proto' })
  await raw.answer(1)
  const [line = ''] = await worker.logLines()
  assert.match(line, /^grpcs /)
})
