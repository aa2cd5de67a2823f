// From API call to traffic, through the whole program: listeners, rules, groups and targets as a user makes them.

import {
  type Action,
  ElasticLoadBalancingV2,
  ElasticLoadBalancingV2ServiceException,
  type RuleCondition,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { after, before, test } from 'node:test'

import { RawClient } from '../support/client.ts'
import { becomes } from '../support/eventually.ts'
import { nodeNetwork } from '../support/network.ts'
import { startProgram, type Program } from '../support/program.ts'
import { answer, startTarget, type Target } from '../support/target.ts'

const SUBNETS = ['subnet-0e3f5cac72EXAMPLE', 'subnet-081ec835f3EXAMPLE']
const ZONE_A = `${nodeNetwork(0)}.1`
const ZONE_B = `${nodeNetwork(1)}.1`

let program: Program
let elb: ElasticLoadBalancingV2
let loadBalancer = ''
let blue: Target
let green: Target
let blues = ''
let greens = ''
let groups = 0

before(async () => {
  program = await startProgram()
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  elb = new ElasticLoadBalancingV2({ endpoint: program.endpoint, region: 'us-east-2', credentials })
  blue = await startTarget(({ socket }) => socket.write(answer('blue')))
  green = await startTarget(({ socket }) => socket.write(answer('green')))
  const made = await elb.createLoadBalancer({ Name: 'routing', Subnets: SUBNETS })
  loadBalancer = made.LoadBalancers?.[0]?.LoadBalancerArn ?? ''
  blues = await group(blue.port)
  greens = await group(green.port)
})

after(async () => {
  elb.destroy()
  await program.stop()
  blue.close()
  green.close()
})

async function group(...ports: number[]): Promise<string> {
  const made = await elb.createTargetGroup({
    Name: `group-${++groups}`,
    Protocol: 'HTTP',
    Port: 80,
    TargetType: 'ip',
    VpcId: 'vpc-0598c7d356EXAMPLE',
    HealthCheckIntervalSeconds: 5,
    HealthCheckTimeoutSeconds: 2,
  })
  const arn = made.TargetGroups?.[0]?.TargetGroupArn ?? ''
  if (ports.length > 0) {
    await elb.registerTargets({
      TargetGroupArn: arn,
      Targets: ports.map((Port) => ({ Id: '127.0.0.1', Port })),
    })
  }
  return arn
}

const forward = (arn: string): Action => ({ Type: 'forward', TargetGroupArn: arn })
const says = (MessageBody: string): Action => ({
  Type: 'fixed-response',
  FixedResponseConfig: { StatusCode: '200', MessageBody },
})
const path = (...Values: string[]): RuleCondition => ({
  Field: 'path-pattern',
  PathPatternConfig: { Values },
})
const host = (...Values: string[]): RuleCondition => ({ Field: 'host-header', HostHeaderConfig: { Values } })

async function listener(port: number, ...actions: Action[]): Promise<string> {
  const made = await elb.createListener({
    LoadBalancerArn: loadBalancer,
    Protocol: 'HTTP',
    Port: port,
    DefaultActions: actions,
  })
  return made.Listeners?.[0]?.ListenerArn ?? ''
}

async function rule(
  listenerArn: string,
  priority: number,
  action: Action,
  ...conditions: RuleCondition[]
): Promise<string> {
  const made = await elb.createRule({
    ListenerArn: listenerArn,
    Priority: priority,
    Conditions: conditions,
    Actions: [action],
  })
  return made.Rules?.[0]?.RuleArn ?? ''
}

/** Body of the answer, or the status where it is not 200, or the error where nobody answers. */
async function get(port: number, target?: string, name?: string, fields?: string): Promise<string> {
  return await answered(port, target, name, fields).catch(String)
}

async function answered(port: number, target = '/', name = 'a.example', fields = ''): Promise<string> {
  const client = await RawClient.connect(port, { host: ZONE_A })
  client.send(`GET ${target} HTTP/1.1\r\nHost: ${name}\r\n${fields}Connection: close\r\n\r\n`)
  const response = await client.response()
  client.close()
  return response.status === 200 ? response.body : String(response.status)
}

async function refusal(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(
    () => null,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof ElasticLoadBalancingV2ServiceException, 'the call is refused')
  assert.equal(error.$metadata.httpStatusCode, 400)
  return error.name
}

async function isRefused(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, ZONE_A)
    socket.on('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.on('error', () => resolve(true))
  })
}

