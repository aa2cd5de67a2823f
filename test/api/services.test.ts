// The other services at the same endpoint, found by the scope of the signature or by the version that is asked for.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { STS } from '@aws-sdk/client-sts'
import { startApi } from './support.ts'

test('STS says who calls', async (t) => {
  const api = await startApi(t, { settings: { accountId: '111122223333' } })
  const client = new STS({
    endpoint: api.endpoint,
    region: 'us-west-2',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'x' },
  })
  t.after(() => client.destroy())
  const { Account, Arn, UserId } = await client.getCallerIdentity({})
  assert.deepEqual([Account, Arn, UserId], ['111122223333', 'arn:aws:iam::111122223333:root', '111122223333'])
})

test('an unsigned request finds its service by version, a signed one only the service it is signed for', async (t) => {
  const api = await startApi(t)
  const post = async (authorization?: string): Promise<string> => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
    const body = 'Action=GetCallerIdentity&Version=2011-06-15'
    return await (await fetch(api.endpoint, { method: 'POST', body, headers })).text()
  }
  const scope = (service: string): string =>
    `AWS4-HMAC-SHA256 Credential=A/20260101/us-east-2/${service}/aws4_request, SignedHeaders=host, Signature=0`
  assert.match(await post(), /<Account>123456789012<\/Account>/)
  assert.match(await post(scope('sts')), /<Account>123456789012<\/Account>/)
  assert.match(await post(scope('elasticloadbalancing')), /<Code>InvalidAction<\/Code>/)
  assert.match(await post(scope('wafv2')), /<Message>The service 'wafv2' is not offered/)
})
