// Certificates that users bring: ImportCertificate and what can be asked and done with the result.

import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import type { ImportCertificateCommandInput } from '@aws-sdk/client-acm'
import { present } from '../api/support.ts'
import {
  awsError,
  bytes,
  DAY_MS,
  keyText,
  newAuthority,
  newCertificate,
  newKeys,
  startCertificateApi,
  TODAY,
  type TestCertificate,
} from './support.ts'

function input({ certificate, privateKey }: TestCertificate, chain?: string): ImportCertificateCommandInput {
  return {
    Certificate: bytes(certificate),
    PrivateKey: bytes(privateKey),
    ...(chain === undefined ? {} : { CertificateChain: bytes(chain) }),
  }
}

test('CLB-205 an imported certificate is described, given back with its chain, and its key never', async (t) => {
  const { acm, errors } = await startCertificateApi(t)
  const root = await newAuthority('Example Root')
  const authority = await newAuthority('Example Authority', root)
  const sent = await newCertificate(['www.example.com', '*.example.net'], {
    authority,
    algorithm: 'RSA_2048',
  })
  const chain = authority.certificate + root.certificate
  const { CertificateArn } = await acm.importCertificate({
    ...input(sent, chain),
    Tags: [{ Key: 'team', Value: 'web' }],
  })
  assert.match(
    present(CertificateArn),
    /^arn:aws:acm:us-east-2:123456789012:certificate\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  )

  const { Certificate: described } = await acm.describeCertificate({ CertificateArn })
  const date = new Date(TODAY + DAY_MS / 2)
  const serial = new X509Certificate(sent.certificate).serialNumber
    .toLowerCase()
    .replaceAll(/..(?!$)/g, '$&:')
  assert.deepEqual(described, {
    CertificateArn,
    DomainName: 'www.example.com',
    SubjectAlternativeNames: ['www.example.com', '*.example.net'],
    Subject: 'CN=www.example.com',
    Issuer: 'Example Authority',
    Serial: serial,
    CreatedAt: date,
    ImportedAt: date,
    NotBefore: new Date(TODAY),
    NotAfter: new Date(TODAY + 90 * DAY_MS),
    Status: 'ISSUED',
    KeyAlgorithm: 'RSA_2048',
    SignatureAlgorithm: 'SHA256WITHECDSA',
    InUseBy: [],
    Type: 'IMPORTED',
    RenewalEligibility: 'INELIGIBLE',
    Options: { CertificateTransparencyLoggingPreference: 'DISABLED', Export: 'DISABLED' },
    KeyUsages: [{ Name: 'DIGITAL_SIGNATURE' }, { Name: 'KEY_ENCIPHERMENT' }],
    ExtendedKeyUsages: [{ Name: 'TLS_WEB_SERVER_AUTHENTICATION', OID: '1.3.6.1.5.5.7.3.1' }],
  })
  const got = await acm.getCertificate({ CertificateArn })
  assert.deepEqual([got.Certificate, got.CertificateChain], [sent.certificate, chain])
  assert.deepEqual((await acm.listTagsForCertificate({ CertificateArn })).Tags, [
    { Key: 'team', Value: 'web' },
  ])
  await assert.rejects(
    acm.exportCertificate({ CertificateArn, Passphrase: bytes('secret') }),
    awsError('ValidationException', /not exportable/),
  )
  await assert.rejects(acm.renewCertificate({ CertificateArn }), awsError('ValidationException', /imported/))

  await acm.deleteCertificate({ CertificateArn })
  await assert.rejects(
    acm.describeCertificate({ CertificateArn }),
    awsError('ResourceNotFoundException', /Could not find certificate arn:aws:acm:/),
  )
  assert.deepEqual(errors, [])
})

test('keys of each kind can be imported, but for those that ACM does not know', async (t) => {
  const { acm } = await startCertificateApi(t)
  for (const algorithm of [
    'RSA_1024',
    'RSA_2048',
    'RSA_3072',
    'EC_prime256v1',
    'EC_secp384r1',
    'EC_secp521r1',
  ]) {
    const authority = await newAuthority('Example')
    const sent = await newCertificate(['a.example.com'], { algorithm, authority })
    const { CertificateArn } = await acm.importCertificate(input(sent, authority.certificate))
    const { Certificate } = await acm.describeCertificate({ CertificateArn })
    assert.equal(Certificate?.KeyAlgorithm, algorithm)
  }
  const authority = await newAuthority('Example')
  const sent = await newCertificate(['a.example.com'], { algorithm: 'ED25519', authority })
  await assert.rejects(
    acm.importCertificate(input(sent, authority.certificate)),
    awsError('ValidationException', /key algorithm ED25519 is not supported/),
  )
})

