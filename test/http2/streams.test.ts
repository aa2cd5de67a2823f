// Which streams a client may have, in which order frames may come on them, and how a connection ends.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { becomes, eventually } from '../support/eventually.ts'
import { answer } from '../support/target.ts'
import { frame, numbers } from './frame-messages.ts'
import { headersFrame, requestFields, reset, windowUpdate } from './raw-client.ts'
import { client, sortedStatuses, startWorker, statuses, target } from './support.ts'

test('ALB-LSN-016 128 requests are in parallel on one connection, and the next one is refused', async (t) => {
  const { port, requests } = await target(
    t,
    ({ socket }) => void answers.push(() => socket.write(answer('done'))),
  )
  const answers: (() => unknown)[] = []
  const worker = await startWorker(t, { targets: [port] })
  const raw = await client(t, worker)
  for (let index = 0; index < 129; index++) raw.request(2 * index + 1)
  assert.equal((await raw.answer(257)).reset, 7)
  await becomes(() => requests.length, 128)
  const settings = raw.messages.find(({ name }) => name === 'settings')?.values ?? []
  assert.deepEqual(settings.slice(2, 4), [3, 128])
  answers[0]?.()
  await raw.until(() => raw.messages.some(({ isEndStream }) => isEndStream === true))
  raw.request(259)
  await becomes(() => requests.length, 129)
})

test('no turn has more than 128 requests, even if all are answered at once', async (t) => {
  const worker = await startWorker(t, {
    targets: [],
    actions: [{ type: 'fixed-response', statusCode: 200, contentType: 'text/plain', messageBody: '' }],
  })
  const raw = await client(t, worker)
  raw.send(...Array.from({ length: 140 }, (_, index) => headersFrame(2 * index + 1, requestFields)))
  await raw.answer(279)
  const refused = Array.from({ length: 140 }, (_, index) => raw.stream(2 * index + 1)).filter(
    ({ reset: code }) => code === 7,
  )
  assert.equal(refused.length, 12)
})

test('frames that do not fit to their stream are errors of the stream or of the connection', async (t) => {
  const { port } = await target(t, () => {})
  const worker = await startWorker(t, { targets: [port] })
  const idle: readonly Buffer[] = [
    frame(0, 0, 5, 'data'),
    reset(5),
    windowUpdate(5, 1),
    headersFrame(2, requestFields),
    frame(5, 4, 1, numbers([2, 4])),
    frame(1, 5, 5, '\x80'),
  ]
  for (const bytes of idle) {
    const raw = await client(t, worker)
    raw.send(bytes)
    const [, code = -1] = await raw.goaway()
    assert.ok(code === 1 || code === 9, `code ${code}`)
    await raw.end()
  }
  const raw = await client(t, worker)
  raw.request(1)
  raw.data(1, 'behind the end')
  assert.equal((await raw.answer(1)).reset, 5)
  raw.request(3)
  raw.send(headersFrame(3, { 'x-trailer': 'behind the end' }))
  assert.equal((await raw.answer(3)).reset, 5)
  raw.request(5, { ':method': 'POST' }, false)
  raw.send(headersFrame(5, { 'x-trailer': 'not the end' }, false))
  assert.equal((await raw.answer(5)).reset, 1)
  raw.request(7, { ':method': 'POST' }, false)
  raw.send(headersFrame(7, { ':path': '/in/trailers' }))
  assert.equal((await raw.answer(7)).reset, 1)
  raw.request(9)
  raw.send(windowUpdate(9, 0))
  assert.equal((await raw.answer(9)).reset, 1)
  // What comes for streams that have ended is passed over.
  raw.send(
    windowUpdate(1, 1),
    reset(3),
    frame(0, 1, 5, 'late'),
    headersFrame(7, requestFields),
    frame(2, 0, 1, '12345'),
  )
  await raw.settle()
  assert.equal(raw.messages.filter(({ name }) => name === 'goaway').length, 0)
})

