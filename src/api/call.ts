// One call of the API: authenticate, decode, call the handler, encode, and tell the audit log. An error of a call
// never ends the process.

import { DirectoryUnavailable, withLookups } from '../directory/lookups.ts'
import { StoreUnavailable } from '../store/unavailable.ts'
import { ROOT, type AccessKey, type Identity } from '../model/access-keys.ts'
import { isLoopbackHost } from '../model/ip.ts'
import { auditRecord, type AuditedCall } from './audit-record.ts'
import type { ApiEnvironment } from './environment.ts'
import { ApiError, statusOf } from './errors.ts'
import { ELBV2_VERSION, namespaceOf } from './load-balancing/versions.ts'
import type { Operation, ServiceModel } from './model.ts'
import type { Call } from './operations.ts'
import { isOwnHost } from './own-hosts.ts'
import type { ParsedRequest } from './protocol/protocol.ts'
import { FIRST_SERVICE, findHandler, serviceOf, serviceOfVersion, type Registry } from './registry.ts'
import type { Service } from './service.ts'
import {
  credentialScope,
  readSignature,
  verifySignature,
  type CredentialScope,
  type Signature,
  type SignedRequest,
} from './sigv4.ts'

/** A request as it came, with where it came from. */
export interface CallRequest extends Omit<SignedRequest, 'body'> {
  readonly sourceAddress: string
  /** Throws an ApiError for a body that is too long or incomplete. */
  readonly readBody: () => Promise<Buffer>
  readonly requestId: string
}

export interface CallAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** Of errors that came before the API was known. */
const DEFAULT_NAMESPACE = namespaceOf(ELBV2_VERSION)

/** What has been found out about a call so far. */
interface Progress {
  service: Service | undefined
  accessKeyId: string | null
  identity: Identity | null
  region: string
  readonly signature?: Signature
  readonly scope?: CredentialScope
  parsed?: ParsedRequest
  model?: ServiceModel
  operation?: Operation
  input?: object
  output?: object
}

/** Answers a call. Never rejects. */
export async function answerCall(
  environment: ApiEnvironment,
  registry: Registry,
  request: CallRequest,
): Promise<CallAnswer> {
  const { settings } = environment
  const signature = readSignature(request)
  const scope = credentialScope(signature)
  const progress: Progress = {
    service: serviceOf(scope?.service, request.headers),
    accessKeyId: scope?.accessKeyId ?? null,
    identity: null,
    region: settings.region,
    ...(signature === undefined ? {} : { signature }),
    ...(scope === undefined ? {} : { scope }),
  }
  try {
    const body = await perform(environment, registry, request, progress)
    record(environment, request, progress)
    return {
      status: progress.operation?.status ?? 200,
      contentType: (progress.service ?? FIRST_SERVICE).protocol.contentType,
      body,
    }
  } catch (cause) {
    if (!(cause instanceof ApiError)) environment.reportError(cause)
    const { code: usual, message, members } = cause instanceof ApiError ? cause : internalFailure()
    const { protocol } = progress.service ?? FIRST_SERVICE
    const code = protocol.commonErrors?.[usual] ?? usual
    const status = statusOf(code, progress.model?.errors)
    record(environment, request, progress, { code, message })
    const namespace = progress.model?.xmlNamespace ?? DEFAULT_NAMESPACE
    const body = protocol.encodeError(namespace, { code, message, status, members }, request.requestId)
    return { status, contentType: protocol.contentType, body }
  }
}

async function perform(
  environment: ApiEnvironment,
  registry: Registry,
  request: CallRequest,
  progress: Progress,
): Promise<string> {
  const { settings } = environment
  const { scope } = progress
  if (settings.accessKeys === null) {
    refuseForeignHosts(request, settings.allowedHosts)
    refuseForeignPages(request)
  }
  const { method, url, headers, requestId } = request
  const signed = { method, url, headers, body: await request.readBody() }
  const signedFor = progress.service
  if (signedFor === undefined) {
    throw new ApiError('InvalidAction', `The service '${scope?.service}' is not offered at this endpoint`)
  }
  if (!(signedFor.protocol.methods ?? ['POST', 'GET']).includes(method)) {
    throw new ApiError('InvalidAction', `The method ${method} is not supported`)
  }
  const parsed = signedFor.protocol.parse(signed)
  progress.parsed = parsed
  if (settings.accessKeys !== null) verify(environment, signedFor, signed, progress)
  // Only a Region that the caller is known to have meant; it becomes part of names.
  progress.region = scope?.region ?? settings.region
  // An unsigned request of a form protocol says by its version what it is for.
  const service = scope === undefined ? (serviceOfVersion(parsed.version) ?? signedFor) : signedFor
  progress.service = service
  refuseServiceElsewhere(environment, service)
  const found = await registry.api(service, parsed.version)
  if (found !== undefined) progress.model = found.model
  const { api, operation, handler } = findHandler(found, parsed.version, parsed.action)
  progress.operation = operation
  const input = parsed.decode(operation, api.constraints)
  progress.input = input
  const call: Call = {
    accountId: settings.accountId,
    region: progress.region,
    accessKeyId: progress.accessKeyId,
    identity: progress.identity ?? ROOT,
    requestId,
    endpoint: `http://${headers.host ?? 'localhost'}`,
  }
  const output = await handled(async () => await handler(input as never, call))
  progress.output = output
  return service.protocol.encodeOutput(api.model, operation, output, requestId)
}

