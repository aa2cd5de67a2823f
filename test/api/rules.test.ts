import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Action, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  apiError,
  createListener,
  createLoadBalancer,
  createTargetGroup,
  forwardTo,
  NOT_FOUND,
  pathCondition,
  present,
  startApi,
  type Api,
} from './support.ts'

async function createRule(
  api: Api,
  listener: string,
  priority: number,
  conditions: RuleCondition[] = [pathCondition('/a')],
  actions: Action[] = [NOT_FOUND],
): Promise<string> {
  const { Rules } = await api.client.createRule({
    ListenerArn: listener,
    Priority: priority,
    Conditions: conditions,
    Actions: actions,
  })
  return present(Rules?.[0]?.RuleArn)
}

async function priorities(api: Api, listener: string): Promise<(string | undefined)[]> {
  const { Rules } = await api.client.describeRules({ ListenerArn: listener })
  return present(Rules).map(({ Priority }) => Priority)
}

const host = (...Values: string[]): RuleCondition => ({ Field: 'host-header', HostHeaderConfig: { Values } })
const method = (...Values: string[]): RuleCondition => ({
  Field: 'http-request-method',
  HttpRequestMethodConfig: { Values },
})
const header = (HttpHeaderName: string, ...Values: string[]): RuleCondition => ({
  Field: 'http-header',
  HttpHeaderConfig: { HttpHeaderName, Values },
})
const query = (...Values: { Key?: string; Value?: string }[]): RuleCondition => ({
  Field: 'query-string',
  QueryStringConfig: { Values },
})
const source = (...Values: string[]): RuleCondition => ({ Field: 'source-ip', SourceIpConfig: { Values } })

test('rules are described by ascending priority, the default rule last', async (t) => {
  const api = await startApi(t)
  const listener = await createListener(api, await createLoadBalancer(api))
  for (const priority of [100, 9, 50_000, 20, 1]) await createRule(api, listener, priority)
  assert.deepEqual(await priorities(api, listener), ['1', '9', '20', '100', '50000', 'default'])
  for (const priority of [0, -1, 50_001]) {
    await assert.rejects(createRule(api, listener, priority), apiError('ValidationError'))
  }
  // ALB-LSN-443
  await assert.rejects(
    createRule(api, listener, 9),
    apiError('PriorityInUseException', "Priority '9' is currently in use"),
  )
  const elsewhere = await createListener(api, await createLoadBalancer(api, 'other'))
  await createRule(api, elsewhere, 9)
})

/** Makes a rule of each condition alone, and finds it as it was given. */
async function assertKept(t: TestContext, conditions: readonly RuleCondition[]): Promise<void> {
  const api = await startApi(t)
  const listener = await createListener(api, await createLoadBalancer(api))
  for (const [index, condition] of conditions.entries()) {
    const arn = await createRule(api, listener, index + 1, [condition])
    const { Rules } = await api.client.describeRules({ RuleArns: [arn] })
    const [described] = present(Rules?.[0]?.Conditions)
    // ALB-LSN Q10: host and path conditions are described in the old form too.
    const values = condition.HostHeaderConfig?.Values ?? condition.PathPatternConfig?.Values
    assert.deepEqual(described, values === undefined ? condition : { ...condition, Values: values })
  }
}

test('ALB-LSN-162, 163 and 170 hosts of up to 128 characters come back as they were given', async (t) => {
  await assertKept(t, [
    host('*.example.com'),
    host('my_host.example.com', 'a.b', 'te?t.example.com'),
    host('api-*.*'),
    host(`${'a'.repeat(124)}.com`),
  ])
})

test('ALB-LSN-177, 178 paths of up to 128 characters of all kinds come back as they were given', async (t) => {
  await assertKept(t, [
    pathCondition('/img/*', '*.php', '/package.service/method'),
    pathCondition(`/A-z09_-.$~"'@:+&%`),
    pathCondition('/*/*/*/*/*'),
    pathCondition(`/${'a'.repeat(127)}`),
  ])
})

