import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { becomes, eventually } from '../support/eventually.ts'
import { accessKey, apiError, createLoadBalancer, startApi, SUBNETS, type Api } from './support.ts'

async function post(api: Api, body: string, headers: Record<string, string> = {}): Promise<[number, string]> {
  const response = await fetch(api.endpoint, { method: 'POST', body, headers })
  assert.match(response.headers.get('x-amzn-requestid') ?? '', /^[0-9a-f-]{36}$/)
  assert.equal(response.headers.get('content-type'), 'text/xml')
  return [response.status, await response.text()]
}

function code(xml: string): string | undefined {
  return /<Code>(.*?)<\/Code>/.exec(xml)?.[1]
}

test('an unsigned request of the Query protocol is answered', async (t) => {
  const api = await startApi(t)
  const query = 'Action=DescribeAccountLimits&Version=2015-12-01&PageSize=2'
  const [status, xml] = await post(api, query)
  assert.equal(status, 200)
  assert.match(
    xml,
    /^<DescribeAccountLimitsResponse xmlns="http:\/\/elasticloadbalancing\.amazonaws\.com\/doc\/2015-12-01\/">/,
  )
})

test('unknown actions, versions and none at all get the errors of AWS', async (t) => {
  const api = await startApi(t)
  for (const [body, expected] of [
    ['', 'MissingAction'],
    ['Version=2015-12-01', 'MissingAction'],
    ['Action=Nonsense&Version=2015-12-01', 'InvalidAction'],
    ['Action=DescribeLoadBalancers', 'InvalidAction'],
    ['Action=DescribeLoadBalancers&Version=2014-01-01', 'InvalidAction'],
    ['Action=DescribeRules&Version=2012-06-01', 'InvalidAction'],
    ['Action=constructor&Version=__proto__', 'InvalidAction'],
    ['Action=CreateLoadBalancer&Version=2012-06-01', 'OperationNotPermitted'],
  ] as const) {
    const [status, xml] = await post(api, body)
    assert.equal(status, 400)
    assert.equal(code(xml), expected, body)
  }
  assert.deepEqual(api.errors, [])
})

test('the plain pages', async (t) => {
  const api = await startApi(t)
  const page = async (path: string): Promise<[number, string]> => {
    const response = await fetch(`${api.endpoint}${path}`)
    return [response.status, await response.text()]
  }
  assert.match((await page('/'))[1], /^evenkeel: .*\n$/)
  assert.deepEqual(await page('/metrics'), [200, 'evenkeel_up 1\n'])
  assert.equal((await page('/nonsense'))[0], 404)
})

test('a body that is too large is refused, and the server goes on', async (t) => {
  const api = await startApi(t)
  const [status, xml] = await post(api, 'a'.repeat(1024 * 1024 + 1))
  assert.deepEqual([status, code(xml)], [413, 'RequestEntityTooLarge'])
  const [deep] = await post(api, `${'a.'.repeat(1000)}=1`)
  assert.equal(deep, 404)
  assert.equal((await post(api, 'Action=DescribeLoadBalancers&Version=2015-12-01'))[0], 200)
})

test('large bodies that are held back keep others from large calls alone, and those only as long', async (t) => {
  const api = await startApi(t)
  const { port } = new URL(api.endpoint)
  const large = 'a'.repeat(1024 * 1024)
  const head = `POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: ${large.length}\r\n\r\n`
  const answers: string[] = []
  // 64 MiB may be held beside the first 64 KiB of each, which is room for 68 of them.
  const holders = Array.from({ length: 80 }, () => {
    const socket = connect(Number(port), '127.0.0.1')
    socket.on('error', () => undefined)
    socket.once('data', (bytes) => answers.push(String(bytes)))
    socket.write(head + large.slice(1))
    return socket
  })
  await eventually('those beyond are refused', () => answers.length >= 12)
  for (const text of answers) assert.match(text, /^HTTP\/1\.1 503 [^]*<Code>ServiceUnavailable<\/Code>/)
  assert.equal((await post(api, 'Action=DescribeLoadBalancers&Version=2015-12-01'))[0], 200)
  for (const socket of holders) socket.destroy()
  await becomes(async () => code((await post(api, large))[1]), 'MissingAction')
  assert.deepEqual(api.errors, [])
})

