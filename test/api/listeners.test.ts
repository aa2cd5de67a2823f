import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Action, CreateListenerCommandInput } from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  apiError,
  CERTIFICATE,
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

/** Gives the default actions of a new listener as Describe shows them. */
async function echoed(
  api: Api,
  loadBalancer: string,
  port: number,
  action: Action,
): Promise<Action | undefined> {
  const { Listeners } = await api.client.createListener({
    LoadBalancerArn: loadBalancer,
    Protocol: 'HTTP',
    Port: port,
    DefaultActions: [action],
  })
  return Listeners?.[0]?.DefaultActions?.[0]
}

test('ALB-LB-100 a listener has an ARN below its load balancer, and a default rule', async (t) => {
  const api = await startApi(t)
  const loadBalancer = await createLoadBalancer(api)
  const group = await createTargetGroup(api)
  const arn = await createListener(api, loadBalancer, 80, group)
  const id = present(loadBalancer.split('/').at(-1))
  assert.match(arn, new RegExp(`:listener/app/my-load-balancer/${id}/[0-9a-f]{16}$`))
  const { Listeners } = await api.client.describeListeners({ LoadBalancerArn: loadBalancer })
  assert.equal(Listeners?.[0]?.ListenerArn, arn)
  assert.equal(Listeners?.[0]?.Protocol, 'HTTP')
  assert.equal(Listeners?.[0]?.Port, 80)
  // ALB-LSN-021, ALB-LSN Q13
  const { Rules } = await api.client.describeRules({ ListenerArn: arn })
  assert.equal(Rules?.length, 1)
  const [rule] = present(Rules)
  assert.match(
    present(rule?.RuleArn),
    new RegExp(`:listener-rule/app/my-load-balancer/${id}/[0-9a-f]{16}/[0-9a-f]{16}$`),
  )
  assert.deepEqual(
    { ...rule, RuleArn: '' },
    {
      RuleArn: '',
      Priority: 'default',
      IsDefault: true,
      Conditions: [],
      Actions: Listeners[0]?.DefaultActions,
    },
  )
})

test('ALB-LSN-004, 005, 009 and 026 protocols, ports, and what else is refused', async (t) => {
  const api = await startApi(t)
  const loadBalancer = await createLoadBalancer(api)
  const create = async (input: Partial<CreateListenerCommandInput>): Promise<unknown> =>
    await api.client.createListener({
      LoadBalancerArn: loadBalancer,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [NOT_FOUND],
      ...input,
    })
  for (const Protocol of ['TCP', 'TLS', 'UDP', 'TCP_UDP', 'GENEVE', 'QUIC', 'TCP_QUIC'] as const) {
    await assert.rejects(create({ Protocol }), apiError('ValidationError'), Protocol)
  }
  for (const Port of [0, -1, 65_536, undefined])
    await assert.rejects(create({ Port }), apiError('ValidationError'))
  await assert.rejects(create({ Protocol: undefined }), apiError('ValidationError'))
  await assert.rejects(create({ Protocol: 'SCTP' as 'TCP' }), apiError('ValidationError'))
  await assert.rejects(create({ SslPolicy: 'ELBSecurityPolicy-2016-08' }), apiError('ValidationError'))
  await assert.rejects(create({ Certificates: [{ CertificateArn: 'a' }] }), apiError('ValidationError'))
  // ALB-LSN-026
  await assert.rejects(create({ DefaultActions: [] }), apiError('ValidationError'))
  for (const Port of [1, 443, 65_535]) await create({ Port })
  await importCertificate(api)
  await create({ Protocol: 'HTTPS', Port: 444, Certificates: [{ CertificateArn: CERTIFICATE }] })
})

