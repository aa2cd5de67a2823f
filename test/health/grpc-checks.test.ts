// Health checks of targets with protocol version GRPC: servers of grpc-js with its health service, of Node's HTTP/2, and
// sockets that write frames.

import assert from 'node:assert/strict'
import http2, { type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { before, test, type TestContext } from 'node:test'
import { Server, ServerCredentials, status } from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'
import type { ProbeResult } from '../../src/health/question.ts'
import type { CertificateUnit } from '../../src/snapshot/application-units.ts'
import { TestAuthority } from '../support/certificates.ts'
import { check, listening, pour, target } from './checked-target.ts'
import { frame } from '../http2/frame-messages.ts'
import { header, http2Socket } from './frames.ts'

const GRPC = { protocolVersion: 'GRPC', path: '/AWS.ALB/healthcheck' } as const
const HEALTH = '/grpc.health.v1.Health/Check'
const FAILED: ProbeResult = { type: 'failed' }

let certificate: CertificateUnit

before(async () => {
  certificate = await (await TestAuthority.make()).issue('target', { names: ['target.example.com'] })
})

async function grpcServer(t: TestContext, serving: boolean, credentials: ServerCredentials): Promise<number> {
  const server = new Server()
  new HealthImplementation({ '': serving ? 'SERVING' : 'NOT_SERVING' }).addToServer(server)
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => {
      if (error === null) resolve(bound)
      else reject(error)
    })
  })
  t.after(() => server.forceShutdown())
  return port
}

test('a gRPC server without the method of the default path answers 12, in clear text and over TLS', async (t) => {
  const keys = {
    cert_chain: Buffer.from(certificate.chain),
    private_key: Buffer.from(certificate.privateKey),
  }
  const clear = await grpcServer(t, true, ServerCredentials.createInsecure())
  const secure = await grpcServer(t, true, ServerCredentials.createSsl(null, [keys]))
  const unimplemented = { type: 'code', code: status.UNIMPLEMENTED } as const
  assert.deepEqual(await check(clear, GRPC), unimplemented)
  assert.deepEqual(await check(secure, { ...GRPC, protocol: 'HTTPS' }), unimplemented)
})

test('the health service of gRPC answers 0, and says in its message alone that it does not serve', async (t) => {
  const credentials = ServerCredentials.createInsecure()
  for (const isServing of [true, false]) {
    const port = await grpcServer(t, isServing, credentials)
    assert.deepEqual(await check(port, { ...GRPC, path: HEALTH }), { type: 'code', code: status.OK })
  }
})

type OnCall = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, body: Buffer) => void

/** A target that is called with the whole of each request. */
async function called(t: TestContext, onCall: OnCall): Promise<number> {
  const server = http2.createServer()
  server.on('sessionError', () => undefined)
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const body: Buffer[] = []
    stream.on('error', () => undefined)
    stream.on('data', (bytes: Buffer) => body.push(bytes))
    stream.on('end', () => onCall(stream, headers, Buffer.concat(body)))
  })
  return await listening(t, server)
}

test('ALB-TG-056, 206 ALB-OBS-447, 449 a check of a GRPC group calls the method with an empty message', async (t) => {
  let head: IncomingHttpHeaders = {}
  let message: Buffer = Buffer.alloc(0)
  const port = await called(t, (stream, headers, body) => {
    head = headers
    message = body
    stream.respond({ ':status': 200, 'grpc-status': '0' }, { endStream: true })
  })
  for (const path of ['/AWS.ALB/healthcheck', '/health.Check/Ping']) {
    assert.deepEqual(await check(port, { ...GRPC, path }), { type: 'code', code: 0 })
    assert.deepEqual(Object.fromEntries(Object.entries(head)), {
      ':method': 'POST',
      ':scheme': 'http',
      ':authority': `127.0.0.1:${port}`,
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'ELB-HealthChecker/2.0',
    })
    assert.deepEqual(message, Buffer.alloc(5))
  }
})

