// Frames of every kind in any order, right and wrong: none of them hurts anybody but who sends them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { becomes } from '../support/eventually.ts'
import { answer } from '../support/target.ts'
import { clientBytes } from './frame-bytes.ts'
import { frame, numbers } from './frame-messages.ts'
import { headersFrame, requestFields, reset, settingsFrame, windowUpdate } from './raw-client.ts'
import { client, startWorker, target } from './support.ts'

const CONNECTIONS = 150

const streams = fc.constantFrom(1, 3, 5, 7, 9)
const bodies = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))

/** Frames that mostly belong together, so that streams are in every state when the next one comes. */
const frames = fc.oneof(
  fc
    .tuple(
      streams,
      fc.boolean(),
      fc.constantFrom('/small', '/large', '/silent', '/chunked', '/cut'),
      fc.constantFrom('GET', 'POST', 'HEAD'),
    )
    .map(([stream, isEnd, path, method]) =>
      headersFrame(stream, { ...requestFields, ':path': path, ':method': method }, isEnd),
    ),
  fc
    .tuple(streams, fc.boolean(), bodies)
    .map(([stream, isEnd, body]) => frame(0, isEnd ? 1 : 0, stream, body)),
  streams.map((stream) => headersFrame(stream, { 'x-trailer': 'end' })),
  streams.map((stream) => reset(stream)),
  fc
    .tuple(fc.constantFrom(0, 1, 3, 5), fc.integer({ min: 1, max: 100_000 }))
    .map(([stream, size]) => windowUpdate(stream, size)),
  fc.constantFrom(0, 1, 100, 65_535, 200_000).map((size) => settingsFrame(4, size)),
  fc.constant(frame(6, 0, 0, '12345678')),
  fc.constant(frame(7, 0, 0, numbers([0, 4], [0, 4]))),
)

test('whatever frames come, the worker serves on, and nothing is left behind', async (t) => {
  const targetOfAll = await target(t, ({ head, socket }) => {
    const path = head.split(' ')[1]
    if (path === '/small') socket.write(answer('small'))
    else if (path === '/large') socket.write(answer('x'.repeat(300_000)))
    else if (path === '/chunked')
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\nX-End: 1\r\n\r\n')
    else if (path === '/cut')
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nsome', () => socket.destroy())
  })
  const worker = await startWorker(
    t,
    { targets: [targetOfAll.port], traffic: { idleTimeoutMs: 2000 } },
    { timeScale: 4, randomSeed: 1 },
  )
  const inputs = [
    ...fc.sample(clientBytes, { numRuns: CONNECTIONS, seed: 1 }),
    ...fc
      .sample(fc.array(frames, { maxLength: 30 }), { numRuns: 2 * CONNECTIONS, seed: 2 })
      .map((some) => Buffer.concat(some)),
  ]
  for (const [index, bytes] of inputs.entries()) {
    const raw = await client(t, worker, { isSilent: index < CONNECTIONS })
    const cut = Math.floor(bytes.length / 2)
    raw.send(bytes.subarray(0, cut))
    raw.send(bytes.subarray(cut))
    if (index % 3 === 0) raw.socket.end()
    else if (index % 3 === 1) await raw.settle()
    if (index % 5 === 0) raw.close()
  }
  const good = await client(t, worker)
  good.request(1, { ':path': '/small' })
  assert.equal((await good.answer(1)).body, 'small')
  good.close()
  // Who is still connected is idle, and so are connections to the target.
  await becomes(async () => await worker.metric('ActiveConnectionCount'), 0)
  await becomes(() => targetOfAll.open(), 0)
})
