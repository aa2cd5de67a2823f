import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import { SignatureV4 } from '@smithy/signature-v4'
import type { HttpRequest } from '@smithy/types'
import fc from 'fast-check'
import { Sha256 } from '../support/sha256.ts'
import { ApiError } from '../../src/api/errors.ts'
import { ROOT, type AccessKey } from '../../src/model/access-keys.ts'
import { credentialScope, readSignature, verifySignature, type SignedRequest } from '../../src/api/sigv4.ts'

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** A request whose canonical form is written out by hand, signed with the four steps of the specification. */
function signed(changes: Partial<Record<'service' | 'date' | 'headers', string>> = {}): SignedRequest {
  const { service = 'elasticloadbalancing', date = '20260102T030405Z', headers = 'host;x-amz-date' } = changes
  const body = Buffer.from('Action=X')
  const values = { host: 'a:1', 'x-amz-date': date, 'x-test': ' two   blanks ' }
  const canonicalHeaders = headers
    .split(';')
    .map((name) => `${name}:${{ ...values, 'x-test': 'two blanks' }[name] ?? ''}\n`)
    .join('')
  const canonical = ['POST', '/', 'a=b%20c&b=', canonicalHeaders, headers, sha256(body)].join('\n')
  const scope = `20260102/us-east-2/${service}/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n')
  const key = hmac(hmac(hmac(hmac(`AWS4${SECRET}`, '20260102'), 'us-east-2'), service), 'aws4_request')
  const signature = hmac(key, toSign).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=AKID/${scope}, SignedHeaders=${headers}, Signature=${signature}`
  return { method: 'POST', url: '/?b=&a=b%20c', headers: { ...values, authorization }, body }
}

function key(secret: string, sessionToken: string | null = null): AccessKey {
  return { secret, sessionToken, identity: ROOT }
}

const keys = new Map([
  ['AKID', key(SECRET)],
  ['ASIA', key(SECRET, 'a token/+=')],
])

function verify(request: SignedRequest, now = NOW, service = 'elasticloadbalancing'): string {
  return verifySignature(request, readSignature(request), service, (id) => keys.get(id), now)
}

function refusal(code: string, message = /(?:)/) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof ApiError, String(error))
    assert.deepEqual([error.code, message.test(error.message)], [code, true], error.message)
    return true
  }
}

test('a header that is named more than once in a signature is refused before its value is hashed as often', () => {
  const request = signed({ headers: 'host;x-amz-date;x-test;x-test' })
  assert.throws(() => verify(request), refusal('SignatureDoesNotMatch', /named once/))
})

test('a signature over method, path, query, headers and body is accepted', () => {
  assert.equal(verify(signed()), 'AKID')
  assert.equal(verify(signed({ headers: 'host;x-amz-date;x-test' })), 'AKID')
})

test('the header that names the operation has to be signed', () => {
  const request = signed()
  const target = { 'x-amz-target': 'CertificateManager.DeleteCertificate' }
  const added = { ...request, headers: { ...request.headers, ...target } }
  assert.throws(
    () => verify(added),
    refusal('SignatureDoesNotMatch', /'X-Amz-Target' must be a 'SignedHeader'/),
  )
  // Signed without a value, then sent with one.
  const empty = signed({ headers: 'host;x-amz-date;x-amz-target' })
  assert.equal(verify(empty), 'AKID')
  const changed = { ...empty, headers: { ...empty.headers, ...target } }
  assert.throws(() => verify(changed), refusal('SignatureDoesNotMatch'))
})

test('what was signed cannot be changed', () => {
  const request = signed()
  const mismatch = refusal('SignatureDoesNotMatch')
  for (const changed of [
    { ...request, body: Buffer.from('Action=Y') },
    { ...request, method: 'GET' },
    { ...request, url: '/?b=&a=b%20d' },
    { ...request, url: '/x?b=&a=b%20c' },
    { ...request, headers: { ...request.headers, host: 'b:1' } },
  ]) {
    assert.throws(() => verify(changed), mismatch)
  }
})

