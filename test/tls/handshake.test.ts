// HTTPS listeners at the worker: real handshakes of Node's TLS and raw bytes in, requests at real targets out.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { after, before, test, type TestContext } from 'node:test'
import tls from 'node:tls'
import { promisify } from 'node:util'

import type { CertificateUnit } from '../../src/snapshot/application-units.ts'
import { TestAuthority } from '../support/certificates.ts'
import { eventually } from '../support/eventually.ts'
import { startTarget, type Target } from '../support/target.ts'
import { cookieKey, type Served, WorkerProcess, type WorkerOptions } from '../support/worker.ts'

let authority: TestAuthority
let standard: CertificateUnit
let target: Target

before(async () => {
  authority = await TestAuthority.make()
  standard = await authority.issue('standard', { names: ['default.example.com'] })
  target = await startTarget()
})
after(() => target.close())

async function start(test: TestContext, served: Served, options?: WorkerOptions): Promise<WorkerProcess> {
  const worker = await WorkerProcess.start({ targets: [target.port], listenerPort: 443, ...served }, options)
  test.after(() => worker.close())
  return worker
}

interface Session {
  readonly socket: tls.TLSSocket
  /** Common name of the certificate that was presented. */
  readonly name: string
}

/** Ends with the handshake; rejects where that fails. */
async function connect(worker: WorkerProcess, options: tls.ConnectionOptions = {}): Promise<Session> {
  const socket = tls.connect({ host: '127.0.0.1', port: worker.port, rejectUnauthorized: false, ...options })
  await once(socket, 'secureConnect')
  const subject = socket.getPeerCertificate().subject as { CN?: string } | undefined
  return { socket, name: subject?.CN ?? '' }
}

