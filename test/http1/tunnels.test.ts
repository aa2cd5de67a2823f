// Tunnels whose sides do not play along: none may outlive its peers, and none may be cut while bytes pass.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'

import { RawClient } from '../support/client.ts'
import { eventually } from '../support/eventually.ts'
import { WorkerProcess } from '../support/worker.ts'

const CHUNK = 'x'.repeat(65_536)
const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\n'

let server: net.Server
let worker: WorkerProcess
/** Connections of the target that are open. */
const open = new Set<net.Socket>()
/** What the target does with a tunnel. */
let behave: (socket: net.Socket) => void

before(async () => {
  server = net.createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
    socket.once('data', () => {
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${UPGRADE}\r\n`)
      behave(socket)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  worker = await WorkerProcess.start({ targets: [port], traffic: { idleTimeoutMs: 6000 } }, { timeScale: 20 })
})

beforeEach(() => assert.equal(open.size, 0, 'a connection of the test before is still there'))

after(() => {
  worker.close()
  for (const socket of open) socket.destroy()
  server.close()
})

async function tunnel(path: string): Promise<RawClient> {
  const client = await RawClient.connect(worker.port)
  client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n${UPGRADE}\r\n`)
  assert.equal((await client.response()).status, 101)
  return client
}

/** Sends without an end, as fast as the other side takes it. */
function flood(socket: net.Socket): void {
  const more = (): void => {
    while (socket.writable && socket.write(CHUNK));
  }
  socket.on('drain', more)
  more()
}

/** Sends until nothing is taken any more. */
async function clog(socket: net.Socket): Promise<void> {
  flood(socket)
  let before = -1
  let same = 0
  await eventually('nothing is taken any more', () => {
    const left = socket.bytesWritten - socket.writableLength
    same = left === before ? same + 1 : 0
    before = left
    return same > 5
  })
}

async function ends(path: string): Promise<void> {
  await eventually('the target is let go', () => open.size === 0)
  await eventually('one line is written', async () => {
    const lines = (await worker.logLines()).filter((line) => line.includes(`${path} `))
    assert.equal(lines.length, 1)
  })
}

test('a tunnel whose sides both send and take nothing ends with the idle time-out', async () => {
  behave = (socket) => {
    socket.pause()
    flood(socket)
  }
  const client = await tunnel('/clogged')
  client.socket.pause()
  flood(client.socket)
  await ends('/clogged')
  client.close()
})

test('a target that cannot send is let go when the client has gone, after its FIN too', async () => {
  for (const path of ['/gone', '/fin-and-gone']) {
    behave = () => {}
    const client = await tunnel(path)
    client.socket.pause()
    for (const socket of open) await clog(socket)
    if (path === '/fin-and-gone') {
      client.socket.end()
      await eventually('its FIN has come', () => [...open].every((socket) => socket.readableEnded))
    }
    client.socket.resetAndDestroy()
    await ends(path)
  }
})

test('a target that never stops sending is let go when the client has gone after its FIN', async () => {
  behave = flood
  const client = await tunnel('/endless')
  client.socket.end()
  await eventually('its FIN has come', () => [...open].every((socket) => socket.readableEnded))
  client.socket.resetAndDestroy()
  await ends('/endless')
})

test('a client that never stops sending is let go when the target has gone after its FIN', async () => {
  behave = (socket) => {
    socket.pause()
    socket.end()
  }
  const client = await tunnel('/endless-client')
  flood(client.socket)
  await client.until(() => client.isEnded)
  for (const socket of open) socket.resetAndDestroy()
  await client.until(() => client.isClosed)
  await ends('/endless-client')
})
