import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type {
  Action,
  AuthenticateCognitoActionConfig,
  AuthenticateOidcActionConfig,
  JwtValidationActionConfig,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  apiError,
  createHttpsListener,
  createListener,
  createLoadBalancer,
  createTargetGroup,
  forwardTo,
  importCertificate,
  NOT_FOUND,
  pathCondition,
  present,
  startApi,
  type Api,
} from './support.ts'

const INVALID = 'InvalidLoadBalancerActionException'
const SECRET = '123456789012345678901234567890'

/** The guide's example (ALB-SEC-197). */
const DESCRIBED_OIDC: AuthenticateOidcActionConfig = {
  Issuer: 'https://idp-issuer.com',
  AuthorizationEndpoint: 'https://authorization-endpoint.com',
  TokenEndpoint: 'https://token-endpoint.com',
  UserInfoEndpoint: 'https://user-info-endpoint.com',
  ClientId: 'abcdefghijklmnopqrstuvwxyz123456789',
}

const OIDC: AuthenticateOidcActionConfig = { ...DESCRIBED_OIDC, ClientSecret: SECRET }

const SESSION = {
  SessionCookieName: 'my-cookie',
  SessionTimeout: 3600,
  Scope: 'email',
  AuthenticationRequestExtraParams: { display: 'page', prompt: 'login' },
  OnUnauthenticatedRequest: 'deny',
} as const

const SESSION_DEFAULTS = {
  SessionCookieName: 'AWSELBAuthSessionCookie',
  SessionTimeout: 604_800,
  Scope: 'openid',
  OnUnauthenticatedRequest: 'authenticate',
} as const

const COGNITO: AuthenticateCognitoActionConfig = {
  UserPoolArn: 'arn:aws:cognito-idp:us-east-2:123456789012:userpool/us-east-2_EXAMPLE',
  UserPoolClientId: 'abcdefghijklmnopqrstuvwxyz123456789',
  UserPoolDomain: 'userPoolDomain1',
}

const JWT: JwtValidationActionConfig = {
  JwksEndpoint: 'https://idp.example.com/keys',
  Issuer: 'https://idp.example.com',
}

const last: Action = { ...NOT_FOUND, Order: 2 }
const oidc = (config: Partial<AuthenticateOidcActionConfig> = {}): Action[] => [
  { Type: 'authenticate-oidc', Order: 1, AuthenticateOidcConfig: { ...OIDC, ...config } },
  last,
]
const cognito = (config: Partial<AuthenticateCognitoActionConfig> = {}): Action[] => [
  { Type: 'authenticate-cognito', Order: 1, AuthenticateCognitoConfig: { ...COGNITO, ...config } },
  last,
]
const jwt = (config: Partial<JwtValidationActionConfig> = {}): Action[] => [
  { Type: 'jwt-validation', Order: 1, JwtValidationConfig: { ...JWT, ...config } },
  last,
]

interface Secure {
  readonly api: Api
  readonly loadBalancer: string
  readonly listener: string
  readonly create: (actions: Action[]) => Promise<string>
  readonly actionsOf: (rule: string) => Promise<Action[]>
}

async function secure(t: TestContext): Promise<Secure> {
  const api = await startApi(t)
  await importCertificate(api)
  const loadBalancer = await createLoadBalancer(api)
  const listener = await createHttpsListener(api, loadBalancer)
  let priority = 0
  return {
    api,
    loadBalancer,
    listener,
    create: async (actions) => {
      const { Rules } = await api.client.createRule({
        ListenerArn: listener,
        Priority: ++priority,
        Conditions: [pathCondition('/login')],
        Actions: actions,
      })
      return present(Rules?.[0]?.RuleArn)
    },
    actionsOf: async (rule) => {
      const { Rules } = await api.client.describeRules({ RuleArns: [rule] })
      return present(Rules?.[0]?.Actions)
    },
  }
}