/** Sends a request and resolves with all that is answered until the connection is closed. */
async function request(socket: net.Socket, host = 'www.example.com', lines = ''): Promise<string> {
  socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n${lines}Connection: close\r\n\r\n`)
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

async function nameFor(worker: WorkerProcess, options: tls.ConnectionOptions): Promise<string> {
  const { socket, name } = await connect(worker, options)
  socket.destroy()
  return name
}

test('ALB-LSN-007, 222, 276 ALB-OBS-171, 172, 175, 176 TLS ends here: targets get clear text, and the log names the session', async (t) => {
  const worker = await start(t, { tls: { certificates: [standard] } })
  const { socket } = await connect(worker, {
    servername: 'default.example.com',
    ca: authority.certificate,
    rejectUnauthorized: true,
  })
  const response = await request(socket, 'default.example.com')
  assert.match(response, /^HTTP\/1\.1 200 OK\r\n/)
  assert.match(response, /\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 443\r\n/)
  const [line = ''] = await worker.logLines()
  assert.match(line, /^https /)
  assert.match(
    line,
    /"GET https:\/\/default\.example\.com:443\/ HTTP\/1\.1" "-" TLS_AES_128_GCM_SHA256 TLSv1\.3 /,
  )
  assert.ok(line.includes(` "default.example.com" "${standard.arn}" `), line)
})

test('ALB-LSN-231, 232, 233, 234, 240, 241, 247, 255 the name that a client asks for chooses the certificate', async (t) => {
  const wildcard = await authority.issue('wildcard', { names: ['*.example.com'] })
  const other = await authority.issue('other', { names: ['shop.example.org'] })
  const worker = await start(t, { tls: { certificates: [standard, wildcard, other] } })
  const asked = async (servername: string) => await nameFor(worker, { servername })
  assert.equal(await nameFor(worker, {}), 'default.example.com')
  assert.equal(await asked('unknown.example.net'), 'default.example.com')
  assert.equal(await asked('corp.example.com'), '*.example.com')
  assert.equal(await asked('IMAGES.Example.com'), '*.example.com')
  assert.equal(await asked('test.login.example.com'), 'default.example.com')
  assert.equal(await asked('example.com'), 'default.example.com')
  assert.equal(await asked('SHOP.EXAMPLE.ORG'), 'shop.example.org')
  // The default one has the name too, and the list goes first.
  assert.equal(await asked('default.example.com'), '*.example.com')
})

test('ALB-LSN-248, 249 of two certificates for a name a client gets the one that it can verify, ECDSA where it can', async (t) => {
  const names = ['both.example.com']
  const rsa = await authority.issue('rsa', { names, algorithm: 'RSA_2048' })
  const ecdsa = await authority.issue('ecdsa', { names })
  const worker = await start(t, { tls: { certificates: [standard, rsa, ecdsa] } })
  const keyOf = async (options: tls.ConnectionOptions): Promise<string> => {
    const { socket } = await connect(worker, { servername: 'both.example.com', ...options })
    const { asn1Curve } = socket.getPeerCertificate() as { asn1Curve?: string }
    socket.destroy()
    return asn1Curve ?? 'RSA'
  }
  assert.equal(await keyOf({}), 'prime256v1')
  assert.equal(await keyOf({ sigalgs: 'rsa_pss_rsae_sha256' }), 'RSA')
  assert.equal(await keyOf({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }), 'RSA')
  assert.equal(await keyOf({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }), 'prime256v1')
})

test('ALB-LSN-265 ALB-OBS-034, 035 a client without a common version, and one that gives up, are counted', async (t) => {
  const worker = await start(t, { tls: { certificates: [standard] } })
  await assert.rejects(
    connect(worker, { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }),
  )
  assert.equal(await worker.metric('ClientTLSNegotiationErrorCount'), 1)
  // A client that does not trust the certificate says so in the middle of the handshake.
  const distrusts = ['s_client', '-connect', `127.0.0.1:${worker.port}`, '-verify_return_error']
  await assert.rejects(promisify(execFile)('openssl', distrusts))
  await eventually(
    'the second is counted',
    async () => (await worker.metric('ClientTLSNegotiationErrorCount')) === 2,
  )
  assert.equal((await worker.logLines()).length, 0)
  const { socket } = await connect(worker)
  await request(socket)
  assert.equal(await worker.metric('NewConnectionCount'), 3)
  await eventually('none is open', async () => (await worker.metric('ActiveConnectionCount')) === 0)
})

test('clear text at an HTTPS listener is answered 400 with the page that says what is wrong', async (t) => {
  const worker = await start(t, { tls: { certificates: [standard] } })
  const response = await request(net.connect(worker.port, '127.0.0.1'))
  assert.match(response, /^HTTP\/1\.1 400 Bad Request\r\nServer: awselb\/2\.0\r\n/)
  assert.match(response, /<center>The plain HTTP request was sent to HTTPS port<\/center>/)
  assert.match(response, /\r\nConnection: close\r\n/)
  const [line = ''] = await worker.logLines()
  assert.match(line, / -1 -1 -1 400 - /)
  assert.equal(target.requests.filter(({ head }) => head.includes('plain')).length, 0)
})

test('a hello that comes byte by byte is the same hello', async (t) => {
  const worker = await start(t, { tls: { certificates: [standard] } })
  const raw = net.connect(worker.port, '127.0.0.1').setNoDelay(true)
  await once(raw, 'connect')
  const { Duplex } = await import('node:stream')
  const queue: Buffer[] = []
  let isSending = false
  const send = (): void => {
    const byte = queue.shift()
    isSending = byte !== undefined
    if (byte !== undefined) raw.write(byte, () => setImmediate(send))
  }
  const slow = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      for (const byte of chunk) queue.push(Buffer.of(byte))
      if (!isSending) send()
      done()
    },
  })
  raw.on('data', (chunk) => slow.push(chunk))
  raw.on('end', () => slow.push(null))
  const socket = tls.connect({ socket: slow, rejectUnauthorized: false, servername: 'default.example.com' })
  await once(socket, 'secureConnect')
  assert.match(await request(socket), /^HTTP\/1\.1 200 OK/)
})

test('ALB-OBS-034 a client that says nothing, or half of a hello, is cut after ten seconds', async (t) => {
  const worker = await start(t, { tls: { certificates: [standard] } }, { timeScale: 20 })
  for (const bytes of ['', '\x16\x03\x01\x02\x00\x01\x00']) {
    const started = performance.now()
    const raw = net.connect(worker.port, '127.0.0.1')
    if (bytes !== '') raw.write(bytes, 'latin1')
    raw.on('error', () => {})
    raw.resume()
    await new Promise<void>((resolve) => raw.once('close', () => resolve()))
    assert.ok(performance.now() - started >= 450)
  }
  await eventually(
    'both are counted',
    async () => (await worker.metric('ClientTLSNegotiationErrorCount')) === 2,
  )
})

test('bytes that are no hello are refused by an alert, and the worker goes on', async (t) => {
  const worker = await start(t, { tls: { certificates: [standard] } })
  for (const bytes of [
    '\x16\x03\x01\x00\x05\x02\x00\x00\x01\x00',
    `\x16\x03\x01\x40\x01${'x'.repeat(40)}`,
    '\x16'.repeat(40_000),
  ]) {
    const raw = net.connect(worker.port, '127.0.0.1')
    raw.on('error', () => {})
    raw.write(bytes, 'latin1')
    raw.resume()
    await new Promise<void>((resolve) => raw.once('close', () => resolve()))
  }
  const { socket } = await connect(worker)
  assert.match(await request(socket), /^HTTP\/1\.1 200 OK/)
  await eventually(
    'all are counted',
    async () => (await worker.metric('ClientTLSNegotiationErrorCount')) === 3,
  )
})

/** A session of the last connection, and whether it was resumed. */
async function resume(
  worker: WorkerProcess,
  version: tls.SecureVersion,
  session?: Buffer,
): Promise<{ session: Buffer; isResumed: boolean }> {
  const options = session === undefined ? {} : { session }
  const socket = tls.connect({
    host: '127.0.0.1',
    port: worker.port,
    rejectUnauthorized: false,
    maxVersion: version,
    servername: 'default.example.com',
    ...options,
  })
  let latest: Buffer | undefined
  socket.on('session', (found) => (latest = found))
  await once(socket, 'secureConnect')
  const isResumed = socket.isSessionReused()
  await request(socket)
  return { session: latest ?? socket.getSession() ?? Buffer.alloc(0), isResumed }
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`ALB-OBS-177 a session of ${version} is resumed in another worker and across a change of keys, and the log says so`, async (t) => {
    const served = { tls: { certificates: [standard] }, cookieKeys: [cookieKey(1)] }
    const one = await start(t, served)
    const other = await start(t, { ...served, targets: [target.port], listenerPort: 443 })
    const first = await resume(one, version)
    assert.equal(first.isResumed, false)
    const second = await resume(other, version, first.session)
    assert.equal(second.isResumed, true)
    assert.ok((await other.logLines())[0]?.includes('"session-reused"'))
    // Another key is in use now; what was made with the last one still holds.
    const rotated = {
      ...served,
      targets: [target.port],
      listenerPort: 443,
      cookieKeys: [cookieKey(1), cookieKey(2)],
    }
    await other.serve(rotated)
    assert.equal((await resume(other, version, first.session)).isResumed, true)
    const fresh = await resume(other, version)
    assert.equal((await resume(other, version, fresh.session)).isResumed, true)
    // Two changes later it does not.
    await other.serve({ ...rotated, cookieKeys: [1, 2, 3, 4, 5].map((id) => cookieKey(id)) })
    assert.equal((await resume(other, version, first.session)).isResumed, false)
  })
}

test('ALB-LSN-239, 260 another certificate under load: no connection fails, and new ones get the new one', async (t) => {
  const served = { tls: { certificates: [standard] }, targets: [target.port], listenerPort: 443 }
  const worker = await start(t, served)
  const next = await authority.issue('standard', { names: ['next.example.com'] })
  const held = await connect(worker)
  const ending = new AbortController()
  let requests = 0
  const load = Array.from({ length: 4 }, async () => {
    while (!ending.signal.aborted) {
      const { socket } = await connect(worker)
      assert.match(await request(socket), /^HTTP\/1\.1 200 OK/)
      requests++
    }
  })
  await eventually('requests are served', () => requests > 5)
  await worker.serve({ ...served, tls: { certificates: [next] } })
  const seen = requests
  await eventually('requests go on', () => requests > seen + 5)
  ending.abort()
  await Promise.all(load)
  assert.equal(await nameFor(worker, {}), 'next.example.com')
  assert.match(await request(held.socket), /^HTTP\/1\.1 200 OK/)
})

test('ALB-LB-171, 172 ALB-OBS-586 targets are told of the session where that is wanted, and never by a client', async (t) => {
  const sessionHeaders = { version: 'X-Amzn-Tls-Version', cipherSuite: 'X-Amzn-Tls-Cipher-Suite' }
  const worker = await start(t, { tls: { certificates: [standard] }, sessionHeaders })
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const { socket } = await connect(worker, { maxVersion })
    const cipher = socket.getCipher().name
    const forged = 'x-amzn-tls-version: SSLv2\r\nX-Amzn-Tls-Cipher-Suite: NULL\r\n'
    const response = await request(socket, 'www.example.com', forged)
    assert.ok(
      response.includes(`X-Amzn-Tls-Version: ${maxVersion}\r\nX-Amzn-Tls-Cipher-Suite: ${cipher}\r\n`),
      response,
    )
    assert.ok(!/SSLv2|NULL/.test(response), response)
  }
})

test('ALB-LB-170 without that attribute targets see what the client sent', async (t) => {
  const worker = await start(t, { tls: { certificates: [standard] } })
  const { socket } = await connect(worker)
  const response = await request(socket, 'www.example.com', 'x-amzn-tls-version: mine\r\n')
  assert.ok(response.includes('x-amzn-tls-version: mine\r\n'), response)
  assert.ok(!/cipher-suite/i.test(response), response)
})

test('large bodies pass both ways over TLS', async (t) => {
  const size = 3_000_000
  const big = await startTarget(({ body, socket }) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`)
    socket.write(body)
  })
  t.after(() => big.close())
  const worker = await start(t, { tls: { certificates: [standard] }, targets: [big.port] })
  const { socket } = await connect(worker)
  const sent = Buffer.alloc(size, 'evenkeel')
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\nConnection: close\r\n\r\n`)
  socket.write(sent)
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  const all = Buffer.concat(chunks)
  assert.ok(all.subarray(all.indexOf('\r\n\r\n') + 4).equals(sent))
})

test('ALB-LSN-013 WebSocket runs over TLS, and the log calls it wss', async (t) => {
  const echo = await startTarget(({ socket }) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    socket.on('data', (data: Buffer) => socket.write(data))
  })
  t.after(() => echo.close())
  const worker = await start(t, { tls: { certificates: [standard] }, targets: [echo.port] })
  const { socket } = await connect(worker)
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  const [head] = (await once(socket, 'data')) as [Buffer]
  assert.match(String(head), /^HTTP\/1\.1 101 /)
  socket.write('ping')
  const [data] = (await once(socket, 'data')) as [Buffer]
  assert.equal(String(data), 'ping')
  socket.end()
  socket.resume()
  await once(socket, 'close')
  await eventually('the line of the upgrade', async () =>
    /^wss .* 101 101 /.test((await worker.logLines())[0] ?? ''),
  )
})
