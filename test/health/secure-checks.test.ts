// Health checks over TLS, of servers of Node's TLS and of targets that speak none.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { before, test, type TestContext } from 'node:test'
import tls from 'node:tls'
import type { ProbeResult } from '../../src/health/question.ts'
import type { CertificateUnit } from '../../src/snapshot/application-units.ts'
import { TestAuthority } from '../support/certificates.ts'
import { check, listening, target } from './checked-target.ts'

const HTTPS = { protocol: 'HTTPS' } as const
const TLS13 = 'ELBSecurityPolicy-TLS13-1-0-2021-06'
const OK: ProbeResult = { type: 'code', code: 200 }
const FAILED: ProbeResult = { type: 'failed' }

let authority: TestAuthority
let certificate: CertificateUnit

before(async () => {
  authority = await TestAuthority.make()
  certificate = await authority.issue('target', { names: ['target.example.com'], algorithm: 'RSA_2048' })
})

interface SecureTarget {
  readonly port: number
  readonly seen: { protocol: string | null; cipher: string; name: unknown; alpn: unknown; head: string }[]
}

/** Answers each request with 200, and says what it was asked in which session. */
async function secureTarget(t: TestContext, options: tls.TlsOptions = {}): Promise<SecureTarget> {
  const seen: SecureTarget['seen'] = []
  const server = tls.createServer({ cert: certificate.chain, key: certificate.privateKey, ...options })
  server.on('tlsClientError', () => undefined)
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (head) => {
      seen.push({
        protocol: socket.getProtocol(),
        cipher: socket.getCipher().name,
        name: socket.servername,
        alpn: socket.alpnProtocol,
        head: String(head),
      })
      socket.end('HTTP/1.1 200 OK\r\n\r\n')
    })
  })
  return { port: await listening(t, server), seen }
}

test('ALB-TG-016 a check over TLS takes any certificate: of an unknown authority, expired, not yet valid, for other names', async (t) => {
  const wishes = [
    { names: ['target.example.com'] },
    { names: ['target.example.com'], from: -20, until: -10 },
    { names: ['target.example.com'], from: 10, until: 20 },
    { names: ['wrong.example'] },
  ]
  for (const wish of wishes) {
    const { chain: cert, privateKey: key } = await authority.issue('x', wish)
    const { port } = await secureTarget(t, { cert, key })
    assert.deepEqual(await check(port, HTTPS), OK, JSON.stringify(wish))
  }
})

test('ALB-OBS-447 a check over TLS asks as one in clear text does, and sends no name', async (t) => {
  const { port, seen } = await secureTarget(t, { ALPNProtocols: ['h2', 'http/1.1'] })
  assert.deepEqual(await check(port, HTTPS), OK)
  const [{ name, alpn, head } = { name: '', alpn: '', head: '' }] = seen
  assert.equal(name, false)
  assert.equal(alpn, 'http/1.1')
  assert.match(head, new RegExp(`^GET /h\\?x=1 HTTP/1\\.1\r\nHost: 127\\.0\\.0\\.1:${port}\r\n`))
})

test('ALB-TG-015 a check over TLS offers protocols and ciphers of ELBSecurityPolicy-2016-08', async (t) => {
  const only = (version: tls.SecureVersion, ciphers = 'ALL:@SECLEVEL=0'): tls.TlsOptions => ({
    minVersion: version,
    maxVersion: version,
    ciphers,
  })
  for (const version of ['TLSv1', 'TLSv1.1', 'TLSv1.2'] as const) {
    const { port, seen } = await secureTarget(t, only(version))
    assert.deepEqual(await check(port, HTTPS), OK, version)
    assert.equal(seen[0]?.protocol, version)
  }
  const weak = await secureTarget(t, only('TLSv1.2', 'AES128-SHA:@SECLEVEL=0'))
  assert.deepEqual(await check(weak.port, HTTPS), OK)
  const other = await secureTarget(t, only('TLSv1.2', 'AES128-CCM:@SECLEVEL=0'))
  assert.deepEqual(await check(other.port, HTTPS), FAILED)
  const newer = await secureTarget(t, { minVersion: 'TLSv1.3' })
  assert.deepEqual(await check(newer.port, HTTPS), FAILED)
})