test('ALB-LSN-150..153 headers with all their characters come back as they were given', async (t) => {
  await assertKept(t, [
    header('User-Agent', '*Chrome*', '*Safari*'),
    header('X_a.b-c', ' !"#$%&\'()+,./:;<=>@[]^_`{|}~-'),
    header("A9*?-!#$%&'+.^_`|~", 'a'),
    header('a'.repeat(40), 'a'.repeat(128)),
  ])
})

test('ALB-LSN-157 methods of up to 40 characters come back as they were given', async (t) => {
  await assertKept(t, [method('CUSTOM-METHOD'), method('A_B'), method('A'.repeat(40))])
})

test('ALB-LSN-196, 197 keys and values of queries with all their characters come back as they were given', async (t) => {
  const all = `Az09_-.$/~"'@:+&()!,;=`
  await assertKept(t, [
    query({ Key: 'version', Value: 'v1' }, { Value: '*example*' }),
    query({ Key: all, Value: all }),
    query({ Key: 'k'.repeat(128), Value: 'v'.repeat(128) }),
    query({ Value: '\\*\\*\\*\\*\\*\\*' }),
  ])
})

test('ALB-LSN-201 blocks of both families come back as they were given', async (t) => {
  await assertKept(t, [
    source('192.0.2.0/24', '198.51.100.10/32', '2001:db8::/32'),
    source('0.0.0.0/0', '::/0', '192.0.2.5/24'),
  ])
})

test('ALB-LSN-130 all types of conditions go together in one rule', async (t) => {
  const api = await startApi(t)
  const listener = await createListener(api, await createLoadBalancer(api))
  await createRule(api, listener, 1, [
    query({ Value: 'a' }),
    source('10.0.0.0/8'),
    method('GET'),
    pathCondition('/a'),
    host('a.b'),
  ])
  // ALB-LSN-135
  await createRule(
    api,
    listener,
    2,
    ['a', 'b', 'c', 'd', 'e'].map((value) => header('X-Test', value)),
  )
  await createRule(api, listener, 3, [{ Field: 'path-pattern', Values: ['/a&amp;b'] }])
  const { Rules } = await api.client.describeRules({ ListenerArn: listener })
  // ALB-LSN Q23
  assert.deepEqual(Rules?.[2]?.Conditions?.[0]?.Values, ['/a&b'])
})

/** Each is refused, by this message where one is given, and leaves nothing behind. */
async function assertRefused(
  t: TestContext,
  cases: readonly (readonly [conditions: RuleCondition[], message?: RegExp])[],
): Promise<void> {
  const api = await startApi(t)
  const listener = await createListener(api, await createLoadBalancer(api))
  for (const [conditions, message] of cases) {
    await assert.rejects(
      createRule(api, listener, 1, conditions),
      apiError('ValidationError', message),
      JSON.stringify(conditions),
    )
  }
  assert.deepEqual(await priorities(api, listener), ['default'])
}

test('ALB-LSN-127, 140 and 421 conditions without one of the six types, or without values, are refused', async (t) => {
  await assertRefused(t, [
    [[]],
    [
      [{ Field: 'cookie', Values: ['a'] }],
      /^Condition field 'cookie' must be one of '\[path-pattern,host-header,http-header,http-request-method,query-string,source-ip\]'$/,
    ],
    [[{ Values: ['/a'] }], /^A condition field must be specified$/],
    [[pathCondition()], /^A condition value must be specified$/],
    [[pathCondition('')]],
    [
      [{ Field: 'host-header', Values: ['a.b'], HostHeaderConfig: { Values: ['a.b'] } }],
      /^You cannot provide both Values and 'HostHeaderConfig' for a condition of type 'host-header'$/,
    ],
    [[{ Field: 'http-header', Values: ['a'] }]],
    [[{ ...pathCondition('/a'), HostHeaderConfig: { Values: ['a.b'] } }]],
  ])
})