/** What the handler gives; what it misses of the directory is looked up first. */
async function handled(work: () => Promise<object>): Promise<object> {
  try {
    return await withLookups(work)
  } catch (error) {
    if (error instanceof DirectoryUnavailable || error instanceof StoreUnavailable) {
      throw new ApiError('ServiceUnavailable', error.message)
    }
    throw error
  }
}

/** The same resources in two places would be two truths. */
function refuseServiceElsewhere({ settings }: ApiEnvironment, { signingName }: Service): void {
  const url = Object.entries(settings.elsewhere).find(([name]) => name === signingName)?.[1]
  if (url === undefined) return
  throw new ApiError(
    'UnsupportedOperation',
    `The service '${signingName}' is not offered at this endpoint: the configuration names ${url} for it; send the request there`,
  )
}

/** Checks the signature and notes whose it is. */
function verify(
  { settings, clock }: ApiEnvironment,
  service: Service,
  signed: SignedRequest,
  progress: Progress,
): void {
  const keyOf = (accessKeyId: string): AccessKey | undefined => settings.accessKeys?.get(accessKeyId)
  const accessKeyId = verifySignature(signed, progress.signature, service.signingName, keyOf, clock.date())
  progress.accessKeyId = accessKeyId
  progress.identity = keyOf(accessKeyId)?.identity ?? null
}

/** Tells the audit log. A request that asked for no operation is no call. */
function record(
  { audit, settings, clock }: ApiEnvironment,
  { headers, sourceAddress, requestId }: CallRequest,
  progress: Progress,
  error?: AuditedCall['error'],
): void {
  const { service, parsed, region, accessKeyId, identity, operation, input, output } = progress
  if (audit === undefined || service === undefined) return
  if (parsed === undefined || !/^[A-Za-z]\w{0,127}$/.test(parsed.action)) return
  const call: AuditedCall = {
    requestId,
    date: clock.date(),
    signingName: service.signingName,
    action: parsed.action,
    version: progress.model?.version ?? '',
    accountId: settings.accountId,
    region,
    sourceAddress,
    userAgent: headers['user-agent'] ?? '',
    accessKeyId,
    identity,
    ...(operation === undefined ? {} : { operation }),
    ...(input === undefined ? {} : { input }),
    ...(output === undefined ? {} : { output }),
    ...(error === undefined ? {} : { error }),
  }
  audit(auditRecord(call))
}

/** Says no more than that: what went wrong inside is for the operator's log. */
function internalFailure(): ApiError {
  return new ApiError('InternalFailure', 'The request processing has failed because of an unknown error')
}

/** A page whose name points to this machine is of the same origin as this API, for its browser. */
function refuseForeignHosts({ headers }: CallRequest, names: readonly string[]): void {
  if (isOwnHost(headers.host, names)) return
  throw new ApiError(
    'AccessDenied',
    `Without access keys requests to the host '${headers.host}' are not accepted; add it to allowedHosts of the configuration if it is this machine`,
  )
}

/**
 * A web page that is open on this machine must not reach an API that trusts whoever is on it. AWS's clients send no
 * origin. Pages can send GET without one, but not with a signature, unless they come from the very name that the request
 * is for; any other method they send with theirs. A page served from this machine is ours to allow; a name that merely
 * points here is not.
 */
function refuseForeignPages({ method, headers: { origin, host, authorization } }: CallRequest): void {
  if (method === 'GET' && (authorization === undefined || !isLocalHost(`http://${host}`))) {
    throw new ApiError('AccessDenied', 'Without access keys requests are accepted as POST only')
  }
  if (origin === undefined) return
  if (isLocalHost(origin) && new URL(origin).host === host) return
  throw new ApiError('AccessDenied', `Requests of web pages from '${origin}' are not accepted`)
}

function isLocalHost(url: string): boolean {
  return URL.canParse(url) && isLoopbackHost(new URL(url).hostname)
}