test('with a policy of TLS 1.3 a check offers that too, and TLS 1.0 still', async (t) => {
  for (const version of ['TLSv1', 'TLSv1.3'] as const) {
    const ciphers = version === 'TLSv1' ? { ciphers: 'ALL:@SECLEVEL=0' } : {}
    const { port, seen } = await secureTarget(t, { minVersion: version, maxVersion: version, ...ciphers })
    assert.deepEqual(await check(port, { ...HTTPS, securityPolicy: TLS13 }), OK, version)
    assert.equal(seen[0]?.protocol, version)
  }
})

test('clear text where TLS is asked, and TLS where clear text is asked, are failures', async (t) => {
  const clear = await listening(
    t,
    createHttpServer((_request, response) => response.end()),
  )
  const { port: secure } = await secureTarget(t)
  for (const protocolVersion of ['HTTP1', 'HTTP2', 'GRPC'] as const) {
    assert.deepEqual(await check(clear, { ...HTTPS, protocolVersion }), FAILED, protocolVersion)
    assert.deepEqual(await check(secure, { protocolVersion }), FAILED, protocolVersion)
  }
})

test('a handshake that is refused, cut, or garbage is a failure, and one that does not end is a timeout', async (t) => {
  for (const protocolVersion of ['HTTP1', 'HTTP2', 'GRPC'] as const) {
    const asked = { ...HTTPS, protocolVersion, timeoutRealMs: 2000 }
    const alert = Buffer.from([21, 3, 3, 0, 2, 2, 40])
    const refusing = await target(t, (socket) => socket.once('data', () => socket.end(alert)))
    assert.deepEqual(await check(refusing, asked), FAILED)
    const cutting = await target(t, (socket) => socket.once('data', () => socket.resetAndDestroy()))
    assert.deepEqual(await check(cutting, asked), FAILED)
    const closing = await target(t, (socket) => socket.once('data', () => socket.end()))
    assert.deepEqual(await check(closing, asked), FAILED)
    const garbage = await target(t, (socket) => socket.write(Buffer.alloc(70_000, 0x16)))
    assert.deepEqual(await check(garbage, asked), FAILED)
    const silent = await target(t, (socket) => socket.resume())
    assert.deepEqual(await check(silent, { ...asked, timeoutRealMs: 50 }), { type: 'timeout' })
  }
})

test('a check over TLS closes its connection, and one that is over time cuts it', async (t) => {
  const { promise: isClosed, resolve } = Promise.withResolvers<void>()
  const server = tls.createServer({ cert: certificate.chain, key: certificate.privateKey }, (socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'))
    socket.on('end', resolve)
  })
  assert.deepEqual(await check(await listening(t, server), HTTPS), OK)
  await isClosed
  const silent = tls.createServer({ cert: certificate.chain, key: certificate.privateKey })
  const port = await listening(t, silent)
  const connected = once(silent, 'secureConnection')
  assert.deepEqual(await check(port, { ...HTTPS, timeoutRealMs: 300 }), { type: 'timeout' })
  const [socket] = (await connected) as [tls.TLSSocket]
  socket.on('error', () => undefined)
  if (!socket.destroyed) await once(socket.resume(), 'close')
})

test('ALB-LB-122 a check over TLS comes from the address that it is given, or from any', async (t) => {
  const from: (string | undefined)[] = []
  const server = tls.createServer({ cert: certificate.chain, key: certificate.privateKey }, (socket) => {
    from.push(socket.remoteAddress)
    socket.on('error', () => undefined)
    socket.end('HTTP/1.1 200 OK\r\n\r\n')
  })
  const port = await listening(t, server)
  for (const source of ['127.9.9.9', '192.0.2.1']) {
    assert.deepEqual(await check(port, { ...HTTPS, source }), OK)
  }
  assert.deepEqual(from, ['127.9.9.9', '127.0.0.1'])
})