test('ALB-LSN Q47 the same listener again is found, another on its port is a duplicate', async (t) => {
  const api = await startApi(t)
  const loadBalancer = await createLoadBalancer(api)
  const group = await createTargetGroup(api)
  const arn = await createListener(api, loadBalancer, 80, group)
  assert.equal(await createListener(api, loadBalancer, 80, group), arn)
  await assert.rejects(createListener(api, loadBalancer, 80), apiError('DuplicateListenerException'))
  const second = await createListener(api, loadBalancer, 81)
  // Of a change AWS says it in other words.
  await assert.rejects(
    api.client.modifyListener({ ListenerArn: second, Port: 80 }),
    apiError('ValidationError', "Listener port '80' is already in use"),
  )
  // Its own port is no other's.
  const { Listeners } = await api.client.modifyListener({ ListenerArn: second, Port: 81 })
  assert.equal(Listeners?.[0]?.Port, 81)
})

test('ALB-LSN Q11 forward actions are described with group, weight and stickiness', async (t) => {
  const api = await startApi(t)
  const loadBalancer = await createLoadBalancer(api)
  const [blue, green] = [await createTargetGroup(api, 'blue'), await createTargetGroup(api, 'green')]
  const single = {
    Type: 'forward',
    TargetGroupArn: blue,
    ForwardConfig: {
      TargetGroups: [{ TargetGroupArn: blue, Weight: 1 }],
      TargetGroupStickinessConfig: { Enabled: false },
    },
  }
  assert.deepEqual(await echoed(api, loadBalancer, 80, forwardTo(blue)), single)
  // ALB-LSN-067
  const config = { TargetGroups: [{ TargetGroupArn: blue }] }
  assert.deepEqual(await echoed(api, loadBalancer, 81, { Type: 'forward', ForwardConfig: config }), single)
  assert.deepEqual(
    await echoed(api, loadBalancer, 82, {
      Type: 'forward',
      TargetGroupArn: blue,
      ForwardConfig: config,
      Order: 7,
    }),
    { ...single, Order: 7 },
  )
  // ALB-LSN-068
  const weighted: Action = {
    Type: 'forward',
    ForwardConfig: {
      TargetGroups: [
        { TargetGroupArn: blue, Weight: 10 },
        { TargetGroupArn: green, Weight: 20 },
      ],
      TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
    },
  }
  assert.deepEqual(await echoed(api, loadBalancer, 83, weighted), weighted)
})

const forward = (...TargetGroups: [string, number?][]): Action => ({
  Type: 'forward',
  ForwardConfig: {
    TargetGroups: TargetGroups.map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
  },
})
const redirect = (config: Partial<Action['RedirectConfig']>): Action => ({
  Type: 'redirect',
  RedirectConfig: { StatusCode: 'HTTP_301', ...config },
})
const fixed = (config: Partial<Action['FixedResponseConfig']>): Action => ({
  Type: 'fixed-response',
  FixedResponseConfig: { StatusCode: '200', ...config },
})

