// Health checks of targets with protocol version HTTP2: servers of Node's HTTP/2, and sockets that write frames.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttp1Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import http2, { type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { before, test, type TestContext } from 'node:test'
import type { ProbeResult } from '../../src/health/question.ts'
import type { CertificateUnit } from '../../src/snapshot/application-units.ts'
import { TestAuthority } from '../support/certificates.ts'
import { check, listening, pour, target } from './checked-target.ts'
import { frame } from '../http2/frame-messages.ts'
import { EMPTY_SETTINGS, header, http2Socket } from './frames.ts'

const HTTP2 = { protocolVersion: 'HTTP2' } as const
const FAILED: ProbeResult = { type: 'failed' }

let certificate: CertificateUnit

before(async () => {
  certificate = await (await TestAuthority.make()).issue('target', { names: ['target.example.com'] })
})

type OnStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void

/** A target in clear text that speaks HTTP/2 alone. */
async function clearTarget(t: TestContext, onStream: OnStream): Promise<number> {
  const server = http2.createServer()
  server.on('sessionError', () => undefined)
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => undefined)
    onStream(stream, headers)
  })
  return await listening(t, server)
}

test('ALB-TG-205 ALB-OBS-447, 449 a check of an HTTP2 group is a GET in HTTP/2, without asking for it first', async (t) => {
  let head: IncomingHttpHeaders = {}
  const port = await clearTarget(t, (stream, headers) => {
    head = headers
    stream.respond({ ':status': 204 }, { endStream: true })
  })
  assert.deepEqual(await check(port, HTTP2), { type: 'code', code: 204 })
  assert.deepEqual(Object.fromEntries(Object.entries(head)), {
    ':method': 'GET',
    ':scheme': 'http',
    ':authority': `127.0.0.1:${port}`,
    ':path': '/h?x=1',
    'user-agent': 'ELB-HealthChecker/2.0',
    'accept-encoding': 'gzip, compressed',
  })
})

test('a check of an HTTP2 group over TLS chooses h2, and fails where the target speaks HTTP/1.1 or names no protocol', async (t) => {
  const keys = { cert: certificate.chain, key: certificate.privateKey }
  const names: unknown[] = []
  const server = http2.createSecureServer(keys, (_request, response) => response.end())
  server.on('secureConnection', ({ servername, alpnProtocol }) => names.push([servername, alpnProtocol]))
  const port = await listening(t, server)
  assert.deepEqual(await check(port, { ...HTTP2, protocol: 'HTTPS' }), { type: 'code', code: 200 })
  assert.deepEqual(names, [[false, 'h2']])
  for (const ALPNProtocols of [['http/1.1'], []]) {
    const other = createHttpsServer({ ...keys, ALPNProtocols }, (_request, response) => response.end())
    other.on('tlsClientError', () => undefined)
    const otherPort = await listening(t, other)
    assert.deepEqual(await check(otherPort, { ...HTTP2, protocol: 'HTTPS' }), FAILED, String(ALPNProtocols))
  }
})

test('every code is told, and the connection is closed with GOAWAY', async (t) => {
  const server = http2.createServer((_request, response) => response.writeHead(503).end('x'.repeat(30_000)))
  const sessions: http2.Http2Session[] = []
  server.on('session', (session) => sessions.push(session))
  const port = await listening(t, server)
  assert.deepEqual(await check(port, HTTP2), { type: 'code', code: 503 })
  const [session] = sessions
  assert.ok(session !== undefined)
  const closed = once(session, 'close')
  const [code] = (await once(session, 'goaway')) as [number]
  assert.equal(code, http2.constants.NGHTTP2_NO_ERROR)
  await closed
})

test('every status is read as a server of Node writes it', async (t) => {
  let status = 0
  const server = http2.createServer((_request, response) => response.writeHead(status).end())
  const port = await listening(t, server)
  for (status = 200; status < 600; status++) {
    assert.deepEqual(await check(port, HTTP2), { type: 'code', code: status })
  }
})

test('ALB-OBS-451 a target that greets with no SETTINGS fails its checks, whatever it answers', async (t) => {
  const port = await target(t, (socket) => socket.write(frame(1, 5, 1, header(':status', '200'))))
  assert.deepEqual(await check(port, HTTP2), FAILED)
})

