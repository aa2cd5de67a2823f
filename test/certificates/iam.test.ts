// Server certificates of IAM.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IAM, type UploadServerCertificateCommandInput } from '@aws-sdk/client-iam'
import { DEFAULT_QUOTAS } from '../../src/model/quotas.ts'
import { present } from '../api/support.ts'
import {
  awsError,
  DAY_MS,
  newAuthority,
  newCertificate,
  startCertificateApi,
  TODAY,
  type CertificateApi,
} from './support.ts'

async function upload(
  { iam }: CertificateApi,
  ServerCertificateName: string,
  changes: Partial<UploadServerCertificateCommandInput> = {},
): Promise<string> {
  const { certificate, privateKey } = await newCertificate(['www.example.com'])
  const { ServerCertificateMetadata } = await iam.uploadServerCertificate({
    ServerCertificateName,
    CertificateBody: certificate,
    PrivateKey: privateKey,
    ...changes,
  })
  return present(ServerCertificateMetadata?.Arn)
}

test('an uploaded server certificate is got by name, with chain and tags, without its key', async (t) => {
  const api = await startCertificateApi(t)
  const { iam, directory, store } = api
  const root = await newAuthority('root')
  const authority = await newAuthority('authority', root)
  const { certificate, privateKey } = await newCertificate(['www.example.com'], { authority })
  const CertificateChain = authority.certificate + root.certificate
  const uploaded = await iam.uploadServerCertificate({
    ServerCertificateName: 'my-server-certificate',
    Path: '/cloudfront/test/',
    CertificateBody: certificate.replaceAll('\n', '\r\n'),
    PrivateKey: privateKey,
    CertificateChain,
    Tags: [{ Key: 'a', Value: '1' }],
  })
  const metadata = present(uploaded.ServerCertificateMetadata)
  const { ServerCertificateId, ...rest } = metadata
  assert.match(present(ServerCertificateId), /^ASCA[A-Z2-7]{17}$/)
  const arn = 'arn:aws:iam::123456789012:server-certificate/cloudfront/test/my-server-certificate'
  assert.deepEqual(rest, {
    Path: '/cloudfront/test/',
    ServerCertificateName: 'my-server-certificate',
    Arn: arn,
    UploadDate: new Date(TODAY + DAY_MS / 2),
    Expiration: new Date(TODAY + 90 * DAY_MS),
  })
  const { ServerCertificate } = await iam.getServerCertificate({
    ServerCertificateName: 'my-server-certificate',
  })
  assert.deepEqual(ServerCertificate, {
    ServerCertificateMetadata: metadata,
    CertificateBody: certificate.trimEnd(),
    CertificateChain: CertificateChain.trimEnd(),
    Tags: [{ Key: 'a', Value: '1' }],
  })
  assert.deepEqual(await store.read(async (rows) => await rows.certificates.material(arn)), {
    certificate,
    chain: CertificateChain,
    privateKey,
  })
  assert.equal((await directory.certificate(arn))?.status, 'ISSUED')
  api.setDate(TODAY + 90 * DAY_MS)
  assert.equal((await directory.certificate(arn))?.status, 'EXPIRED')
})