test('ALB-LSN-061, 070, 090, 092, 096, 099 ALB-TG-051 actions that are refused', async (t) => {
  const api = await startApi(t)
  const loadBalancer = await createLoadBalancer(api)
  const groups: string[] = []
  for (let index = 0; index < 6; index++) groups.push(await createTargetGroup(api, `g-${index}`))
  const [first = '', second = ''] = groups
  const grpc = await createTargetGroup(api, 'grpc', { ProtocolVersion: 'GRPC' })
  const ipv6 = await createTargetGroup(api, 'ipv6', { IpAddressType: 'ipv6', TargetType: 'ip' })
  const invalidAction = 'InvalidLoadBalancerActionException'
  const unknown = `${first.slice(0, -1)}${first.endsWith('0') ? '1' : '0'}`
  const weight = /^The weight for each target group must be between 0 and 999, inclusive$/
  const cases: [Action | Action[], string, RegExp?][] = [
    [[forwardTo(first), redirect({ Port: '81' })], invalidAction],
    [
      [
        { ...forwardTo(first), Order: 1 },
        { ...forwardTo(second), Order: 2 },
      ],
      invalidAction,
    ],
    [
      { Type: 'authenticate-oidc' },
      invalidAction,
      /^Actions of type 'authenticate-oidc' are supported only on HTTPS listeners$/,
    ],
    [{ Type: 'jwt-validation' }, invalidAction],
    [{ Type: 'forward' }, invalidAction, /must specify the following fields: 'TargetGroupArn'$/],
    [{ Type: 'redirect' }, invalidAction, /must specify the following fields: 'RedirectConfig'$/],
    [{ Type: 'fixed-response' }, invalidAction],
    [{ ...NOT_FOUND, TargetGroupArn: first }, invalidAction],
    [forward([first], [second]), 'ValidationError', weight],
    [forward([first, 1], [second]), 'ValidationError', weight],
    [forward([first, 1000], [second, 1]), 'ValidationError', weight],
    [forward([first, -1], [second, 1]), 'ValidationError', weight],
    [forward([first, 1000]), 'ValidationError', weight],
    [forward([first, 1], [first, 2]), 'ValidationError'],
    [{ ...forward([second]), TargetGroupArn: first }, invalidAction],
    [forward(...groups.map((arn): [string, number] => [arn, 1])), 'TooManyTargetGroupsException'],
    [forwardTo(unknown), 'TargetGroupNotFoundException'],
    [forwardTo('x'), 'ValidationError'],
    // ALB-TG-051, 059
    [
      forwardTo(grpc),
      invalidAction,
      /^Listener protocol 'HTTP' is not supported with a target group with the protocol-version 'GRPC'$/,
    ],
    // ALB-TG-038
    [forwardTo(ipv6), 'InvalidConfigurationRequestException'],
    [redirect({}), invalidAction, /^The redirect configuration is not valid because it creates a loop\.$/],
    [redirect({ Query: 'a=b' }), invalidAction],
    [redirect({ Protocol: 'HTTP', Port: '80' }), invalidAction],
    [
      redirect({
        Protocol: '#{protocol}',
        Host: '#{host}',
        Port: '#{port}',
        Path: '/#{path}',
        Query: '#{query}',
      }),
      invalidAction,
    ],
    [redirect({ Protocol: 'https' }), 'ValidationError'],
    [redirect({ Protocol: 'ftp' }), 'ValidationError'],
    [redirect({ StatusCode: 'HTTP_307' as 'HTTP_301', Port: '81' }), 'ValidationError'],
    [redirect({ Host: 'localhost' }), invalidAction],
    [redirect({ Host: 'example.c0m' }), invalidAction],
    [redirect({ Host: '{host}.com' }), invalidAction],
    [redirect({ Host: '#{port}.com' }), invalidAction],
    [redirect({ Host: `${'a'.repeat(125)}.com` }), 'ValidationError'],
    [redirect({ Port: '0' }), invalidAction],
    [redirect({ Port: '65536' }), invalidAction],
    [redirect({ Port: '#{host}' }), invalidAction],
    [redirect({ Path: 'new' }), invalidAction, /^The Path parameter must be a valid path/],
    ...['/a b', '/a<b', '/a|b', '/a\u0001b'].map((Path): [Action, string] => [
      redirect({ Path }),
      invalidAction,
    ]),
    [redirect({ Path: '/#{query}' }), invalidAction],
    [redirect({ Path: '/#{path}/#{path}' }), invalidAction],
    [redirect({ Path: `/${'a'.repeat(128)}` }), 'ValidationError'],
    [redirect({ Port: '81', Query: 'a\r\nSet-Cookie: b' }), invalidAction],
    [redirect({ Port: '81', Query: 'a'.repeat(129) }), 'ValidationError'],
    [fixed({ StatusCode: '100' }), 'ValidationError'],
    [fixed({ StatusCode: '301' }), 'ValidationError'],
    [fixed({ StatusCode: '20' }), 'ValidationError'],
    [fixed({ ContentType: 'text/xml' }), invalidAction],
    [fixed({ MessageBody: 'a'.repeat(1025) }), 'ValidationError'],
    [fixed({ MessageBody: 'ä'.repeat(513) }), 'ValidationError'],
  ]
  for (const [actions, code, message] of cases) {
    await assert.rejects(
      api.client.createListener({
        LoadBalancerArn: loadBalancer,
        Protocol: 'HTTP',
        Port: 80,
        DefaultActions: [actions].flat(),
      }),
      apiError(code, message),
      JSON.stringify(actions),
    )
  }
  assert.deepEqual((await api.client.describeListeners({ LoadBalancerArn: loadBalancer })).Listeners, [])
})