test('interim heads, padding, priorities, PING and unknown frames are no answer and no failure', async (t) => {
  const frames = [
    frame(1, 4, 1, header(':status', '100')),
    frame(6, 0, 0, Buffer.from('12345678')),
    frame(0x42, 0xff, 7, Buffer.alloc(3)),
    frame(2, 0, 1, Buffer.alloc(5)),
    frame(8, 0, 0, Buffer.from([0, 0, 0, 9])),
    frame(7, 0, 0, Buffer.from([0, 0, 0, 1, 0, 0, 0, 0])),
    frame(
      1,
      8 | 32,
      1,
      Buffer.concat([
        Buffer.from([2, 0, 0, 0, 0, 9]),
        header(':status', '299').subarray(0, 4),
        Buffer.alloc(2),
      ]),
    ),
    frame(9, 4, 1, header(':status', '299').subarray(4)),
    frame(0, 8 | 1, 1, Buffer.from([3, 1, 0, 0, 0])),
  ]
  const acknowledged = Promise.withResolvers<void>()
  const port = await target(t, (socket) => {
    http2Socket(socket, () => socket.write(Buffer.concat(frames)))
    socket.on('data', (bytes: Buffer) => {
      if (bytes.includes(frame(6, 1, 0, Buffer.from('12345678')))) acknowledged.resolve()
    })
  })
  assert.deepEqual(await check(port, HTTP2), { type: 'code', code: 299 })
  await acknowledged.promise
})

test('an answer of HTTP/1.1 is a failure', async (t) => {
  const port = await listening(
    t,
    createHttp1Server((_request, response) => response.end()),
  )
  assert.deepEqual(await check(port, HTTP2), FAILED)
})

test('ALB-TG-207 what is not answered in time is a timeout', async (t) => {
  const silent = await target(t, (socket) => socket.resume())
  const polite = await clearTarget(t, () => undefined)
  for (const protocolVersion of ['HTTP2', 'GRPC'] as const) {
    for (const port of [silent, polite]) {
      assert.deepEqual(await check(port, { protocolVersion, timeoutRealMs: 100 }), { type: 'timeout' })
    }
  }
})

/** What the target does once the question is there, each a failure with HTTP2 and GRPC alike. */
const misdeeds: Readonly<Record<string, (socket: Socket) => void>> = {
  'the end of the connection': (socket) => socket.end(),
  'a reset of the connection': (socket) => socket.resetAndDestroy(),
  'GOAWAY without error': (socket) => socket.write(frame(7, 0, 0, Buffer.alloc(8))),
  'GOAWAY with an error': (socket) => socket.write(frame(7, 0, 0, Buffer.from([0, 0, 0, 0, 0, 0, 0, 2]))),
  RST_STREAM: (socket) => socket.write(frame(3, 0, 1, Buffer.from([0, 0, 0, 8]))),
  'RST_STREAM without error': (socket) => socket.write(frame(3, 0, 1, Buffer.from([0, 0, 0, 0]))),
  'a refused stream': (socket) => socket.write(frame(3, 0, 1, Buffer.from([0, 0, 0, 7]))),
  'DATA before a head': (socket) => socket.write(frame(0, 1, 1, Buffer.from('x'))),
  'a head without a status': (socket) => socket.write(frame(1, 5, 1, header('x', 'y'))),
  'a status that is none': (socket) => socket.write(frame(1, 5, 1, header(':status', 'abc'))),
  'a status of two digits': (socket) => socket.write(frame(1, 5, 1, header(':status', '20'))),
  'a status of four digits': (socket) => socket.write(frame(1, 5, 1, header(':status', '2000'))),
  'only an interim status': (socket) => socket.write(frame(1, 5, 1, header(':status', '103'))),
  'a head that cannot be decoded': (socket) => socket.write(frame(1, 5, 1, Buffer.alloc(40, 0xff))),
  'a frame that is too long': (socket) => socket.write(frame(0, 0, 1, Buffer.alloc(20_000))),
  'a huge head': (socket) => {
    const field = header('x-long', 'x'.repeat(8000))
    socket.write(frame(1, 0, 1, Buffer.concat([header(':status', '200'), field])))
    for (let count = 0; count < 20; count++) socket.write(frame(9, count === 19 ? 4 : 0, 1, field))
  },
  'a head that ends within a field': (socket) =>
    socket.write(frame(1, 5, 1, header(':status', '200').subarray(0, 6))),
  'the end of the connection within a head': (socket) => {
    const fields = Array.from({ length: 2000 }, (_, index) => header(`x${index}`, ''))
    socket.end(frame(1, 0, 1, Buffer.concat([header(':status', '200'), ...fields])))
  },
  'another frame within a head': (socket) => {
    socket.write(
      Buffer.concat([
        frame(1, 0, 1, header(':status', '200')),
        EMPTY_SETTINGS,
        frame(9, 4, 1, Buffer.alloc(0)),
      ]),
    )
  },
  'a head on another stream': (socket) => socket.write(frame(1, 5, 3, header(':status', '200'))),
  'padding that is longer than its frame': (socket) => socket.write(frame(1, 13, 1, Buffer.from([9, 0x88]))),
  'SETTINGS of a wrong length': (socket) => socket.write(frame(4, 0, 0, Buffer.alloc(5))),
  'PING of a wrong length': (socket) => socket.write(frame(6, 0, 0, Buffer.alloc(7))),
}