test('ALB-LSN-001, 002, 209, ALB-LB-004, 008 a port serves from the moment its listener is made, others do not', async () => {
  for (const port of [80, 443, 8080]) assert.equal(await isRefused(port), true)
  await listener(80, forward(blues))
  await becomes(async () => await get(80), 'blue')
  assert.equal(await isRefused(81), true)
  await listener(81, says('eighty-one'))
  await becomes(async () => await get(81), 'eighty-one')
  assert.equal(await get(80, '/anything?x=1'), 'blue')
})

test('every enabled zone has an address that serves', async () => {
  for (const address of [ZONE_A, ZONE_B]) {
    const client = await RawClient.connect(80, { host: address })
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    assert.equal((await client.response()).body, 'blue')
    client.close()
  }
})

test('HTTP works on any port, 443 included', async () => {
  await listener(443, says('no TLS'))
  await becomes(async () => await get(443), 'no TLS')
})

test('ALB-LSN-009, ALB-LB-007, ALB-LSN-024, 210 calls that lack or misname something are refused and make nothing', async () => {
  const count = async () => (await elb.describeListeners({ LoadBalancerArn: loadBalancer })).Listeners?.length
  const listeners = await count()
  for (const Protocol of ['TCP', 'TLS', 'UDP', 'TCP_UDP', 'GENEVE'] as const) {
    await refusal(
      elb.createListener({ LoadBalancerArn: loadBalancer, Protocol, Port: 900, DefaultActions: [says('x')] }),
    )
  }
  await refusal(
    elb.createListener({
      LoadBalancerArn: loadBalancer,
      Protocol: 'HTTP',
      Port: 900,
      DefaultActions: undefined,
    }),
  )
  const unknown = blues.replace(/[0-9a-f]{16}$/, '0000000000000000')
  assert.match(
    await refusal(
      elb.createListener({
        LoadBalancerArn: loadBalancer,
        Protocol: 'HTTP',
        Port: 900,
        DefaultActions: [forward(unknown)],
      }),
    ),
    /^TargetGroupNotFound/,
  )
  const [any] = (await elb.describeListeners({ LoadBalancerArn: loadBalancer })).Listeners ?? []
  const ListenerArn = any?.ListenerArn
  await refusal(elb.createRule({ ListenerArn, Priority: 1, Conditions: [], Actions: [says('x')] }))
  await refusal(elb.createRule({ ListenerArn, Priority: 1, Conditions: [path('/x')], Actions: [] }))
  await refusal(
    elb.createRule({ ListenerArn, Priority: undefined, Conditions: [path('/x')], Actions: [says('x')] }),
  )
  assert.equal(await count(), listeners)
})

test('ALB-LSN-021, 023, ALB-LB-005 a listener has one default rule, described last and performed last', async () => {
  const arn = await listener(82, forward(blues))
  await rule(arn, 50_000, says('last'), path('/l*'))
  const { Rules = [] } = await elb.describeRules({ ListenerArn: arn })
  assert.deepEqual(
    Rules.map(({ Priority, IsDefault, Conditions, Actions }) => [
      Priority,
      IsDefault,
      Conditions?.length,
      Actions?.length,
    ]),
    [
      ['50000', false, 1, 1],
      ['default', true, 0, 1],
    ],
  )
  assert.equal(Rules[1]?.Actions?.[0]?.ForwardConfig?.TargetGroups?.[0]?.Weight, 1)
  await becomes(async () => await get(82, '/last'), 'last')
  assert.equal(await get(82, '/other'), 'blue')
})

test('ALB-LSN-003, 211, 418, 427, ALB-LB-006, 016 rules of one listener decide for it alone', async () => {
  const one = await listener(83, forward(blues))
  await listener(84, forward(greens))
  await rule(one, 10, forward(greens), path('/img/*'), host('img.example'))
  await becomes(async () => await get(83, '/img/a', 'img.example'), 'green')
  assert.equal(await get(83, '/img/a'), 'blue')
  assert.equal(await get(83, '/', 'img.example'), 'blue')
  assert.equal(await get(84, '/img/a', 'img.example'), 'green')
})