test('ALB-LSN-092, 096, 099 and 100 redirects that are accepted, with their defaults filled in', async (t) => {
  const api = await startApi(t)
  const loadBalancer = await createLoadBalancer(api)
  const unchanged = {
    Protocol: '#{protocol}',
    Host: '#{host}',
    Port: '#{port}',
    Path: '/#{path}',
    Query: '#{query}',
    StatusCode: 'HTTP_302',
  } as const
  const configs: [Partial<Action['RedirectConfig']>, Partial<Action['RedirectConfig']>?][] = [
    [{ Protocol: 'HTTPS', Port: '443' }],
    [{ Host: 'new.#{host}' }],
    [{ Host: 'example.com', Protocol: 'HTTP' }],
    [{ Host: 'example.com', Protocol: '#{protocol}' }],
    [{ Path: '/#{host}/#{port}/x/#{path}' }],
    [{ Path: `/A-z09_-.$/~"'@:+&*?` }],
    [{ Path: '/a&amp;b' }, { Path: '/a&b' }],
    [{ Port: '8443', Query: '#{query}&p=#{protocol}&h=#{host}' }],
    [{ Port: '8443', Query: '' }],
  ]
  for (const [index, [config, described = config]] of configs.entries()) {
    const action = await echoed(api, loadBalancer, 1000 + index, {
      Type: 'redirect',
      RedirectConfig: { StatusCode: 'HTTP_302', ...config },
    })
    assert.deepEqual(action?.RedirectConfig, { ...unchanged, ...described })
  }
})

test('ALB-LSN-088, 100 a redirect is with 301 or 302, and its query as long as 128 characters', async (t) => {
  const api = await startApi(t)
  const loadBalancer = await createLoadBalancer(api)
  const redirect = async (port: number, config: Partial<Action['RedirectConfig']>): Promise<unknown> => {
    // As a client would send it that checks nothing itself.
    const RedirectConfig = config as Action['RedirectConfig']
    const action = await echoed(api, loadBalancer, port, { Type: 'redirect', RedirectConfig })
    return action?.RedirectConfig
  }
  const example = {
    Protocol: 'HTTPS',
    Port: '443',
    Host: '#{host}',
    Path: '/#{path}',
    Query: '#{query}',
    StatusCode: 'HTTP_301',
  } as const
  assert.deepEqual(await redirect(80, example), example)
  const long = { ...example, StatusCode: 'HTTP_302', Query: 'q'.repeat(128) } as const
  assert.deepEqual(await redirect(81, long), long)
  const invalid = apiError('ValidationError')
  for (const StatusCode of ['HTTP_303', 'HTTP_307', '301', undefined] as ('HTTP_301' | undefined)[])
    await assert.rejects(redirect(82, { ...example, StatusCode }), invalid, StatusCode)
  await assert.rejects(redirect(82, { ...long, Query: 'q'.repeat(129) }), invalid)
})

test('ALB-LSN-053 a fixed response needs a status code alone', async (t) => {
  const api = await startApi(t)
  const loadBalancer = await createLoadBalancer(api)
  const fixed = async (config: Action['FixedResponseConfig']): Promise<unknown> =>
    (await echoed(api, loadBalancer, 80, { Type: 'fixed-response', FixedResponseConfig: config }))
      ?.FixedResponseConfig
  await assert.rejects(
    fixed({ ContentType: 'text/plain', MessageBody: 'x' } as Action['FixedResponseConfig']),
    apiError('ValidationError'),
  )
  assert.deepEqual(await fixed({ StatusCode: '503' }), { StatusCode: '503' })
})

