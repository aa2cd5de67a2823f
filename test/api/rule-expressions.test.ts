import assert from 'node:assert/strict'
import { test } from 'node:test'
import type {
  CreateRuleCommandInput,
  Rule,
  RuleCondition,
  RuleTransform,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  apiError,
  createListener,
  createLoadBalancer,
  NOT_FOUND,
  pathCondition,
  present,
  startApi,
  type Api,
} from './support.ts'

async function create(
  api: Api,
  ListenerArn: string,
  Priority: number,
  input: Partial<CreateRuleCommandInput>,
): Promise<Rule> {
  const { Rules } = await api.client.createRule({
    ListenerArn,
    Priority,
    Conditions: [pathCondition('/a')],
    Actions: [NOT_FOUND],
    ...input,
  })
  const { Rules: found } = await api.client.describeRules({ RuleArns: [present(Rules?.[0]?.RuleArn)] })
  assert.deepEqual(found, Rules)
  return present(found?.[0])
}

const hostRewrite = (Regex: string, Replace: string): RuleTransform => ({
  Type: 'host-header-rewrite',
  HostHeaderRewriteConfig: { Rewrites: [{ Regex, Replace }] },
})
const urlRewrite = (Regex: string, Replace: string): RuleTransform => ({
  Type: 'url-rewrite',
  UrlRewriteConfig: { Rewrites: [{ Regex, Replace }] },
})

test('regular expressions of conditions come back as they were given', async (t) => {
  const api = await startApi(t)
  const listener = await createListener(api, await createLoadBalancer(api))
  const agent: RuleCondition = {
    Field: 'http-header',
    HttpHeaderConfig: { HttpHeaderName: 'User-Agent', RegexValues: ['Chrome/1[0-9]{2}'] },
  }
  const host: RuleCondition = {
    Field: 'host-header',
    HostHeaderConfig: { RegexValues: ['^(.*)\\.example\\.com$', 'a'.repeat(128)] },
  }
  const { Conditions } = await create(api, listener, 1, {
    Conditions: [agent, host, { Field: 'path-pattern', RegexValues: ['^/api/?(.*)$'] }],
  })
  assert.deepEqual(Conditions, [
    agent,
    { ...host, RegexValues: host.HostHeaderConfig?.RegexValues },
    {
      Field: 'path-pattern',
      RegexValues: ['^/api/?(.*)$'],
      PathPatternConfig: { RegexValues: ['^/api/?(.*)$'] },
    },
  ])
})

test('regular expressions of conditions that are refused', async (t) => {
  const api = await startApi(t)
  const listener = await createListener(api, await createLoadBalancer(api))
  const path = (...RegexValues: string[]): RuleCondition => ({
    Field: 'path-pattern',
    PathPatternConfig: { RegexValues },
  })
  const cases: [RuleCondition[], RegExp?][] = [
    [[path()]],
    [[path('')], /is empty/],
    [[path('(a')], /is not a valid regular expression$/],
    [[path('(?=a)')]],
    [[path('(a)\\1')]],
    [[path('\\p{L}')], /Unicode/],
    [[path('a'.repeat(129))], /too long/],
    [[{ Field: 'path-pattern', PathPatternConfig: { Values: ['/a'], RegexValues: ['a'] } }]],
    [[{ Field: 'path-pattern', RegexValues: ['a'], PathPatternConfig: { RegexValues: ['a'] } }], /both/],
    [[{ Field: 'path-pattern', Values: ['/a'], RegexValues: ['a'] }]],
    [[{ Field: 'source-ip', RegexValues: ['10.*'] }]],
    [[{ Field: 'http-header', RegexValues: ['a'] }], /header name/],
    // ALB-LSN Q04: each counts as one value.
    [[path('a', 'b', 'c', 'd', 'e', 'f')], /'5' condition values/],
    [[path('a', 'b', 'c'), { Field: 'host-header', RegexValues: ['a', 'b', 'c'] }], /'5' condition values/],
  ]
  for (const [Conditions, message] of cases) {
    await assert.rejects(
      create(api, listener, 1, { Conditions }),
      apiError('ValidationError', message),
      JSON.stringify(Conditions),
    )
  }
})

test('transforms of a rule are kept, replaced, and removed on demand', async (t) => {
  const api = await startApi(t)
  const listener = await createListener(api, await createLoadBalancer(api))
  const both = [
    hostRewrite('^mywebsite-(.+).com$', 'internal.dev.$1.myweb.com'),
    urlRewrite('^\\/dp\\/([A-Za-z0-9]+)\\/?$', '/product.php?id=$1'),
  ]
  const rule = await create(api, listener, 1, { Transforms: both })
  assert.deepEqual(rule.Transforms, both)
  const modify = async (input: Partial<Parameters<Api['client']['modifyRule']>[0]>): Promise<unknown> => {
    const { Rules } = await api.client.modifyRule({ RuleArn: rule.RuleArn, ...input })
    return Rules?.[0]?.Transforms
  }
  assert.deepEqual(await modify({ Conditions: [pathCondition('/b')] }), both)
  const [first] = both
  assert.deepEqual(await modify({ Transforms: [present(first)] }), [first])
  await assert.rejects(
    modify({ Transforms: both, ResetTransforms: true }),
    apiError('ValidationError', /both Transforms and ResetTransforms/),
  )
  assert.equal(await modify({ ResetTransforms: true }), undefined)
  assert.equal((await create(api, listener, 2, {})).Transforms, undefined)
})

test('transforms that are refused', async (t) => {
  const api = await startApi(t)
  const listener = await createListener(api, await createLoadBalancer(api))
  const rewrites = { Rewrites: [{ Regex: 'a', Replace: 'b' }] }
  const cases: [RuleTransform[], RegExp?][] = [
    [[urlRewrite('a', 'b'), urlRewrite('c', 'd')], /one transform of each type/],
    [[{ Type: 'url-rewrite' }], /must have one rewrite/],
    [[{ Type: 'url-rewrite', UrlRewriteConfig: { Rewrites: [] } }]],
    [[{ Type: 'url-rewrite', UrlRewriteConfig: { Rewrites: [...rewrites.Rewrites, ...rewrites.Rewrites] } }]],
    [[{ Type: 'url-rewrite', HostHeaderRewriteConfig: rewrites }], /'HostHeaderRewriteConfig'/],
    [[{ Type: 'header-rewrite' as 'url-rewrite', UrlRewriteConfig: rewrites }], /enum value set/],
    [[urlRewrite('(?<=a)b', 'c')], /not a valid regular expression/],
    [[urlRewrite('a'.repeat(1025), 'b')], /too long/],
    [[urlRewrite('a', 'b'.repeat(1025))], /too long/],
    [[urlRewrite('(a)', '$2')], /capture group/],
    [[urlRewrite('a', 'b c')], /characters/],
    [[hostRewrite('a{900}b{900}c{900}', 'b')], /too complex/],
  ]
  for (const [Transforms, message] of cases) {
    await assert.rejects(
      create(api, listener, 1, { Transforms }),
      apiError('ValidationError', message),
      JSON.stringify(Transforms),
    )
  }
})