test('ALB-OBS-598, 600, 601, 608 ALB-LB-021, 022, 023, 025, 026 ALB-LSN-088, 114 every type of condition and of action works', async () => {
  const arn = await listener(85, says('default'))
  await rule(arn, 1, says('path'), path('/img/*'))
  await rule(arn, 2, says('host'), host('*.b.example'))
  await rule(arn, 3, says('header'), {
    Field: 'http-header',
    HttpHeaderConfig: { HttpHeaderName: 'X-Version', Values: ['v2*'] },
  })
  await rule(arn, 4, says('query'), {
    Field: 'query-string',
    QueryStringConfig: { Values: [{ Key: 'version', Value: 'v3' }] },
  })
  await rule(arn, 5, says('method'), {
    Field: 'http-request-method',
    HttpRequestMethodConfig: { Values: ['PURGE'] },
  })
  for (const [priority, block] of [
    [6, '10.0.0.0/8'],
    [7, '127.0.0.0/8'],
  ] as const) {
    await rule(arn, priority, says(`source ${block}`), path('/who'), {
      Field: 'source-ip',
      SourceIpConfig: { Values: [block] },
    })
  }
  const redirect = (StatusCode: 'HTTP_301' | 'HTTP_302'): Action => ({
    Type: 'redirect',
    RedirectConfig: {
      Protocol: 'HTTPS',
      Port: '443',
      Host: '#{host}',
      Path: '/#{path}',
      Query: '#{query}',
      StatusCode,
    },
  })
  await rule(arn, 8, redirect('HTTP_302'), path('/meanwhile'))
  await rule(arn, 9, redirect('HTTP_301'), path('/away/*'))
  await becomes(async () => await get(85, '/away/b?c=d'), '301')
  assert.equal(await get(85, '/meanwhile'), '302')
  assert.equal(await get(85, '/img/1'), 'path')
  assert.equal(await get(85, '/', 'x.b.example'), 'host')
  assert.equal(await get(85, '/', 'a.example', 'x-version: V2.1\r\n'), 'header')
  assert.equal(await get(85, '/?a=b&Version=V3'), 'query')
  assert.equal(await get(85, '/who'), 'source 127.0.0.0/8')
  assert.equal(await get(85, '/'), 'default')
  const client = await RawClient.connect(85, { host: ZONE_A })
  client.send('PURGE / HTTP/1.1\r\nHost: a.example\r\n\r\n')
  assert.equal((await client.response()).body, 'method')
  client.send('GET /away/b?c=d HTTP/1.1\r\nHost: a.example\r\n\r\n')
  assert.equal((await client.response()).headers['location'], 'https://a.example:443/away/b?c=d')
  client.close()
})

test('ALB-LB-010, 024, 030 one address serves several groups, each on its port', async () => {
  const both = await group(blue.port, green.port)
  const arn = await listener(86, forward(both))
  await rule(arn, 1, forward(blues), path('/blue'))
  await becomes(async () => {
    const seen = new Set<string>()
    for (let count = 0; count < 12; count++) seen.add(await get(86))
    return [...seen].toSorted().join(' ')
  }, 'blue green')
  assert.equal(await get(86, '/blue'), 'blue')
})

test('ALB-LSN-423 a group without targets can be named, and answers 503', async () => {
  await listener(87, forward(await group()))
  await becomes(async () => await get(87), '503')
})

test('ALB-LSN-443, 444, 460 rules are added with tags, changed and deleted under traffic', async () => {
  const arn = await listener(88, says('default'))
  const made = await elb.createRule({
    ListenerArn: arn,
    Priority: 5,
    Conditions: [path('/r')],
    Actions: [says('first')],
    Tags: [{ Key: 'Name', Value: 'the rule' }],
  })
  const ruleArn = made.Rules?.[0]?.RuleArn ?? ''
  const { TagDescriptions } = await elb.describeTags({ ResourceArns: [ruleArn] })
  assert.deepEqual(TagDescriptions?.[0]?.Tags, [{ Key: 'Name', Value: 'the rule' }])
  assert.match(await refusal(rule(arn, 5, says('other'), path('/o'))), /^PriorityInUse/)
  await becomes(async () => await get(88, '/r'), 'first')
  await elb.modifyRule({ RuleArn: ruleArn, Actions: [says('second')] })
  await becomes(async () => await get(88, '/r'), 'second')
  await elb.setRulePriorities({ RulePriorities: [{ RuleArn: ruleArn, Priority: 7 }] })
  await rule(arn, 6, says('before it'), path('/r'))
  await becomes(async () => await get(88, '/r'), 'before it')
  for (const { RuleArn, IsDefault } of (await elb.describeRules({ ListenerArn: arn })).Rules ?? []) {
    if (IsDefault !== true) await elb.deleteRule({ RuleArn })
  }
  await becomes(async () => await get(88, '/r'), 'default')
})

