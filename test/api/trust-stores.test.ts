// Trust stores and their revocation lists: with AWS's client, with certificates and lists that OpenSSL made, and with
// the commands of the guide.

import assert from 'node:assert/strict'
import { execFileSync, execFile } from 'node:child_process'
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { DEFAULT_QUOTAS } from '../../src/model/quotas.ts'
import { newAuthority, newCertificate } from '../certificates/support.ts'
import { needsRecentCli } from '../cli/aws-cli.ts'
import {
  apiError,
  createListener,
  createLoadBalancer,
  importCertificate,
  present,
  startApi,
  temporaryFolder,
  type Api,
  type ApiOptions,
} from './support.ts'

const run = promisify(execFile)
const BUCKET = 'certs'
const REVOKED = ['01', '02', '0A']

let authorities: string[] = []

before(async () => {
  for (const name of ['first', 'second']) authorities.push((await newAuthority(name)).certificate)
})

interface Bench {
  readonly api: Api
  /** Puts an object into the bucket. */
  readonly put: (key: string, content: string) => void
  readonly create: (name?: string, key?: string) => Promise<string>
}

async function start(t: TestContext, options?: ApiOptions): Promise<Bench> {
  const api = await startApi(t, options)
  mkdirSync(join(api.bucketRoot, BUCKET), { recursive: true })
  const put = (key: string, content: string): void =>
    writeFileSync(join(api.bucketRoot, BUCKET, key), content)
  put('ca.pem', authorities.join(''))
  put('crl.pem', crl(REVOKED))
  return {
    api,
    put,
    async create(name = 'my-trust-store', key = 'ca.pem') {
      const { TrustStores } = await api.client.createTrustStore({
        Name: name,
        CaCertificatesBundleS3Bucket: BUCKET,
        CaCertificatesBundleS3Key: key,
      })
      return present(TrustStores?.[0]?.TrustStoreArn)
    },
  }
}

/** A DER element. */
function der(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content)
  const length =
    body.length < 0x80
      ? Buffer.from([body.length])
      : Buffer.from([0x83, body.length >> 16, body.length >> 8, body.length])
  return Buffer.concat([Buffer.from([tag]), length, body])
}

/** A revocation list in PEM; its signature is never looked at here. */
function crl(serials: readonly string[], extension?: Buffer): string {
  const algorithm = der(0x30, der(0x06, Buffer.from('2a8648ce3d040302', 'hex')))
  const time = der(0x17, Buffer.from('261121000000Z'))
  const entries = serials.map((serial) => der(0x30, der(0x02, Buffer.from(serial, 'hex')), time))
  const list = der(
    0x30,
    der(0x02, Buffer.from([1])),
    algorithm,
    der(0x30),
    time,
    time,
    ...(entries.length === 0 ? [] : [der(0x30, ...entries)]),
    ...(extension === undefined ? [] : [der(0xa0, der(0x30, extension))]),
  )
  const text = der(0x30, list, algorithm, der(0x03, Buffer.from([0, 1]))).toString('base64')
  return `-----BEGIN X509 CRL-----\n${text.replaceAll(/(.{64})/g, '$1\n')}\n-----END X509 CRL-----\n`
}

