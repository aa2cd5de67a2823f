// Upgrades: after the target's 101 the two connections are one tunnel.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'

import { RawClient } from '../support/client.ts'
import { eventually } from '../support/eventually.ts'
import { answer, startTarget } from '../support/target.ts'
import { forwardTo, groupUnit, targetUnit, WorkerProcess } from '../support/worker.ts'

let server: WebSocketServer
let port: number
let worker: WorkerProcess

before(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
  server.on('connection', (socket) =>
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
  )
  worker = await WorkerProcess.start({ targets: [port] }, { timeScale: 20 })
})

after(() => {
  worker.close()
  for (const socket of server.clients) socket.terminate()
  server.close()
})

async function open(path = '/ws'): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${worker.port}${path}`)
  await once(socket, 'open')
  return socket
}

test('ALB-LSN-011, 012 frames pass both ways through one tunnel', async () => {
  const socket = await open()
  for (const text of ['a', 'b'.repeat(1000), 'c'.repeat(300_000)]) {
    socket.send(text)
    const [data] = (await once(socket, 'message')) as [Buffer]
    assert.equal(data.toString(), text)
  }
  socket.close()
  await once(socket, 'close')
})

test('ALB-OBS-132, 133, 144, 273 one line is written, after the end', async () => {
  const logged = async () => (await worker.logLines()).filter((line) => line.includes('/logged '))
  const socket = await open('/logged')
  for (let count = 0; count < 20; count++) {
    socket.send('hello')
    await once(socket, 'message')
  }
  assert.deepEqual(await logged(), [])
  socket.close()
  await once(socket, 'close')
  const lines = await eventually('the line is written', async () => {
    const written = await logged()
    assert.equal(written.length, 1)
    return written
  })
  assert.match(
    lines[0] ?? '',
    /^ws \S+ \S+ 127\.0\.0\.1:\d+ 127\.0\.0\.1:\d+ 0\.\d{3} 0\.\d{3} 0\.\d{3} 101 101 \d+ \d+ "GET http:\/\/127\.0\.0\.1:80\/logged HTTP\/1\.1" "-" - - arn:\S+:targetgroup\/default\/\S+ "Root=[^"]+" "-" "-" 0 \S+Z "forward" "-" "-" "127\.0\.0\.1:\d+" "101" "-" "-"$/,
  )
})

test('ALB-LSN-012 the end of either side ends the other', async () => {
  const first = await open()
  const [theirs] = [...server.clients].slice(-1)
  first.terminate()
  await once(theirs as WebSocket, 'close')
  const second = await open()
  const [other] = [...server.clients].slice(-1)
  other?.terminate()
  await once(second, 'close')
})

test('an idle tunnel is closed after the idle time-out', async () => {
  await worker.serve({ targets: [port], traffic: { idleTimeoutMs: 6000 } })
  const start = performance.now()
  const socket = await open()
  await once(socket, 'close')
  assert.ok((performance.now() - start) * 20 >= 5900)
  await worker.serve({ targets: [port] })
})

test('ALB-LSN-014 rules choose the target of an upgrade, and may answer it', async () => {
  const path = { field: 'path-pattern', values: ['/ws*'] } as const
  const away = {
    type: 'redirect',
    statusCode: 301,
    protocol: '#{protocol}',
    host: '#{host}',
    port: '#{port}',
    path: '/else',
    query: '',
  } as const
  await worker.serve({
    groups: [groupUnit('sockets', [targetUnit(port)])],
    rules: [{ arn: 'r', priority: 1, conditions: [path], actions: [forwardTo('sockets')] }],
    actions: [away],
  })
  const socket = await open('/ws/x')
  socket.close()
  const refused = new WebSocket(`ws://127.0.0.1:${worker.port}/other`)
  const [, response] = (await once(refused, 'unexpected-response')) as [unknown, { statusCode: number }]
  assert.equal(response.statusCode, 301)
  refused.on('error', () => {})
  refused.terminate()
  await worker.serve({ targets: [port] })
})