test('ALB-LSN-128 two conditions on host, method, path or source are refused', async (t) => {
  await assertRefused(t, [
    [[pathCondition('/a'), pathCondition('/b')]],
    [[host('a.b'), host('b.c')]],
    [[method('GET'), method('PUT')]],
    [[source('10.0.0.0/8'), source('11.0.0.0/8')]],
  ])
})

test('ALB-LSN-131, 134 and 422 ALB-OBS-556, 558 more values than a condition or a rule may have are refused', async (t) => {
  await assertRefused(t, [
    [[pathCondition('/a', '/b', '/c', '/d', '/e', '/f')], /^A rule can only have '5' condition values$/],
    [
      [pathCondition('/a', '/b', '/c'), header('X-A', '1', '2', '3')],
      /^A rule can only have '5' condition values$/,
    ],
  ])
})

test('ALB-LSN-137 ALB-OBS-557 more than five wildcards in a rule are refused', async (t) => {
  await assertRefused(t, [
    [[pathCondition('/*/*/*/*/*/*')], /^A rule can only have '5' condition wildcards$/],
    [[pathCondition('/*/*/*'), host('*.*?.com')]],
  ])
})

test('ALB-LSN-177, 178 paths that are too long, or have other characters, are refused', async (t) => {
  await assertRefused(t, [
    [[pathCondition(`/${'a'.repeat(128)}`)], /^The 'path-pattern' value is too long; the limit is '128'$/],
    [[pathCondition('/a b')]],
    [[pathCondition('/a<b')]],
    [[pathCondition('/a\tb')]],
  ])
})

test('ALB-LSN-162, 163, 165 and 166 hosts that are too long, or cannot be hosts, are refused', async (t) => {
  await assertRefused(t, [
    [[host('example.com:8080')]],
    [[host('localhost')]],
    [[host('*')]],
    [[host('example.c0m')]],
    [[host('10.0.0.1')]],
    [[host('a/b.com')]],
    [[host(`${'a'.repeat(125)}.com`)]],
  ])
})

test('ALB-LSN-150..153 headers that are too long, or have other characters, are refused', async (t) => {
  await assertRefused(t, [
    [[header('X:a', 'a')]],
    [[header('X a', 'a')]],
    [[header('X/a', 'a')]],
    [[header('X(a', 'a')]],
    [[header('a'.repeat(41), 'a')]],
    [[header('Host', 'a')]],
    [[header('X-A', 'é')]],
    [[header('X-A', 'a\u007f')]],
    [[header('X-A', 'a'.repeat(129))]],
    [[header('X-A')]],
  ])
})

test('ALB-LSN-157 methods that are too long, or have other characters, are refused', async (t) => {
  await assertRefused(t, [[[method('get')]], [[method('M1')]], [[method('A'.repeat(41))]]])
})

test('ALB-LSN-196, 197 and 198 queries that are too long, have other characters or no value are refused', async (t) => {
  await assertRefused(t, [
    [[query({ Key: 'a' })]],
    [[query({ Value: '' })]],
    [[query({ Value: 'a b' })]],
    [[query({ Key: '<', Value: 'a' })]],
    [[query({ Value: 'a'.repeat(129) })]],
    [[query({ Key: 'a'.repeat(129), Value: 'a' })]],
    [[query({ Value: '\\' })]],
  ])
})

test('ALB-LSN-136, 202 wildcards in methods and sources are refused', async (t) => {
  await assertRefused(t, [[[method('GE?')]], [[method('G*')]], [[source('192.0.2.*')]], [[source('10.0.*')]]])
})

test('ALB-LSN-200, 203 sources that are no blocks are refused', async (t) => {
  await assertRefused(t, [
    [[source('192.0.2.1')]],
    [[source('192.0.2.0/33')]],
    [[source('2001:db8::/129')]],
    [[source('255.255.255.255/32')]],
  ])
})