test('ALB-SEC-061 ALB-SEC-075 ALB-SEC-077 a trust store is made from a bundle, and found by name and ARN', async (t) => {
  const { api, create } = await start(t)
  const arn = await create()
  assert.match(
    arn,
    /^arn:aws:elasticloadbalancing:us-east-2:123456789012:truststore\/my-trust-store\/[0-9a-f]{16}$/,
  )
  const described = {
    Name: 'my-trust-store',
    TrustStoreArn: arn,
    Status: 'ACTIVE',
    NumberOfCaCertificates: 2,
    TotalRevokedEntries: 0,
  }
  assert.deepEqual((await api.client.describeTrustStores({})).TrustStores, [described])
  assert.deepEqual((await api.client.describeTrustStores({ TrustStoreArns: [arn] })).TrustStores, [described])
  assert.deepEqual((await api.client.describeTrustStores({ Names: ['my-trust-store'] })).TrustStores, [
    described,
  ])
  assert.deepEqual(
    (await api.client.describeTrustStoreAssociations({ TrustStoreArn: arn })).TrustStoreAssociations,
    [],
  )
  await create('second')
  await create('third')
  const names: (string | undefined)[] = []
  let Marker: string | undefined
  do {
    const page = await api.client.describeTrustStores({ PageSize: 1, Marker })
    assert.equal(page.TrustStores?.length, 1)
    names.push(page.TrustStores[0]?.Name)
    Marker = page.NextMarker
  } while (Marker !== undefined)
  assert.deepEqual(names, ['my-trust-store', 'second', 'third'])
  const missing = apiError('TrustStoreNotFoundException')
  await assert.rejects(api.client.describeTrustStores({ TrustStoreArns: [arn.replace(/.$/, 'x')] }))
  await assert.rejects(api.client.describeTrustStores({ Names: ['fourth'] }), missing)
  await assert.rejects(
    api.client.deleteTrustStore({ TrustStoreArn: `${arn.slice(0, -16)}${'0'.repeat(16)}` }),
    missing,
  )
})

test('ALB-SEC-076 names of trust stores are unique, and have a form', async (t) => {
  const { create } = await start(t)
  await create()
  await assert.rejects(create(), apiError('DuplicateTrustStoreNameException'))
  for (const name of ['-a', 'a-', 'a_b', 'a'.repeat(33)]) {
    await assert.rejects(create(name), apiError('ValidationError'), name)
  }
  await create('a'.repeat(32))
})