test('signatures for other services, of other times or without the host are refused', () => {
  const mismatch = refusal('SignatureDoesNotMatch')
  assert.throws(() => verify(signed({ service: 's3' })), mismatch)
  assert.throws(
    () => verify(signed({ date: '20260103T030405Z' })),
    refusal('SignatureDoesNotMatch', /'20260102' != '20260103', from '20260103T030405Z'/),
  )
  assert.throws(() => verify(signed({ headers: 'x-amz-date' })), mismatch)
  assert.throws(
    () => verify(signed(), NOW + 15 * 60 * 1000 + 1),
    refusal(
      'RequestExpired',
      /^Signature expired: 20260102T030405Z is now earlier than 20260102T030405Z \(20260102T031905Z - 15 min\.\)$/,
    ),
  )
  assert.throws(
    () => verify(signed(), NOW - 15 * 60 * 1000 - 1),
    refusal('RequestExpired', /^Signature not yet/),
  )
  assert.equal(verify(signed(), NOW + 15 * 60 * 1000), 'AKID')
})

test('property: whatever stands in the header, nothing but an ApiError comes of it', () => {
  const request = signed()
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (authorization, date, url) => {
      const headers = { ...request.headers, authorization, 'x-amz-date': date }
      for (const odd of [
        { ...request, headers },
        { ...request, url },
        { ...request, headers: { ...request.headers, 'x-amz-date': date } },
      ]) {
        assert.throws(() => verify(odd), ApiError)
      }
    }),
  )
})

test('ALB-LB OQ-11 the Region is the one of the credential scope', () => {
  const scope = (authorization: string | undefined): ReturnType<typeof credentialScope> =>
    credentialScope(readSignature({ url: '/', headers: { authorization } }))
  assert.equal(scope(signed().headers.authorization)?.region, 'us-east-2')
  assert.equal(
    scope('AWS4-HMAC-SHA256 Credential=A/20260102/us-gov-west-1/x/aws4_request')?.region,
    'us-gov-west-1',
  )
  assert.equal(
    credentialScope(
      readSignature({
        url: '/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20260102%2Feu-west-1%2Fx%2Faws4_request',
        headers: {},
      }),
    )?.region,
    'eu-west-1',
  )
  for (const text of [
    undefined,
    '',
    'Bearer x',
    'Credential=A/20260102/../x/aws4_request',
    'AWS4-HMAC-SHA256 Credential=A/20260102/us-east-2/x/aws4_request/more',
    `AWS4-HMAC-SHA256 Credential=A/20260102/us-${'east'.repeat(9)}-2/x/aws4_request`,
  ]) {
    assert.equal(scope(text), undefined)
  }
})

interface Signing {
  readonly service?: string
  readonly accessKeyId?: string
  readonly secret?: string
  readonly sessionToken?: string
  readonly region?: string
  readonly headers?: Record<string, string>
  readonly query?: Record<string, string>
  readonly method?: string
  readonly body?: string
  readonly expiresIn?: number
}

/** A request signed by AWS's own signer, in its header or as a presigned URL. */
async function byAws(form: 'header' | 'query', signing: Signing = {}): Promise<SignedRequest> {
  const signer = new SignatureV4({
    service: signing.service ?? 'elasticloadbalancing',
    region: signing.region ?? 'us-east-2',
    sha256: Sha256,
    credentials: {
      accessKeyId: signing.accessKeyId ?? 'AKID',
      secretAccessKey: signing.secret ?? SECRET,
      ...(signing.sessionToken === undefined ? {} : { sessionToken: signing.sessionToken }),
    },
  })
  const request: HttpRequest = {
    method: signing.method ?? 'GET',
    protocol: 'http:',
    hostname: 'a',
    path: '/',
    query: signing.query ?? {},
    headers: { host: 'a:1', ...signing.headers },
    ...(signing.body === undefined ? {} : { body: signing.body }),
  }
  const signingDate = new Date(NOW)
  const { method, query, headers } =
    form === 'header'
      ? await signer.sign(request, { signingDate })
      : await signer.presign(request, { signingDate, expiresIn: signing.expiresIn ?? 60 })
  const pairs = Object.entries(query ?? {}).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
  )
  const url = pairs.length === 0 ? '/' : `/?${pairs.join('&')}`
  return { method, url, headers, body: Buffer.from(signing.body ?? '') }
}

