// AWS Signature Version 4, the verifying side: signatures in the Authorization header, as AWS's clients send them, and
// in the query string, as presigned URLs have them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { AccessKey } from '../model/access-keys.ts'
import { ApiError } from './errors.ts'

export interface SignedRequest {
  readonly method: string
  /** Request target as received. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** The key with an ID, or undefined for an ID that nobody has. */
export type KeyLookup = (accessKeyId: string) => AccessKey | undefined

/** A signature as it stands in a request. Parts that are not there are undefined. */
export interface Signature {
  readonly form: 'header' | 'query'
  readonly algorithm: string
  readonly credential: string | undefined
  readonly signedHeaders: string | undefined
  readonly signature: string | undefined
  /** `YYYYMMDDTHHMMSSZ`. */
  readonly date: string | undefined
  readonly securityToken: string | undefined
  /** How many seconds a presigned URL holds. */
  readonly expires: string | undefined
}

/** What a signature says before anybody verified it. */
export interface CredentialScope {
  readonly accessKeyId: string
  readonly region: string
  readonly service: string
}

const ALGORITHM = 'AWS4-HMAC-SHA256'
const TERMINATOR = 'aws4_request'
const REGION = /^[a-z]{2}(?:-[a-z]{1,12}){1,3}-\d{1,2}$/
const AMZ_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/
/** How far the caller's clock may be off, and how long a signature holds that does not say it. */
const SKEW_MAX_MS = 15 * 60 * 1000
/** Longest life of a presigned URL: seven days. */
const EXPIRES_MAX_SECONDS = 604_800

/** The signature of a request, undefined for a request that has none at all. The header counts before the query. */
export function readSignature({
  url,
  headers,
}: Pick<SignedRequest, 'url' | 'headers'>): Signature | undefined {
  const { authorization } = headers
  if (authorization !== undefined) {
    const [algorithm = '', ...rest] = authorization.trim().split(/\s+/)
    const parts = new Map(
      rest
        .join('')
        .split(',')
        .map((part) => {
          const at = part.indexOf('=')
          return at === -1 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)]
        }),
    )
    return {
      form: 'header',
      algorithm,
      credential: parts.get('Credential'),
      signedHeaders: parts.get('SignedHeaders'),
      signature: parts.get('Signature'),
      date: oneOf(headers['x-amz-date']),
      securityToken: oneOf(headers['x-amz-security-token']),
      expires: undefined,
    }
  }
  const query = new URLSearchParams(queryOf(url))
  const algorithm = query.get('X-Amz-Algorithm')
  if (algorithm === null && !query.has('X-Amz-Signature')) return undefined
  return {
    form: 'query',
    algorithm: algorithm ?? '',
    credential: query.get('X-Amz-Credential') ?? undefined,
    signedHeaders: query.get('X-Amz-SignedHeaders') ?? undefined,
    signature: query.get('X-Amz-Signature') ?? undefined,
    date: query.get('X-Amz-Date') ?? undefined,
    securityToken: query.get('X-Amz-Security-Token') ?? oneOf(headers['x-amz-security-token']),
    expires: query.get('X-Amz-Expires') ?? undefined,
  }
}

/** The credential scope that a request is signed for, or undefined if it names none. */
export function credentialScope(signature: Signature | undefined): CredentialScope | undefined {
  const [accessKeyId = '', day = '', region = '', service = '', terminator, more] =
    signature?.credential?.split('/') ?? []
  if (accessKeyId === '' || terminator !== TERMINATOR || more !== undefined) return undefined
  if (!/^\d{8}$/.test(day) || !REGION.test(region) || !/^[a-z0-9-]{1,64}$/.test(service)) return undefined
  return { accessKeyId, region, service }
}

/**
 * Returns the access key ID that the request was signed with, or throws the ApiError that AWS gives. `signingName` is the service
 * that must stand in the scope, `now` the date in milliseconds since 1970.
 */
export function verifySignature(
  request: SignedRequest,
  found: Signature | undefined,
  signingName: string,
  keyOf: KeyLookup,
  now: number,
): string {
  if (found === undefined) {
    throw new ApiError('MissingAuthenticationToken', 'Request is missing Authentication Token')
  }
  const { credential, signedHeaders, signature, date } = complete(found)
  const names = signedHeaders.split(';')
  const [accessKeyId = '', day = '', region = '', service = '', terminator = ''] = credential.split('/')
  checkScope(credential.split('/'), date, signingName)
  if (!names.includes('host')) {
    throw mismatch(`'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.`)
  }
  // The canonical form has each header once; a name over and over would have its value hashed as often.
  if (new Set(names).size !== names.length) {
    throw mismatch(`Each header must be named once in 'SignedHeaders', got '${shown(signedHeaders)}'`)
  }
  // It says what is to be done: whoever caught a signed request could have anything else done with the same body.
  if (request.headers['x-amz-target'] !== undefined && !names.includes('x-amz-target')) {
    throw mismatch(`'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.`)
  }
  checkTime(found, date, now)
  const key = keyOf(accessKeyId)
  // A token that is missing, or is not this key's, is answered like a key that nobody has.
  if (key === undefined || !isSameText(key.sessionToken ?? '', found.securityToken ?? '')) {
    throw new ApiError('InvalidClientTokenId', 'The security token included in the request is invalid.')
  }
  const scope = `${day}/${region}/${service}/${terminator}`
  const toSign = [ALGORITHM, date, scope, sha256(canonicalRequest(request, found.form, names))].join('\n')
  const expected = [day, region, service, terminator, toSign].reduce<Buffer>(
    (signingKey, part) => createHmac('sha256', signingKey).update(part).digest(),
    Buffer.from(`AWS4${key.secret}`),
  )
  if (!isSameText(expected.toString('hex'), signature)) {
    throw mismatch(
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    )
  }
  return accessKeyId
}

