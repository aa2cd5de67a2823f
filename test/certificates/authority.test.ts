// The local certificate authority as clients meet it: real handshakes against its root, fetched as users do.

import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { connect, createServer, type ConnectionOptions } from 'node:tls'
import type { CertificateMaterial } from '../../src/model/certificates.ts'
import { openStore } from '../../src/store/sqlite/sqlite-store.ts'
import { LocalAuthority } from '../../src/certificates/authority.ts'
import { scaledClock } from '../../src/clock/clock.ts'
import { pemBlocks } from '../../src/certificates/pem.ts'
import { present, startApi, temporaryFolder } from '../api/support.ts'
import { startCertificateApi } from './support.ts'

/** The subjects of the chain that a client verified, or the code of its error. */
async function handshake(
  { certificate, chain, privateKey }: CertificateMaterial,
  options: ConnectionOptions,
): Promise<readonly string[] | string> {
  const server = createServer({ cert: certificate + (chain ?? ''), key: privateKey })
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const socket = connect({ host: '127.0.0.1', port, ...options })
  try {
    await once(socket, 'secureConnect')
    const subjects: string[] = []
    for (let at = socket.getPeerX509Certificate(); at !== undefined; at = at.issuerCertificate) {
      subjects.push(at.subject ?? '')
    }
    return subjects
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  } finally {
    socket.destroy()
    server.close()
    await once(server, 'close')
  }
}

test('clients that trust the root verify what was issued, for its names alone', async (t) => {
  const { acm, store, endpoint, setDate } = await startCertificateApi(t)
  setDate(Date.now())
  const response = await fetch(`${endpoint}/ca.pem`)
  assert.equal(response.status, 200)
  const ca = await response.text()
  assert.equal(pemBlocks(ca)?.length, 1)
  for (const [KeyAlgorithm, signer] of [
    ['RSA_2048', 'CN=evenkeel RSA 2048 CA'],
    ['EC_prime256v1', 'CN=evenkeel ECDSA 256 CA'],
    ['EC_secp384r1', 'CN=evenkeel ECDSA 256 CA'],
  ] as const) {
    const { CertificateArn } = await acm.requestCertificate({
      DomainName: 'www.example.com',
      SubjectAlternativeNames: ['*.example.net'],
      KeyAlgorithm,
    })
    const material = present(
      await store.read(async (rows) => await rows.certificates.material(present(CertificateArn))),
    )
    const root = new X509Certificate(ca).subject
    const chain = ['CN=www.example.com', signer, root]
    assert.deepEqual(await handshake(material, { ca, servername: 'www.example.com' }), chain)
    assert.deepEqual(await handshake(material, { ca, servername: 'a.example.net' }), chain)
    const wrongName = 'ERR_TLS_CERT_ALTNAME_INVALID'
    assert.equal(await handshake(material, { ca, servername: 'b.example.com' }), wrongName)
    assert.equal(await handshake(material, { ca, servername: 'a.b.example.net' }), wrongName)
    assert.equal(await handshake(material, { servername: 'www.example.com' }), 'SELF_SIGNED_CERT_IN_CHAIN')
  }
})

test('a client that knows only signatures of RSA, or only of elliptic curves, is served', async (t) => {
  const { acm, store, endpoint, setDate } = await startCertificateApi(t)
  setDate(Date.now())
  const ca = await (await fetch(`${endpoint}/ca.pem`)).text()
  for (const [KeyAlgorithm, sigalgs] of [
    ['RSA_2048', 'rsa_pss_rsae_sha256:RSA+SHA256'],
    ['EC_prime256v1', 'ECDSA+SHA256'],
  ] as const) {
    const { CertificateArn } = await acm.requestCertificate({ DomainName: 'a.example.com', KeyAlgorithm })
    const material = present(
      await store.read(async (rows) => await rows.certificates.material(present(CertificateArn))),
    )
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const subjects = await handshake(material, { ca, servername: 'a.example.com', sigalgs, maxVersion })
      assert.equal(subjects[0], 'CN=a.example.com', `${KeyAlgorithm} ${maxVersion}: ${String(subjects)}`)
    }
  }
})

test('the root is made once for a data folder, also when it is asked for twice at a time', async (t) => {
  const folder = await temporaryFolder(t)
  const clock = scaledClock()
  let store = await openStore({ folder })
  const roots = await Promise.all([
    new LocalAuthority({ store, clock }).rootCertificate(),
    new LocalAuthority({ store, clock }).rootCertificate(),
  ])
  await store.close()
  store = await openStore({ folder })
  t.after(async () => await store.close())
  roots.push(await new LocalAuthority({ store, clock }).rootCertificate())
  assert.equal(new Set(roots).size, 1)
  const other = await startApi(t)
  assert.notEqual(await (await fetch(`${other.endpoint}/ca.pem`)).text(), roots[0])
})