test('ALB-SEC-164, 167, 169, 170, 197 and 198 a login with OpenID Connect is kept, without its secret', async (t) => {
  const { api, listener, create, actionsOf } = await secure(t)
  const group = await createTargetGroup(api)
  const rule = await create([{ ...forwardTo(group), Order: 2 }, ...oidc(SESSION).slice(0, 1)])
  const [first, second] = await actionsOf(rule)
  assert.deepEqual(first, {
    Type: 'authenticate-oidc',
    Order: 1,
    AuthenticateOidcConfig: { ...DESCRIBED_OIDC, ...SESSION },
  })
  assert.equal(second?.Order, 2)
  assert.equal(second.TargetGroupArn, group)
  const [plain] = await actionsOf(await create(oidc({ Issuer: 'https://idp.example.com:8443/a?b=c' })))
  assert.deepEqual(plain?.AuthenticateOidcConfig, {
    ...DESCRIBED_OIDC,
    Issuer: 'https://idp.example.com:8443/a?b=c',
    ...SESSION_DEFAULTS,
  })
  // ALB-SEC OQ-44: in default actions as well.
  const { Listeners } = await api.client.modifyListener({ ListenerArn: listener, DefaultActions: oidc() })
  const [standard] = present(Listeners?.[0]?.DefaultActions)
  assert.deepEqual(standard?.AuthenticateOidcConfig, { ...DESCRIBED_OIDC, ...SESSION_DEFAULTS })
})

test('ALB-SEC-170 a client secret is kept on demand, replaced, or forgotten with its action', async (t) => {
  const { api, listener, create } = await secure(t)
  const rule = await create(oidc())
  const stored = async (): Promise<string | undefined> =>
    await api.store.read(async (rows) => await rows.rules.clientSecret(rule))
  const modify = async (config: Partial<AuthenticateOidcActionConfig>): Promise<unknown> =>
    await api.client.modifyRule({ RuleArn: rule, Actions: oidc(config) })
  assert.equal(await stored(), SECRET)
  await modify({ ClientSecret: undefined, UseExistingClientSecret: true, ClientId: 'other' })
  assert.equal(await stored(), SECRET)
  await modify({ ClientSecret: 'another secret' })
  assert.equal(await stored(), 'another secret')
  await api.client.modifyRule({ RuleArn: rule, Conditions: [pathCondition('/other')] })
  assert.equal(await stored(), 'another secret')
  await assert.rejects(modify({ ClientSecret: undefined }), apiError(INVALID, /'ClientSecret'/))
  await assert.rejects(modify({ UseExistingClientSecret: true }), apiError(INVALID, /both/))
  await api.client.modifyRule({ RuleArn: rule, Actions: [NOT_FOUND] })
  assert.equal(await stored(), undefined)
  await assert.rejects(
    modify({ ClientSecret: undefined, UseExistingClientSecret: true }),
    apiError(INVALID, /no existing client secret/),
  )
  const kept = oidc({ ClientSecret: undefined, UseExistingClientSecret: true })
  await assert.rejects(create(kept), apiError(INVALID))
  await api.client.modifyListener({ ListenerArn: listener, DefaultActions: oidc() })
  const { Listeners } = await api.client.modifyListener({ ListenerArn: listener, DefaultActions: kept })
  assert.deepEqual(Listeners?.[0]?.DefaultActions?.[0]?.AuthenticateOidcConfig, {
    ...DESCRIBED_OIDC,
    ...SESSION_DEFAULTS,
  })
})

test('a client secret lies nowhere in the data folder in clear text', async (t) => {
  const { api, create } = await secure(t)
  await create(oidc())
  for (const file of readdirSync(api.folder)) {
    assert.ok(!readFileSync(join(api.folder, file)).includes(SECRET), file)
  }
})

test('ALB-LSN Q47 a listener made again has to have the same secret', async (t) => {
  const { api, loadBalancer } = await secure(t)
  const input = { DefaultActions: oidc() }
  const arn = await createHttpsListener(api, loadBalancer, 444, input)
  assert.equal(await createHttpsListener(api, loadBalancer, 444, input), arn)
  await assert.rejects(
    createHttpsListener(api, loadBalancer, 444, { DefaultActions: oidc({ ClientSecret: 'x' }) }),
    apiError('DuplicateListenerException'),
  )
})