test('ALB-LSN-131 ALB-LSN Q03 one condition has five values at most, or three if the operator wants', async (t) => {
  const five = [
    host('a.b', 'b.b', 'c.b', 'd.b', 'e.b'),
    pathCondition('/a', '/b', '/c', '/d', '/e'),
    header('X-A', '1', '2', '3', '4', '5'),
    method('GET', 'HEAD', 'PUT', 'POST', 'DELETE'),
    query({ Value: 'a' }, { Value: 'b' }, { Value: 'c' }, { Key: 'd', Value: 'd' }, { Value: 'e' }),
    source('10.1.0.0/16', '10.2.0.0/16', '10.3.0.0/16', '10.4.0.0/16', '2001:db8::/32'),
  ]
  const api = await startApi(t)
  const listener = await createListener(api, await createLoadBalancer(api))
  for (const [index, condition] of five.entries()) await createRule(api, listener, index + 1, [condition])
  await assert.rejects(
    createRule(api, listener, 50, [five[0] ?? {}, method('GET')]),
    apiError('ValidationError', "A rule can only have '5' condition values"),
  )

  const strict = await startApi(t, { settings: { valuesPerConditionMax: 3 } })
  const elsewhere = await createListener(strict, await createLoadBalancer(strict))
  await createRule(strict, elsewhere, 1, [pathCondition('/a', '/b', '/c'), method('GET', 'HEAD')])
  await assert.rejects(
    createRule(strict, elsewhere, 2, [pathCondition('/a', '/b', '/c', '/d')]),
    apiError('ValidationError', "A condition can only have '3' values"),
  )
})

test('ALB-LSN Q10 hosts and paths may stand beside the type, as many as in the settings of the type', async (t) => {
  const api = await startApi(t)
  const listener = await createListener(api, await createLoadBalancer(api))
  const hosts = ['a.example.com', 'b.example.com', '*.c.example.com']
  const arn = await createRule(api, listener, 1, [
    { Field: 'host-header', Values: hosts },
    { Field: 'path-pattern', Values: ['/a', '/b&amp;c'] },
  ])
  const described = async (): Promise<RuleCondition[]> =>
    present((await api.client.describeRules({ RuleArns: [arn] })).Rules?.[0]?.Conditions)
  const paths = ['/a', '/b&c']
  assert.deepEqual(await described(), [
    { Field: 'host-header', Values: hosts, HostHeaderConfig: { Values: hosts } },
    { Field: 'path-pattern', Values: paths, PathPatternConfig: { Values: paths } },
  ])

  const one = ['one.example.com']
  await api.client.modifyRule({ RuleArn: arn, Conditions: [{ Field: 'host-header', Values: one }] })
  assert.deepEqual(await described(), [
    { Field: 'host-header', Values: one, HostHeaderConfig: { Values: one } },
  ])
  await api.client.modifyRule({ RuleArn: arn, Conditions: [{ Field: 'path-pattern', Values: ['/x', '/y'] }] })
  const changed = await described()
  assert.deepEqual(changed, [
    { Field: 'path-pattern', Values: ['/x', '/y'], PathPatternConfig: { Values: ['/x', '/y'] } },
  ])

  const refused: [RuleCondition, RegExp][] = [
    [{ Field: 'host-header', Values: ['a.b', 'localhost'] }, /'localhost' must contain at least one '.'/],
    [{ Field: 'host-header', Values: ['a.b', 'a/b.com'] }, /a character that is not valid/],
    [{ Field: 'path-pattern', Values: ['/a', ''] }, /cannot be empty/],
    [{ Field: 'path-pattern', Values: ['/a', `/${'b'.repeat(128)}`] }, /too long/],
    [{ Field: 'path-pattern', Values: ['a', 'b', 'c', 'd', 'e', 'f'] }, /'5' condition values/],
    [{ Field: 'path-pattern', Values: ['/*/*/*', '/*/*/*'] }, /'5' condition wildcards/],
    [
      { Field: 'path-pattern', Values: ['/a'], PathPatternConfig: { Values: ['/a', '/b'] } },
      /both Values and/,
    ],
    ...(['http-header', 'http-request-method', 'query-string', 'source-ip'] as const).map(
      (Field): [RuleCondition, RegExp] => [{ Field, Values: ['GET', 'PUT'] }, /cannot provide Values/],
    ),
  ]
  for (const [condition, message] of refused) {
    await assert.rejects(
      api.client.modifyRule({ RuleArn: arn, Conditions: [condition] }),
      apiError('ValidationError', message),
      JSON.stringify(condition),
    )
  }
  assert.deepEqual(await described(), changed)
})

