import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import {
  apiError,
  createListener,
  createLoadBalancer,
  createTargetGroup,
  NOT_FOUND,
  pathCondition,
  present,
  startApi,
  SUBNETS,
  type Api,
} from './support.ts'

async function tagsOf(api: Api, arn: string): Promise<string[]> {
  const { TagDescriptions } = await api.client.describeTags({ ResourceArns: [arn] })
  return present(TagDescriptions?.[0]?.Tags).map(({ Key, Value }) => `${Key}=${Value}`)
}

test('ALB-LB-405..407, 411 ALB-TG-159, 433, 434 tags are added, replaced and removed on every kind of resource', async (t) => {
  const api = await startApi(t)
  const loadBalancer = await createLoadBalancer(api)
  const listener = await createListener(api, loadBalancer)
  const { Rules } = await api.client.createRule({
    ListenerArn: listener,
    Priority: 1,
    Conditions: [pathCondition('/a')],
    Actions: [NOT_FOUND],
    Tags: [{ Key: 'Name', Value: 'first' }],
  })
  const rule = present(Rules?.[0]?.RuleArn)
  // ALB-LSN-444
  assert.deepEqual(await tagsOf(api, rule), ['Name=first'])
  for (const arn of [loadBalancer, listener, rule, await createTargetGroup(api)]) {
    await api.client.addTags({ ResourceArns: [arn], Tags: [{ Key: 'Name', Value: 'a' }, { Key: 'env' }] })
    await api.client.addTags({
      ResourceArns: [arn],
      Tags: [
        { Key: 'Name', Value: 'b' },
        { Key: 'Env', Value: '' },
      ],
    })
    assert.deepEqual(await tagsOf(api, arn), ['Env=', 'Name=b', 'env='])
    await api.client.removeTags({ ResourceArns: [arn], TagKeys: ['env', 'not-there'] })
    assert.deepEqual(await tagsOf(api, arn), ['Env=', 'Name=b'])
  }
})

type Tag = readonly [key: string, value?: string]

async function addTags(api: Api, arn: string, ...tags: readonly Tag[]): Promise<unknown> {
  return await api.client.addTags({
    ResourceArns: [arn],
    Tags: tags.map(([Key, Value]) => ({ Key, Value })),
  })
}

/** Each tag is refused beside one that is fine, and neither is added. */
async function assertRefused(t: TestContext, ...tags: readonly Tag[]): Promise<void> {
  const api = await startApi(t)
  const arn = await createLoadBalancer(api)
  for (const tag of tags) {
    await assert.rejects(addTags(api, arn, ['fine', ''], tag), apiError('ValidationError'), tag.join('='))
  }
  assert.deepEqual(await tagsOf(api, arn), [])
}

test('ALB-LB-072, 073, 412, 413 ALB-TG-438, 439 other characters, and blanks at either end, are refused', async (t) => {
  await assertRefused(t, ['a*b'], ['a#'], ['a', '<'], [' a'], ['a '], ['a', 'b '], ['a', ' b'])
  const api = await startApi(t)
  const arn = await createLoadBalancer(api)
  await addTags(api, arn, ['ключ', '1 a+b-c=d.e_f:g/h@i'], ['1 a+b-c=d.e_f:g/h@i'], ['Env'], ['env'])
  assert.deepEqual(await tagsOf(api, arn), [
    '1 a+b-c=d.e_f:g/h@i=',
    'Env=',
    'env=',
    'ключ=1 a+b-c=d.e_f:g/h@i',
  ])
})

test('ALB-LB-409, 410 ALB-TG-436, 437 keys and values that are too long are refused', async (t) => {
  await assertRefused(t, ['a'.repeat(129)], ['a', 'b'.repeat(257)])
  const api = await startApi(t)
  await addTags(api, await createLoadBalancer(api), ['ж'.repeat(128), 'я'.repeat(256)])
})

test('ALB-LB-414 the prefix of the system is refused in keys, in any letter case, and not in values', async (t) => {
  await assertRefused(t, ['aws:x'], ['AWS:x'])
  const api = await startApi(t)
  const arn = await createLoadBalancer(api)
  await assert.rejects(
    api.client.removeTags({ ResourceArns: [arn], TagKeys: ['aws:x'] }),
    apiError('ValidationError'),
  )
  await addTags(api, arn, ['a', 'aws:value'])
})

test('two values for one key are refused', async (t) => {
  const api = await startApi(t)
  const arn = await createLoadBalancer(api)
  await assert.rejects(addTags(api, arn, ['a', '1'], ['a', '2']), apiError('DuplicateTagKeysException'))
  assert.deepEqual(await tagsOf(api, arn), [])
})

test('ALB-LB-408 ALB-TG-435 the 51st tag is refused, and what came with it', async (t) => {
  const api = await startApi(t)
  const arn = await createLoadBalancer(api)
  await addTags(api, arn, ...Array.from({ length: 50 }, (_, index): Tag => [`k${index}`]))
  await assert.rejects(addTags(api, arn, ['k0', 'changed'], ['k50']), apiError('TooManyTagsException'))
  const tags = await tagsOf(api, arn)
  assert.equal(tags.length, 50)
  assert.ok(tags.includes('k0='))
})

