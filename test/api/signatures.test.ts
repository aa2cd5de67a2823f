// Signatures over the wire: presigned URLs, session tokens, and what each protocol says when they do not hold.

import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { STS } from '@aws-sdk/client-sts'
import { SignatureV4 } from '@smithy/signature-v4'
import { Sha256 } from '../support/sha256.ts'
import { accessKey, apiError, startApi, type Api } from './support.ts'

const SECRET = 'a secret'
const TOKEN = 'a session token/+='
const accessKeys = new Map([
  ['AKID', accessKey(SECRET)],
  ['ASIA', accessKey(SECRET, { type: 'AssumedRole', roleName: 'Admin', sessionName: 'ci' }, TOKEN)],
])

/** A URL that AWS's own signer made, which holds for a minute from now on. */
async function presigned(
  api: Api,
  method: string,
  accessKeyId: string,
  sessionToken?: string,
): Promise<string> {
  const { hostname, host, port } = new URL(api.endpoint)
  const secretAccessKey = SECRET
  const signer = new SignatureV4({
    service: 'sts',
    region: 'eu-west-1',
    sha256: Sha256,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
  })
  const query = { Action: 'GetCallerIdentity', Version: '2011-06-15' }
  const request = {
    method,
    protocol: 'http:',
    hostname,
    port: Number(port),
    path: '/',
    query,
    headers: { host },
  }
  const { query: signed = {} } = await signer.presign(request, { expiresIn: 60 })
  const pairs = Object.entries(signed).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
  return `${api.endpoint}/?${pairs.join('&')}`
}

async function ask(url: string, method = 'GET'): Promise<[number, string | undefined]> {
  const response = await fetch(url, { method })
  const text = await response.text()
  return [response.status, /<(?:Arn|Code)>(.*?)</.exec(text)?.[1]]
}

test('a presigned URL calls without a header, by GET and by POST, until it expires', async (t) => {
  const api = await startApi(t, { settings: { accessKeys } })
  const root = [200, 'arn:aws:iam::123456789012:root']
  for (const method of ['GET', 'POST']) {
    assert.deepEqual(await ask(await presigned(api, method, 'AKID'), method), root)
  }
  const url = await presigned(api, 'GET', 'ASIA', TOKEN)
  assert.deepEqual(await ask(url), [200, 'arn:aws:sts::123456789012:assumed-role/Admin/ci'])
  assert.equal(api.audited.at(-1)?.awsRegion, 'eu-west-1')
  assert.deepEqual(await ask(await presigned(api, 'GET', 'ASIA')), [403, 'InvalidClientTokenId'])
  assert.deepEqual(await ask(url.replace('Action=GetCallerIdentity', 'Action=GetSessionToken')), [
    403,
    'SignatureDoesNotMatch',
  ])
  api.setDate(Date.now() + 62_000)
  assert.deepEqual(await ask(url), [403, 'SignatureDoesNotMatch'])
})

test('a session token is checked, and clients that have it get in', async (t) => {
  const api = await startApi(t, { settings: { accessKeys } })
  const client = (credentials: { accessKeyId: string; sessionToken?: string }): STS => {
    const sts = new STS({
      endpoint: api.endpoint,
      region: 'us-east-2',
      credentials: { secretAccessKey: SECRET, ...credentials },
      maxAttempts: 1,
    })
    t.after(() => sts.destroy())
    return sts
  }
  const { Arn } = await client({ accessKeyId: 'ASIA', sessionToken: TOKEN }).getCallerIdentity({})
  assert.equal(Arn, 'arn:aws:sts::123456789012:assumed-role/Admin/ci')
  for (const credentials of [
    { accessKeyId: 'ASIA' },
    { accessKeyId: 'ASIA', sessionToken: 'another' },
    { accessKeyId: 'AKID', sessionToken: TOKEN },
  ]) {
    await assert.rejects(client(credentials).getCallerIdentity({}), { name: 'InvalidClientTokenId' })
  }
})

test('a list of more than nine is signed in the order of its names', async (t) => {
  const credentials = { accessKeyId: 'AKID', secretAccessKey: SECRET }
  const api = await startApi(t, { settings: { accessKeys }, credentials })
  const names = Array.from({ length: 12 }, (_each, index) => `group-${index}`)
  await assert.rejects(api.client.describeTargetGroups({ Names: names }), apiError('TargetGroupNotFound'))
})

test('an unsigned call is told what is missing, in the form of its protocol', async (t) => {
  const api = await startApi(t, { settings: { accessKeys } })
  const body = 'Action=DescribeLoadBalancers&Version=2015-12-01'
  const form = await fetch(api.endpoint, { method: 'POST', body })
  assert.equal(form.status, 403)
  assert.match(await form.text(), /<Code>MissingAuthenticationToken<\/Code>/)
  const headers = { 'x-amz-target': 'CertificateManager.ListCertificates' }
  const json = await fetch(api.endpoint, { method: 'POST', body: '{}', headers })
  assert.equal(json.status, 400)
  assert.deepEqual(await json.json(), {
    __type: 'MissingAuthenticationTokenException',
    message: 'Request is missing Authentication Token',
  })
})

test('metrics answer this machine only, unless they are opened', async (t) => {
  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)
  if (own === undefined) {
    t.skip('this machine has no other address')
    return
  }
  for (const [openMetrics, status] of [
    [false, 403],
    [true, 200],
  ] as const) {
    const api = await startApi(t, { host: '0.0.0.0', settings: { accessKeys, openMetrics } })
    const { port } = new URL(api.endpoint)
    const statusAt = async (address: string): Promise<number> => {
      const response = await fetch(`http://${address}:${port}/metrics`)
      await response.text()
      return response.status
    }
    assert.equal(await statusAt('127.0.0.1'), 200)
    assert.equal(await statusAt(own.address), status)
  }
})