test('ALB-OBS-134 an upgrade that the target refuses is an ordinary request', async () => {
  const plain = await startTarget(({ socket }) => socket.write(answer('no', '200 OK')))
  await worker.serve({ targets: [plain.port] })
  const client = await RawClient.connect(worker.port)
  client.send('GET /no HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  assert.equal((await client.response()).body, 'no')
  client.send('GET /next HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.equal((await client.response()).body, 'no')
  assert.match(plain.requests[0]?.head ?? '', /\r\nConnection: upgrade\r\nUpgrade: websocket$/)
  const line = (await worker.logLines()).find((entry) => entry.includes('/no HTTP'))
  assert.match(line ?? '', /^http .* 200 200 /)
  client.close()
  plain.close()
  await worker.serve({ targets: [port] })
})

test('bytes that come with the request or with the 101 are not lost', async () => {
  const raw = net.createServer((socket) => {
    let text = ''
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      if (text.endsWith('\r\n\r\n')) {
        socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\n\r\nwelcome',
        )
      }
      if (text.endsWith('early')) socket.end(' got early')
    })
    socket.on('error', () => {})
  })
  raw.listen(0, '127.0.0.1')
  await once(raw, 'listening')
  await worker.serve({ targets: [(raw.address() as AddressInfo).port] })
  const client = await RawClient.connect(worker.port)
  client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nearly')
  const text = await client.end()
  assert.match(
    text,
    /^HTTP\/1\.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\n\r\nwelcome got early$/,
  )
  client.close()
  raw.close()
})

test('ALB-LSN-011, 017 of all protocols to switch to only WebSocket is passed on', async () => {
  const plain = await startTarget(({ socket }) => socket.write(answer('ordinary', '200 OK')))
  await worker.serve({ targets: [plain.port] })
  const client = await RawClient.connect(worker.port)
  const offers = ['h2c', 'TLS/1.0', 'own', 'websocket, h2c', 'foo/2']
  for (const offer of offers) {
    client.send(
      `GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, X-Hop\r\nUpgrade: ${offer}\r\nX-Hop: 1\r\n\r\n`,
    )
    assert.equal((await client.response()).body, 'ordinary')
  }
  assert.equal(plain.requests.length, offers.length)
  for (const { head } of plain.requests) assert.doesNotMatch(head, /upgrade|x-hop|connection/i)
  client.close()
  plain.close()
  await worker.serve({ targets: [port] })
})

test('ALB-LSN-011 a 101 that was not asked for, or is for another protocol, is 502', async () => {
  let protocol = 'websocket'
  const plain = await startTarget(({ socket }) =>
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: ${protocol}\r\n\r\n`),
  )
  await worker.serve({ targets: [plain.port] })
  const client = await RawClient.connect(worker.port)
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.equal((await client.response()).status, 502)
  client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n')
  assert.equal((await client.response()).status, 502)
  protocol = 'own'
  client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n')
  assert.equal((await client.response()).status, 502)
  client.close()
  plain.close()
  await worker.serve({ targets: [port] })
})

test('a 426 says what to upgrade to', async () => {
  const plain = await startTarget(({ socket }) =>
    socket.write(
      'HTTP/1.1 426 Upgrade Required\r\nConnection: Upgrade\r\nUpgrade: TLS/1.2, HTTP/1.1\r\nContent-Length: 2\r\n\r\nno',
    ),
  )
  await worker.serve({ targets: [plain.port] })
  const client = await RawClient.connect(worker.port)
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const response = await client.response()
  assert.equal(response.status, 426)
  assert.match(response.head, /\r\nUpgrade: TLS\/1\.2, HTTP\/1\.1\r\nConnection: upgrade, keep-alive/)
  client.close()
  plain.close()
  await worker.serve({ targets: [port] })
})

test('ALB-LSN-012 a tunnel goes on in one direction after the FIN of the other', async () => {
  const raw = net.createServer({ allowHalfOpen: true }, (socket) => {
    let text = ''
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      if (text.endsWith('\r\n\r\n'))
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n')
    })
    socket.on('end', () => {
      for (let part = 0; part < 50; part++) socket.write('x'.repeat(10_000))
      socket.end('all')
    })
    socket.on('error', () => {})
  })
  raw.listen(0, '127.0.0.1')
  await once(raw, 'listening')
  await worker.serve({ targets: [(raw.address() as AddressInfo).port] })
  const client = await RawClient.connect(worker.port)
  client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n')
  await client.until(() => client.received.endsWith('\r\n\r\n'))
  client.socket.end()
  const text = await client.end()
  assert.match(text, /x{500000}all$/)
  client.close()
  raw.close()
})