test('what is no HTTP/2 is told so, with one line in the log', async (t) => {
  const worker = await startWorker(t, { targets: [] })
  const raw = await client(t, worker, { isSilent: true })
  raw.send(Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n'))
  assert.deepEqual(await raw.goaway(), [0, 1])
  await raw.end()
  await becomes(async () => statuses(await worker.logLines()), ['400'])
})

test('ALB-OBS-460 after 10,000 requests comes GOAWAY, and then a FIN', async (t) => {
  const worker = await startWorker(t, {
    targets: [],
    actions: [{ type: 'fixed-response', statusCode: 200, contentType: 'text/plain', messageBody: '' }],
  })
  const raw = await client(t, worker)
  for (let first = 0; first < 10_001; first += 100) {
    const count = Math.min(100, 10_001 - first)
    raw.send(
      ...Array.from({ length: count }, (_, index) => headersFrame(2 * (first + index) + 1, requestFields)),
    )
    const last = Math.min(first + count, 10_000)
    await raw.until(() => raw.messages.filter(({ isEndStream }) => isEndStream === true).length >= last)
  }
  assert.deepEqual(await raw.goaway(), [19_999, 0])
  await raw.end()
  assert.equal(raw.messages.filter(({ name }) => name === 'headers').length, 10_000)
})

test('ALB-LB-234 the first request after the keep-alive duration is the last', async (t) => {
  const { port } = await target(t)
  const worker = await startWorker(
    t,
    { targets: [port], traffic: { clientKeepAliveMs: 10_000 } },
    { timeScale: 20 },
  )
  const raw = await client(t, worker)
  let stream = -1
  await eventually('a request is the last', async () => {
    stream += 2
    raw.request(stream)
    const { heads } = await raw.answer(stream)
    assert.equal(heads[0]?.[':status'], '200')
    return raw.messages.some(({ name }) => name === 'goaway')
  })
  assert.deepEqual(await raw.goaway(), [stream, 0])
  await raw.end()
  assert.ok(stream > 1)
})

test('a client that is idle is told so and closed; PING does not make it less so', async (t) => {
  const { port } = await target(t)
  const worker = await startWorker(
    t,
    { targets: [port], traffic: { idleTimeoutMs: 5000 } },
    { timeScale: 10 },
  )
  const raw = await client(t, worker)
  raw.request(1)
  await raw.answer(1)
  const started = performance.now()
  const pings = setInterval(() => raw.send(frame(6, 0, 0, 'are you?')), 50)
  await raw.end()
  clearInterval(pings)
  assert.ok(performance.now() - started < 5000)
  assert.deepEqual(await raw.goaway(), [1, 0])
  assert.deepEqual(statuses(await worker.logLines()), ['200'])
})

test('who sends no preface, half a header block, or no acknowledgement of the settings is not waited for', async (t) => {
  const { port } = await target(t, () => {})
  const worker = await startWorker(
    t,
    { targets: [port], traffic: { idleTimeoutMs: 30_000 } },
    { timeScale: 50 },
  )
  const silent = await client(t, worker, { isSilent: true })
  const half = await client(t, worker)
  half.send(frame(4, 1, 0), frame(1, 1, 1, '\x82'))
  const unsettled = await client(t, worker)
  unsettled.request(1)
  assert.deepEqual(await silent.goaway(), [0, 0])
  assert.deepEqual(await half.goaway(), [0, 11])
  assert.deepEqual(await unsettled.goaway(), [1, 4])
  await Promise.all([silent, half, unsettled].map(async (raw) => await raw.end()))
})

test('a client that owes the rest of its body for the idle time-out gets 408', async (t) => {
  const { port } = await target(t)
  const worker = await startWorker(
    t,
    { targets: [port], traffic: { idleTimeoutMs: 3000 } },
    { timeScale: 10 },
  )
  const raw = await client(t, worker)
  raw.request(1, { ':method': 'POST' }, false)
  raw.data(1, 'some')
  assert.equal((await raw.answer(1)).heads[0]?.[':status'], '408')
  assert.deepEqual(statuses(await worker.logLines()), ['408'])
})

test('a worker that drains says so, finishes what runs, and takes nothing new', async (t) => {
  const answers: (() => unknown)[] = []
  const { port } = await target(t, ({ socket }) => void answers.push(() => socket.write(answer('done'))))
  const worker = await startWorker(t, { targets: [port] })
  const idle = await client(t, worker)
  await idle.settle()
  const busy = await client(t, worker)
  busy.request(1)
  await becomes(() => answers.length, 1)
  const drained = worker.drain()
  assert.deepEqual(await idle.goaway(), [0, 0])
  assert.deepEqual(await busy.goaway(), [1, 0])
  busy.request(3)
  await busy.settle()
  answers[0]?.()
  assert.equal((await busy.answer(1)).body, 'done')
  await busy.end()
  assert.deepEqual(busy.stream(3), { heads: [], body: '', isEnded: false, reset: null })
  idle.close()
  busy.close()
  assert.equal(await drained, 0)
})

test('a client that sends its FIN right behind a request gets its answer', async (t) => {
  const { port } = await target(t)
  const worker = await startWorker(t, { targets: [port] })
  const raw = await client(t, worker)
  raw.request(1)
  raw.socket.end()
  assert.equal((await raw.answer(1)).heads[0]?.[':status'], '200')
  await raw.end()
})

test('a client that gives up later, or in a body, is logged', async (t) => {
  const silent = await target(t, () => {})
  const worker = await startWorker(t, { targets: [silent.port] })
  const raw = await client(t, worker)
  raw.request(1)
  raw.request(3, { ':method': 'POST' }, false)
  await becomes(() => silent.requests.length, 1)
  const started = performance.now()
  await eventually('a FIN means that the client gives up', () => performance.now() - started > 200)
  raw.socket.end()
  await becomes(() => silent.open(), 0)
  await becomes(async () => sortedStatuses(await worker.logLines()), ['400', '460'])
})

test('what still runs when the time to drain is over is told so', async (t) => {
  const silent = await target(t, () => {})
  const worker = await startWorker(t, { targets: [silent.port] }, { timeScale: 20 })
  const raw = await client(t, worker)
  raw.request(1)
  await becomes(() => silent.requests.length, 1)
  const drained = worker.drain()
  assert.equal((await raw.answer(1)).heads[0]?.[':status'], '503')
  assert.deepEqual(await raw.goaway(), [1, 0])
  raw.close()
  assert.equal(await drained, 0)
})