test('ALB-LB-018 targets come and go under traffic without a failed request', async () => {
  const arn = await group(blue.port)
  await listener(89, forward(arn))
  await becomes(async () => await get(89), 'blue')
  const over = new AbortController()
  const traffic = (async () => {
    let count = 0
    for (; !over.signal.aborted; count++) assert.match(await get(89), /^(?:blue|green)$/)
    return count
  })()
  const Targets = [{ Id: '127.0.0.1', Port: green.port }]
  await elb.registerTargets({ TargetGroupArn: arn, Targets })
  await becomes(async () => await get(89), 'green')
  await elb.deregisterTargets({ TargetGroupArn: arn, Targets })
  await becomes(
    async () =>
      (
        (await elb.describeTargetHealth({ TargetGroupArn: arn })).TargetHealthDescriptions ?? []
      ).length.toString(),
    '1',
  )
  over.abort()
  assert.ok((await traffic) > 0)
})

test('ALB-SEC-372 a listener that is deleted refuses connections and lets others serve', async () => {
  const arn = await listener(90, says('short'))
  await becomes(async () => await get(90), 'short')
  await elb.deleteListener({ ListenerArn: arn })
  await becomes(async () => String(await isRefused(90)), 'true')
  assert.equal(await get(80), 'blue')
})

test('ALB-LB-148, 155, 160 attributes have their defaults and can be changed', async () => {
  const attributes = async () =>
    new Map(
      ((await elb.describeLoadBalancerAttributes({ LoadBalancerArn: loadBalancer })).Attributes ?? []).map(
        ({ Key, Value }) => [Key, Value],
      ),
    )
  const defaults = await attributes()
  assert.equal(defaults.get('access_logs.s3.enabled'), 'false')
  assert.equal(defaults.get('access_logs.s3.prefix'), '')
  assert.equal(defaults.get('deletion_protection.enabled'), 'false')
  assert.equal(defaults.get('routing.http2.enabled'), 'true')
  for (const mode of ['monitor', 'strictest', 'defensive']) {
    for (const dropped of ['true', 'false']) {
      await elb.modifyLoadBalancerAttributes({
        LoadBalancerArn: loadBalancer,
        Attributes: [
          { Key: 'routing.http.desync_mitigation_mode', Value: mode },
          { Key: 'routing.http.drop_invalid_header_fields.enabled', Value: dropped },
        ],
      })
      const now = await attributes()
      assert.equal(now.get('routing.http.desync_mitigation_mode'), mode)
      assert.equal(now.get('routing.http.drop_invalid_header_fields.enabled'), dropped)
    }
  }
})

test('ALB-LB-250, 423, 424, ALB-SEC-373 a protected load balancer stays; deleted, it and all its listeners are gone', async () => {
  const protect = async (Value: string) =>
    await elb.modifyLoadBalancerAttributes({
      LoadBalancerArn: loadBalancer,
      Attributes: [{ Key: 'deletion_protection.enabled', Value }],
    })
  await protect('true')
  assert.match(
    await refusal(elb.deleteLoadBalancer({ LoadBalancerArn: loadBalancer })),
    /^OperationNotPermitted/,
  )
  assert.equal(await get(80), 'blue')
  await protect('false')
  const { Listeners = [] } = await elb.describeListeners({ LoadBalancerArn: loadBalancer })
  await elb.deleteLoadBalancer({ LoadBalancerArn: loadBalancer })
  await becomes(async () => String((await isRefused(80)) && (await isRefused(85))), 'true')
  await refusal(elb.describeLoadBalancers({ LoadBalancerArns: [loadBalancer] }))
  assert.ok(Listeners.length > 2)
  for (const { ListenerArn = '' } of Listeners) {
    assert.match(await refusal(elb.describeListeners({ ListenerArns: [ListenerArn] })), /^ListenerNotFound/)
  }
  // Its addresses and groups are free for others.
  const other = createServer().listen(80, ZONE_A)
  await once(other, 'listening')
  other.close()
  await elb.deleteTargetGroup({ TargetGroupArn: blues })
})
