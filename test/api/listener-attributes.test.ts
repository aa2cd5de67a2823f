import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  apiError,
  createHttpsListener,
  createListener,
  createLoadBalancer,
  importCertificate,
  present,
  startApi,
  type Api,
} from './support.ts'

const response = (name: string): string => `routing.http.response.${name}.header_value`
const request = (name: string): string => `routing.http.request.x_amzn_${name}.header_name`

/** The eleven attributes of every listener, as they are at first. */
const RESPONSE_DEFAULTS = {
  'routing.http.response.server.enabled': 'true',
  ...Object.fromEntries(
    [
      'strict_transport_security',
      'access_control_allow_origin',
      'access_control_allow_methods',
      'access_control_allow_headers',
      'access_control_allow_credentials',
      'access_control_expose_headers',
      'access_control_max_age',
      'content_security_policy',
      'x_content_type_options',
      'x_frame_options',
    ].map((name) => [response(name), '']),
  ),
}

/** The eight that an HTTPS listener has beside them. */
const REQUEST_DEFAULTS = {
  [request('mtls_clientcert_serial_number')]: 'X-Amzn-Mtls-Clientcert-Serial-Number',
  [request('mtls_clientcert_issuer')]: 'X-Amzn-Mtls-Clientcert-Issuer',
  [request('mtls_clientcert_subject')]: 'X-Amzn-Mtls-Clientcert-Subject',
  [request('mtls_clientcert_validity')]: 'X-Amzn-Mtls-Clientcert-Validity',
  [request('mtls_clientcert_leaf')]: 'X-Amzn-Mtls-Clientcert-Leaf',
  [request('mtls_clientcert')]: 'X-Amzn-Mtls-Clientcert',
  [request('tls_version')]: 'X-Amzn-Tls-Version',
  [request('tls_cipher_suite')]: 'X-Amzn-Tls-Cipher-Suite',
}

async function attributes(api: Api, ListenerArn: string): Promise<Record<string, string | undefined>> {
  const { Attributes } = await api.client.describeListenerAttributes({ ListenerArn })
  return Object.fromEntries(present(Attributes).map(({ Key = '', Value }) => [Key, Value]))
}

async function modify(api: Api, ListenerArn: string, change: Record<string, string>): Promise<unknown> {
  const { Attributes } = await api.client.modifyListenerAttributes({
    ListenerArn,
    Attributes: Object.entries(change).map(([Key, Value]) => ({ Key, Value })),
  })
  return Object.fromEntries(present(Attributes).map(({ Key = '', Value }) => [Key, Value]))
}

test('a listener has the attributes of its protocol, with their defaults', async (t) => {
  const api = await startApi(t)
  await importCertificate(api)
  const loadBalancer = await createLoadBalancer(api)
  assert.deepEqual(await attributes(api, await createListener(api, loadBalancer)), RESPONSE_DEFAULTS)
  const secure = await createHttpsListener(api, loadBalancer)
  assert.deepEqual(await attributes(api, secure), { ...REQUEST_DEFAULTS, ...RESPONSE_DEFAULTS })
  await api.client.deleteListener({ ListenerArn: secure })
  await assert.rejects(attributes(api, secure), apiError('ListenerNotFoundException'))
})

test('values that attributes of a listener take, and those they do not', async (t) => {
  const api = await startApi(t)
  await importCertificate(api)
  const arn = await createHttpsListener(api, await createLoadBalancer(api))
  const values: Record<string, readonly [accepted: readonly string[], refused: readonly string[]]> = {
    'routing.http.response.server.enabled': [
      ['false', 'true'],
      ['', 'off'],
    ],
    [response('strict_transport_security')]: [
      ['max-age=31536000', 'max-age=0; includeSubDomains; preload', ''],
      ['max-age', 'max-age=1\r\nX: y', 'forever'],
    ],
    [response('access_control_allow_origin')]: [
      ['*', 'null', 'https://example.com:8443'],
      ['example.com', 'https://a b', 'https://example.com/a'],
    ],
    [response('access_control_allow_methods')]: [
      ['*', 'GET', 'GET, POST,PATCH'],
      ['get', 'FETCH', 'GET;POST'],
    ],
    [response('access_control_allow_headers')]: [
      ['*', 'X-Api-Key, Authorization'],
      ['a b', 'a,,b'],
    ],
    [response('access_control_allow_credentials')]: [['true', ''], ['false']],
    [response('access_control_expose_headers')]: [['*', 'X-A'], ['X:A']],
    [response('access_control_max_age')]: [
      ['-1', '0', '600', '86400'],
      ['86401', '1.5', '-2', '01'],
    ],
    [response('content_security_policy')]: [
      [`default-src 'self'; img-src *`, 'a'.repeat(1024)],
      ['a\nb', 'é', ' a', 'a'.repeat(1025)],
    ],
    [response('x_content_type_options')]: [['nosniff', ''], ['sniff']],
    [response('x_frame_options')]: [
      ['DENY', 'SAMEORIGIN'],
      ['ALLOW', 'deny'],
    ],
    [request('tls_version')]: [
      ['X-Tls', 'x_tls-2', 'a'.repeat(40)],
      ['', 'X Tls', 'X:Tls', 'a'.repeat(41)],
    ],
  }
  const refusedByForm = apiError('ValidationError')
  for (const [key, [accepted, refused]] of Object.entries(values)) {
    for (const value of accepted) {
      await modify(api, arn, { [key]: value })
      assert.equal((await attributes(api, arn))[key], value)
    }
    const kept = accepted.at(-1)
    for (const value of refused) {
      await assert.rejects(modify(api, arn, { [key]: value }), refusedByForm, `${key}=${value}`)
    }
    assert.equal((await attributes(api, arn))[key], kept)
  }
})

test('attributes of a listener change together or not at all', async (t) => {
  const api = await startApi(t)
  await importCertificate(api)
  const loadBalancer = await createLoadBalancer(api)
  const arn = await createHttpsListener(api, loadBalancer)
  const change = { [request('tls_version')]: 'X-A', [response('x_frame_options')]: 'DENY' }
  assert.deepEqual(await modify(api, arn, change), { ...REQUEST_DEFAULTS, ...RESPONSE_DEFAULTS, ...change })
  const invalid = apiError('InvalidConfigurationRequestException')
  for (const bad of [
    { [request('tls_cipher_suite')]: 'x-a' },
    { [request('tls_cipher_suite')]: 'Host' },
    { 'tcp.idle_timeout.seconds': '60' },
  ]) {
    await assert.rejects(modify(api, arn, { [response('x_frame_options')]: 'SAMEORIGIN', ...bad }), invalid)
  }
  await assert.rejects(modify(api, arn, { 'routing.http.unknown': 'a' }), apiError('ValidationError'))
  await assert.rejects(modify(api, arn, {}), apiError('ValidationError'))
  assert.deepEqual(await attributes(api, arn), { ...REQUEST_DEFAULTS, ...RESPONSE_DEFAULTS, ...change })
  const plain = await createListener(api, loadBalancer, 80)
  await assert.rejects(modify(api, plain, { [request('tls_version')]: 'X-A' }), invalid)
})