/** Answers by `head`, message and `trailers`, and what the check makes of them. */
const answers: readonly [name: string, head: object, message: string, trailers: object, ProbeResult][] = [
  ['a status in trailers', {}, 'xyz', { 'grpc-status': '7' }, { type: 'code', code: 7 }],
  ['a status in trailers without a message', {}, '', { 'grpc-status': '99' }, { type: 'code', code: 99 }],
  [
    'trailers before the head',
    { 'grpc-status': '3' },
    'x',
    { 'grpc-status': '4' },
    { type: 'code', code: 4 },
  ],
  ['no trailers and no message', { 'grpc-status': '5' }, '', {}, { type: 'code', code: 5 }],
  ['a status of the head of an answer with a message', { 'grpc-status': '0' }, 'x', {}, FAILED],
  ['no status', {}, 'x', {}, FAILED],
  ['trailers without a status', {}, 'x', { 'grpc-message': 'x' }, FAILED],
  ['an empty status', {}, '', { 'grpc-status': '' }, FAILED],
  ['a status that is no number', {}, '', { 'grpc-status': 'OK' }, FAILED],
  ['a negative status', {}, '', { 'grpc-status': '-1' }, FAILED],
  ['two statuses', {}, '', { 'grpc-status': ['0', '0'] }, FAILED],
  ['another status of HTTP', { ':status': 204, 'grpc-status': '0' }, '', {}, FAILED],
  ['an error of HTTP', { ':status': 500 }, '', { 'grpc-status': '0' }, FAILED],
]

for (const [name, head, message, trailers, result] of answers) {
  test(`a call that is answered with ${name}: ${JSON.stringify(result)}`, async (t) => {
    const port = await called(t, (stream) => {
      const hasTrailers = Object.keys(trailers).length > 0
      stream.respond({ ':status': 200, ...head }, { waitForTrailers: hasTrailers })
      stream.on('wantTrailers', () => stream.sendTrailers({ ...trailers }))
      stream.end(message)
    })
    assert.deepEqual(await check(port, GRPC), result)
  })
}

test('every status of gRPC is read as a server of Node writes it', async (t) => {
  let code = 0
  const port = await called(t, (stream) => {
    stream.respond({ ':status': 200 }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(code) }))
    stream.end('x')
  })
  for (code = 0; code < 100; code++) {
    assert.deepEqual(await check(port, GRPC), { type: 'code', code })
  }
})

test('a status is read wherever the bytes of the answer are split', async (t) => {
  const bytes = Buffer.concat([
    frame(1, 4, 1, header(':status', '200')),
    frame(0, 0, 1, Buffer.alloc(5)),
    frame(1, 5, 1, header('grpc-status', '12')),
  ])
  let split = 0
  const port = await target(t, (socket) => {
    socket.setNoDelay()
    http2Socket(socket, () => {
      socket.write(bytes.subarray(0, split), () => setImmediate(() => socket.write(bytes.subarray(split))))
    })
  })
  for (split = 1; split < bytes.length; split++) {
    assert.deepEqual(await check(port, GRPC), { type: 'code', code: 12 }, String(split))
  }
})

test('an answer that is cut off counts nothing, whatever it said before', async (t) => {
  const head = frame(1, 4, 1, Buffer.concat([header(':status', '200'), header('grpc-status', '12')]))
  const port = await target(t, (socket) => http2Socket(socket, () => socket.end(head)))
  assert.deepEqual(await check(port, GRPC), FAILED)
})

test('messages that do not end are a failure long before the time is over', async (t) => {
  const { promise: isClosed, resolve } = Promise.withResolvers<void>()
  const port = await called(t, (stream) => {
    stream.respond({ ':status': 200 })
    stream.on('close', resolve)
    pour(stream)
  })
  assert.deepEqual(await check(port, { ...GRPC, timeoutRealMs: 60_000 }), FAILED)
  await isClosed
})

test('the message is sent without waiting for what the target has to say of its window', async (t) => {
  const port = await target(t, (socket) => {
    // SETTINGS_INITIAL_WINDOW_SIZE of 0.
    socket.write(frame(4, 0, 0, Buffer.from([0, 4, 0, 0, 0, 0])))
    socket.on('data', (bytes: Buffer) => {
      if (!bytes.includes(frame(0, 1, 1, Buffer.alloc(5)))) return
      socket.write(frame(1, 5, 1, Buffer.concat([header(':status', '200'), header('grpc-status', '12')])))
    })
  })
  assert.deepEqual(await check(port, GRPC), { type: 'code', code: 12 })
})
