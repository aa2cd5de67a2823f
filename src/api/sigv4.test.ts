import assert from 'node:assert/strict'
import { createHmac, createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { ApiError } from './errors.ts'
import { credentialScope, verifySignature, type SignedRequest } from './sigv4.ts'

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

function verify(request: SignedRequest, now = NOW): string {
  return verifySignature(
    request,
    'elasticloadbalancing',
    (accessKeyId) => (accessKeyId === 'AKID' ? SECRET : undefined),
    now,
  )
}

function refusal(code: string) {
  return (error: unknown): boolean => error instanceof ApiError && error.code === code
}

test('a signature over method, path, query, headers and body is accepted', () => {
  assert.equal(verify(signed()), 'AKID')
  assert.equal(verify(signed({ headers: 'host;x-amz-date;x-test' })), 'AKID')
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
  assert.throws(() => verify(signed({ date: '20260103T030405Z' })), mismatch)
  assert.throws(() => verify(signed({ headers: 'x-amz-date' })), mismatch)
  assert.throws(() => verify(signed(), NOW + 15 * 60 * 1000 + 1), mismatch)
  assert.throws(() => verify(signed(), NOW - 15 * 60 * 1000 - 1), mismatch)
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
  assert.equal(credentialScope(signed().headers.authorization)?.region, 'us-east-2')
  assert.equal(
    credentialScope('AWS4-HMAC-SHA256 Credential=A/20260102/us-gov-west-1/x/aws4_request')?.region,
    'us-gov-west-1',
  )
  for (const text of [undefined, '', 'Bearer x', 'Credential=A/20260102/../x/aws4_request']) {
    assert.equal(credentialScope(text), undefined)
  }
})