for (const [name, misdeed] of Object.entries(misdeeds)) {
  test(`${name} is a failure of a check in HTTP/2`, async (t) => {
    const port = await target(t, (socket) => http2Socket(socket, () => misdeed(socket)))
    for (const protocolVersion of ['HTTP2', 'GRPC'] as const) {
      assert.deepEqual(await check(port, { protocolVersion }), FAILED, protocolVersion)
    }
  })
}

/** Frames that a target could send for ever. */
const floods: Readonly<Record<string, Buffer>> = {
  SETTINGS: Buffer.concat(Array.from({ length: 1000 }, () => EMPTY_SETTINGS)),
  PING: Buffer.concat(Array.from({ length: 1000 }, () => frame(6, 0, 0, Buffer.alloc(8)))),
  WINDOW_UPDATE: Buffer.concat(Array.from({ length: 1000 }, () => frame(8, 0, 0, Buffer.from([0, 0, 0, 1])))),
  PRIORITY: Buffer.concat(Array.from({ length: 1000 }, () => frame(2, 0, 1, Buffer.from([0, 0, 0, 3, 1])))),
  CONTINUATION: Buffer.concat(Array.from({ length: 1000 }, () => frame(9, 0, 1, header('x', 'y')))),
  'unknown frames': Buffer.concat(Array.from({ length: 1000 }, () => frame(0x42, 0, 0, Buffer.alloc(100)))),
  'interim heads': Buffer.concat(
    Array.from({ length: 1000 }, () => frame(1, 4, 1, header(':status', '103'))),
  ),
}

for (const [name, bytes] of Object.entries(floods)) {
  test(`a flood of ${name} ends a check long before its time`, async (t) => {
    const closed: Promise<unknown>[] = []
    const port = await target(t, (socket) =>
      http2Socket(socket, () => {
        closed.push(new Promise((resolve) => socket.once('close', resolve)))
        // A CONTINUATION has to follow a head.
        if (name === 'CONTINUATION') socket.write(frame(1, 0, 1, header(':status', '200')))
        const pour = (): void => {
          while (!socket.destroyed && socket.write(bytes));
        }
        socket.on('drain', pour)
        pour()
      }),
    )
    for (const protocolVersion of ['HTTP2', 'GRPC'] as const) {
      assert.deepEqual(await check(port, { protocolVersion, timeoutRealMs: 60_000 }), FAILED)
    }
    await Promise.all(closed)
  })
}

test('a pushed stream is no answer, but a failure', async (t) => {
  const promise = frame(5, 4, 1, Buffer.from([0, 0, 0, 2, 0x82, 0x84, 0x86]))
  const port = await target(t, (socket) =>
    http2Socket(socket, () => {
      socket.write(Buffer.concat([promise, frame(1, 5, 2, header(':status', '200'))]))
    }),
  )
  for (const protocolVersion of ['HTTP2', 'GRPC'] as const) {
    assert.deepEqual(await check(port, { protocolVersion }), FAILED)
  }
})

test('a body that does not end is read to a bound: the status counts, and the connection is cut', async (t) => {
  const { promise: isClosed, resolve } = Promise.withResolvers<void>()
  const port = await clearTarget(t, (stream) => {
    stream.respond({ ':status': 200 })
    stream.on('close', resolve)
    pour(stream)
  })
  assert.deepEqual(await check(port, { ...HTTP2, timeoutRealMs: 60_000 }), { type: 'code', code: 200 })
  await isClosed
})

test('a target that answers and keeps the stream open is left when the time is over', async (t) => {
  const { promise: isClosed, resolve } = Promise.withResolvers<void>()
  const port = await clearTarget(t, (stream) => {
    stream.respond({ ':status': 200 })
    stream.on('close', resolve)
  })
  assert.deepEqual(await check(port, { ...HTTP2, timeoutRealMs: 100 }), { type: 'code', code: 200 })
  await isClosed
})

test('any bytes at all after the question give a result, and nothing breaks', async (t) => {
  let seed = 7
  const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648
  const port = await target(t, (socket) =>
    http2Socket(socket, () => {
      for (let count = 0; count < 5; count++) {
        const payload = Buffer.from(Array.from({ length: random() * 30 }, () => Math.floor(random() * 256)))
        const [type, flags, stream] = [random() * 11, random() * 64, random() * 3].map(Math.floor)
        socket.write(frame(type ?? 0, flags ?? 0, stream ?? 0, payload))
      }
      socket.end()
    }),
  )
  for (let round = 0; round < 150; round++) {
    const protocolVersion = round % 2 === 0 ? 'HTTP2' : 'GRPC'
    const { type } = await check(port, { protocolVersion, timeoutRealMs: 1000 })
    assert.ok(type === 'failed' || type === 'code' || type === 'timeout', type)
  }
})