interface CompleteSignature {
  readonly credential: string
  readonly signedHeaders: string
  readonly signature: string
  readonly date: string
}

/** The parts that every signature has, or AWS's words for those that are missing. */
function complete({
  form,
  algorithm,
  credential,
  signedHeaders,
  signature,
  date,
}: Signature): CompleteSignature {
  if (algorithm !== ALGORITHM) throw incomplete(`Unsupported AWS 'algorithm': '${shown(algorithm)}'.`)
  const parts = { Credential: credential, Signature: signature, SignedHeaders: signedHeaders, Date: date }
  const missing = Object.entries(parts).flatMap(([name, value]) => {
    if (value !== undefined && value !== '') return []
    if (form === 'query') return [`AWS query-string parameters must include 'X-Amz-${name}'.`]
    if (name !== 'Date') return [`Authorization header requires '${name}' parameter.`]
    return [`Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.`]
  })
  if (
    credential === undefined ||
    signature === undefined ||
    signedHeaders === undefined ||
    date === undefined ||
    missing.length > 0
  ) {
    throw incomplete(missing.join(' '))
  }
  return { credential, signedHeaders, signature, date }
}

function checkScope(elements: readonly string[], date: string, signingName: string): void {
  if (elements.length !== 5) {
    throw incomplete(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${shown(elements.join('/'))}'`,
    )
  }
  const [, day = '', region = '', service = '', terminator = ''] = elements
  const problems: string[] = []
  if (!REGION.test(region))
    problems.push(`Credential should be scoped to a valid region, not '${shown(region)}'.`)
  if (service !== signingName) {
    problems.push(`Credential should be scoped to correct service: '${signingName}'.`)
  }
  if (terminator !== TERMINATOR) {
    problems.push(
      `Credential should be scoped with a valid terminator: '${TERMINATOR}', not '${shown(terminator)}'.`,
    )
  }
  if (day !== date.slice(0, 8)) {
    problems.push(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${shown(day)}' != '${shown(date.slice(0, 8))}', from '${shown(date)}'.`,
    )
  }
  if (problems.length > 0) throw mismatch(problems.join(' '))
}

function checkTime({ form, expires }: Signature, date: string, now: number): void {
  const match = AMZ_DATE.exec(date)
  if (match === null) {
    throw incomplete(
      `Date must be in ISO-8601 'basic format'. Got '${shown(date)}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    )
  }
  const [, year = 0, month = 1, day, hour, minute, second] = match.map(Number)
  const signedAt = Date.UTC(year, month - 1, day, hour, minute, second)
  let lifeMs = SKEW_MAX_MS
  if (form === 'query' && expires !== undefined) {
    const seconds = /^\d{1,9}$/.test(expires) ? Number(expires) : 0
    if (seconds < 1 || seconds > EXPIRES_MAX_SECONDS) {
      throw incomplete(`X-Amz-Expires must be between 1 and ${EXPIRES_MAX_SECONDS} seconds`)
    }
    lifeMs = seconds * 1000
  }
  if (now > signedAt + lifeMs) {
    const life = lifeMs % 60_000 === 0 ? `${lifeMs / 60_000} min.` : `${lifeMs / 1000} sec.`
    throw new ApiError(
      'RequestExpired',
      `Signature expired: ${date} is now earlier than ${stamp(now - lifeMs)} (${stamp(now)} - ${life})`,
    )
  }
  if (now < signedAt - SKEW_MAX_MS) {
    throw new ApiError(
      'RequestExpired',
      `Signature not yet current: ${date} is still later than ${stamp(now + SKEW_MAX_MS)} (${stamp(now)} + 15 min.)`,
    )
  }
}

/** The body always counts: none of these APIs takes `UNSIGNED-PAYLOAD`. */
function canonicalRequest(
  { method, url, headers, body }: SignedRequest,
  form: Signature['form'],
  names: readonly string[],
): string {
  const path = url.split('?', 1)[0] ?? ''
  const fields = names.map((name) => {
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined
    const text = Array.isArray(value) ? value.join(',') : (value ?? '')
    return `${name}:${text.trim().replace(/\s+/g, ' ')}\n`
  })
  const pairs = [...new URLSearchParams(queryOf(url))]
    .filter(([key]) => form === 'header' || key !== 'X-Amz-Signature')
    .map(([key, value]): readonly [string, string] => [encode(key), encode(value)])
    .toSorted(([a, x], [b, y]) => order(a, b) || order(x, y))
    .map(([key, value]) => `${key}=${value}`)
  // The client encodes the path once for the wire and once more for the signature (every service but S3).
  const canonicalPath = path.split('/').map(encode).join('/')
  return [
    method,
    canonicalPath === '' ? '/' : canonicalPath,
    pairs.join('&'),
    fields.join(''),
    names.join(';'),
    sha256(body),
  ].join('\n')
}

function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

function queryOf(url: string): string {
  const at = url.indexOf('?')
  return at === -1 ? '' : url.slice(at + 1)
}

function oneOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
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

/** Compares in a time that does not tell where the difference is. */
function isSameText(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(a)), Buffer.from(sha256(b)))
}

/** `YYYYMMDDTHHMMSSZ`. */
function stamp(date: number): string {
  return `${new Date(date).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}

/** What a caller sent, short enough for an answer. */
function shown(text: string): string {
  return text.slice(0, 200)
}

function mismatch(message: string): ApiError {
  return new ApiError('SignatureDoesNotMatch', message)
}

function incomplete(message: string): ApiError {
  return new ApiError('IncompleteSignature', message)
}