test('ALB-SEC-025 ALB-SEC-026 ALB-SEC-063 ALB-OBS-562 a bundle that cannot be used as a whole is refused', async (t) => {
  const { api, put, create } = await start(t)
  const [first = ''] = authorities
  const leaf = (await newCertificate(['leaf'])).certificate
  const openssl = (...words: string[]): string =>
    execFileSync('openssl', ['req', '-x509', '-nodes', '-subj', '/CN=x', '-keyout', '/dev/null', ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  const bundles: Record<string, string> = {
    empty: '',
    text: 'no certificate',
    leaf,
    mixed: first + leaf,
    crl: crl([]),
    cut: first.slice(0, -40),
    broken: first.replace(/\n[A-Za-z0-9+/]{20}/, '\n'),
    weak: openssl('-newkey', 'rsa:1024', '-sha256'),
    sha1: openssl('-newkey', 'rsa:2048', '-sha1'),
    curve: openssl('-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1', '-sha256'),
    ed25519: openssl('-newkey', 'ed25519'),
    long: openssl('-newkey', 'rsa:2048', '-addext', `nsComment=${'x'.repeat(16 * 1024)}`),
  }
  for (const [key, content] of Object.entries(bundles)) {
    put(key, content)
    await assert.rejects(create('x', key), apiError('InvalidCaCertificatesBundleException'), key)
  }
  const absent = apiError('CaCertificatesBundleNotFoundException')
  for (const key of ['absent', '../certs/ca.pem', '/ca.pem', '.'])
    await assert.rejects(create('x', key), absent, key)
  assert.deepEqual((await api.client.describeTrustStores({})).TrustStores, [])
  // Text between the certificates and other line ends do no harm; expiry is looked at in use.
  put('windows', `Subject: first\r\n${authorities.join('\nSubject: second\n').replaceAll('\n', '\r\n')}`)
  await create('windows', 'windows')
  put('large', openssl('-newkey', 'rsa:2048', '-addext', `nsComment=${'x'.repeat(10 * 1024)}`))
  await create('large', 'large')
  put('pss', openssl('-newkey', 'rsa:2048', '-sha384', '-sigopt', 'rsa_padding_mode:pss'))
  await create('pss', 'pss')
})

test('ALB-SEC-069 an object version that a folder cannot have is refused', async (t) => {
  const { api } = await start(t)
  const input = {
    Name: 'x',
    CaCertificatesBundleS3Bucket: BUCKET,
    CaCertificatesBundleS3Key: 'ca.pem',
  }
  await assert.rejects(
    api.client.createTrustStore({ ...input, CaCertificatesBundleS3ObjectVersion: 'v1' }),
    apiError('ValidationError', /version 'v1'/),
  )
  await api.client.createTrustStore({ ...input, CaCertificatesBundleS3ObjectVersion: 'null' })
})

test('ALB-OBS-559, 561, 564, 565 quotas of trust stores, their certificates, lists and entries', async (t) => {
  const quotas = {
    ...DEFAULT_QUOTAS,
    trustStores: 1,
    caCertificatesPerTrustStore: 2,
    revocationListsPerTrustStore: 2,
    revocationEntriesPerTrustStore: 5,
  }
  const { api, put, create } = await start(t, { settings: { quotas } })
  put('three.pem', authorities.join('') + (authorities[0] ?? ''))
  await assert.rejects(create('x', 'three.pem'), apiError('InvalidCaCertificatesBundleException', /'2'/))
  const TrustStoreArn = await create()
  await assert.rejects(create('x'), apiError('TooManyTrustStoresException', /'1'/))
  put('small.pem', crl(['05', '06']))
  const add = async (...keys: string[]): Promise<unknown> =>
    await api.client.addTrustStoreRevocations({
      TrustStoreArn,
      RevocationContents: keys.map((S3Key) => ({ S3Bucket: BUCKET, S3Key })),
    })
  const tooMany = apiError('TooManyTrustStoreRevocationEntriesException')
  await assert.rejects(add('crl.pem', 'crl.pem'), tooMany)
  await add('crl.pem', 'small.pem')
  put('none.pem', crl([]))
  await assert.rejects(add('none.pem'), tooMany)
})

test('ALB-SEC-028 ALB-SEC-070 ALB-SEC-099 ALB-SEC-103 ALB-SEC-116 the bundle stays until it is replaced, and can be read by a link for ten minutes', async (t) => {
  const { api, put, create } = await start(t)
  const TrustStoreArn = await create()
  const original = authorities.join('')
  const link = async (): Promise<string> =>
    present((await api.client.getTrustStoreCaCertificatesBundle({ TrustStoreArn })).Location)
  const read = async (url: string): Promise<[number, string]> => {
    const response = await fetch(url)
    return [response.status, await response.text()]
  }
  put('ca.pem', 'changed')
  assert.deepEqual(await read(await link()), [200, original])
  const replace = { TrustStoreArn, CaCertificatesBundleS3Bucket: BUCKET, CaCertificatesBundleS3Key: 'ca.pem' }
  await assert.rejects(api.client.modifyTrustStore(replace), apiError('InvalidCaCertificatesBundleException'))
  assert.deepEqual(await read(await link()), [200, original])
  put('ca.pem', authorities[1] ?? '')
  const { TrustStores } = await api.client.modifyTrustStore(replace)
  assert.equal(TrustStores?.[0]?.NumberOfCaCertificates, 1)
  const url = await link()
  assert.deepEqual(await read(url), [200, authorities[1]])
  for (const changed of [url.slice(0, -1), `${url}x`, `${url}.x`, url.replace(/content\/./, 'content/x')]) {
    assert.equal((await read(changed))[0], 403)
  }
  api.setDate(Date.now() + 601_000)
  assert.equal((await read(url))[0], 403)
  await api.client.deleteTrustStore({ TrustStoreArn })
  assert.deepEqual(api.errors, [])
})

test('ALB-SEC-105 ALB-SEC-106 ALB-SEC-108 ALB-SEC-109 revocation lists have IDs that grow and never come back', async (t) => {
  const { api, put, create } = await start(t)
  const arns = [await create('one'), await create('two')]
  const [TrustStoreArn = '', other = ''] = arns
  put('empty.pem', crl([]))
  const add = async (arn: string, ...keys: string[]): Promise<(number | undefined)[]> => {
    const { TrustStoreRevocations = [] } = await api.client.addTrustStoreRevocations({
      TrustStoreArn: arn,
      RevocationContents: keys.map((S3Key) => ({ S3Bucket: BUCKET, S3Key, RevocationType: 'CRL' })),
    })
    return TrustStoreRevocations.map(({ RevocationId }) => RevocationId)
  }
  assert.deepEqual(await add(TrustStoreArn, 'crl.pem', 'empty.pem'), [1, 2])
  assert.deepEqual(await add(other, 'crl.pem'), [1])
  const { TrustStoreRevocations } = await api.client.describeTrustStoreRevocations({ TrustStoreArn })
  assert.deepEqual(TrustStoreRevocations, [
    { TrustStoreArn, RevocationId: 1, RevocationType: 'CRL', NumberOfRevokedEntries: 3 },
    { TrustStoreArn, RevocationId: 2, RevocationType: 'CRL', NumberOfRevokedEntries: 0 },
  ])
  const totals = async (): Promise<(number | undefined)[]> =>
    ((await api.client.describeTrustStores({})).TrustStores ?? []).map((each) => each.TotalRevokedEntries)
  assert.deepEqual(await totals(), [3, 3])
  await api.client.removeTrustStoreRevocations({ TrustStoreArn, RevocationIds: [2] })
  assert.deepEqual(await add(TrustStoreArn, 'empty.pem'), [3])
  const missing = apiError('RevocationIdNotFoundException')
  await assert.rejects(
    api.client.describeTrustStoreRevocations({ TrustStoreArn, RevocationIds: [2] }),
    missing,
  )
  await assert.rejects(
    api.client.removeTrustStoreRevocations({ TrustStoreArn, RevocationIds: [1, 2] }),
    missing,
  )
  await assert.rejects(api.client.getTrustStoreRevocationContent({ TrustStoreArn, RevocationId: 2 }), missing)
  const { Location } = await api.client.getTrustStoreRevocationContent({ TrustStoreArn, RevocationId: 1 })
  assert.equal(await (await fetch(present(Location))).text(), crl(REVOKED))
  await api.client.removeTrustStoreRevocations({ TrustStoreArn, RevocationIds: [1] })
  assert.deepEqual(await totals(), [0, 3])
  assert.equal((await fetch(present(Location))).status, 403)
})

test('ALB-SEC-125 ALB-OBS-566 a list that is missing, no list or only part of one is refused, and nothing changes', async (t) => {
  const { api, put, create } = await start(t)
  const TrustStoreArn = await create()
  const add = async (...keys: string[]): Promise<unknown> =>
    await api.client.addTrustStoreRevocations({
      TrustStoreArn,
      RevocationContents: keys.map((S3Key) => ({ S3Bucket: BUCKET, S3Key })),
    })
  const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
  const good = crl(REVOKED)
  const lists: Record<string, string> = {
    certificate: authorities[0] ?? '',
    binary: Buffer.from(good.split('-----')[2] ?? '', 'base64').toString('latin1'),
    two: good + good,
    empty: '',
    cut: good.replace(/\n.{20}/, '\n'),
    delta: crl([], der(0x30, oid('551d1b'), der(0x04, der(0x02, Buffer.from([1]))))),
    indirect: crl([], der(0x30, oid('551d1c'), der(0x04, der(0x30, der(0x84, Buffer.from([0xff])))))),
  }
  for (const [key, content] of Object.entries(lists)) {
    put(key, content)
    await assert.rejects(add('crl.pem', key), apiError('InvalidRevocationContentException'), key)
  }
  put('huge', '')
  truncateSync(join(api.bucketRoot, BUCKET, 'huge'), 50 * 1024 * 1024 + 1)
  await assert.rejects(add('crl.pem', 'huge'), apiError('InvalidRevocationContentException', /52428800/))
  await assert.rejects(add('crl.pem', 'absent'), apiError('RevocationContentNotFoundException'))
  assert.deepEqual(
    (await api.client.describeTrustStoreRevocations({ TrustStoreArn })).TrustStoreRevocations,
    [],
  )
  put('negative', crl(['80']))
  await add('negative')
})

test('a list that OpenSSL makes is read', async (t) => {
  const { api, put, create } = await start(t)
  const folder = await temporaryFolder(t)
  const openssl = (...words: string[]): void => {
    execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' })
  }
  writeFileSync(
    join(folder, 'ca.cnf'),
    '[ca]\ndefault_ca=c\n[c]\ndatabase=index\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=30\n',
  )
  writeFileSync(join(folder, 'index'), 'R\t301121000000Z\t261121000000Z\t03A5B1\tunknown\t/CN=a\n')
  writeFileSync(join(folder, 'number'), '01\n')
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=x', '-keyout', 'key', '-out', 'cert')
  openssl('ca', '-config', 'ca.cnf', '-gencrl', '-keyfile', 'key', '-cert', 'cert', '-out', 'list')
  put('list', readFileSync(join(folder, 'list'), 'utf8'))
  const { TrustStoreRevocations } = await api.client.addTrustStoreRevocations({
    TrustStoreArn: await create(),
    RevocationContents: [{ S3Bucket: BUCKET, S3Key: 'list' }],
  })
  assert.equal(TrustStoreRevocations?.[0]?.NumberOfRevokedEntries, 1)
})

test('ALB-SEC-129 ALB-SEC-130 ALB-SEC-131 a trust store that a listener uses cannot be deleted, and its changes reach the load balancer', async (t) => {
  const { api, create } = await start(t)
  const TrustStoreArn = await create()
  const loadBalancer = await createLoadBalancer(api)
  const listener = await createListener(api, loadBalancer, 443)
  // As ModifyListener stores it; certificates of listeners are another matter.
  const tls = {
    sslPolicy: 'ELBSecurityPolicy-2016-08',
    certificateArn: 'arn:aws:acm:us-east-2:123456789012:certificate/1',
    mutualAuthentication: {
      mode: 'verify',
      trustStoreArn: TrustStoreArn,
      ignoreClientCertificateExpiry: false,
      advertiseTrustStoreCaNames: false,
    },
  } as const
  await api.store.write(async (rows) => await rows.listeners.update(listener, { protocol: 'HTTPS', tls }))
  const { TrustStoreAssociations } = await api.client.describeTrustStoreAssociations({ TrustStoreArn })
  assert.deepEqual(TrustStoreAssociations, [{ ResourceArn: listener }])
  await assert.rejects(api.client.deleteTrustStore({ TrustStoreArn }), apiError('TrustStoreInUseException'))
  await assert.rejects(
    api.client.deleteSharedTrustStoreAssociation({ TrustStoreArn, ResourceArn: listener }),
    apiError('DeleteAssociationSameAccountException'),
  )
  await assert.rejects(
    api.client.deleteSharedTrustStoreAssociation({ TrustStoreArn, ResourceArn: loadBalancer }),
    apiError('AssociationNotFound'),
  )
  api.changes.length = 0
  await api.client.addTrustStoreRevocations({
    TrustStoreArn,
    RevocationContents: [{ S3Bucket: BUCKET, S3Key: 'crl.pem' }],
  })
  assert.deepEqual([...(api.changes[0]?.loadBalancers ?? [])], [loadBalancer])
  await api.client.deleteListener({ ListenerArn: listener })
  await api.client.deleteTrustStore({ TrustStoreArn })
  assert.deepEqual((await api.client.describeTrustStores({})).TrustStores, [])
  await assert.rejects(
    api.client.describeTrustStoreRevocations({ TrustStoreArn }),
    apiError('TrustStoreNotFoundException'),
  )
})

test('ALB-SEC-090, 092, 131 a listener verifies with one trust store, given when it is made or later', async (t) => {
  const { api, create } = await start(t)
  const [first, second] = [await create('first'), await create('second')]
  const users = async (TrustStoreArn: string): Promise<readonly (string | undefined)[]> => {
    const answer = await api.client.describeTrustStoreAssociations({ TrustStoreArn })
    return present(answer.TrustStoreAssociations).map(({ ResourceArn }) => ResourceArn)
  }
  const Certificates = [{ CertificateArn: await importCertificate(api) }]
  const secure = async (LoadBalancerArn: string, TrustStoreArn?: string): Promise<string> => {
    const MutualAuthentication = TrustStoreArn === undefined ? undefined : { Mode: 'verify', TrustStoreArn }
    const { Listeners } = await api.client.createListener({
      LoadBalancerArn,
      Protocol: 'HTTPS',
      Port: 443,
      Certificates,
      MutualAuthentication,
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200' } }],
    })
    return present(Listeners?.[0]?.ListenerArn)
  }
  const made = await secure(await createLoadBalancer(api, 'made'), first)
  const changed = await secure(await createLoadBalancer(api, 'changed'))
  assert.deepEqual(await users(first), [made])
  const verifyWith = async (ListenerArn: string, TrustStoreArn: string): Promise<unknown> =>
    await api.client.modifyListener({ ListenerArn, MutualAuthentication: { Mode: 'verify', TrustStoreArn } })
  await verifyWith(changed, first)
  assert.deepEqual(new Set(await users(first)), new Set([made, changed]))
  await verifyWith(made, second)
  assert.deepEqual([await users(first), await users(second)], [[changed], [made]])
  await api.client.modifyListener({ ListenerArn: changed, MutualAuthentication: { Mode: 'off' } })
  assert.deepEqual(await users(first), [])
  await api.client.deleteTrustStore({ TrustStoreArn: first })
})

test('ALB-SEC-078, 081, 083, 087 the commands of the aws CLI', needsRecentCli, async (t) => {
  const { api, put } = await start(t)
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: 'us-east-2',
    AWS_DEFAULT_OUTPUT: 'text',
    AWS_PAGER: '',
  }
  const aws = async (command: string): Promise<string> =>
    (
      await run('aws', ['elbv2', '--endpoint-url', api.endpoint, ...command.split(' ')], { env })
    ).stdout.trim()
  const arn = await aws(
    `create-trust-store --name my-trust-store --ca-certificates-bundle-s3-bucket ${BUCKET} --ca-certificates-bundle-s3-key ca.pem --ca-certificates-bundle-s3-object-version null --tags Key=k,Value=v --query TrustStores[0].TrustStoreArn`,
  )
  assert.equal(
    await aws(`describe-tags --resource-arns ${arn} --query TagDescriptions[0].Tags[0].Value`),
    'v',
  )
  put('ca.pem', authorities[0] ?? '')
  assert.equal(
    await aws(
      `modify-trust-store --trust-store-arn ${arn} --ca-certificates-bundle-s3-bucket ${BUCKET} --ca-certificates-bundle-s3-key ca.pem --query TrustStores[0].NumberOfCaCertificates`,
    ),
    '1',
  )
  assert.equal(
    await aws(
      `add-trust-store-revocations --trust-store-arn ${arn} --revocation-contents S3Bucket=${BUCKET},S3Key=crl.pem,RevocationType=CRL --query TrustStoreRevocations[0].NumberOfRevokedEntries`,
    ),
    '3',
  )
  await aws(`delete-trust-store --trust-store-arn ${arn}`)
  assert.equal(await aws('describe-trust-stores --query length(TrustStores)'), '0')
})
