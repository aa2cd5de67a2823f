// What a writer knows of the bytes that wait, over a socket that takes them as a test says, and over a real one.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'

import { connectSocket } from './open.ts'
import { SocketWriter, type WritableSocket } from './socket-writer.ts'

const NOTHING = { onDrained(): void {}, onWriteFailed(): void {} }

class SlowSocket implements WritableSocket {
  readonly connecting = false
  readonly writable = true
  readonly _handle = null
  writableLength = 0
  onWritten: (() => void) | null = null

  get unsentBytes(): number {
    return this.writableLength
  }

  write(data: string | Buffer, last?: 'latin1' | (() => void)): void {
    this.writableLength += data.length
    if (typeof last === 'function') this.onWritten = last
  }

  destroy(): void {}

  take(count: number): void {
    this.writableLength -= count
    if (this.writableLength === 0) this.onWritten?.()
  }
}

test('a writer tells a side that takes little from one that takes nothing', () => {
  const socket = new SlowSocket()
  let drained = 0
  const writer = new SocketWriter(socket, { ...NOTHING, onDrained: () => drained++ })
  writer.writeText('x'.repeat(1000))
  assert.equal(writer.hasMoved(), false, 'nobody waits')
  assert.equal(writer.isPending(), true)
  assert.equal(writer.hasMoved(), false)
  socket.take(1)
  assert.equal(writer.hasMoved(), true)
  assert.equal(writer.hasMoved(), false, 'not since then')
  // Others are added meanwhile: what counts is what left.
  assert.equal(writer.isPending(), true)
  socket.take(999)
  assert.equal(drained, 1)
  assert.equal(writer.isPending(), false)
  assert.equal(writer.hasMoved(), false)
})

test('a piece larger than any pooled buffer arrives whole', async (t) => {
  const size = 1_000_000
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const accepted = once(server, 'connection') as Promise<[ReturnType<typeof connect>]>
  const { port } = server.address() as AddressInfo
  const events = { onRead: () => undefined, onEnd(): void {}, onClose(): void {} }
  const connected = Promise.withResolvers<void>()
  const socket = connectSocket('127.0.0.1', port, null, Buffer.alloc(1024), events, connected.resolve)
  await connected.promise
  const [peer] = await accepted
  const writer = new SocketWriter(socket, NOTHING)
  const bytes = Buffer.alloc(size, 'evenkeel')
  writer.write('head', bytes, 0, size, 0, false)
  bytes.fill(0)
  socket.end()
  const chunks: Buffer[] = []
  for await (const chunk of peer) chunks.push(chunk as Buffer)
  const all = Buffer.concat(chunks)
  assert.equal(all.toString('latin1', 0, 4), 'head')
  assert.ok(all.subarray(4).equals(Buffer.alloc(size, 'evenkeel')))
  socket.destroy()
})