test('ALB-LSN-212 ALB-TG-006 ALB-TG-007 a group belongs to one load balancer, in any number of listeners and rules', async (t) => {
  const api = await startApi(t)
  const [first, second] = [await createLoadBalancer(api, 'one'), await createLoadBalancer(api, 'two')]
  const group = await createTargetGroup(api)
  await createListener(api, first, 80, group)
  const other = await createListener(api, first, 81, group)
  for (const Priority of [1, 2]) {
    await api.client.createRule({
      ListenerArn: other,
      Priority,
      Conditions: [pathCondition(`/${Priority}`)],
      Actions: [forwardTo(group)],
    })
  }
  const association = apiError(
    'TargetGroupAssociationLimitException',
    `The following target groups cannot be associated with more than one load balancer: ${group}`,
  )
  await assert.rejects(createListener(api, second, 80, group), association)
  const listener = await createListener(api, second)
  await assert.rejects(
    api.client.modifyListener({ ListenerArn: listener, DefaultActions: [forwardTo(group)] }),
    association,
  )
  await assert.rejects(
    api.client.createRule({
      ListenerArn: listener,
      Priority: 1,
      Conditions: [pathCondition('/a')],
      Actions: [forwardTo(group)],
    }),
    association,
  )
  // ALB-LSN-463: free again when the last rule that names it is gone.
  await api.client.deleteListener({ ListenerArn: other })
  await api.client.deleteLoadBalancer({ LoadBalancerArn: first })
  await api.client.modifyListener({ ListenerArn: listener, DefaultActions: [forwardTo(group)] })
})

test('a listener is modified as a whole or not at all', async (t) => {
  const api = await startApi(t)
  const loadBalancer = await createLoadBalancer(api)
  const group = await createTargetGroup(api)
  const arn = await createListener(api, loadBalancer)
  const { Listeners } = await api.client.modifyListener({
    ListenerArn: arn,
    Port: 8080,
    DefaultActions: [forwardTo(group)],
  })
  assert.equal(Listeners?.[0]?.Port, 8080)
  assert.equal(Listeners[0]?.DefaultActions?.[0]?.TargetGroupArn, group)
  await assert.rejects(
    api.client.modifyListener({ ListenerArn: arn, Port: 9090, DefaultActions: [{ Type: 'redirect' }] }),
    apiError('InvalidLoadBalancerActionException'),
  )
  assert.deepEqual((await api.client.describeListeners({ ListenerArns: [arn] })).Listeners, Listeners)
  // ALB-LSN Q42: a redirect to the listener's new port would be a loop.
  await api.client.modifyListener({
    ListenerArn: arn,
    DefaultActions: [{ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301', Port: '9090' } }],
  })
  await assert.rejects(
    api.client.modifyListener({ ListenerArn: arn, Port: 9090 }),
    apiError('InvalidLoadBalancerActionException', /loop/),
  )
})

test('ALB-LSN-426 ALB-OBS-547 the 51st listener is refused; pages hold all fifty', async (t) => {
  const api = await startApi(t)
  const loadBalancer = await createLoadBalancer(api)
  for (let port = 1; port <= 50; port++) await createListener(api, loadBalancer, port)
  await assert.rejects(createListener(api, loadBalancer, 51), apiError('TooManyListenersException'))
  const ports: (number | undefined)[] = []
  let Marker: string | undefined
  do {
    const page = await api.client.describeListeners({ LoadBalancerArn: loadBalancer, PageSize: 20, Marker })
    ports.push(...present(page.Listeners).map(({ Port }) => Port))
    Marker = page.NextMarker
  } while (Marker !== undefined)
  assert.deepEqual(
    ports,
    Array.from({ length: 50 }, (_, index) => index + 1),
  )
})

test('ALB-LSN-398 listeners that are not there', async (t) => {
  const api = await startApi(t)
  const arn = await createListener(api, await createLoadBalancer(api))
  await api.client.deleteListener({ ListenerArn: arn })
  const missing = apiError('ListenerNotFoundException')
  await assert.rejects(api.client.deleteListener({ ListenerArn: arn }), missing)
  await assert.rejects(api.client.describeListeners({ ListenerArns: [arn] }), missing)
  await assert.rejects(api.client.describeRules({ ListenerArn: arn }), missing)
  await assert.rejects(api.client.modifyListener({ ListenerArn: arn, Port: 81 }), missing)
  await assert.rejects(api.client.describeListeners({}), apiError('ValidationError'))
  await assert.rejects(api.client.modifyListener({ ListenerArn: 'x', Port: 1 }), apiError('ValidationError'))
})