test('CLB-210 what does not belong together, names nothing, or is no PEM, is refused with a reason', async (t) => {
  const { acm, errors } = await startCertificateApi(t)
  const root = await newAuthority('root')
  const authority = await newAuthority('authority', root)
  const good = await newCertificate(['a.example.com'], { authority })
  const other = await newCertificate(['b.example.com'])
  const chain = authority.certificate + root.certificate
  const encrypted = newKeys('EC_prime256v1').privateKey.export({
    format: 'pem',
    type: 'pkcs8',
    cipher: 'aes-256-cbc',
    passphrase: 'x',
  })
  const cases: readonly (readonly [ImportCertificateCommandInput, RegExp])[] = [
    [
      input({ ...good, privateKey: other.privateKey }, chain),
      /Public key certificate and private key don't match/,
    ],
    [input({ ...good, privateKey: encrypted }, chain), /must not be encrypted/],
    [input({ ...good, privateKey: 'nonsense' }, chain), /private key is not in a valid PEM format/],
    [input({ ...good, certificate: 'nonsense' }, chain), /certificate is not in a valid PEM format/],
    [
      input({ ...good, certificate: good.certificate.replace(/\n.{20}/, '\nAAAA') }, chain),
      /certificate is not in a valid PEM format/,
    ],
    [
      input({ ...good, certificate: good.certificate + root.certificate }, chain),
      /more than one certificate/,
    ],
    [input(good), /not a valid self signed/],
    [input(good, 'nonsense'), /certificate chain is not in a valid PEM format/],
    [
      input(good, root.certificate + authority.certificate),
      /index within the chain of the invalid certificate is: 0/,
    ],
    [
      input(good, authority.certificate + other.certificate),
      /index within the chain of the invalid certificate is: 1/,
    ],
    [input(await newCertificate(['a.test'], { notAfter: TODAY + 1000 })), /has expired/],
    [input(await newCertificate(['a.test'], { notBefore: TODAY + DAY_MS })), /not valid yet/],
    [input(await newCertificate([])), /at least one domain name/],
  ]
  for (const [sent, message] of cases) {
    await assert.rejects(acm.importCertificate(sent), awsError('ValidationException', message))
  }
  const tooLong = acm.importCertificate(input({ ...good, privateKey: 'secret '.repeat(1000) }, chain))
  await assert.rejects(tooLong, awsError('ValidationException', /'privateKey' .* less than or equal to 5120/))
  await assert.rejects(tooLong, (error: Error) => !error.message.includes('secret'))
  assert.deepEqual(
    (await acm.listCertificates({ Includes: { keyTypes: ['EC_prime256v1'] } })).CertificateSummaryList,
    [],
  )
  assert.deepEqual(errors, [])
})

test('another certificate under the same ARN: names may change, kind of key and usages not', async (t) => {
  const { acm, setDate, store } = await startCertificateApi(t)
  const first = await newCertificate(['a.example.com'])
  const { CertificateArn } = await acm.importCertificate({
    ...input(first),
    Tags: [{ Key: 'kept', Value: '1' }],
  })
  setDate(TODAY + 2 * DAY_MS)
  const second = await newCertificate(['a.example.com', 'b.example.com'])
  assert.equal(
    (await acm.importCertificate({ ...input(second), CertificateArn })).CertificateArn,
    CertificateArn,
  )
  const { Certificate } = await acm.describeCertificate({ CertificateArn })
  assert.deepEqual(Certificate?.SubjectAlternativeNames, ['a.example.com', 'b.example.com'])
  assert.deepEqual(Certificate?.CreatedAt, new Date(TODAY + DAY_MS / 2))
  assert.deepEqual(Certificate?.ImportedAt, new Date(TODAY + 2 * DAY_MS))
  assert.equal((await acm.getCertificate({ CertificateArn })).Certificate, second.certificate)
  const material = await store.read(async (rows) => await rows.certificates.material(present(CertificateArn)))
  assert.equal(material?.privateKey, second.privateKey)
  assert.deepEqual((await acm.listTagsForCertificate({ CertificateArn })).Tags, [{ Key: 'kept', Value: '1' }])

  const rsa = await newCertificate(['a.example.com'], { algorithm: 'RSA_2048' })
  await assert.rejects(
    acm.importCertificate({ ...input(rsa), CertificateArn }),
    awsError('ValidationException', /key algorithm cannot change .* EC_prime256v1, not RSA_2048/),
  )
  const authority = await newAuthority('b.example.com')
  await assert.rejects(
    acm.importCertificate({
      Certificate: bytes(authority.certificate),
      PrivateKey: bytes(keyText({ ...newKeys('EC_prime256v1'), privateKey: authority.privateKey })),
      CertificateArn,
    }),
    awsError('ValidationException', /cannot be removed on re-import: TLS_WEB_SERVER_AUTHENTICATION/),
  )
  await assert.rejects(
    acm.importCertificate({ ...input(second), CertificateArn, Tags: [{ Key: 'a' }] }),
    awsError('ValidationException', /Tagging is not permitted on re-import/),
  )
  const unknown = 'arn:aws:acm:us-east-2:123456789012:certificate/12345678-1234-1234-1234-123456789012'
  await assert.rejects(
    acm.importCertificate({ ...input(second), CertificateArn: unknown }),
    awsError('ResourceNotFoundException'),
  )
})