test('ALB-LSN-445 a part that is not named stays as it is', async (t) => {
  const api = await startApi(t)
  const loadBalancer = await createLoadBalancer(api)
  const listener = await createListener(api, loadBalancer)
  const group = await createTargetGroup(api)
  const arn = await createRule(api, listener, 1)
  const { Rules: before } = await api.client.describeRules({ RuleArns: [arn] })
  const forwarding = await api.client.modifyRule({ RuleArn: arn, Actions: [forwardTo(group)] })
  assert.deepEqual(forwarding.Rules?.[0]?.Conditions, before?.[0]?.Conditions)
  const { Rules } = await api.client.modifyRule({ RuleArn: arn, Conditions: [host('a.b')] })
  assert.equal(Rules?.[0]?.Actions?.[0]?.TargetGroupArn, group)
  assert.deepEqual(Rules[0]?.Conditions?.[0]?.HostHeaderConfig, { Values: ['a.b'] })
  assert.deepEqual((await api.client.describeRules({ RuleArns: [arn] })).Rules, Rules)
  await assert.rejects(
    api.client.modifyRule({ RuleArn: arn, Conditions: [host('c.d')], Actions: [] }),
    apiError('ValidationError'),
  )
  assert.deepEqual((await api.client.describeRules({ RuleArns: [arn] })).Rules, Rules)
})

test('ALB-LSN-022 ALB-LSN-027 ALB-LSN-035 ALB-LSN-457, 461 the default rule cannot be touched as a rule', async (t) => {
  const api = await startApi(t)
  const listener = await createListener(api, await createLoadBalancer(api))
  const { Rules } = await api.client.describeRules({ ListenerArn: listener })
  const arn = present(Rules?.[0]?.RuleArn)
  const refused = apiError('OperationNotPermittedException')
  await assert.rejects(api.client.deleteRule({ RuleArn: arn }), refused)
  await assert.rejects(api.client.modifyRule({ RuleArn: arn, Conditions: [host('a.b')] }), refused)
  await assert.rejects(
    api.client.setRulePriorities({ RulePriorities: [{ RuleArn: arn, Priority: 5 }] }),
    refused,
  )
  assert.deepEqual((await api.client.describeRules({ ListenerArn: listener })).Rules, Rules)
})

test('ALB-LSN-453..456 priorities are changed together, or not at all', async (t) => {
  const api = await startApi(t)
  const loadBalancer = await createLoadBalancer(api)
  const listener = await createListener(api, loadBalancer)
  const [first, second] = [await createRule(api, listener, 10), await createRule(api, listener, 20)]
  await createRule(api, listener, 30)
  await api.client.addTags({ ResourceArns: [first], Tags: [{ Key: 'a', Value: 'b' }] })
  const set = async (...pairs: [string, number][]): Promise<unknown> =>
    await api.client.setRulePriorities({
      RulePriorities: pairs.map(([RuleArn, Priority]) => ({ RuleArn, Priority })),
    })
  await set([first, 20], [second, 10])
  const { Rules } = await api.client.describeRules({ ListenerArn: listener })
  assert.deepEqual(
    Rules?.slice(0, 2).map(({ RuleArn }) => RuleArn),
    [second, first],
  )
  const { TagDescriptions } = await api.client.describeTags({ ResourceArns: [first] })
  assert.deepEqual(TagDescriptions?.[0]?.Tags, [{ Key: 'a', Value: 'b' }])
  await assert.rejects(set([second, 40], [first, 30]), apiError('PriorityInUseException'))
  await assert.rejects(set([second, 40], [first, 40]), apiError('ValidationError'))
  await assert.rejects(set([second, 40], [second, 41]), apiError('ValidationError'))
  const elsewhere = await createRule(api, await createListener(api, loadBalancer, 81), 1)
  await assert.rejects(set([second, 40], [elsewhere, 2]), apiError('ValidationError'))
  assert.deepEqual(await priorities(api, listener), ['10', '20', '30', 'default'])
})