test('ALB-SEC-168 and 205 a login with Amazon Cognito is kept', async (t) => {
  const { create, actionsOf } = await secure(t)
  const [full] = await actionsOf(await create(cognito(SESSION)))
  assert.deepEqual(full, {
    Type: 'authenticate-cognito',
    Order: 1,
    AuthenticateCognitoConfig: { ...COGNITO, ...SESSION },
  })
  const [plain] = await actionsOf(await create(cognito()))
  assert.deepEqual(plain?.AuthenticateCognitoConfig, { ...COGNITO, ...SESSION_DEFAULTS })
})

test('a check of JSON Web Tokens is kept', async (t) => {
  const { create, actionsOf } = await secure(t)
  const AdditionalClaims = [
    { Name: 'scope', Format: 'space-separated-values' as const, Values: ['read', 'write'] },
    { Name: 'aud', Format: 'single-string' as const, Values: ['my app'] },
    { Name: 'groups', Format: 'string-array' as const, Values: ['a'] },
  ]
  const [full] = await actionsOf(await create(jwt({ AdditionalClaims })))
  assert.deepEqual(full, {
    Type: 'jwt-validation',
    Order: 1,
    JwtValidationConfig: { ...JWT, AdditionalClaims },
  })
  const [plain] = await actionsOf(await create(jwt()))
  assert.deepEqual(plain?.JwtValidationConfig, JWT)
})

test('ALB-LSN-044, 045, 046, 420, ALB-SEC-171 and 183 what an action that authenticates cannot say', async (t) => {
  const { api, listener, create } = await secure(t)
  const parameters = (count: number) => ({
    AuthenticationRequestExtraParams: Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`p${index}`, 'x']),
    ),
  })
  const claim = { Name: 'a', Format: 'single-string' as const, Values: ['b'] }
  const redirect: Action = { Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301', Path: '/b' } }
  const cases: [Action[], string, RegExp?][] = [
    // ALB-SEC OQ-39
    [oidc({ Issuer: 'http://idp.com' }), INVALID, /HTTPS/],
    [oidc({ AuthorizationEndpoint: 'idp.com' }), INVALID],
    [oidc({ TokenEndpoint: 'https://idp.com/a b' }), INVALID],
    [oidc({ UserInfoEndpoint: 'https://user:password@idp.com' }), INVALID],
    [oidc({ UserInfoEndpoint: undefined }), 'ValidationError', /must not be null/],
    [oidc({ ClientId: '' }), INVALID],
    [oidc({ ClientSecret: '' }), INVALID],
    [oidc({ SessionTimeout: 0 }), 'ValidationError'],
    [oidc({ SessionTimeout: -1 }), 'ValidationError'],
    [oidc({ SessionTimeout: 604_801 }), 'ValidationError'],
    [oidc({ SessionCookieName: 'AWSALBAuthNonce' }), INVALID],
    [oidc({ SessionCookieName: 'a=b' }), INVALID],
    [oidc({ SessionCookieName: '' }), INVALID],
    [oidc({ Scope: 'a\r\nb' }), INVALID],
    [oidc({ OnUnauthenticatedRequest: 'redirect' as 'deny' }), 'ValidationError'],
    [oidc(parameters(11)), 'ValidationError'],
    [oidc({ AuthenticationRequestExtraParams: { state: 'x' } }), INVALID],
    [cognito({ UserPoolArn: 'arn:aws:cognito-idp:us-east-2:123456789012:userpool/a b' }), INVALID],
    [cognito({ UserPoolDomain: 'a/b' }), INVALID],
    [cognito({ UserPoolClientId: '' }), INVALID],
    [cognito({ SessionTimeout: 0 }), 'ValidationError'],
    [jwt({ JwksEndpoint: 'http://idp.com/keys' }), INVALID],
    [jwt({ JwksEndpoint: `https://${'a'.repeat(249)}` }), 'ValidationError'],
    [jwt({ Issuer: '' }), 'ValidationError'],
    [jwt({ Issuer: 'a'.repeat(257) }), 'ValidationError'],
    [jwt({ AdditionalClaims: Array.from({ length: 11 }, () => claim) }), 'ValidationError'],
    [jwt({ AdditionalClaims: [{ ...claim, Name: 'exp' }] }), INVALID],
    [jwt({ AdditionalClaims: [{ ...claim, Name: '' }] }), 'ValidationError'],
    [jwt({ AdditionalClaims: [{ ...claim, Values: [] }] }), 'ValidationError'],
    [jwt({ AdditionalClaims: [{ ...claim, Values: ['a'.repeat(257)] }] }), 'ValidationError'],
    [jwt({ AdditionalClaims: [{ ...claim, Format: 'number' as 'single-string' }] }), 'ValidationError'],
    [jwt({ AdditionalClaims: [{ ...claim, Format: 'space-separated-values', Values: ['a b'] }] }), INVALID],
    // Which actions go together
    [oidc().slice(0, 1), INVALID, /as the last action$/],
    [[{ ...NOT_FOUND, Order: 1 }, last], INVALID],
    [[...oidc(), { ...redirect, Order: 3 }], INVALID],
    [[{ Type: 'authenticate-oidc' }], INVALID],
    [[{ Type: 'authenticate-oidc', Order: 1 }, last], INVALID, /'AuthenticateOidcConfig'$/],
    [[{ ...oidc()[0], Type: 'authenticate-cognito' }, last], INVALID],
    [[...oidc().slice(0, 1), { ...NOT_FOUND, Order: 1 }], INVALID, /unique/],
    [[...oidc().slice(0, 1), NOT_FOUND], INVALID, /order must be specified/],
    [
      [
        { ...NOT_FOUND, Order: 1 },
        { ...oidc()[0], Type: 'authenticate-oidc', Order: 2 },
      ],
      INVALID,
      /last/,
    ],
    [
      [
        ...oidc().slice(0, 1),
        { ...cognito()[0], Type: 'authenticate-cognito', Order: 2 },
        { ...last, Order: 3 },
      ],
      'TooManyActionsException',
    ],
  ]
  for (const [actions, code, message] of cases) {
    await assert.rejects(create(actions), apiError(code, message), JSON.stringify(actions))
    await assert.rejects(
      api.client.modifyListener({ ListenerArn: listener, DefaultActions: actions }),
      apiError(code, message),
    )
  }
  const { Rules } = await api.client.describeRules({ ListenerArn: listener })
  assert.equal(Rules?.length, 1)
  await create(oidc(parameters(10)))
  for (const OnUnauthenticatedRequest of ['authenticate', 'allow', 'deny'] as const)
    await create(oidc({ SessionTimeout: 1, OnUnauthenticatedRequest }))
})