test('a certificate that expires keeps its material and says so', async (t) => {
  const { acm, setDate } = await startCertificateApi(t)
  const { CertificateArn } = await acm.importCertificate(
    input(await newCertificate(['a.example.com'], { algorithm: 'RSA_2048' })),
  )
  setDate(TODAY + 90 * DAY_MS)
  assert.equal((await acm.describeCertificate({ CertificateArn })).Certificate?.Status, 'EXPIRED')
  const listed = await acm.listCertificates({ CertificateStatuses: ['EXPIRED'] })
  assert.equal(listed.CertificateSummaryList?.length, 1)
  assert.deepEqual(
    (await acm.listCertificates({ CertificateStatuses: ['ISSUED'] })).CertificateSummaryList,
    [],
  )
  assert.match(present((await acm.getCertificate({ CertificateArn })).Certificate), /BEGIN CERTIFICATE/)
})

test('certificates are listed by status, key and usage, in parts and in either order', async (t) => {
  const { acm } = await startCertificateApi(t)
  const arns: string[] = []
  for (const algorithm of ['RSA_1024', 'RSA_2048', 'RSA_2048', 'EC_prime256v1']) {
    const sent = await newCertificate([`${arns.length}.example.com`], { algorithm })
    arns.push(present((await acm.importCertificate(input(sent))).CertificateArn))
  }
  const list = async (wanted: Parameters<typeof acm.listCertificates>[0]): Promise<(string | undefined)[]> =>
    present((await acm.listCertificates(wanted)).CertificateSummaryList).map(
      ({ CertificateArn }) => CertificateArn,
    )
  // As in AWS, other keys are listed only when they are asked for.
  assert.deepEqual(await list({}), arns.slice(0, 3))
  assert.deepEqual(await list({ Includes: { keyTypes: ['EC_prime256v1'] } }), arns.slice(3))
  assert.deepEqual(await list({ Includes: { keyUsage: ['KEY_ENCIPHERMENT'] } }), arns.slice(0, 3))
  assert.deepEqual(await list({ Includes: { keyUsage: ['CRL_SIGNING'] } }), [])
  assert.deepEqual(await list({ Includes: { extendedKeyUsage: ['CODE_SIGNING'] } }), [])
  assert.deepEqual(await list({ Includes: { exportOption: 'ENABLED' } }), [])
  assert.deepEqual(await list({ CertificateStatuses: ['PENDING_VALIDATION'] }), [])
  assert.deepEqual(
    await list({ SortBy: 'CREATED_AT', SortOrder: 'DESCENDING' }),
    arns.slice(0, 3).toReversed(),
  )
  const first = await acm.listCertificates({ MaxItems: 2 })
  assert.equal(first.CertificateSummaryList?.length, 2)
  const second = await acm.listCertificates({ MaxItems: 2, NextToken: present(first.NextToken) })
  assert.equal(second.CertificateSummaryList?.[0]?.CertificateArn, arns[2])
  assert.equal(second.NextToken, undefined)
  await assert.rejects(
    acm.listCertificates({ SortOrder: 'ASCENDING' }),
    awsError('ValidationException', /SortBy/),
  )
  await assert.rejects(acm.listCertificates({ NextToken: 'x' }), awsError('ValidationException', /marker/))
})

test('tags of certificates are added, replaced and removed, by value where one is named', async (t) => {
  const { acm } = await startCertificateApi(t)
  const { CertificateArn } = await acm.importCertificate(input(await newCertificate(['a.example.com'])))
  const tags = async () => (await acm.listTagsForCertificate({ CertificateArn })).Tags
  await acm.addTagsToCertificate({ CertificateArn, Tags: [{ Key: 'a', Value: '1' }, { Key: 'b' }] })
  await acm.addTagsToCertificate({ CertificateArn, Tags: [{ Key: 'a', Value: '2' }] })
  assert.deepEqual(await tags(), [
    { Key: 'a', Value: '2' },
    { Key: 'b', Value: '' },
  ])
  await acm.removeTagsFromCertificate({ CertificateArn, Tags: [{ Key: 'a', Value: '1' }, { Key: 'b' }] })
  assert.deepEqual(await tags(), [{ Key: 'a', Value: '2' }])
  await assert.rejects(
    acm.addTagsToCertificate({ CertificateArn, Tags: [{ Key: 'aws:x' }] }),
    awsError('InvalidTagException', /reserved/),
  )
  await assert.rejects(
    acm.addTagsToCertificate({ CertificateArn, Tags: [{ Key: 'x' }, { Key: 'x' }] }),
    awsError('InvalidParameterException', /more than once/),
  )
  const Tags = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}` }))
  await assert.rejects(acm.addTagsToCertificate({ CertificateArn, Tags }), awsError('TooManyTagsException'))
  assert.deepEqual(await tags(), [{ Key: 'a', Value: '2' }])
})
