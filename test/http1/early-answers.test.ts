// Answers that come before the end of their request, and requests that do not come to an end: who is told what, and what
// becomes of the connection.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { after, afterEach, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'

import { RawClient } from '../support/client.ts'
import { eventually } from '../support/eventually.ts'
import { forwardTo, WorkerProcess } from '../support/worker.ts'

const HOST = 'Host: a.example\r\n'
const MIB = 1024 * 1024
const SCALE = 20
const FIXED = { type: 'fixed-response', statusCode: 403, contentType: null, messageBody: 'no' } as const

let worker: WorkerProcess
const servers: net.Server[] = []

before(async () => {
  worker = await WorkerProcess.start({}, { timeScale: SCALE })
})

after(() => worker.close())

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A target that is told of every connection. */
async function target(serve: (socket: net.Socket) => void): Promise<number> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    serve(socket)
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

describe('an early answer', () => {
  before(async () => await worker.serve({ actions: [FIXED] }))

  for (const [what, fields, sent] of [
    ['more than is dropped', `Content-Length: ${2 * MIB}\r\n`, 'x'.repeat(1000)],
    ['in chunks', 'Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n'],
    ['that nobody was told to send', 'Expect: 100-continue\r\nContent-Length: 4\r\n', ''],
  ] as const) {
    test(`with a body still to come, ${what}, says that the connection closes, and closes it`, async () => {
      const client = await RawClient.connect(worker.port)
      client.send(`POST / HTTP/1.1\r\n${HOST}${fields}\r\n${sent}`)
      const response = await client.response()
      assert.equal(response.status, 403)
      assert.equal(response.headers['connection'], 'close')
      await client.end()
      client.close()
    })
  }

  test('with little of a body still to come keeps the connection', async () => {
    const client = await RawClient.connect(worker.port)
    client.send(`POST / HTTP/1.1\r\n${HOST}Content-Length: 100000\r\n\r\nx`)
    const response = await client.response()
    assert.equal(response.headers['connection'], 'keep-alive')
    client.send(`${'x'.repeat(99_999)}GET / HTTP/1.1\r\n${HOST}\r\n`)
    assert.equal((await client.response()).status, 403)
    client.close()
  })

  test('arrives whole, however much of the body is still on its way', async () => {
    for (let tries = 0; tries < 10; tries++) {
      const client = await RawClient.connect(worker.port)
      client.send(`POST / HTTP/1.1\r\n${HOST}Content-Length: ${5 * MIB}\r\n\r\n`)
      client.send('x'.repeat(5 * MIB))
      const response = await client.response()
      assert.deepEqual([response.status, response.body], [403, 'no'])
      client.close()
    }
  })
})

describe('a target that answers early and closes', () => {
  for (const bytes of [MIB, 5 * MIB]) {
    test(`is heard while ${bytes / MIB} MiB are on their way, every time`, async () => {
      const port = await target((socket) => {
        socket.once('data', () => {
          socket.pause()
          socket.end('HTTP/1.1 413 Payload Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig')
          // With bytes unread, so that what follows is a reset.
          setImmediate(() => socket.destroy())
        })
      })
      await worker.serve({ targets: [port], actions: [forwardTo('default')] })
      const statuses: number[] = []
      for (let tries = 0; tries < 30; tries++) {
        const client = await RawClient.connect(worker.port)
        client.send(`POST / HTTP/1.1\r\n${HOST}Content-Length: ${bytes}\r\n\r\n`)
        client.send('x'.repeat(bytes))
        statuses.push((await client.response()).status)
        client.close()
      }
      assert.deepEqual(
        statuses,
        Array.from(statuses, () => 413),
      )
    })
  }

  test('without having answered is 502', async () => {
    const port = await target((socket) => {
      socket.once('data', () => socket.destroy())
    })
    await worker.serve({ targets: [port], actions: [forwardTo('default')] })
    const client = await RawClient.connect(worker.port)
    client.send(`POST / HTTP/1.1\r\n${HOST}Content-Length: ${MIB}\r\n\r\n${'x'.repeat(MIB)}`)
    assert.equal((await client.response()).status, 502)
    client.close()
  })
})

describe('Expect: 100-continue', () => {
  const head = `POST / HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 4\r\n\r\n`

  test('a client whose target says nothing is told to go on after a second', async () => {
    const port = await target((socket) => {
      let text = ''
      socket.on('data', (bytes) => {
        text += bytes.toString('latin1')
        if (text.endsWith('body')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      })
    })
    await worker.serve({ targets: [port], actions: [forwardTo('default')] })
    const client = await RawClient.connect(worker.port)
    const start = performance.now()
    client.send(head)
    await client.until(() => client.received.includes('100 Continue\r\n\r\n'))
    assert.ok((performance.now() - start) * SCALE >= 1000)
    client.send('body')
    await client.until(() => client.received.endsWith('ok'))
    assert.equal(client.received.match(/100 Continue/g)?.length, 1)
    assert.match(client.received, /\r\nConnection: keep-alive\r\n/)
    client.close()
  })

  test('a target that says it late says it to nobody', async () => {
    const port = await target((socket) => {
      let text = ''
      socket.on('data', (bytes) => {
        text += bytes.toString('latin1')
        if (!text.endsWith('body')) return
        socket.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      })
    })
    await worker.serve({ targets: [port], actions: [forwardTo('default')] })
    const client = await RawClient.connect(worker.port)
    client.send(head)
    await client.until(() => client.received.includes('100 Continue\r\n\r\n'))
    client.send('body')
    await client.until(() => client.received.endsWith('ok'))
    assert.equal(client.received.match(/100 Continue/g)?.length, 1)
    client.close()
  })
})

test('a head that comes byte by byte has a minute, however often one comes', async () => {
  await worker.serve({ actions: [FIXED], traffic: { idleTimeoutMs: 30_000 } })
  const client = await RawClient.connect(worker.port)
  const start = performance.now()
  const text = `GET / HTTP/1.1\r\n${HOST}X: ${'x'.repeat(10_000)}`
  let at = 0
  await eventually(
    'the head is refused',
    () => {
      client.send(text[at++] ?? 'x')
      return client.received !== '' || client.isClosed
    },
    { pauseMs: 100 },
  )
  assert.match(client.received, /^HTTP\/1\.1 408 /)
  const took = (performance.now() - start) * SCALE
  assert.ok(took >= 60_000 && took < 120_000, `${took} ms`)
  client.close()
})

test('a large answer arrives whole at a slow client whose connection is closed behind it', async () => {
  const size = 4 * MIB
  const port = await target((socket) => {
    socket.on('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
      socket.write('y'.repeat(size))
    })
  })
  await worker.serve({ targets: [port], actions: [forwardTo('default')] })
  const client = await RawClient.connect(worker.port)
  client.socket.pause()
  client.send(`GET / HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`)
  // Several times what a close waits for its FIN; a shorter time would only make it easier.
  await pause(300)
  client.socket.resume()
  const text = await client.end()
  assert.equal(text.length - text.indexOf('\r\n\r\n') - 4, size)
  client.close()
})
