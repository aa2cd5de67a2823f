// Flow control: what a client may send that its target does not take, and what it gets when it takes little itself.

import assert from 'node:assert/strict'
import net from 'node:net'
import { test, type TestContext } from 'node:test'
import { becomes, eventually } from '../support/eventually.ts'
import { answer } from '../support/target.ts'
import { forwardTo, groupUnit, targetUnit } from '../support/worker.ts'
import { frame } from './frame-messages.ts'
import { settingsFrame, windowUpdate } from './raw-client.ts'
import { client, startWorker, statuses, target } from './support.ts'

const MIB = 1024 * 1024

/** A target that reads nothing until it is told to, and then answers with the length of what it got. */
async function closedTarget(t: TestContext): Promise<{ port: number; open(): void }> {
  const sockets: net.Socket[] = []
  const server = net.createServer({ pauseOnConnect: true }, (socket) => {
    let length = 0
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      length += bytes.length
      if (bytes.toString('latin1').endsWith('0\r\n\r\n')) socket.write(answer(String(length > 3 * MIB)))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return {
    port: (server.address() as net.AddressInfo).port,
    open: () => sockets.forEach((socket) => socket.resume()),
  }
}

test('a body that its target does not take is held back in the client, and others go on', async (t) => {
  const closed = await closedTarget(t)
  const other = await target(t)
  const worker = await startWorker(t, {
    groups: [groupUnit('default', [targetUnit(closed.port)]), groupUnit('other', [targetUnit(other.port)])],
    rules: [
      {
        arn: 'rule',
        priority: 1,
        conditions: [{ field: 'path-pattern', values: ['/other'] }],
        actions: [forwardTo('other')],
      },
    ],
  })
  const raw = await client(t, worker)
  raw.request(1, { ':method': 'POST' }, false)
  await raw.until(() => raw.messages.some(({ name }) => name === 'windowUpdate'))
  // More than sockets hold: Linux lets a send buffer grow to 4 MiB.
  const body = Buffer.alloc(12 * MIB, 'x')
  let sent = 0
  // As much as the windows let out.
  const pump = (): void => {
    const of = (stream: number): number =>
      raw.messages.reduce(
        (sum, { name, stream: on, values }) =>
          name === 'windowUpdate' && on === stream ? sum + (values?.[0] ?? 0) : sum,
        stream === 0 ? 65_535 : 65_536,
      )
    for (;;) {
      const room = Math.min(of(0) - sent, of(1) - sent, body.length - sent, 16_384)
      if (room <= 0) return
      raw.data(1, body.subarray(sent, sent + room), sent + room === body.length)
      sent += room
    }
  }
  // The sockets on the way take some; then it stands still.
  let before = -1
  const standsStill = async (): Promise<boolean> => {
    pump()
    await raw.settle()
    pump()
    const isStill = sent === before
    before = sent
    return isStill
  }
  await eventually('the client may send nothing more', standsStill, { pauseMs: 0 })
  assert.ok(sent < body.length, `${sent} bytes are on their way`)
  raw.request(3, { ':path': '/other' })
  assert.equal((await raw.answer(3)).heads[0]?.[':status'], '200')
  closed.open()
  const isAllSent = async (): Promise<boolean> => {
    pump()
    await raw.settle()
    return sent === body.length
  }
  await eventually('all is sent', isAllSent, { pauseMs: 0 })
  assert.equal((await raw.answer(1)).body, 'true')
})

test('more DATA than a window lets in is an error of its stream, or of the connection', async (t) => {
  const closed = await closedTarget(t)
  const worker = await startWorker(t, { targets: [closed.port] })
  const raw = await client(t, worker)
  raw.request(1, { ':method': 'POST', 'content-length': '1' }, false)
  raw.request(3, { ':method': 'POST' }, false)
  const frames = Array.from({ length: 5 }, () => frame(0, 0, 3, Buffer.alloc(16_384)))
  raw.send(...frames)
  // The target has not taken it, and nothing was given back yet.
  await raw.until(() => raw.stream(3).reset !== null || raw.messages.some(({ stream }) => stream === 3))
  const another = await client(t, worker)
  another.send(windowUpdate(0, 2 ** 31 - 1))
  assert.deepEqual(await another.goaway(), [0, 3])
  const third = await client(t, worker)
  third.request(1, { ':method': 'POST' }, false)
  third.send(windowUpdate(1, 2 ** 31 - 1))
  assert.equal((await third.answer(1)).reset, 3)
  third.request(3, { ':method': 'POST' }, false)
  third.send(settingsFrame(4, 2 ** 31 - 1), windowUpdate(3, 1))
  assert.equal((await third.answer(3)).reset, 3)
})

test('an answer leaves as the windows of its stream and of the connection let it out', async (t) => {
  const large = 'abcdefgh'.repeat(50_000)
  const { port } = await target(t, ({ head, socket }) =>
    socket.write(answer(head.includes('/l') ? large : 'small')),
  )
  const worker = await startWorker(t, { targets: [port] })
  const raw = await client(t, worker, { settings: [4, 3] })
  raw.request(1, { ':path': '/small' })
  await raw.until(() => raw.stream(1).body === 'sma')
  raw.send(windowUpdate(1, 1))
  await raw.until(() => raw.stream(1).body === 'smal')
  raw.send(settingsFrame(4, 4))
  assert.equal((await raw.answer(1)).body, 'small')
  // Two share what the connection lets out, and each goes on.
  raw.send(settingsFrame(4, 2 ** 30))
  raw.request(3, { ':path': '/large' })
  raw.request(5, { ':path': '/large' })
  const isStill = async (): Promise<boolean> => {
    const before = raw.stream(3).body.length + raw.stream(5).body.length
    await raw.settle()
    return before === 65_530
  }
  await eventually('the window of the connection is used up', isStill)
  for (let sent = 65_530; sent < 2 * large.length; sent += 100_000) {
    const before = [raw.stream(3).body.length, raw.stream(5).body.length]
    raw.send(windowUpdate(0, 100_000))
    await becomes(
      () => Math.min(raw.stream(3).body.length + raw.stream(5).body.length, 2 * large.length),
      Math.min(sent + 100_000, 2 * large.length),
    )
    if (sent > 400_000) continue
    assert.ok(raw.stream(3).body.length > (before[0] ?? 0), 'the first goes on')
    assert.ok(raw.stream(5).body.length > (before[1] ?? 0), 'the second goes on')
  }
  assert.equal((await raw.answer(3)).body, large)
  assert.equal((await raw.answer(5)).body, large)
})

test('an answer of any size arrives whole, and its target waits for a client that takes little', async (t) => {
  const bytes = 24 * MIB
  let written = 0
  const { port } = await target(t, ({ socket }) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n`)
    const chunk = Buffer.alloc(64 * 1024, 'x')
    const more = (): void => {
      while (written < bytes) {
        written += chunk.length
        if (!socket.write(chunk)) {
          socket.once('drain', more)
          return
        }
      }
    }
    more()
  })
  const worker = await startWorker(t, { targets: [port] })
  const raw = await client(t, worker, { settings: [4, 1000] })
  raw.request(1)
  await raw.until(() => raw.stream(1).body.length === 1000)
  let before = -1
  await eventually('the target waits', async () => {
    await raw.settle()
    const isStill = written === before
    before = written
    return isStill
  })
  assert.ok(written < bytes, `the target has sent ${written} bytes`)
  raw.send(windowUpdate(0, 2 ** 30), windowUpdate(1, 2 ** 30))
  await raw.until(() => raw.messages.some(({ isEndStream }) => isEndStream === true))
  assert.equal(raw.stream(1).body.length, bytes)
  assert.deepEqual(statuses(await worker.logLines()), ['200'])
})

test('a client that makes no room for its answer is waited for as long as it may be idle', async (t) => {
  const { port } = await target(t, ({ socket }) => socket.write(answer('x'.repeat(200_000))))
  const worker = await startWorker(
    t,
    { targets: [port], traffic: { idleTimeoutMs: 5000 } },
    { timeScale: 10 },
  )
  const raw = await client(t, worker, { settings: [4, 0] })
  raw.request(1)
  const { heads, reset: code } = await raw.answer(1)
  assert.equal(heads[0]?.[':status'], '200')
  assert.equal(code, 8)
  assert.deepEqual(statuses(await worker.logLines()), ['460'])
})

test('a client that takes nothing of what was sent is cut off', async (t) => {
  const { port } = await target(t, ({ socket }) => socket.write(answer('x'.repeat(32 * MIB))))
  const worker = await startWorker(
    t,
    { targets: [port], traffic: { idleTimeoutMs: 5000 } },
    { timeScale: 10 },
  )
  const raw = await client(t, worker, { settings: [4, 2 ** 31 - 1] })
  raw.send(windowUpdate(0, 2 ** 30))
  await raw.settle()
  raw.socket.pause()
  raw.request(1)
  await becomes(async () => statuses(await worker.logLines()), ['460'])
})