test('CLB-212 self-signed certificates need no chain; they are listed by path, in parts, the same in every Region', async (t) => {
  const api = await startCertificateApi(t)
  const { iam } = api
  for (const [name, Path] of [
    ['c', '/'],
    ['a', '/x/'],
    ['b', '/x/y/'],
  ] as const) {
    await upload(api, name, { Path })
  }
  const names = async (input: { PathPrefix?: string }): Promise<unknown[]> =>
    present((await iam.listServerCertificates(input)).ServerCertificateMetadataList).map(
      ({ ServerCertificateName }) => ServerCertificateName,
    )
  assert.deepEqual(await names({}), ['a', 'b', 'c'])
  assert.deepEqual(await names({ PathPrefix: '/x' }), ['a', 'b'])
  assert.deepEqual(await names({ PathPrefix: '/z/' }), [])
  const first = await iam.listServerCertificates({ MaxItems: 2 })
  assert.deepEqual([first.IsTruncated, first.ServerCertificateMetadataList?.length], [true, 2])
  const second = await iam.listServerCertificates({ MaxItems: 2, Marker: present(first.Marker) })
  assert.deepEqual([second.IsTruncated, second.ServerCertificateMetadataList?.length], [false, 1])
  const elsewhere = new IAM({
    endpoint: api.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  t.after(() => elsewhere.destroy())
  assert.equal((await elsewhere.listServerCertificates({})).ServerCertificateMetadataList?.length, 3)
})

test('a server certificate gets another name and path, and is deleted', async (t) => {
  const api = await startCertificateApi(t)
  const { iam } = api
  await upload(api, 'old', { Tags: [{ Key: 'a', Value: '1' }] })
  await upload(api, 'other')
  await iam.updateServerCertificate({
    ServerCertificateName: 'old',
    NewServerCertificateName: 'new',
    NewPath: '/p/',
  })
  const { ServerCertificate } = await iam.getServerCertificate({ ServerCertificateName: 'new' })
  assert.equal(
    ServerCertificate?.ServerCertificateMetadata?.Arn,
    'arn:aws:iam::123456789012:server-certificate/p/new',
  )
  assert.deepEqual(ServerCertificate.Tags, [{ Key: 'a', Value: '1' }])
  // A path alone leaves the name.
  await iam.updateServerCertificate({ ServerCertificateName: 'new', NewPath: '/' })
  await assert.rejects(
    iam.updateServerCertificate({ ServerCertificateName: 'new', NewServerCertificateName: 'other' }),
    awsError('EntityAlreadyExistsException', /with name other already exists/, 409),
  )
  await iam.deleteServerCertificate({ ServerCertificateName: 'new' })
  for (const ServerCertificateName of ['old', 'new']) {
    const missing = awsError('NoSuchEntityException', /cannot be found/, 404)
    await assert.rejects(iam.getServerCertificate({ ServerCertificateName }), missing)
    await assert.rejects(iam.deleteServerCertificate({ ServerCertificateName }), missing)
    await assert.rejects(iam.updateServerCertificate({ ServerCertificateName }), missing)
    await assert.rejects(iam.listServerCertificateTags({ ServerCertificateName }), missing)
  }
  assert.deepEqual(api.errors, [])
})

test('tags of server certificates: letter case does not tell keys apart', async (t) => {
  const api = await startCertificateApi(t)
  const { iam } = api
  const ServerCertificateName = 'a'
  await upload(api, ServerCertificateName, { Tags: [{ Key: 'one', Value: '1' }] })
  const tags = async (): Promise<unknown> =>
    (await iam.listServerCertificateTags({ ServerCertificateName })).Tags
  await iam.tagServerCertificate({
    ServerCertificateName,
    Tags: [
      { Key: 'ONE', Value: '2' },
      { Key: 'two', Value: '' },
    ],
  })
  assert.deepEqual(await tags(), [
    { Key: 'ONE', Value: '2' },
    { Key: 'two', Value: '' },
  ])
  const part = await iam.listServerCertificateTags({ ServerCertificateName, MaxItems: 1 })
  assert.deepEqual([part.IsTruncated, part.Tags?.length], [true, 1])
  await iam.untagServerCertificate({ ServerCertificateName, TagKeys: ['ONE', 'absent'] })
  assert.deepEqual(await tags(), [{ Key: 'two', Value: '' }])
  const tag = async (...Tags: { Key: string; Value: string }[]): Promise<unknown> =>
    await iam.tagServerCertificate({ ServerCertificateName, Tags })
  await assert.rejects(tag({ Key: 'aws:x', Value: '' }), awsError('InvalidInputException', /reserved/))
  await assert.rejects(
    tag({ Key: 'x', Value: '' }, { Key: 'X', Value: '' }),
    awsError('InvalidInputException', /Duplicate tag keys/),
  )
  const many = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: '' }))
  await assert.rejects(tag(...many), awsError('LimitExceededException', /maximum limit: 50/, 409))
})

test('uploads that IAM refuses are refused, and nothing is kept of them', async (t) => {
  const api = await startCertificateApi(t, {
    settings: { quotas: { ...DEFAULT_QUOTAS, serverCertificates: 1 } },
  })
  const authority = await newAuthority('authority')
  const other = await newCertificate(['a.example.com'])
  const cases: readonly (readonly [Partial<UploadServerCertificateCommandInput>, string, RegExp])[] = [
    [{ PrivateKey: other.privateKey }, 'KeyPairMismatchException', /don't match/],
    [{ PrivateKey: 'x' }, 'MalformedCertificateException', /private key/],
    [{ CertificateBody: 'x' }, 'MalformedCertificateException', /certificate is not in a valid PEM/],
    [
      { CertificateChain: authority.certificate },
      'MalformedCertificateException',
      /invalid certificate is: 0/,
    ],
    [{ ServerCertificateName: 'a/b' }, 'ValidationError', /at 'serverCertificateName'/],
    [{ Path: 'x' }, 'ValidationError', /at 'path'/],
    [{ Tags: [{ Key: 'AWS:x', Value: '' }] }, 'InvalidInputException', /reserved/],
  ]
  for (const [changes, name, message] of cases) {
    await assert.rejects(upload(api, 'a', changes), awsError(name, message))
  }
  const long = upload(api, 'a', { PrivateKey: `secret${'x'.repeat(20_000)}` })
  await assert.rejects(long, (error: Error) => /less than or equal to 16384/.test(error.message))
  await assert.rejects(long, (error: Error) => !error.message.includes('secret'))
  assert.deepEqual((await api.iam.listServerCertificates({})).ServerCertificateMetadataList, [])
  await upload(api, 'a')
  await assert.rejects(upload(api, 'a'), awsError('EntityAlreadyExistsException', /already exists/, 409))
  await assert.rejects(
    upload(api, 'b'),
    awsError('LimitExceededException', /ServerCertificatesPerAccount: 1/, 409),
  )
  assert.deepEqual(api.errors, [])
})

test('a key that no listener takes can be uploaded, and is told by its name', async (t) => {
  const api = await startCertificateApi(t)
  const authority = await newAuthority('authority')
  const { certificate, privateKey } = await newCertificate(['a.test'], { algorithm: 'ED25519', authority })
  const arn = await upload(api, 'a', { CertificateBody: certificate, PrivateKey: privateKey })
  assert.equal((await api.directory.certificate(arn))?.keyAlgorithm, 'ED25519')
})
