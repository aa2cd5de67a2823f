// What every store has to do with certificates.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AcmCertificate, CertificateFacts, ServerCertificate } from '../../src/model/certificates.ts'
import type { StoreImplementation } from './store-contract.ts'

const scope = { accountId: '123456789012', region: 'us-east-2' }
const facts: CertificateFacts = {
  domainName: 'www.example.com',
  subjectAlternativeNames: ['www.example.com'],
  keyAlgorithm: 'RSA_2048',
  signatureAlgorithm: 'SHA256WITHRSA',
  serial: '01',
  subject: 'CN=www.example.com',
  issuer: 'Example',
  notBefore: 1,
  notAfter: 2,
  keyUsages: [],
  extendedKeyUsages: [],
}
const certificate: AcmCertificate = {
  ...scope,
  arn: 'arn:aws:acm:us-east-2:123456789012:certificate/1',
  createdAt: 1,
  issuedAt: 2,
  facts,
  request: null,
}
const server: ServerCertificate = {
  accountId: scope.accountId,
  arn: 'arn:aws:iam::123456789012:server-certificate/a',
  name: 'a',
  path: '/',
  id: 'ASCA1',
  uploadedAt: 3,
  facts,
}
const material = { certificate: 'leaf', chain: 'issuer', privateKey: 'the-secret-key' }

export function certificateContract({ name, newPlace, open }: StoreImplementation): void {
  test(`certificates of both services are kept whole, private keys too (${name})`, async (t) => {
    const place = await newPlace(t)
    let store = await open(place)
    await store.write(async (rows) => {
      await rows.certificates.insertCertificate(certificate, material, 'token')
      await rows.certificates.insertServerCertificate(server, { ...material, chain: null })
      await rows.certificates.insertAuthority('root', { certificate: 'root', privateKey: 'the-secret-key' })
    })
    await store.close()
    store = await open(place)
    t.after(async () => await store.close())
    await store.read(async ({ certificates }) => {
      assert.deepEqual(await certificates.certificate(certificate.arn), certificate)
      assert.deepEqual(await certificates.certificates(scope), [certificate])
      assert.deepEqual(await certificates.certificates({ ...scope, region: 'eu-west-1' }), [])
      assert.deepEqual(await certificates.certificatesByToken(scope, 'token'), [certificate])
      assert.deepEqual(await certificates.material(certificate.arn), material)
      assert.deepEqual(await certificates.serverCertificate(server.arn), server)
      assert.deepEqual(await certificates.serverCertificates(scope.accountId), [server])
      assert.deepEqual(await certificates.material(server.arn), { ...material, chain: null })
      assert.deepEqual(await certificates.authority('root'), {
        certificate: 'root',
        privateKey: 'the-secret-key',
      })
    })
  })

  test(`a renamed server certificate takes its tags along, a deleted one leaves none (${name})`, async (t) => {
    const place = await newPlace(t)
    const store = await open(place)
    t.after(async () => await store.close())
    const arn = 'arn:aws:iam::123456789012:server-certificate/x/b'
    await store.write(async (rows) => {
      await rows.certificates.insertServerCertificate(server, material)
      await rows.tags.put(server.arn, [{ key: 'k', value: 'v' }])
      await rows.certificates.renameServerCertificate(server.arn, { arn, name: 'b', path: '/x/' })
      assert.equal(await rows.certificates.serverCertificate(server.arn), undefined)
      assert.equal((await rows.certificates.serverCertificateByName(scope.accountId, 'b'))?.path, '/x/')
      assert.deepEqual(await rows.tags.of(arn), [{ key: 'k', value: 'v' }])
      await rows.certificates.deleteServerCertificate(arn)
      assert.deepEqual(await rows.tags.of(arn), [])
    })
  })
}