test('ALB-LSN-452 ALB-LSN-462 rules that are gone are not found', async (t) => {
  const api = await startApi(t)
  const listener = await createListener(api, await createLoadBalancer(api))
  const [first, second] = [await createRule(api, listener, 1), await createRule(api, listener, 2)]
  await api.client.deleteRule({ RuleArn: first })
  assert.deepEqual(await priorities(api, listener), ['2', 'default'])
  await api.client.deleteListener({ ListenerArn: listener })
  for (const RuleArn of [first, second]) {
    const missing = apiError('RuleNotFoundException', 'One or more rules not found')
    await assert.rejects(api.client.describeRules({ RuleArns: [RuleArn] }), missing)
    await assert.rejects(api.client.modifyRule({ RuleArn, Actions: [NOT_FOUND] }), missing)
    await assert.rejects(api.client.deleteRule({ RuleArn }), missing)
  }
  await assert.rejects(api.client.describeRules({}), apiError('ValidationError'))
})

test('ALB-LSN-424 ALB-OBS-555 the 101st rule of a load balancer is refused; pages hold all of them', async (t) => {
  const api = await startApi(t)
  const loadBalancer = await createLoadBalancer(api)
  const listeners = [await createListener(api, loadBalancer, 80), await createListener(api, loadBalancer, 81)]
  for (let index = 0; index < 100; index++) {
    await createRule(api, present(listeners[index % 2]), 1 + index)
  }
  await assert.rejects(createRule(api, present(listeners[0]), 1000), apiError('TooManyRulesException'))
  const read: (string | undefined)[] = []
  let Marker: string | undefined
  do {
    const page = await api.client.describeRules({ ListenerArn: listeners[0], PageSize: 17, Marker })
    read.push(...present(page.Rules).map(({ Priority }) => Priority))
    Marker = page.NextMarker
  } while (Marker !== undefined)
  assert.equal(read.length, 51)
  assert.equal(new Set(read).size, 51)
  assert.equal(read.at(-1), 'default')
})

test('ALB-LSN Q41 a sticky group among several needs group stickiness', async (t) => {
  const api = await startApi(t)
  const listener = await createListener(api, await createLoadBalancer(api))
  const [first, second] = [await createTargetGroup(api, 'one'), await createTargetGroup(api, 'two')]
  const stick = async (arn: string): Promise<unknown> =>
    await api.client.modifyTargetGroupAttributes({
      TargetGroupArn: arn,
      Attributes: [{ Key: 'stickiness.enabled', Value: 'true' }],
    })
  const weighted = (Enabled: boolean): Action => ({
    Type: 'forward',
    ForwardConfig: {
      TargetGroups: [first, second].map((TargetGroupArn) => ({ TargetGroupArn, Weight: 1 })),
      TargetGroupStickinessConfig: { Enabled, DurationSeconds: 60 },
    },
  })
  const rule = await createRule(api, listener, 1, undefined, [weighted(false)])
  await assert.rejects(stick(first), apiError('InvalidConfigurationRequestException', new RegExp(rule)))
  await api.client.modifyRule({ RuleArn: rule, Actions: [weighted(true)] })
  await stick(first)
  await assert.rejects(
    api.client.modifyRule({ RuleArn: rule, Actions: [weighted(false)] }),
    apiError('InvalidLoadBalancerActionException', /^You must enable group stickiness/),
  )
  await api.client.modifyRule({ RuleArn: rule, Actions: [forwardTo(first)] })
})