test('ALB-LB-415, 416 ALB-TG-440 tags of the system stay, and do not count', async (t) => {
  const api = await startApi(t)
  const arns = [await createLoadBalancer(api), await createTargetGroup(api)]
  for (const arn of arns) {
    await api.store.write(async (rows) => await rows.tags.put(arn, [{ key: 'aws:system', value: 'x' }]))
    await api.client.addTags({
      ResourceArns: [arn],
      Tags: Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}` })),
    })
    for (const call of [
      api.client.addTags({ ResourceArns: [arn], Tags: [{ Key: 'aws:system', Value: 'y' }] }),
      api.client.removeTags({ ResourceArns: [arn], TagKeys: ['aws:system'] }),
    ]) {
      await assert.rejects(call, apiError('ValidationError', /reserved for system use/))
    }
    const tags = await tagsOf(api, arn)
    assert.equal(tags.length, 51)
    assert.equal(tags[0], 'aws:system=x')
  }
})

test('ALB-LB OQ-62 tags are changed on one resource at a time, and described of twenty at most', async (t) => {
  const api = await startApi(t)
  const arns = [await createLoadBalancer(api), await createTargetGroup(api)]
  const [arn = ''] = arns
  await api.client.addTags({ ResourceArns: [arn], Tags: [{ Key: 'a' }] })
  const onlyOne = apiError('ValidationError', 'Only one resource can be tagged at a time')
  for (const ResourceArns of [arns, [arn, arn], [arn, 'x']]) {
    await assert.rejects(api.client.addTags({ ResourceArns, Tags: [{ Key: 'b' }] }), onlyOne)
    await assert.rejects(api.client.removeTags({ ResourceArns, TagKeys: ['a'] }), onlyOne)
  }
  assert.deepEqual(await tagsOf(api, arn), ['a='])
  const { TagDescriptions } = await api.client.describeTags({
    ResourceArns: Array.from({ length: 20 }, (_, index) => arns[index % 2] ?? ''),
  })
  assert.deepEqual(new Set(TagDescriptions?.map(({ ResourceArn }) => ResourceArn)), new Set(arns))
  await assert.rejects(
    api.client.describeTags({ ResourceArns: Array.from({ length: 21 }, () => arn) }),
    apiError('ValidationError', "You cannot describe more than '20' resources at a time"),
  )
})

test('ALB-LB OQ-62 every call about tags says of what kind the resource is that is not there', async (t) => {
  const api = await startApi(t)
  const loadBalancer = await createLoadBalancer(api)
  const listener = await createListener(api, loadBalancer)
  const { Rules } = await api.client.describeRules({ ListenerArn: listener })
  const gone = (arn: string): string => `${arn.slice(0, -1)}${arn.endsWith('0') ? '1' : '0'}`
  const cases: [arn: string, code: string][] = [
    [gone(loadBalancer), 'LoadBalancerNotFoundException'],
    [gone(listener), 'ListenerNotFoundException'],
    [gone(present(Rules?.[0]?.RuleArn)), 'RuleNotFoundException'],
    [gone(await createTargetGroup(api)), 'TargetGroupNotFoundException'],
    ['x', 'ValidationError'],
    ['arn:aws:ec2:us-east-2:123456789012:instance/i-0abcdef1234567890', 'ValidationError'],
  ]
  for (const [arn, code] of cases) {
    const ResourceArns = [arn]
    await assert.rejects(api.client.addTags({ ResourceArns, Tags: [{ Key: 'a' }] }), apiError(code), arn)
    await assert.rejects(api.client.removeTags({ ResourceArns, TagKeys: ['a'] }), apiError(code), arn)
    await assert.rejects(api.client.describeTags({ ResourceArns }), apiError(code), arn)
    // One that is there does not help.
    const several = { ResourceArns: [loadBalancer, arn] }
    await assert.rejects(api.client.describeTags(several), apiError(code), arn)
  }
})

test('tags at creation are checked before anything is made, and go with the resource', async (t) => {
  const api = await startApi(t)
  const create = { Name: 'tagged', Subnets: SUBNETS }
  await assert.rejects(
    api.client.createLoadBalancer({ ...create, Tags: [{ Key: 'aws:x' }] }),
    apiError('ValidationError'),
  )
  await assert.rejects(
    api.client.createLoadBalancer({
      ...create,
      Tags: Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}` })),
    }),
    apiError('TooManyTagsException'),
  )
  assert.deepEqual((await api.client.describeLoadBalancers({})).LoadBalancers, [])
  await api.client.createLoadBalancer({ ...create, Tags: [{ Key: 'a', Value: 'b' }] })
  const { LoadBalancers } = await api.client.describeLoadBalancers({})
  const arn = present(LoadBalancers?.[0]?.LoadBalancerArn)
  assert.deepEqual(await tagsOf(api, arn), ['a=b'])
  await api.client.deleteLoadBalancer({ LoadBalancerArn: arn })
  assert.deepEqual(await api.store.read(async (rows) => await rows.tags.of(arn)), [])
})