test('a request that breaks off leaves the server as it was', async (t) => {
  const api = await startApi(t)
  const { port } = new URL(api.endpoint)
  for (const text of [
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nAction=',
    'nonsense\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  ]) {
    const socket = connect(Number(port), '127.0.0.1')
    await once(socket, 'connect')
    socket.on('error', () => undefined)
    socket.end(text)
    socket.resume()
    await once(socket, 'close')
  }
  assert.equal((await post(api, 'Action=DescribeLoadBalancers&Version=2015-12-01'))[0], 200)
  assert.deepEqual(api.errors, [])
})

test('an error inside is an InternalFailure without its text, and is reported', async (t) => {
  const api = await startApi(t)
  await api.store.close()
  const [status, xml] = await post(api, 'Action=DescribeLoadBalancers&Version=2015-12-01')
  assert.deepEqual([status, code(xml)], [500, 'InternalFailure'])
  assert.match(xml, /<Type>Receiver<\/Type>/)
  assert.equal(api.errors.length, 1)
  assert.doesNotMatch(xml, /driver|destroyed|sqlite/i)
})

test('web pages of other origins are refused', async (t) => {
  const api = await startApi(t)
  const body = 'Action=DescribeLoadBalancers&Version=2015-12-01'
  for (const origin of ['http://example.com', 'null', 'http://127.0.0.1:1', 'http://127.example.com']) {
    const [status, xml] = await post(api, body, { origin })
    assert.deepEqual([status, code(xml)], [403, 'AccessDenied'])
  }
  // An image of a page carries no origin.
  const image = await fetch(`${api.endpoint}/?${body}`)
  assert.deepEqual([image.status, code(await image.text())], [403, 'AccessDenied'])
  // A name of the page's own that points to this machine: the origin is that of the host.
  const request = httpRequest(api.endpoint, {
    method: 'POST',
    headers: { host: 'rebound.example.com', origin: 'http://rebound.example.com' },
  })
  request.end(body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.resume()
  assert.equal(response.statusCode, 403)
  assert.equal((await post(api, body, { origin: api.endpoint }))[0], 200)
})

test('what needs no signature is answered for hosts of this machine only', async (t) => {
  const api = await startApi(t, { settings: { allowedHosts: ['builder.example.com'] } })
  const call = 'Action=DescribeLoadBalancers&Version=2015-12-01'
  const statusOf = async (method: string, path: string, host: string): Promise<number | undefined> => {
    const request = httpRequest(`${api.endpoint}${path}`, { method, headers: { host } })
    request.end(method === 'POST' ? call : undefined)
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.resume()
    return response.statusCode
  }
  const requests = [
    ['GET', '/'],
    ['GET', '/metrics'],
    ['GET', '/ca.pem'],
    ['POST', '/'],
  ] as const
  for (const [method, path] of requests) {
    for (const host of [
      'localhost:9999',
      'api.localhost',
      '127.0.0.1:1',
      '[::1]',
      'builder.example.com:80',
    ]) {
      assert.equal(await statusOf(method, path, host), 200, `${method} ${path} of ${host}`)
    }
    for (const host of ['rebound.example.com', 'localhost.example.com', 'example.com:9999']) {
      assert.equal(await statusOf(method, path, host), 403, `${method} ${path} of ${host}`)
    }
  }
})

test('a signature that was verified covers the host, so that any may be named', async (t) => {
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a secret' }
  const accessKeys = new Map([['AKIDEXAMPLE', accessKey('a secret')]])
  const api = await startApi(t, { settings: { accessKeys }, credentials })
  api.client.middlewareStack.add(
    (next) => async (args) => {
      Object.assign((args.request as { headers: object }).headers, { host: 'elb.example.com' })
      return await next(args)
    },
    { step: 'build' },
  )
  assert.deepEqual((await api.client.describeLoadBalancers({})).LoadBalancers, [])
})

test('the quotas are told, in pages', async (t) => {
  const api = await startApi(t)
  const limits = new Map<string | undefined, string | undefined>()
  let Marker: string | undefined
  do {
    const page = await api.client.describeAccountLimits({ PageSize: 5, Marker })
    for (const { Name, Max } of page.Limits ?? []) limits.set(Name, Max)
    Marker = page.NextMarker
  } while (Marker !== undefined)
  assert.equal(limits.get('application-load-balancers'), '50')
  assert.equal(limits.get('listeners-per-application-load-balancer'), '50')
  assert.equal(limits.get('rules-per-application-load-balancer'), '100')
  assert.equal(limits.get('target-groups'), '3000')
  assert.equal(limits.get('targets-per-target-group'), '1000')
})

test('with access keys only requests signed by one of them are answered', async (t) => {
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a secret' }
  const api = await startApi(t, {
    settings: { accessKeys: new Map([['AKIDEXAMPLE', accessKey('a secret')]]) },
    credentials,
  })
  await createLoadBalancer(api, 'signed')
  await api.client.addTags({
    ResourceArns: [(await api.client.describeLoadBalancers({})).LoadBalancers?.[0]?.LoadBalancerArn ?? ''],
    Tags: [{ Key: 'ключ', Value: 'a b+c' }],
  })
  const call = async (accessKeyId: string, secretAccessKey: string): Promise<unknown> => {
    const client = new ElasticLoadBalancingV2({
      endpoint: api.endpoint,
      region: 'us-east-2',
      credentials: { accessKeyId, secretAccessKey },
      maxAttempts: 1,
    })
    try {
      return await client.createLoadBalancer({ Name: 'x', Subnets: SUBNETS })
    } finally {
      client.destroy()
    }
  }
  await assert.rejects(call('AKIDEXAMPLE', 'wrong'), apiError('SignatureDoesNotMatch', undefined, 403))
  await assert.rejects(call('AKIDOTHER', 'a secret'), apiError('InvalidClientTokenId', undefined, 403))
  const [status, xml] = await post(api, 'Action=DescribeLoadBalancers&Version=2015-12-01')
  assert.deepEqual([status, code(xml)], [403, 'MissingAuthenticationToken'])
  api.setDate(Date.now() + 16 * 60 * 1000)
  await assert.rejects(call('AKIDEXAMPLE', 'a secret'), apiError('SignatureDoesNotMatch', /expired/, 403))
})