/** Names of which one begins like another; their order is that of the names, not of the pairs. */
const LISTED = { Action: 'X', 'Arns.member.1': 'a', 'Arns.member.10': 'b', 'Arns.member': 'c d*+~' }

test("what AWS's own signer signs is accepted, in the header and as a presigned URL", async () => {
  for (const form of ['header', 'query'] as const) {
    assert.equal(verify(await byAws(form, { query: LISTED })), 'AKID')
    assert.equal(verify(await byAws(form, { method: 'POST', body: 'Action=X', query: LISTED })), 'AKID')
    assert.equal(verify(await byAws(form, { service: 'sts' }), NOW, 'sts'), 'AKID')
    const token = { accessKeyId: 'ASIA', sessionToken: 'a token/+=' }
    assert.equal(verify(await byAws(form, token)), 'ASIA')
  }
})

test('a presigned URL holds as long as it says', async () => {
  const request = await byAws('query', { expiresIn: 3600 })
  assert.equal(verify(request, NOW + 3_600_000), 'AKID')
  assert.throws(() => verify(request, NOW + 3_600_001), refusal('RequestExpired', /^Signature expired: 2/))
  const short = await byAws('query', { expiresIn: 60 })
  assert.throws(() => verify(short, NOW + 61_000), refusal('RequestExpired', / - 1 min\.\)$/))
  assert.equal(verify(await byAws('query', { expiresIn: 604_800 }), NOW + 604_000_000), 'AKID')
  for (const expires of ['0', '604801', '-1', '1e3', '']) {
    const changed = { ...request, url: request.url.replace('X-Amz-Expires=3600', `X-Amz-Expires=${expires}`) }
    assert.throws(() => verify(changed), refusal('IncompleteSignature', /X-Amz-Expires/))
  }
  // Without the parameter it is as short as a header.
  const without = { ...request, url: request.url.replace('&X-Amz-Expires=3600', '') }
  assert.throws(() => verify(without, NOW + 15 * 60 * 1000 + 1), refusal('RequestExpired'))
})

test('what a presigned URL says cannot be changed', async () => {
  const request = await byAws('query', { query: { Action: 'DescribeRules' }, expiresIn: 60 })
  const mismatch = refusal('SignatureDoesNotMatch')
  for (const [from, to] of [
    ['DescribeRules', 'DeleteRule'],
    ['X-Amz-Expires=60', 'X-Amz-Expires=61'],
    ['&X-Amz-Expires=60', ''],
    ['/?', '/x?'],
  ] as const) {
    assert.throws(() => verify({ ...request, url: request.url.replace(from, to) }), mismatch)
  }
  assert.throws(() => verify({ ...request, url: `${request.url}&Action=Other` }), mismatch)
  assert.throws(() => verify({ ...request, body: Buffer.from('Action=Other') }), mismatch)
})

test('a body that is not signed is refused', async () => {
  const headers = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }
  const mismatch = refusal('SignatureDoesNotMatch')
  for (const form of ['header', 'query'] as const) {
    const request = await byAws(form, { method: 'POST', body: 'Action=X', headers })
    assert.throws(() => verify(request), mismatch)
  }
  const said = { 'x-amz-content-sha256': sha256('Action=X') }
  const request = await byAws('header', { method: 'POST', body: 'Action=X', headers: said })
  assert.equal(verify(request), 'AKID')
  assert.throws(() => verify({ ...request, body: Buffer.from('Action=Y') }), mismatch)
})

