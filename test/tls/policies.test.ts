// Security policies at the worker: each policy, version and cipher, as a hello that offers nothing else and as a whole
// handshake of Node's TLS.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import tls from 'node:tls'

import { sslPolicies, type TlsVersion } from '../../src/model/ssl-policies.ts'
import type { CertificateUnit } from '../../src/snapshot/application-units.ts'
import { TestAuthority } from '../support/certificates.ts'
import { answerTo, clientHello, wireVersions, type WireVersion } from '../support/client-hello.ts'
import { WorkerProcess } from '../support/worker.ts'
import {
  ciphersInOrder,
  policyCases,
  type PolicyCase,
  specifiedCiphers,
  tlsVersions,
} from './policy-matrix.ts'

const NAME = 'www.example.com'
const HANDSHAKE_FAILURE = 40
const PROTOCOL_VERSION = 70
const policies = [...sslPolicies.keys()]

let rsa: CertificateUnit
let ecdsa: CertificateUnit
let worker: WorkerProcess

before(async () => {
  const authority = await TestAuthority.make()
  rsa = await authority.issue('rsa', { names: [NAME], algorithm: 'RSA_2048' })
  ecdsa = await authority.issue('ecdsa', { names: [NAME] })
  worker = await WorkerProcess.start({ tls: { certificates: [rsa, ecdsa] } })
})
after(() => worker.close())

const serve = (policy: string, certificates = [rsa, ecdsa]): Promise<void> =>
  worker.serve({ tls: { certificates, policy } })

async function offered(version: WireVersion, suites: readonly number[]): Promise<string> {
  const answer = await answerTo(worker.port, clientHello(version, suites, NAME))
  if (answer.kind !== 'hello') return 'refused'
  assert.equal(answer.version, wireVersions[version])
  return specifiedCiphers.find(({ code }) => code === answer.suite)?.name ?? String(answer.suite)
}

/** Options of a client that speaks one version only. */
const only = (version: TlsVersion): tls.ConnectionOptions => ({ minVersion: version, maxVersion: version })

/** What a whole handshake comes to. */
async function negotiated(options: tls.ConnectionOptions): Promise<string> {
  const socket = tls.connect({
    host: '127.0.0.1',
    port: worker.port,
    servername: NAME,
    rejectUnauthorized: false,
    ...options,
  })
  try {
    await once(socket, 'secureConnect')
    return `${socket.getProtocol() ?? ''} ${socket.getCipher().name}`
  } finally {
    socket.destroy()
  }
}

const answersByPolicy = new Map<string, ReadonlyMap<string, string>>()

/** What each of the 88 offers to a policy comes to, asked once for all tests. */
async function answers(policy: string): Promise<ReadonlyMap<string, string>> {
  const known = answersByPolicy.get(policy)
  if (known !== undefined) return known
  await serve(policy)
  const found = new Map<string, string>()
  for (const { version, cipher, code } of policyCases(policy)) {
    found.set(`${version} ${cipher}`, await offered(version, [code]))
  }
  answersByPolicy.set(policy, found)
  return found
}

async function checkCases(isWanted: (one: PolicyCase) => boolean): Promise<void> {
  for (const policy of policies) {
    const wanted = policyCases(policy).filter(isWanted)
    if (wanted.length === 0) continue
    const found = await answers(policy)
    for (const { version, cipher, isNegotiated } of wanted) {
      const words = `${policy} ${version} ${cipher}`
      assert.equal(found.get(`${version} ${cipher}`), isNegotiated ? cipher : 'refused', words)
    }
  }
}

/** The order of a policy, seen with a certificate of either kind, by a client that offers all backwards. */
async function checkOrder(policy: string, certificate: CertificateUnit, otherKind: RegExp): Promise<void> {
  await serve(policy, [certificate])
  for (const version of tlsVersions) {
    const usable = new Map(
      policyCases(policy).flatMap((one) =>
        one.version === version && one.isNegotiated ? [[one.cipher, one.code]] : [],
      ),
    )
    const order = ciphersInOrder(policy).filter((cipher) => usable.has(cipher) && !otherKind.test(cipher))
    // The first is taken away each time, so that the whole order is seen.
    while (order.length > 0) {
      const backwards = order.toReversed().map((cipher) => usable.get(cipher) ?? 0)
      assert.equal(await offered(version, backwards), order.shift(), `${policy} ${version}`)
    }
  }
}

/** Versions, ciphers and order of the policies from one place of the list to another. */
async function checkPolicies(from: number, to: number): Promise<void> {
  const some = policies.slice(from, to)
  assert.equal(some.length, to - from)
  await checkCases(({ policy }) => some.includes(policy))
  for (const policy of some) {
    await checkOrder(policy, rsa, /-ECDSA-/)
    await checkOrder(policy, ecdsa, /^(ECDHE-RSA|AES)/)
  }
}

test('ALB-LSN-299..310 the first six policies negotiate what their tables say, in that order', async () => {
  await checkPolicies(0, 6)
})

test('ALB-LSN-311..322 the next six, of TLS 1.3 and FIPS, do so too', async () => {
  await checkPolicies(6, 12)
})

test('ALB-LSN-323..334 the last of FIPS and the first of forward secrecy do so too', async () => {
  await checkPolicies(12, 18)
})

test('ALB-LSN-335..346 the last of forward secrecy and most of TLS 1.0 to 1.2 do so too', async () => {
  await checkPolicies(18, 24)
})

test('ALB-LSN-347, 349, 350, 484 the two oldest do so too, without the cipher that OpenSSL does not have', async () => {
  await checkPolicies(24, 26)
})

test('ALB-LSN-482 each post-quantum policy negotiates what its twin does', async () => {
  await checkPolicies(26, 39)
})

