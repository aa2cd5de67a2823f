// The data plane on a Node whose undocumented stream layer is not there: slower, and the same in what it does.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { WebSocket, WebSocketServer } from 'ws'

import { exchange, RawClient } from '../support/client.ts'
import { answer, type Behaviour, echo, startTarget, type Target } from '../support/target.ts'
import { WorkerProcess } from '../support/worker.ts'

const HOST = 'Host: a.example\r\n'

let worker: WorkerProcess
let target: Target
let behave: Behaviour = echo

before(async () => {
  target = await startTarget((request) => behave(request))
  worker = await WorkerProcess.start({ targets: [target.port] }, { publicNodeOnly: true })
})

after(() => {
  worker.close()
  target.close()
})

afterEach(() => {
  behave = echo
})

test('requests on one connection are answered, pipelined ones in their order', async () => {
  const client = await RawClient.connect(worker.port)
  client.send(['/a', '/b', '/c'].map((path) => `GET ${path} HTTP/1.1\r\n${HOST}\r\n`).join(''))
  for (const path of ['/a', '/b', '/c'])
    assert.match((await client.response()).body, new RegExp(`^GET ${path} `))
  assert.equal(target.connections(), 1)
  client.close()
})

test('large bodies pass both ways', async () => {
  const body = 'abcdefghij'.repeat(50_000)
  for (const request of [
    `POST / HTTP/1.1\r\n${HOST}Content-Length: ${body.length}\r\n\r\n${body}`,
    `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  ]) {
    const { status, body: got } = await exchange(worker.port, request)
    assert.equal(status, 200)
    assert.ok(got.endsWith(`\r\n\r\n${body}`))
  }
})

test('a client that reads late gets everything', async () => {
  const body = 'x'.repeat(8 * 1024 * 1024)
  behave = ({ socket }) => socket.write(answer(body), 'latin1')
  const client = await RawClient.connect(worker.port)
  client.socket.pause()
  client.send(`GET / HTTP/1.1\r\n${HOST}\r\n`)
  // Enough for all buffers on the way to fill; with less the test is easier, not wrong.
  await wait(100)
  client.socket.resume()
  assert.equal((await client.response()).body.length, body.length)
  client.close()
})

test('a target that is not there, and one that goes away, give 502', async () => {
  behave = ({ socket }) => socket.destroy()
  assert.equal((await exchange(worker.port, `GET / HTTP/1.1\r\n${HOST}\r\n`)).status, 502)
  const other = await startTarget()
  other.close()
  await worker.serve({ targets: [other.port] })
  assert.equal((await exchange(worker.port, `GET / HTTP/1.1\r\n${HOST}\r\n`)).status, 502)
  await worker.serve({ targets: [target.port] })
})

test('a client that half-closes gets its answer', async () => {
  const client = await RawClient.connect(worker.port)
  client.send(`GET /last HTTP/1.1\r\n${HOST}\r\n`)
  client.socket.end()
  assert.match((await client.response()).body, /^GET \/last /)
  await client.until(() => client.isEnded)
})

test('a WebSocket passes both ways and ends', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  server.on('connection', (socket) => socket.on('message', (data) => socket.send(data)))
  await worker.serve({ targets: [(server.address() as AddressInfo).port] })
  const socket = new WebSocket(`ws://127.0.0.1:${worker.port}/`)
  await once(socket, 'open')
  socket.send('c'.repeat(300_000))
  const [data] = (await once(socket, 'message')) as [Buffer]
  assert.equal(data.length, 300_000)
  socket.close()
  await once(socket, 'close')
  server.close()
  await worker.serve({ targets: [target.port] })
})
