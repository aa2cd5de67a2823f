// Sticky sessions and connections that are upgraded.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'

import type { StickinessUnit, TargetGroupUnit } from '../../src/snapshot/target-group-units.ts'
import { RawClient } from '../support/client.ts'
import { CookieJar, setCookies } from '../support/cookie-jar.ts'
import { groupUnit, targetUnit, WorkerProcess } from '../support/worker.ts'

let servers: WebSocketServer[]
let worker: WorkerProcess

before(async () => {
  servers = await Promise.all([0, 1, 2].map(async (name) => await startServer(String(name))))
  worker = await WorkerProcess.start({ groups: [group(60_000)] }, { timeScale: 50 })
})

after(() => {
  worker.close()
  for (const server of servers) {
    for (const socket of server.clients) socket.terminate()
    server.close()
  }
})

/** Answers every message with its name. */
async function startServer(name: string): Promise<WebSocketServer> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  server.on('connection', (socket) => socket.on('message', () => socket.send(name)))
  return server
}

function group(durationMs: number): TargetGroupUnit {
  const units = servers.map((server) => targetUnit((server.address() as AddressInfo).port))
  const stickiness: StickinessUnit = { type: 'lb_cookie', durationMs }
  return { ...groupUnit('default', units), stickiness }
}

async function open(cookies: string): Promise<WebSocket> {
  const headers = cookies === '' ? {} : { Cookie: cookies.slice('Cookie: '.length, -2) }
  const socket = new WebSocket(`ws://127.0.0.1:${worker.port}/`, { headers })
  await once(socket, 'open')
  return socket
}

async function ask(socket: WebSocket): Promise<string> {
  socket.send('?')
  const [data] = (await once(socket, 'message')) as [Buffer]
  return data.toString()
}

test('ALB-LSN-012, ALB-TG-327, 328 an upgraded connection stays at its target, whatever becomes of cookies and targets', async () => {
  await worker.serve({ groups: [group(1000)] })
  const socket = await open('')
  const name = await ask(socket)
  const { targets: units, ...rest } = group(1000)
  for (const state of ['healthy', 'unhealthy', 'draining'] as const) {
    const targets = units.map((unit, at) => (String(at) === name ? { ...unit, state } : unit))
    await worker.serve({ groups: [{ ...rest, targets }] })
    for (let count = 0; count < 5; count++) assert.equal(await ask(socket), name)
  }
  socket.close()
  await once(socket, 'close')
})

test('the 101 has the cookies, and they lead the next connection to the same target', async () => {
  await worker.serve({ groups: [group(60_000_000)] })
  const client = await RawClient.connect(worker.port)
  client.send(
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  await client.until(() => client.received.includes('\r\n\r\n'))
  const head = client.received
  client.close()
  assert.match(head, /^HTTP\/1\.1 101 /)
  assert.deepEqual(
    setCookies({ head }).map(({ name }) => name),
    ['AWSALB', 'AWSALBCORS'],
  )
  const jar = new CookieJar()
  jar.take({ status: 101, statusLine: '', headers: {}, head, body: '' })
  const names = new Set<string>()
  for (let count = 0; count < 4; count++) {
    const socket = await open(jar.line())
    names.add(await ask(socket))
    socket.close()
    await once(socket, 'close')
  }
  assert.equal(names.size, 1)
})