/** Ciphers by their places in the table of all. */
async function checkCiphers(from: number, to: number): Promise<void> {
  const names = specifiedCiphers.slice(from, to).map(({ name }) => name)
  assert.equal(names.length, to - from)
  await checkCases(({ cipher }) => names.includes(cipher))
}

test('ALB-LSN-351..361 each of the first eleven ciphers goes with its policies and versions, under its number', async () => {
  await checkCiphers(0, 11)
})

test('ALB-LSN-362..371 each of the others does too', async () => {
  await checkCiphers(11, 21)
})

test('each pair of version and cipher that a policy has carries a whole handshake', async () => {
  let handshakes = 0
  for (const policy of policies) {
    await serve(policy)
    for (const { version, cipher, isNegotiated } of policyCases(policy)) {
      if (!isNegotiated) continue
      const ciphers = version === 'TLSv1.3' ? cipher : `${cipher}:@SECLEVEL=0`
      assert.equal(await negotiated({ ...only(version), ciphers }), `${version} ${cipher}`, policy)
      handshakes++
    }
  }
  assert.ok(handshakes > 500, String(handshakes))
})

test('ALB-LSN-264, 374..376 the policy decides, not the order of the client', async () => {
  await serve('ELBSecurityPolicy-2016-08', [rsa])
  const gcm = 'ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256'
  assert.equal(await negotiated({ ...only('TLSv1.2'), ciphers: gcm }), 'TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256')
  assert.equal(
    await negotiated({ ...only('TLSv1'), ciphers: 'ALL:@SECLEVEL=0' }),
    'TLSv1 ECDHE-RSA-AES128-SHA',
  )
  await checkCases(({ version, cipher }) => version < 'TLSv1.2' && !cipher.endsWith('-SHA'))
  for (const policy of policies) {
    if (sslPolicies.get(policy)?.protocols.includes('TLSv1.3') !== true) continue
    await serve(policy)
    assert.equal(await negotiated({ minVersion: 'TLSv1' }), 'TLSv1.3 TLS_AES_128_GCM_SHA256', policy)
    const [first, second] = ['TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_256_GCM_SHA384']
    assert.equal(await offered('TLSv1.3', [0x1303, 0x1302, 0x1301]), 'TLS_AES_128_GCM_SHA256')
    assert.equal(await offered('TLSv1.3', [0x1303, 0x1302]), second)
    assert.equal(await offered('TLSv1.3', [0x1303]), policy.includes('-FIPS-') ? 'refused' : first, policy)
  }
})

test('ALB-LSN-286 and 377 forward secrecy has no RSA key exchange, and FIPS no ChaCha20', async () => {
  for (const policy of policies) {
    const found = [...(await answers(policy)).values()]
    if (policy.includes('-FS-'))
      assert.ok(
        found.every((cipher) => /^(ECDHE-|refused)/.test(cipher)),
        policy,
      )
    if (policy.includes('-FIPS-')) {
      assert.ok(!found.includes('TLS_CHACHA20_POLY1305_SHA256'), policy)
      const suites = found.filter((cipher) => cipher.startsWith('TLS_'))
      assert.deepEqual(suites, ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384'])
    }
  }
})

test('SSL 3.0 is refused under each policy', async () => {
  const suites = specifiedCiphers.map(({ code }) => code)
  for (const policy of policies) {
    await serve(policy)
    assert.equal(await offered('SSLv3', suites), 'refused', policy)
  }
})

test('a refused hello gets an alert that says whether the version or the cipher was wrong', async () => {
  await serve('ELBSecurityPolicy-TLS-1-2-2017-01')
  const alert = async (version: WireVersion, suite: number): Promise<number | undefined> => {
    const answer = await answerTo(worker.port, clientHello(version, [suite], NAME))
    return answer.kind === 'alert' ? answer.description : undefined
  }
  assert.equal(await alert('TLSv1.1', 0x002f), PROTOCOL_VERSION)
  assert.equal(await alert('TLSv1.2', 0x002f), HANDSHAKE_FAILURE)
})

test('ALB-LSN-483 post-quantum groups are negotiated under policies with PQ in their names alone', async () => {
  const groups = ['X25519MLKEM768', 'SecP256r1MLKEM768', 'SecP384r1MLKEM1024']
  for (const policy of policies) {
    await serve(policy)
    for (const ecdhCurve of groups) {
      const handshake = negotiated({ ...only('TLSv1.3'), ecdhCurve })
      if (policy.includes('-PQ-')) assert.equal(await handshake, 'TLSv1.3 TLS_AES_128_GCM_SHA256', policy)
      else await assert.rejects(handshake, `${policy} ${ecdhCurve}`)
    }
    const [version = 'TLSv1.3'] = sslPolicies.get(policy)?.protocols.slice(-1) ?? []
    for (const ecdhCurve of ['X25519', 'P-256', 'P-384', 'P-521']) {
      assert.ok((await negotiated({ ...only(version), ecdhCurve })).startsWith(version), policy)
    }
  }
})

test('ALB-LSN-373 a certificate of one kind of key leaves out the ciphers of the other', async () => {
  const both = [0xc02b, 0xc02f]
  await serve('ELBSecurityPolicy-2016-08', [rsa])
  assert.equal(await offered('TLSv1.2', both), 'ECDHE-RSA-AES128-GCM-SHA256')
  assert.equal(await offered('TLSv1.2', [0xc02b]), 'refused')
  await serve('ELBSecurityPolicy-2016-08', [ecdsa])
  assert.equal(await offered('TLSv1.2', [0xc02f, 0xc02b]), 'ECDHE-ECDSA-AES128-GCM-SHA256')
  assert.equal(await offered('TLSv1.2', [0xc02f]), 'refused')
})
