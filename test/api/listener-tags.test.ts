// Tags of listeners and rules.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2'
import { cli, needsCli } from '../cli/aws-cli.ts'
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

async function tagged(api: Api, Tags?: Tag[]): Promise<{ listener: string; rule: string }> {
  const listener = await createListener(api, await createLoadBalancer(api))
  const { Rules } = await api.client.createRule({
    ListenerArn: listener,
    Priority: 1,
    Conditions: [pathCondition('/a')],
    Actions: [NOT_FOUND],
    ...(Tags === undefined ? {} : { Tags }),
  })
  return { listener, rule: present(Rules?.[0]?.RuleArn) }
}

async function tagsOf(api: Api, arn: string): Promise<Record<string, string | undefined>> {
  const { TagDescriptions } = await api.client.describeTags({ ResourceArns: [arn] })
  return Object.fromEntries(present(TagDescriptions?.[0]?.Tags).map(({ Key = '', Value }) => [Key, Value]))
}

test('ALB-SEC-341..344, 348 and 353 a listener and its rules have tags of their own', async (t) => {
  const api = await startApi(t)
  const { listener, rule } = await tagged(api)
  for (const arn of [listener, rule]) {
    const add = async (...Tags: Tag[]): Promise<unknown> =>
      await api.client.addTags({ ResourceArns: [arn], Tags })
    await add({ Key: 'k', Value: '1' }, { Key: 'env', Value: 'a' }, { Key: 'Env', Value: 'A' })
    await add({ Key: 'k', Value: '2' })
    assert.deepEqual(await tagsOf(api, arn), { Env: 'A', env: 'a', k: '2' })
  }
  await api.client.removeTags({ ResourceArns: [listener], TagKeys: ['k', 'env'] })
  assert.deepEqual(await tagsOf(api, listener), { Env: 'A' })
  assert.deepEqual(await tagsOf(api, rule), { Env: 'A', env: 'a', k: '2' })
})

test('ALB-SEC-345..347 and 349..351 how many tags, how long, and of which characters', async (t) => {
  const api = await startApi(t)
  const { listener, rule } = await tagged(api)
  for (const arn of [listener, rule]) {
    const add = async (Key: string, Value = ''): Promise<unknown> =>
      await api.client.addTags({ ResourceArns: [arn], Tags: [{ Key, Value }] })
    // Characters, not bytes.
    await add('ä'.repeat(127), '数'.repeat(255))
    for (const key of ['a b+c-d=e.f_g:h/i@j', 'größe', '数字1']) await add(key)
    const before = await tagsOf(api, arn)
    const refused = apiError('ValidationError')
    await assert.rejects(add('a'.repeat(129)), refused)
    await assert.rejects(add('a', 'a'.repeat(257)), refused)
    for (const key of ['a#', 'a*', '<a', 'a&b', ' a', 'a ', 'aws:x', 'AWS:x']) {
      await assert.rejects(add(key), refused, key)
    }
    await assert.rejects(add('a', ' b'), refused)
    await assert.rejects(api.client.removeTags({ ResourceArns: [arn], TagKeys: ['aws:x'] }), refused)
    assert.deepEqual(await tagsOf(api, arn), before)

    const more = Array.from({ length: 46 }, (_, index) => ({ Key: `k${index}`, Value: '' }))
    await api.client.addTags({ ResourceArns: [arn], Tags: more })
    const full = await tagsOf(api, arn)
    assert.equal(Object.keys(full).length, 50)
    const tooMany = apiError('TooManyTagsException')
    await assert.rejects(
      api.client.addTags({ ResourceArns: [arn], Tags: [{ Key: 'k0', Value: 'new' }, { Key: 'k46' }] }),
      tooMany,
    )
    assert.deepEqual(await tagsOf(api, arn), full)
  }
})

test('tags that cannot be keep a listener or a rule from being made', async (t) => {
  const api = await startApi(t)
  const Tags = Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: '' }))
  await assert.rejects(tagged(api, Tags), apiError('TooManyTagsException'))
  const { Listeners } = await api.client.describeListeners({
    LoadBalancerArn: await createLoadBalancer(api),
  })
  const [{ ListenerArn } = {}] = present(Listeners)
  assert.equal((await api.client.describeRules({ ListenerArn })).Rules?.length, 1)
  await assert.rejects(
    api.client.createListener({
      LoadBalancerArn: await createLoadBalancer(api),
      Protocol: 'HTTP',
      Port: 81,
      DefaultActions: [NOT_FOUND],
      Tags,
    }),
    apiError('TooManyTagsException'),
  )
  const { Listeners: after } = await api.client.describeListeners({
    LoadBalancerArn: await createLoadBalancer(api),
  })
  assert.deepEqual(after, Listeners)
})

test(
  'ALB-SEC-362, 371 and 376 the commands for tags, and the one that deletes a listener',
  needsCli,
  async (t) => {
    const api = await startApi(t)
    const aws = cli(api)
    const { listener, rule } = await tagged(api)
    for (const [arn, key, value] of [
      [listener, 'project', 'lima'],
      [rule, 'Name', 'api'],
    ] as const) {
      assert.equal(await aws('add-tags', '--resource-arns', arn, '--tags', `Key=${key},Value=${value}`), '')
      assert.deepEqual(await tagsOf(api, arn), { [key]: value })
      assert.equal(await aws('remove-tags', '--resource-arns', arn, '--tag-keys', key), '')
      assert.deepEqual(await tagsOf(api, arn), {})
    }
    assert.equal(await aws('delete-listener', '--listener-arn', listener), '')
    await assert.rejects(
      api.client.describeListeners({ ListenerArns: [listener] }),
      apiError('ListenerNotFoundException'),
    )
  },
)
