// Clients that ask for much and give nothing: each is told to be calm, is gone, and is one line in the log; others are served.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { becomes } from '../support/eventually.ts'
import { answer } from '../support/target.ts'
import type { WorkerProcess } from '../support/worker.ts'
import { frame, numbers } from './frame-messages.ts'
import {
  type RawHttp2Client,
  headerBlock,
  headersFrame,
  requestFields,
  reset,
  windowUpdate,
} from './raw-client.ts'
import { client, sortedStatuses, startWorker, statuses, target } from './support.ts'

const ENHANCE_YOUR_CALM = 11

/** Sends what `flood` makes until it is too much; at most so many times. */
async function flooded(
  t: TestContext,
  worker: WorkerProcess,
  flood: (index: number) => readonly Buffer[],
  timesMax = 5000,
  before: (raw: RawHttp2Client) => void = () => undefined,
): Promise<RawHttp2Client> {
  const raw = await client(t, worker)
  before(raw)
  for (let index = 0; index < timesMax; index++) raw.send(...flood(index))
  const [, code] = await raw.goaway()
  assert.equal(code, ENHANCE_YOUR_CALM)
  await raw.end()
  return raw
}

const ofNothing: Readonly<Record<string, readonly Buffer[]>> = {
  PING: [frame(6, 0, 0, '12345678')],
  'PING acknowledgements': [frame(6, 1, 0, '12345678')],
  SETTINGS: [frame(4, 0, 0)],
  'SETTINGS acknowledgements': [frame(4, 1, 0)],
  'settings that change all windows': [
    frame(4, 0, 0, numbers([4, 2], [1, 4])),
    frame(4, 0, 0, numbers([4, 2], [2, 4])),
  ],
  PRIORITY: [frame(2, 0, 7, '12345')],
  'WINDOW_UPDATE of the connection': [windowUpdate(0, 1)],
  'unknown frames': [frame(0x77, 0, 0, '')],
  'empty DATA': [frame(0, 0, 1, '')],
  'DATA of padding alone': [frame(0, 8, 1, '\0')],
  'WINDOW_UPDATE of a stream': [windowUpdate(1, 1)],
}

for (const [name, frames] of Object.entries(ofNothing)) {
  test(`a flood of ${name} ends its connection alone, with one line for it`, async (t) => {
    const { port } = await target(
      t,
      ({ head, socket }) => void (head.startsWith('GET') && socket.write(answer('served'))),
    )
    const worker = await startWorker(t, { targets: [port] })
    const other = await client(t, worker)
    await flooded(
      t,
      worker,
      () => frames,
      5000,
      (raw) => raw.request(1, { ':method': 'POST' }, false),
    )
    other.request(1)
    assert.equal((await other.answer(1)).body, 'served')
    // The request that was open, the flood, and the other client's.
    await becomes(async () => sortedStatuses(await worker.logLines()), ['200', '400', '400'])
  })
}

test('a client that takes its requests back at once is stopped after some hundreds (CVE-2023-44487)', async (t) => {
  const { port, requests } = await target(t, () => {})
  const worker = await startWorker(t, { targets: [port], accessLog: false })
  await flooded(
    t,
    worker,
    (index) => [headersFrame(2 * index + 1, requestFields), reset(2 * index + 1)],
    2000,
  )
  assert.ok(requests.length < 500)
  // All at once: most are not even begun.
  const raw = await client(t, worker)
  const before = requests.length
  raw.send(
    ...Array.from({ length: 400 }, (_, index) => [
      headersFrame(2 * index + 1, requestFields),
      reset(2 * index + 1),
    ]).flat(),
  )
  await raw.settle()
  assert.ok(requests.length - before <= 256)
})

test('a client whose mistakes have its streams reset is stopped, too', async (t) => {
  const { port } = await target(t, () => {})
  const worker = await startWorker(t, { targets: [port] })
  await flooded(
    t,
    worker,
    (index) => [headersFrame(2 * index + 1, requestFields), windowUpdate(2 * index + 1, 0)],
    2000,
  )
  await flooded(t, worker, (index) => [headersFrame(2 * index + 1, { ':method': 'GET' })], 2000)
})

test('requests beyond those that may be in parallel are refused, but not without end', async (t) => {
  const { port } = await target(t, () => {})
  const worker = await startWorker(t, { targets: [port], accessLog: false })
  await flooded(t, worker, (index) => [headersFrame(2 * index + 1, requestFields)], 3000)
})

test('a header block in more and more CONTINUATION frames is stopped', async (t) => {
  const worker = await startWorker(t, { targets: [] })
  const raw = await client(t, worker)
  raw.send(frame(1, 1, 1, headerBlock(requestFields)))
  for (let index = 0; index < 100; index++) raw.send(frame(9, 0, 1, headerBlock({ 'x-more': 'x' })))
  assert.deepEqual(await raw.goaway(), [0, ENHANCE_YOUR_CALM])
  await raw.end()
  const long = await client(t, worker)
  long.send(frame(1, 1, 1, headerBlock(requestFields)))
  for (let index = 0; index < 6; index++) long.send(frame(9, 0, 1, Buffer.alloc(16_384)))
  assert.deepEqual(await long.goaway(), [0, ENHANCE_YOUR_CALM])
  await becomes(async () => statuses(await worker.logLines()), ['400', '400'])
})

test('a list of fields that grows out of the table is refused, and the connection goes on', async (t) => {
  const worker = await startWorker(t, { targets: [] })
  const raw = await client(t, worker)
  // One field of 4000 bytes in the table, named a thousand times by one byte.
  const large = Buffer.concat([
    Buffer.of(0x40, 1),
    Buffer.from('x'),
    Buffer.of(127, 0xa1, 0x1e),
    Buffer.alloc(4000, 'a'),
  ])
  raw.send(
    frame(1, 5, 1, Buffer.concat([headerBlock(requestFields), large, Buffer.alloc(1000, 0xbe)])),
    headersFrame(3, requestFields),
  )
  assert.equal((await raw.answer(1)).heads[0]?.[':status'], '400')
  assert.equal((await raw.answer(3)).heads[0]?.[':status'], '503')
  assert.deepEqual(statuses(await worker.logLines()), ['400', '503'])
})

test('an honest client that pings with every answer, and takes half of its requests back, stays', async (t) => {
  const { port } = await target(
    t,
    ({ head, socket }) => void (head.includes('/a') && socket.write(answer('x'))),
  )
  const worker = await startWorker(t, { targets: [port], accessLog: false })
  const raw = await client(t, worker)
  for (let index = 0; index < 1500; index++) {
    const stream = 4 * index + 1
    raw.request(stream, { ':path': '/answered' })
    raw.request(stream + 2, { ':path': '/taken-back' })
    raw.send(reset(stream + 2), frame(6, 0, 0, '12345678'), windowUpdate(0, 1))
    await raw.answer(stream)
  }
  await raw.settle()
  assert.equal(raw.messages.filter(({ name }) => name === 'goaway').length, 0)
})
