// AWS Signature Version 4, the verifying side: signatures in the Authorization header, as AWS's clients send them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { ApiError } from './errors.ts'

export interface SignedRequest {
  readonly method: string
  /** Request target as received. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Secret of an access key, or undefined for a key that nobody has. */
export type SecretLookup = (accessKeyId: string) => string | undefined

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/
const CREDENTIAL = /Credential=([^/,\s]+)\/\d{8}\/([a-z]{2}(?:-[a-z]+)+-\d{1,2})\/([a-z0-9-]+)\/aws4_request/
const AMZ_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/
/** How far the caller's clock may be off. */
const SKEW_MAX_MS = 15 * 60 * 1000

/** What a signature says before anybody verified it. */
export interface CredentialScope {
  readonly accessKeyId: string
  readonly region: string
  readonly service: string
}

/** The credential scope that a request is signed for, or undefined if it names none. */
export function credentialScope(authorization: string | undefined): CredentialScope | undefined {
  const match = CREDENTIAL.exec(authorization ?? '')
  if (match === null) return undefined
  const [, accessKeyId = '', region = '', service = ''] = match
  return { accessKeyId, region, service }
}

/**
 * Returns the access key ID that the request was signed with, or throws the ApiError that AWS gives. `signingName`
 * is the service that must stand in the scope, `now` the date in milliseconds since 1970.
 */
export function verifySignature(
  request: SignedRequest,
  signingName: string,
  secretFor: SecretLookup,
  now: number,
): string {
  const { authorization } = request.headers
  if (authorization === undefined) {
    throw new ApiError('MissingAuthenticationToken', 'Request is missing Authentication Token')
  }
  const [, credential = '', signedHeaders = '', signature = ''] = AUTHORIZATION.exec(authorization) ?? []
  const amzDate = String(request.headers['x-amz-date'] ?? '')
  const date = AMZ_DATE.exec(amzDate)
  if (credential === '' || date === null) {
    throw new ApiError('IncompleteSignature', 'The request signature does not conform to AWS standards')
  }
  const [accessKeyId = '', day = '', region = '', service = '', terminator = ''] = credential.split('/')
  const names = signedHeaders.split(';')
  if (service !== signingName || terminator !== 'aws4_request' || day !== amzDate.slice(0, 8)) {
    throw mismatch(`Credential should be scoped to correct service and date: '${credential}'`)
  }
  if (!names.includes('host')) throw mismatch('The Host header must be signed')
  const [, year, month, dayOfMonth, hour, minute, second] = date.map(Number)
  const signedAt = Date.UTC(year ?? 0, (month ?? 1) - 1, dayOfMonth, hour, minute, second)
  if (Math.abs(now - signedAt) > SKEW_MAX_MS) {
    throw mismatch(`Signature expired or not yet current: ${amzDate}`)
  }
  const secret = secretFor(accessKeyId)
  if (secret === undefined) {
    throw new ApiError('InvalidClientTokenId', 'The security token included in the request is invalid')
  }
  const scope = `${day}/${region}/${service}/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', amzDate, scope, sha256(canonicalRequest(request, names))].join('\n')
  const expected = [day, region, service, 'aws4_request', toSign].reduce<Buffer>(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  )
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex'))) {
    throw mismatch(
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
    )
  }
  return accessKeyId
}

function canonicalRequest({ method, url, headers, body }: SignedRequest, names: readonly string[]): string {
  const at = url.indexOf('?')
  const [path, query] = at === -1 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)]
  const fields = names.map((name) => {
    const value = headers[name]
    const text = Array.isArray(value) ? value.join(',') : (value ?? '')
    return `${name}:${text.trim().replace(/\s+/g, ' ')}\n`
  })
  const pairs = [...new URLSearchParams(query)].map(([key, value]) => `${encode(key)}=${encode(value)}`)
  // The client encodes the path once for the wire and once more for the signature (every service but S3).
  const canonicalPath = path.split('/').map(encode).join('/')
  return [
    method,
    canonicalPath === '' ? '/' : canonicalPath,
    pairs.toSorted().join('&'),
    fields.join(''),
    names.join(';'),
    sha256(body),
  ].join('\n')
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

function mismatch(message: string): ApiError {
  return new ApiError('SignatureDoesNotMatch', message)
}