test('a key with a session wants its token, and one without wants none', async () => {
  const unknown = refusal('InvalidClientTokenId', /^The security token included in the request is invalid\.$/)
  for (const form of ['header', 'query'] as const) {
    for (const signing of [
      { accessKeyId: 'ASIA' },
      { accessKeyId: 'ASIA', sessionToken: 'another' },
      { accessKeyId: 'AKID', sessionToken: 'a token/+=' },
      { accessKeyId: 'AKIDOTHER' },
    ]) {
      const request = await byAws(form, signing)
      assert.throws(() => verify(request), unknown)
    }
    const wrong = await byAws(form, { secret: 'wrong' })
    assert.throws(
      () => verify(wrong),
      refusal('SignatureDoesNotMatch', /^The request signature we calculated/),
    )
  }
})

test('a scope that is wrong is named, in either form', async () => {
  for (const form of ['header', 'query'] as const) {
    const sts = await byAws(form, { service: 'sts' })
    assert.throws(
      () => verify(sts),
      refusal('SignatureDoesNotMatch', /scoped to correct service: 'elasticloadbalancing'/),
    )
    const nowhere = await byAws(form, { region: 'nowhere' })
    assert.throws(() => verify(nowhere), refusal('SignatureDoesNotMatch', /scoped to a valid region/))
  }
})

test('what is missing of a signature is named', async () => {
  assert.throws(
    () => verify({ method: 'GET', url: '/?Action=X', headers: { host: 'a' }, body: Buffer.alloc(0) }),
    refusal('MissingAuthenticationToken'),
  )
  const request = await byAws('query', { query: { Action: 'X' } })
  for (const name of ['Algorithm', 'Credential', 'Date', 'SignedHeaders', 'Signature']) {
    const url = request.url.replace(new RegExp(`&?X-Amz-${name}=[^&]*`), '')
    const message = name === 'Algorithm' ? /'algorithm'/ : new RegExp(`'X-Amz-${name}'`)
    assert.throws(() => verify({ ...request, url }), refusal('IncompleteSignature', message), name)
  }
  const { headers } = signed()
  for (const name of ['Credential', 'SignedHeaders', 'Signature']) {
    const authorization = headers.authorization?.replace(new RegExp(`${name}=[^,]*,? ?`), '')
    const changed = { ...signed(), headers: { ...headers, authorization } }
    assert.throws(() => verify(changed), refusal('IncompleteSignature', new RegExp(`requires '${name}'`)))
  }
})

test('property: whatever is changed in a presigned URL, it is an ApiError or the same request', async () => {
  const request = await byAws('query', { query: LISTED, accessKeyId: 'ASIA', sessionToken: 'a token/+=' })
  fc.assert(
    fc.property(fc.nat(request.url.length), fc.nat(3), fc.string(), (at, length, text) => {
      const url = request.url.slice(0, at) + text + request.url.slice(at + length)
      try {
        verify({ ...request, url })
      } catch (error) {
        assert.ok(error instanceof ApiError, String(error))
        return
      }
      const pairs = (of: string): string[] =>
        [...new URLSearchParams(of.slice(of.indexOf('?')))].map(String).toSorted()
      assert.deepEqual(pairs(url), pairs(request.url))
    }),
    { numRuns: 500 },
  )
})

test('property: whatever headers a signature names, nothing but an ApiError comes of it', () => {
  const { headers } = signed()
  const names = fc.array(fc.constantFrom('host', '__proto__', 'constructor', 'x', '', 'toString', 'HOST'))
  fc.assert(
    fc.property(names, (chosen) => {
      const authorization = headers.authorization?.replace('host;x-amz-date', ['host', ...chosen].join(';'))
      assert.throws(() => verify({ ...signed(), headers: { ...headers, authorization } }), ApiError)
    }),
  )
})
