import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type {
  CreateListenerCommandInput,
  Listener,
  ModifyListenerCommandInput,
  MutualAuthenticationAttributes,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { buildUnits } from '../../src/publishing/units/units.ts'
import {
  apiError,
  CERTIFICATE,
  createHttpsListener,
  createListener,
  createLoadBalancer,
  createTargetGroup,
  forwardTo,
  importCertificate,
  importedCertificate,
  NOT_FOUND,
  pathCondition,
  present,
  startApi,
  type Api,
  type ApiOptions,
} from './support.ts'
import type { TestContext } from 'node:test'

const TRUST_STORE =
  'arn:aws:elasticloadbalancing:us-east-2:123456789012:truststore/my-trust-store/73e2d6bc24d8a067'
const FIPS = 'ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04'

async function secureApi(
  t: TestContext,
  options: ApiOptions = {},
): Promise<{ api: Api; loadBalancer: string }> {
  const api = await startApi(t, options)
  await importCertificate(api)
  return { api, loadBalancer: await createLoadBalancer(api) }
}

async function described(api: Api, arn: string): Promise<Listener> {
  const { Listeners } = await api.client.describeListeners({ ListenerArns: [arn] })
  return present(Listeners?.[0])
}

const modify = async (
  api: Api,
  arn: string,
  input: Partial<ModifyListenerCommandInput>,
): Promise<Listener> => {
  const { Listeners } = await api.client.modifyListener({ ListenerArn: arn, ...input })
  return present(Listeners?.[0])
}

test('ALB-LSN-224, 245, 269 and 397 an HTTPS listener has its certificate, a security policy and an empty list', async (t) => {
  const { api, loadBalancer } = await secureApi(t)
  const arn = await createHttpsListener(api, loadBalancer)
  assert.match(
    arn,
    /^arn:aws:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:listener\/app\/[^/]+\/[0-9a-f]{16}\/[0-9a-f]{16}$/,
  )
  assert.deepEqual(await described(api, arn), {
    ListenerArn: arn,
    LoadBalancerArn: loadBalancer,
    Port: 443,
    Protocol: 'HTTPS',
    Certificates: [{ CertificateArn: CERTIFICATE }],
    SslPolicy: 'ELBSecurityPolicy-2016-08',
    MutualAuthentication: { Mode: 'off' },
    DefaultActions: [NOT_FOUND],
  })
  const { Certificates } = await api.client.describeListenerCertificates({ ListenerArn: arn })
  assert.deepEqual(Certificates, [{ CertificateArn: CERTIFICATE, IsDefault: true }])
  // The guide's example, whose IDs are longer, names nothing, but is no mistake of form.
  const example = `${arn.slice(0, arn.indexOf('app/'))}app/my-load-balancer/abcdef01234567890/1234567890abcdef0`
  await assert.rejects(described(api, example), apiError('ListenerNotFoundException'))
  // ALB-LSN Q47
  assert.equal(await createHttpsListener(api, loadBalancer), arn)
  const other = { SslPolicy: FIPS }
  await assert.rejects(
    createHttpsListener(api, loadBalancer, 443, other),
    apiError('DuplicateListenerException'),
  )
  // ALB-LSN-006
  await createHttpsListener(api, loadBalancer, 80)
  await createListener(api, loadBalancer, 8443)
})

test('ALB-LSN-008, 238, 244, 267, 270, 280, 289 and 402 what an HTTPS listener cannot be made with', async (t) => {
  const { api, loadBalancer } = await secureApi(t)
  const second = await importedCertificate(api, 2)
  const unknown = `${CERTIFICATE.slice(0, -1)}0`
  const cases: [Partial<CreateListenerCommandInput>, string, RegExp?][] = [
    [{ Certificates: undefined }, 'ValidationError', /^A certificate must be specified for HTTPS listeners$/],
    [{ Certificates: [] }, 'ValidationError'],
    [{ Certificates: [{}] }, 'ValidationError'],
    [{ Certificates: [{ CertificateArn: CERTIFICATE }, { CertificateArn: second }] }, 'ValidationError'],
    [{ Certificates: [{ CertificateArn: CERTIFICATE, IsDefault: true }] }, 'ValidationError'],
    [{ Certificates: [{ CertificateArn: 'a' }] }, 'ValidationError'],
    [{ Certificates: [{ CertificateArn: unknown }] }, 'CertificateNotFoundException'],
    [{ SslPolicy: 'My-Policy' }, 'SSLPolicyNotFoundException'],
    [{ SslPolicy: 'TLS13-1-2-2021-06' }, 'SSLPolicyNotFoundException'],
    [{ SslPolicy: '' }, 'ValidationError', /^An SSL policy must be specified for HTTPS listeners$/],
    [{ AlpnPolicy: ['HTTP2Preferred'] }, 'ValidationError'],
    [{ Protocol: 'HTTP', Certificates: undefined, SslPolicy: FIPS }, 'ValidationError'],
    [{ Protocol: 'HTTP' }, 'ValidationError'],
    [{ Protocol: 'TLS' }, 'ValidationError'],
  ]
  for (const [input, code, message] of cases) {
    await assert.rejects(
      createHttpsListener(api, loadBalancer, 443, input),
      apiError(code, message),
      JSON.stringify(input),
    )
  }
  assert.deepEqual((await api.client.describeListeners({ LoadBalancerArn: loadBalancer })).Listeners, [])
})

test('ALB-LSN-225 keys that a listener can present, with ARNs of both services', async (t) => {
  const { api, loadBalancer } = await secureApi(t)
  const arn = await createHttpsListener(api, loadBalancer)
  const use = async (certificate: string): Promise<unknown> =>
    await modify(api, arn, { Certificates: [{ CertificateArn: certificate }] })
  const usable = ['RSA_2048', 'RSA_3072', 'RSA_4096', 'EC_prime256v1', 'EC_secp384r1', 'EC_secp521r1']
  for (const [index, keyAlgorithm] of usable.entries()) {
    await use(await importedCertificate(api, index, { keyAlgorithm }))
  }
  await use(await importedCertificate(api, 20, { notAfter: 1 }))
  const unsupported = apiError('UnsupportedCertificate')
  for (const [index, keyAlgorithm] of ['ed25519', 'RSA_1024', 'RSA_8192', 'EC_secp256k1'].entries()) {
    const certificate = await importedCertificate(api, 30 + index, { keyAlgorithm })
    await assert.rejects(use(certificate), unsupported, keyAlgorithm)
    await assert.rejects(
      createHttpsListener(api, loadBalancer, 444, { Certificates: [{ CertificateArn: certificate }] }),
      unsupported,
    )
    await assert.rejects(
      api.client.addListenerCertificates({
        ListenerArn: arn,
        Certificates: [{ CertificateArn: certificate }],
      }),
      unsupported,
    )
  }
  // ALB-LSN-230
  const nameless = await importedCertificate(api, 40, { domainName: '', subjectAlternativeNames: [] })
  await assert.rejects(use(nameless), unsupported)
  const uploaded = 'arn:aws:iam::123456789012:server-certificate/my-server'
  await assert.rejects(use(uploaded), apiError('CertificateNotFoundException'))
  await api.store.write(async (rows) => {
    const imported = present(await rows.certificates.certificate(CERTIFICATE))
    await rows.certificates.insertServerCertificate(
      {
        arn: uploaded,
        accountId: '123456789012',
        name: 'my-server',
        path: '/',
        id: 'ASCAEXAMPLE',
        uploadedAt: 0,
        facts: imported.facts,
      },
      { certificate: '', chain: null, privateKey: '' },
    )
  })
  await use(uploaded)
})

test('ALB-LSN-401 and 466 certificate and policy are changed alone, the rest stays', async (t) => {
  const { api, loadBalancer } = await secureApi(t)
  const arn = await createHttpsListener(api, loadBalancer)
  const before = await described(api, arn)
  const second = await importedCertificate(api, 2)
  await modify(api, arn, { Certificates: [{ CertificateArn: second }] })
  const changed = { ...before, Certificates: [{ CertificateArn: second }] }
  assert.deepEqual(await described(api, arn), changed)
  await modify(api, arn, { SslPolicy: FIPS })
  assert.deepEqual(await described(api, arn), { ...changed, SslPolicy: FIPS })
  const more = { ListenerArn: arn, Certificates: [{ CertificateArn: CERTIFICATE }] }
  for (const [change, count] of [
    ['addListenerCertificates', 2],
    ['removeListenerCertificates', 1],
  ] as const) {
    await api.client[change](more)
    const { Certificates } = await api.client.describeListenerCertificates({ ListenerArn: arn })
    assert.equal(Certificates?.length, count)
  }
  await assert.rejects(modify(api, arn, { SslPolicy: 'Wrong' }), apiError('SSLPolicyNotFoundException'))
  await assert.rejects(
    modify(api, arn, { Port: 444, Certificates: [{ CertificateArn: `${second.slice(0, -1)}9` }] }),
    apiError('CertificateNotFoundException'),
  )
  assert.deepEqual(await described(api, arn), { ...changed, SslPolicy: FIPS })
})

test('ALB-LSN Q48 a listener changes its protocol with all that hangs on it', async (t) => {
  const { api, loadBalancer } = await secureApi(t)
  const arn = await createListener(api, loadBalancer, 80)
  await assert.rejects(modify(api, arn, { Protocol: 'HTTPS' }), apiError('ValidationError', /certificate/))
  const certificates = { Certificates: [{ CertificateArn: CERTIFICATE }] }
  const secure = await modify(api, arn, { Protocol: 'HTTPS', Port: 443, ...certificates })
  assert.equal(secure.SslPolicy, 'ELBSecurityPolicy-2016-08')
  const second = await importedCertificate(api, 2)
  await api.client.addListenerCertificates({ ListenerArn: arn, Certificates: [{ CertificateArn: second }] })
  await modify(api, arn, { Protocol: 'HTTP' })
  assert.deepEqual(await described(api, arn), {
    ListenerArn: arn,
    LoadBalancerArn: loadBalancer,
    Port: 443,
    Protocol: 'HTTP',
    DefaultActions: [NOT_FOUND],
  })
  await modify(api, arn, { Protocol: 'HTTPS', ...certificates })
  const { Certificates } = await api.client.describeListenerCertificates({ ListenerArn: arn })
  assert.equal(Certificates?.length, 1)

  // What an HTTP listener cannot do keeps the listener as it is.
  const group = await createTargetGroup(api, 'grpc', { ProtocolVersion: 'GRPC' })
  const { Rules } = await api.client.createRule({
    ListenerArn: arn,
    Priority: 1,
    Conditions: [pathCondition('/a')],
    Actions: [forwardTo(group)],
  })
  await assert.rejects(
    modify(api, arn, { Protocol: 'HTTP' }),
    apiError('InvalidLoadBalancerActionException', /protocol-version 'GRPC'/),
  )
  await api.client.modifyRule({
    RuleArn: Rules?.[0]?.RuleArn,
    Actions: [
      {
        Type: 'jwt-validation',
        Order: 1,
        JwtValidationConfig: { JwksEndpoint: 'https://idp.example.com/keys', Issuer: 'idp' },
      },
      { ...NOT_FOUND, Order: 2 },
    ],
  })
  await assert.rejects(
    modify(api, arn, { Protocol: 'HTTP' }),
    apiError('InvalidLoadBalancerActionException', /'jwt-validation' are supported only on HTTPS listeners/),
  )
  assert.equal((await described(api, arn)).Protocol, 'HTTPS')
})

test('ALB-LSN-093 and 094 a redirect can lead to HTTPS, never away from it', async (t) => {
  const { api, loadBalancer } = await secureApi(t)
  const redirect = (Protocol: string, Host = 'example.com') => ({
    Type: 'redirect' as const,
    RedirectConfig: { StatusCode: 'HTTP_301' as const, Protocol, Host },
  })
  const plain = await createListener(api, loadBalancer, 80)
  for (const Protocol of ['HTTP', 'HTTPS']) await modify(api, plain, { DefaultActions: [redirect(Protocol)] })
  const secure = await createHttpsListener(api, loadBalancer)
  await modify(api, secure, { DefaultActions: [redirect('HTTPS')] })
  const downgrade = apiError('InvalidLoadBalancerActionException', /from HTTPS to HTTP/)
  await assert.rejects(modify(api, secure, { DefaultActions: [redirect('HTTP')] }), downgrade)
  await assert.rejects(
    api.client.createRule({
      ListenerArn: secure,
      Priority: 1,
      Conditions: [pathCondition('/a')],
      Actions: [redirect('HTTP')],
    }),
    downgrade,
  )
  await assert.rejects(
    createHttpsListener(api, loadBalancer, 444, { DefaultActions: [redirect('HTTP')] }),
    downgrade,
  )
  await modify(api, plain, { DefaultActions: [redirect('HTTP')] })
  await assert.rejects(
    modify(api, plain, { Protocol: 'HTTPS', Certificates: [{ CertificateArn: CERTIFICATE }] }),
    downgrade,
  )
  // ALB-LSN-090
  await assert.rejects(
    modify(api, secure, { DefaultActions: [redirect('HTTPS', '#{host}')] }),
    apiError('InvalidLoadBalancerActionException', /loop/),
  )
})

test('ALB-LSN-290..297 listeners with and without FIPS policies do not mix on one load balancer', async (t) => {
  const { api, loadBalancer } = await secureApi(t)
  const mixing = apiError('InvalidConfigurationRequestException', /either FIPS or non-FIPS/)
  await createListener(api, loadBalancer, 80)
  const first = await createHttpsListener(api, loadBalancer, 443)
  await assert.rejects(createHttpsListener(api, loadBalancer, 444, { SslPolicy: FIPS }), mixing)
  const second = await createHttpsListener(api, loadBalancer, 444)
  await assert.rejects(modify(api, first, { SslPolicy: FIPS }), mixing)
  assert.equal((await described(api, first)).SslPolicy, 'ELBSecurityPolicy-2016-08')
  // ALB-LSN-294: the way that the guide shows.
  await api.client.deleteListener({ ListenerArn: second })
  await modify(api, first, { SslPolicy: FIPS })
  await createHttpsListener(api, loadBalancer, 444, { SslPolicy: 'ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04' })
  await assert.rejects(createHttpsListener(api, loadBalancer, 445), mixing)
  await assert.rejects(
    createHttpsListener(api, loadBalancer, 445, { SslPolicy: 'ELBSecurityPolicy-2016-08' }),
    mixing,
  )
  const back = { SslPolicy: 'ELBSecurityPolicy-2016-08' }
  await assert.rejects(modify(api, first, back), mixing)
  assert.equal((await described(api, first)).SslPolicy, FIPS)
  const plain = await createListener(api, loadBalancer, 81)
  await assert.rejects(
    modify(api, plain, { Protocol: 'HTTPS', Certificates: [{ CertificateArn: CERTIFICATE }] }),
    mixing,
  )
  const other = await createLoadBalancer(api, 'other')
  await createHttpsListener(api, other, 443, { SslPolicy: FIPS })
  await createHttpsListener(api, other, 444, { SslPolicy: 'ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04' })
  const alone = await createHttpsListener(api, await createLoadBalancer(api, 'third'))
  for (const policy of [{ SslPolicy: FIPS }, back]) await modify(api, alone, policy)
})

test('ALB-LSN-469, 475 and 477 certificates are added to the list of a listener and removed from it', async (t) => {
  const { api, loadBalancer } = await secureApi(t)
  const arn = await createHttpsListener(api, loadBalancer)
  const [second, third] = [await importedCertificate(api, 2), await importedCertificate(api, 3)]
  const input = (...arns: string[]) => ({
    ListenerArn: arn,
    Certificates: arns.map((certificate) => ({ CertificateArn: certificate })),
  })
  const list = async (): Promise<(string | undefined)[]> => {
    const { Certificates } = await api.client.describeListenerCertificates({ ListenerArn: arn })
    return present(Certificates).flatMap(({ CertificateArn, IsDefault }) =>
      IsDefault === false ? [CertificateArn] : [],
    )
  }
  assert.deepEqual(await list(), [])
  const { Certificates } = await api.client.addListenerCertificates(input(third, second))
  assert.deepEqual(Certificates, [
    { CertificateArn: third, IsDefault: false },
    { CertificateArn: second, IsDefault: false },
  ])
  // ALB-LSN Q50: once more is no second entry, and what is not there cannot be removed.
  await api.client.addListenerCertificates(input(second))
  assert.deepEqual(await list(), [third, second])
  await api.client.removeListenerCertificates(input(third))
  for (const certificates of [input(third), input(second, third), input(CERTIFICATE.replace(/2$/, '3'))]) {
    await assert.rejects(
      api.client.removeListenerCertificates(certificates),
      apiError('CertificateNotFoundException', /^Certificate 'arn:.*' not found$/),
    )
  }
  assert.deepEqual(await list(), [second])

  const notPermitted = apiError('OperationNotPermittedException', 'Default certificate cannot be removed')
  await assert.rejects(api.client.removeListenerCertificates(input(second, CERTIFICATE)), notPermitted)
  assert.deepEqual(await list(), [second])
  await api.client.addListenerCertificates(input(CERTIFICATE))
  assert.deepEqual(await list(), [second, CERTIFICATE])
  await modify(api, arn, { Certificates: [{ CertificateArn: third }] })
  assert.deepEqual(await list(), [second, CERTIFICATE])
  await modify(api, arn, { Certificates: [{ CertificateArn: CERTIFICATE }] })
  await api.client.removeListenerCertificates(input(CERTIFICATE))
  assert.deepEqual(await list(), [second])
  await assert.rejects(api.client.removeListenerCertificates(input(CERTIFICATE)), notPermitted)

  await assert.rejects(
    api.client.addListenerCertificates(input(`${CERTIFICATE.slice(0, -1)}0`)),
    apiError('CertificateNotFoundException'),
  )
  await assert.rejects(api.client.addListenerCertificates(input()), apiError('ValidationError'))
  const plain = await createListener(api, loadBalancer, 80)
  for (const call of [
    api.client.addListenerCertificates({ ...input(second), ListenerArn: plain }),
    api.client.removeListenerCertificates({ ...input(second), ListenerArn: plain }),
    api.client.describeListenerCertificates({ ListenerArn: plain }),
  ]) {
    await assert.rejects(call, apiError('ValidationError', /HTTPS listeners/))
  }
  // ALB-SEC OQ-87: the list goes with its listener.
  await api.client.deleteListener({ ListenerArn: arn })
  const uses = await api.store.read(async (rows) => await rows.loadBalancers.withCertificate(second))
  assert.deepEqual(uses, [])
})

test('ALB-LSN-256 ALB-OBS-546 25 certificates per load balancer, default certificates not counted; pages hold them all', async (t) => {
  const { api, loadBalancer } = await secureApi(t)
  const arn = await createHttpsListener(api, loadBalancer)
  const other = await createHttpsListener(api, loadBalancer, 444)
  const add = async (ListenerArn: string, CertificateArn: string): Promise<unknown> =>
    await api.client.addListenerCertificates({ ListenerArn, Certificates: [{ CertificateArn }] })
  for (let number = 1; number <= 25; number++) {
    await add(number % 2 === 0 ? arn : other, await importedCertificate(api, number))
  }
  const last = await importedCertificate(api, 26)
  await assert.rejects(add(arn, last), apiError('TooManyCertificatesException'))
  await modify(api, other, { Certificates: [{ CertificateArn: last }] })
  const found: (string | undefined)[] = []
  let Marker: string | undefined
  do {
    const page = await api.client.describeListenerCertificates({ ListenerArn: arn, PageSize: 5, Marker })
    found.push(...present(page.Certificates).map(({ CertificateArn }) => CertificateArn))
    Marker = page.NextMarker
  } while (Marker !== undefined)
  assert.equal(found.length, 13)
  assert.equal(found[0], CERTIFICATE)
  assert.equal(new Set(found).size, 13)
})

test('ALB-OBS-560 ALB-SEC-002, 006, 013, 052 and 057 what a listener asks of client certificates', async (t) => {
  const { api, loadBalancer } = await secureApi(t)
  await api.store.write(async ({ trustStores }) => {
    const facts = { accountId: '123456789012', region: 'us-east-2', caCertificates: 1, createdAt: 0 }
    await trustStores.insertTrustStore({ ...facts, arn: TRUST_STORE, name: 'my-trust-store' }, '')
  })
  const arn = await createHttpsListener(api, loadBalancer)
  assert.deepEqual((await described(api, arn)).MutualAuthentication, { Mode: 'off' })
  const set = async (MutualAuthentication: MutualAuthenticationAttributes): Promise<unknown> =>
    (await modify(api, arn, { MutualAuthentication })).MutualAuthentication
  const verify = {
    Mode: 'verify',
    TrustStoreArn: TRUST_STORE,
    IgnoreClientCertificateExpiry: false,
    TrustStoreAssociationStatus: 'active',
    AdvertiseTrustStoreCaNames: 'off',
  } as const
  assert.deepEqual(await set({ Mode: 'passthrough' }), { Mode: 'passthrough' })
  assert.deepEqual(await set({ Mode: 'verify', TrustStoreArn: TRUST_STORE }), verify)
  const all = { IgnoreClientCertificateExpiry: true, AdvertiseTrustStoreCaNames: 'on' } as const
  assert.deepEqual(await set({ Mode: 'verify', TrustStoreArn: TRUST_STORE, ...all }), { ...verify, ...all })
  assert.deepEqual((await described(api, arn)).MutualAuthentication, { ...verify, ...all })

  const cases: [MutualAuthenticationAttributes, string][] = [
    [{ Mode: 'verify' }, 'ValidationError'],
    [{ Mode: 'strict' }, 'ValidationError'],
    [{ Mode: 'passthrough', TrustStoreArn: TRUST_STORE }, 'ValidationError'],
    [{ Mode: 'off', IgnoreClientCertificateExpiry: true }, 'ValidationError'],
    [{ Mode: 'passthrough', AdvertiseTrustStoreCaNames: 'on' }, 'ValidationError'],
    [{ Mode: 'verify', TrustStoreArn: `${TRUST_STORE.slice(0, -1)}1` }, 'TrustStoreNotFoundException'],
  ]
  for (const [input, code] of cases) await assert.rejects(set(input), apiError(code), JSON.stringify(input))
  assert.deepEqual((await described(api, arn)).MutualAuthentication, { ...verify, ...all })
  const users = await api.store.read(async (rows) => await rows.listeners.withTrustStore(TRUST_STORE))
  assert.deepEqual(
    users.map((listener) => listener.arn),
    [arn],
  )

  // ALB-SEC OQ-26: two listeners that verify, not three.
  const input = { MutualAuthentication: { Mode: 'verify', TrustStoreArn: TRUST_STORE } }
  const another = await createHttpsListener(api, loadBalancer, 444, input)
  assert.deepEqual((await described(api, another)).MutualAuthentication, verify)
  await assert.rejects(
    createHttpsListener(api, loadBalancer, 445, input),
    apiError('InvalidConfigurationRequestException', /verify/),
  )
  assert.deepEqual(await set({ Mode: 'off' }), { Mode: 'off' })
  await createHttpsListener(api, loadBalancer, 445, input)

  const plain = await createListener(api, loadBalancer, 80)
  await assert.rejects(
    modify(api, plain, { MutualAuthentication: { Mode: 'passthrough' } }),
    apiError('ValidationError', /HTTP listeners/),
  )
  await assert.rejects(
    createHttpsListener(api, loadBalancer, 446, {
      Protocol: 'HTTP',
      Certificates: undefined,
      MutualAuthentication: { Mode: 'passthrough' },
    }),
    apiError('ValidationError'),
  )
})

test('a trust store that nobody made is not found', async (t) => {
  const { api, loadBalancer } = await secureApi(t)
  await assert.rejects(
    createHttpsListener(api, loadBalancer, 443, {
      MutualAuthentication: { Mode: 'verify', TrustStoreArn: TRUST_STORE },
    }),
    apiError('TrustStoreNotFoundException'),
  )
})

test('ALB-LSN-403 the target group of an HTTPS listener exists, and belongs to its load balancer', async (t) => {
  const { api, loadBalancer } = await secureApi(t)
  const group = await createTargetGroup(api)
  await createHttpsListener(api, loadBalancer, 443, { DefaultActions: [forwardTo(group)] })
  await assert.rejects(
    createHttpsListener(api, await createLoadBalancer(api, 'other'), 443, {
      DefaultActions: [forwardTo(group)],
    }),
    apiError('TargetGroupAssociationLimitException'),
  )
  await assert.rejects(
    createHttpsListener(api, loadBalancer, 444, {
      DefaultActions: [forwardTo(`${group.slice(0, -16)}${'0'.repeat(16)}`)],
    }),
    apiError('TargetGroupNotFoundException'),
  )
})

/** What the rows say of the policies. */
const { policies: specified } = JSON.parse(
  readFileSync(new URL('../../spec/security-policies-alb.json', import.meta.url), 'utf8'),
) as {
  policies: { name: string; protocols: string[]; ciphers: { name: string; priority: number }[] }[]
}

test('ALB-LSN-263, 285, 380, 399 and 400 the predefined security policies are described', async (t) => {
  const { client } = await startApi(t)
  const { SslPolicies } = await client.describeSSLPolicies({})
  assert.deepEqual(
    present(SslPolicies)
      .slice(0, specified.length)
      .map(({ Name, SslProtocols, Ciphers }) => ({ Name, SslProtocols, Ciphers })),
    specified.map(({ name, protocols, ciphers }) => ({
      Name: name,
      SslProtocols: protocols,
      Ciphers: ciphers.map((cipher) => ({ Name: cipher.name, Priority: cipher.priority })),
    })),
  )
  const paged = []
  let Marker: string | undefined
  do {
    const page = await client.describeSSLPolicies({ PageSize: 5, Marker })
    paged.push(...present(page.SslPolicies))
    Marker = page.NextMarker
  } while (Marker !== undefined)
  assert.deepEqual(paged, SslPolicies)

  const Names = [FIPS, 'ELBSecurityPolicy-FS-2018-06']
  const named = await client.describeSSLPolicies({ Names })
  assert.deepEqual(
    named.SslPolicies?.map(({ Name }) => Name),
    Names,
  )
  await assert.rejects(
    client.describeSSLPolicies({ Names: ['ELBSecurityPolicy-None'] }),
    apiError('SSLPolicyNotFoundException'),
  )
  await assert.rejects(client.describeSSLPolicies({ PageSize: 401 }), apiError('ValidationError'))
  const all = specified.length + 13
  assert.equal(SslPolicies?.length, all)
  for (const [LoadBalancerType, count] of [
    ['application', all],
    ['network', all - 2],
    ['gateway', 0],
  ] as const) {
    const ofType = await client.describeSSLPolicies({ LoadBalancerType })
    assert.equal(ofType.SslPolicies?.length, count, LoadBalancerType)
    for (const policy of present(ofType.SslPolicies)) {
      assert.ok(policy.SupportedLoadBalancerTypes?.includes(LoadBalancerType))
    }
  }
})

test('ALB-LSN-281..284, 482 ALB-OBS-577, 589, 597, 602, 609 a listener takes every predefined policy', async (t) => {
  const { api, loadBalancer } = await secureApi(t)
  const arn = await createHttpsListener(api, loadBalancer)
  const { SslPolicies } = await api.client.describeSSLPolicies({})
  const quantum = ['1-0', '1-2', '1-2-Res', '1-2-Ext1', '1-2-Ext2', '1-3'].map((kind) => `${kind}-PQ`)
  const quantumFips = ['1-0', '1-2', '1-2-Res', '1-2-Ext0', '1-2-Ext1', '1-2-Ext2', '1-3'].map(
    (kind) => `${kind}-FIPS-PQ`,
  )
  const names = [
    ...specified.map(({ name }) => name),
    ...[...quantum, ...quantumFips].map((kind) => `ELBSecurityPolicy-TLS13-${kind}-2025-09`),
  ]
  assert.deepEqual(new Set(present(SslPolicies).map(({ Name }) => Name)), new Set(names))
  for (const Name of names) {
    assert.equal((await modify(api, arn, { SslPolicy: Name })).SslPolicy, Name)
  }
})

test('an HTTPS listener is in the snapshot with its policy, and its certificate; one that asks for certificates of clients is not', async (t) => {
  const { api, loadBalancer } = await secureApi(t)
  const group = await createTargetGroup(api)
  await createHttpsListener(api, loadBalancer, 443, { DefaultActions: [forwardTo(group)] })
  const plain = await createListener(api, loadBalancer, 80)
  const units = await buildUnits(api.store, await api.store.everything(), {
    health: { healthOf: () => undefined },
    portOffset: 0,
  })
  const [unit] = units.loadBalancers
  const [secure] = unit?.listeners ?? []
  assert.deepEqual(
    unit?.listeners.map(({ arn, protocol }) => [arn, protocol]),
    [
      [secure?.arn, 'HTTPS'],
      [plain, 'HTTP'],
    ],
  )
  const [certificate] = unit?.certificates ?? []
  assert.equal(secure?.tls?.policy, 'ELBSecurityPolicy-2016-08')
  assert.equal(secure?.tls?.defaultCertificate, certificate?.arn)
  assert.equal(unit?.problems, undefined)
  await api.client.modifyListener({
    ListenerArn: secure?.arn ?? '',
    MutualAuthentication: { Mode: 'passthrough' },
  })
  const closed = await buildUnits(api.store, await api.store.everything(), {
    health: { healthOf: () => undefined },
    portOffset: 0,
  })
  assert.deepEqual(
    closed.loadBalancers[0]?.listeners.map(({ arn }) => arn),
    [plain],
  )
  assert.match(closed.loadBalancers[0]?.notices?.[0] ?? '', /port 443 is closed: mutual authentication/)
})

test('response headers that a listener has set are in the snapshot', async (t) => {
  const { api, loadBalancer } = await secureApi(t)
  const ListenerArn = await createListener(api, loadBalancer, 80)
  const unit = async (): Promise<unknown> => {
    const units = await buildUnits(api.store, await api.store.everything(), {
      health: { healthOf: () => undefined },
      portOffset: 0,
    })
    return units.loadBalancers[0]?.listeners[0]?.responseHeaders
  }
  assert.equal(await unit(), undefined)
  const changes = api.changes.length
  await api.client.modifyListenerAttributes({
    ListenerArn,
    Attributes: [
      { Key: 'routing.http.response.server.enabled', Value: 'false' },
      { Key: 'routing.http.response.x_frame_options.header_value', Value: 'DENY' },
    ],
  })
  assert.deepEqual(await unit(), { hasServer: false, values: [['X-Frame-Options', 'DENY']] })
  assert.deepEqual([...(api.changes[changes]?.loadBalancers ?? [])], [loadBalancer])
})

test('ALB-TG-059 a group that speaks HTTP/2 is for HTTPS listeners alone', async (t) => {
  const { api, loadBalancer } = await secureApi(t)
  const group = await createTargetGroup(api, 'h2', { ProtocolVersion: 'HTTP2' })
  const DefaultActions = [forwardTo(group)]
  await createHttpsListener(api, loadBalancer, 443, { DefaultActions })
  const refused = apiError('InvalidLoadBalancerActionException', /'HTTP' .*'HTTP2'/)
  await assert.rejects(createListener(api, loadBalancer, 80, group), refused)
})
