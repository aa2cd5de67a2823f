// Targets that are reached by TLS: servers of Node's TLS, and sockets that speak none.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { before, test, type TestContext } from 'node:test'
import tls from 'node:tls'

import type { CertificateUnit } from '../../src/snapshot/application-units.ts'
import { TestAuthority } from '../support/certificates.ts'
import { exchange, RawClient } from '../support/client.ts'
import { groupArn, groupUnit, targetUnit, WorkerProcess, type Served } from '../support/worker.ts'

const GET = 'GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n'

let authority: TestAuthority
let certificate: CertificateUnit

before(async () => {
  authority = await TestAuthority.make()
  certificate = await authority.issue('target', { names: ['target.example.com'] })
})

interface SecureTarget {
  readonly port: number
  /** One for each connection: protocol, cipher, whether the session went on, and the name that was asked for. */
  readonly sessions: { protocol: string | null; cipher: string; isResumed: boolean; name: string | false }[]
}

/** A target over TLS that answers every request with its head. */
async function secureTarget(t: TestContext, options: tls.TlsOptions = {}): Promise<SecureTarget> {
  const sessions: SecureTarget['sessions'] = []
  const server = tls.createServer(
    { cert: certificate.chain, key: certificate.privateKey, ...options },
    (socket) => {
      const name = socket.servername
      sessions.push({
        protocol: socket.getProtocol(),
        cipher: socket.getCipher().name,
        isResumed: socket.isSessionReused(),
        name: typeof name === 'string' ? name : false,
      })
      let text = ''
      socket.on('error', () => {})
      socket.on('data', (data: Buffer) => {
        text += data.toString('latin1')
        for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
          const head = text.slice(0, end)
          text = text.slice(end + 4)
          socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${head.length}\r\n\r\n${head}`)
          if (head.includes('/last')) socket.end()
        }
      })
    },
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return { port: (server.address() as AddressInfo).port, sessions }
}

async function start(
  t: TestContext,
  port: number,
  served: Served = {},
  timeScale = 1,
): Promise<WorkerProcess> {
  const group = { ...groupUnit('default', [targetUnit(port)]), protocol: 'HTTPS' as const }
  const worker = await WorkerProcess.start({ groups: [group], ...served }, { timeScale })
  t.after(() => worker.close())
  return worker
}

test('ALB-TG-014, 016 a target is reached by TLS whoever its certificate says it is, without a name, and its connection is used again', async (t) => {
  const expired = await authority.issue('expired', { names: ['other.example'], from: -20, until: -10 })
  const target = await secureTarget(t, { cert: expired.chain, key: expired.privateKey })
  const worker = await start(t, target.port)
  const client = await RawClient.connect(worker.port)
  for (let count = 0; count < 3; count++) {
    client.send(GET)
    const response = await client.response()
    assert.equal(response.status, 200)
    assert.match(response.body, /^GET \/x HTTP\/1\.1\r\n[^]*\r\nHost: a\.example$/)
  }
  client.close()
  assert.equal(target.sessions.length, 1)
  assert.equal(target.sessions[0]?.name, false)
})

for (const [version, cipher] of [
  ['TLSv1', 'ECDHE-ECDSA-AES128-SHA'],
  ['TLSv1.1', 'ECDHE-ECDSA-AES256-SHA'],
  ['TLSv1.2', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
] as const) {
  test(`ALB-TG-014 a target that knows ${version} and ${cipher} alone is served`, async (t) => {
    const limits = { minVersion: version, maxVersion: version, ciphers: `${cipher}:@SECLEVEL=0` }
    const target = await secureTarget(t, limits)
    const worker = await start(t, target.port)
    assert.equal((await exchange(worker.port, GET)).status, 200)
    assert.deepEqual([target.sessions[0]?.protocol, target.sessions[0]?.cipher], [version, cipher])
  })
}

test('ALB-OBS-536, 537, 538 what is offered to targets follows the policy of the listener', async (t) => {
  const target = await secureTarget(t)
  const offered = async (policy: string | null): Promise<string | null> => {
    const worker = await start(
      t,
      target.port,
      policy === null ? {} : { tls: { certificates: [certificate], policy } },
    )
    const count = target.sessions.length
    if (policy === null) assert.equal((await exchange(worker.port, GET)).status, 200)
    else {
      const socket = tls.connect({ host: '127.0.0.1', port: worker.port, rejectUnauthorized: false })
      socket.write(GET)
      await once(socket, 'data')
      socket.destroy()
    }
    return target.sessions[count]?.protocol ?? null
  }
  assert.equal(await offered(null), 'TLSv1.2')
  assert.equal(await offered('ELBSecurityPolicy-2016-08'), 'TLSv1.2')
  assert.equal(await offered('ELBSecurityPolicy-TLS13-1-2-2021-06'), 'TLSv1.3')
  assert.equal(await offered('ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04'), 'TLSv1.3')
})

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`a later connection to a target goes on with the session of an earlier one in ${version}`, async (t) => {
    const target = await secureTarget(t, { maxVersion: version })
    const policy = 'ELBSecurityPolicy-TLS13-1-2-2021-06'
    const worker = await start(t, target.port, { tls: { certificates: [certificate], policy } })
    for (const path of ['/last', '/last']) {
      const socket = tls.connect({ host: '127.0.0.1', port: worker.port, rejectUnauthorized: false })
      socket.write(GET.replace('/x', path))
      await once(socket, 'data')
      socket.destroy()
    }
    assert.deepEqual(
      target.sessions.map(({ isResumed }) => isResumed),
      [false, true],
    )
  })
}

test('ALB-OBS-078, 508, 540 a target without TLS, and one without a common cipher, is answered with 502 and counted', async (t) => {
  const plain = net.createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  })
  plain.listen(0, '127.0.0.1')
  await once(plain, 'listening')
  t.after(() => plain.close())
  const foreign = await secureTarget(t, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' })
  for (const port of [(plain.address() as AddressInfo).port, foreign.port]) {
    const worker = await start(t, port)
    assert.equal((await exchange(worker.port, GET)).status, 502)
    const [line = ''] = await worker.logLines()
    assert.match(line, / -1 -1 -1 502 - /)
    assert.equal(await worker.metric('TargetTLSNegotiationErrorCount', groupArn('default')), 1)
    assert.equal(await worker.metric('TargetConnectionErrorCount', groupArn('default')), 0)
  }
})

test('ALB-OBS-515 a target that takes the connection and says nothing is answered with 504 after ten seconds', async (t) => {
  const silent = net.createServer((socket) => socket.on('error', () => {}).resume())
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.after(() => silent.close())
  const worker = await start(t, (silent.address() as AddressInfo).port, {}, 20)
  const begun = performance.now()
  assert.equal((await exchange(worker.port, GET)).status, 504)
  const took = (performance.now() - begun) * 20
  assert.ok(took >= 10_000 && took < 40_000, `${took}`)
  assert.equal(await worker.metric('TargetTLSNegotiationErrorCount', groupArn('default')), 1)
})

test('a body that is larger than what waits for the handshake arrives whole, and so does its answer', async (t) => {
  const size = 2_000_000
  const server = tls.createServer({ cert: certificate.chain, key: certificate.privateKey }, (socket) => {
    let count = 0
    socket.on('error', () => {})
    socket.on('data', (data: Buffer) => {
      count += data.length
      if (!data.subarray(-3).equals(Buffer.from('end'))) return
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\nX-Received: ${count}\r\n\r\n`)
      socket.write(Buffer.alloc(size, 'y'))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const worker = await start(t, (server.address() as AddressInfo).port)
  const client = await RawClient.connect(worker.port)
  client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size + 3}\r\n\r\n${'x'.repeat(size)}end`)
  const response = await client.response()
  assert.ok(Number(response.headers['x-received']) > size)
  assert.equal(response.body, 'y'.repeat(size))
  client.close()
})