test('ALB-SEC-166 only HTTPS listeners authenticate', async (t) => {
  const { api, loadBalancer } = await secure(t)
  const plain = await createListener(api, loadBalancer, 80)
  for (const actions of [oidc(), cognito(), jwt()]) {
    const type = present(actions[0]?.Type)
    const refused = apiError(INVALID, `Actions of type '${type}' are supported only on HTTPS listeners`)
    await assert.rejects(
      api.client.createRule({
        ListenerArn: plain,
        Priority: 1,
        Conditions: [pathCondition('/a')],
        Actions: actions,
      }),
      refused,
    )
    await assert.rejects(api.client.modifyListener({ ListenerArn: plain, DefaultActions: actions }), refused)
  }
  const { Rules } = await api.client.describeRules({ ListenerArn: plain })
  assert.equal(Rules?.length, 1)
})

test('ALB-TG-052, 060 groups that speak gRPC or HTTP/2 take no action beside forward', async (t) => {
  const { api, create } = await secure(t)
  for (const ProtocolVersion of ['GRPC', 'HTTP2']) {
    const group = await createTargetGroup(api, ProtocolVersion, { ProtocolVersion })
    const rule = await create([forwardTo(group)])
    const actions = [...oidc().slice(0, 1), { ...forwardTo(group), Order: 2 }]
    const refused = apiError(INVALID, /Only actions of type 'forward'/)
    await assert.rejects(create(actions), refused)
    await assert.rejects(api.client.modifyRule({ RuleArn: rule, Actions: actions }), refused)
  }
})
