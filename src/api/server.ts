// The HTTP endpoint of the API: authenticate, decode, call the handler, encode. Also answers the three plain pages
// of the control process. An error of a request never ends the process.

import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ApiEnvironment } from './environment.ts'
import { ELBV2_VERSION } from './elb-models.ts'
import { ApiError, statusOf } from './errors.ts'
import type { Call } from './operations.ts'
import { FIRST_SERVICE, findHandler, Registry, serviceOf, serviceOfVersion } from './registry.ts'
import type { Api, Service } from './service.ts'
import { credentialScope, verifySignature, type SignedRequest } from './sigv4.ts'

export interface ApiServer {
  /** Resolves with the address that it listens on; port 0 takes any free one. */
  listen(host: string, port: number): Promise<{ readonly host: string; readonly port: number }>
  /** Stops listening, lets running requests finish for a moment, then ends them. May be called twice. */
  close(): Promise<void>
}

/** Largest request body, in bytes: a thousand targets with room to spare. */
const BODY_MAX = 1024 * 1024
/** How long a request may take to arrive. */
const REQUEST_TIMEOUT_MS = 30_000
const CLOSE_TIMEOUT_MS = 2000

/** Of errors that came before the API was known. */
const DEFAULT_NAMESPACE = `http://elasticloadbalancing.amazonaws.com/doc/${ELBV2_VERSION}/`

const BANNER =
  'evenkeel: Elastic Load Balancing API. Use an AWS client with this address as its endpoint URL.\n'

export function createApiServer(environment: ApiEnvironment): ApiServer {
  const registry = new Registry(environment)
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    answer(environment, registry, request, response).catch((error: unknown) => {
      environment.reportError(error)
      response.destroy()
    })
  })
  let closing: Promise<void> | null = null

  async function close(): Promise<void> {
    if (!server.listening) return
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeIdleConnections()
    const timer = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS)
    await closed
    clearTimeout(timer)
  }

  return {
    async listen(host, port) {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => {
          server.off('error', reject)
          server.on('error', environment.reportError)
          resolve()
        })
      })
      const address = server.address() as AddressInfo
      return { host: address.address, port: address.port }
    },
    async close() {
      closing ??= close()
      await closing
    },
  }
}

async function answer(
  environment: ApiEnvironment,
  registry: Registry,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, search } = splitUrl(request.url ?? '/')
  const isGet = request.method === 'GET' || request.method === 'HEAD'
  if (isGet && !/[?&]Action=/.test(search)) {
    if (pathname === '/') sendText(response, 200, BANNER)
    else if (pathname === '/metrics') sendText(response, 200, environment.metricsText())
    else if (pathname === '/ca.pem') sendText(response, 200, await rootCertificate(environment))
    else sendText(response, 404, 'Not found\n')
    return
  }
  const requestId = randomUUID()
  const { status, contentType, body } = await callOperation(environment, registry, request, requestId)
  const headers: Record<string, string | number> = {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': requestId,
  }
  // What was not read of the request cannot be told from a next one.
  if (!request.complete) headers.connection = 'close'
  response.writeHead(status, headers)
  response.end(body)
}

interface CallAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

async function callOperation(
  environment: ApiEnvironment,
  registry: Registry,
  request: IncomingMessage,
  requestId: string,
): Promise<CallAnswer> {
  const { settings } = environment
  const scope = credentialScope(request.headers.authorization)
  let service = serviceOf(scope?.service, request.headers)
  let model: Api['model'] | undefined
  try {
    if (settings.accessKeys === null) refuseForeignPages(request)
    if (request.method !== 'POST' && request.method !== 'GET') {
      throw new ApiError('InvalidAction', `The method ${request.method} is not supported`)
    }
    const raw = { method: request.method, url: request.url ?? '/', headers: request.headers }
    const signed = { ...raw, body: await readWhole(request) }
    if (service === undefined) {
      throw new ApiError('InvalidAction', `The service '${scope?.service}' is not offered at this endpoint`)
    }
    const accessKeyId =
      settings.accessKeys === null ? scope?.accessKeyId : verify(environment, service, signed)
    const parsed = service.protocol.parse(signed)
    // An unsigned request of a form protocol says by its version what it is for.
    if (scope === undefined) service = serviceOfVersion(parsed.version) ?? service
    const found = await registry.api(service, parsed.version)
    model = found?.model
    const { api, operation, handler } = findHandler(found, parsed.version, parsed.action)
    const call: Call = {
      accountId: settings.accountId,
      region: scope?.region ?? settings.region,
      accessKeyId: accessKeyId ?? null,
      requestId,
    }
    const output = await handler(parsed.decode(operation, api.constraints) as never, call)
    const body = service.protocol.encodeOutput(api.model, operation, output, requestId)
    return { status: 200, contentType: service.protocol.contentType, body }
  } catch (cause) {
    if (!(cause instanceof ApiError)) environment.reportError(cause)
    const { code: usual, message } = cause instanceof ApiError ? cause : internalFailure()
    const { protocol } = service ?? FIRST_SERVICE
    const code = protocol.commonErrors?.[usual] ?? usual
    const status = statusOf(code, model?.errors)
    const body = protocol.encodeError(
      model?.xmlNamespace ?? DEFAULT_NAMESPACE,
      { code, message, status },
      requestId,
    )
    return { status, contentType: protocol.contentType, body }
  }
}

/** Checks the signature and returns the access key ID that it was made with. */
function verify({ settings, clock }: ApiEnvironment, service: Service, signed: SignedRequest): string {
  const secretFor = (accessKeyId: string): string | undefined => settings.accessKeys?.get(accessKeyId)
  return verifySignature(signed, service.signingName, secretFor, clock.date())
}

async function readWhole(request: IncomingMessage): Promise<Buffer> {
  try {
    return await readBody(request)
  } catch (error) {
    // Nobody is left to read the answer to a request that broke off.
    if (error instanceof ApiError) throw error
    throw new ApiError('MalformedQueryString', 'The request is incomplete')
  }
}

/** Says no more than that: what went wrong inside is for the operator's log. */
function internalFailure(): ApiError {
  return new ApiError('InternalFailure', 'The request processing has failed because of an unknown error')
}

/**
 * A web page that is open on this machine must not reach an API that trusts whoever is on it. AWS's clients send POST
 * and no origin; pages can send GET without one, and POST only with theirs. A page served from this machine is ours
 * to allow; a name that merely points here is not.
 */
function refuseForeignPages(request: IncomingMessage): void {
  const { origin, host } = request.headers
  if (request.method === 'GET') {
    throw new ApiError('AccessDenied', 'Without access keys requests are accepted as POST only')
  }
  if (origin === undefined) return
  const page = URL.canParse(origin) ? new URL(origin) : undefined
  const isLocal = page !== undefined && /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(page.hostname)
  if (isLocal && page.host === host) return
  throw new ApiError('AccessDenied', `Requests of web pages from '${origin}' are not accepted`)
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY_MAX) {
      throw new ApiError('RequestEntityTooLarge', `The request must not be longer than ${BODY_MAX} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Loaded when it is asked for, like the services. */
async function rootCertificate(environment: ApiEnvironment): Promise<string> {
  const { LocalAuthority } = await import('./certificates/authority.ts')
  return await new LocalAuthority(environment).rootCertificate()
}

function splitUrl(url: string): { pathname: string; search: string } {
  const at = url.indexOf('?')
  return at === -1 ? { pathname: url, search: '' } : { pathname: url.slice(0, at), search: url.slice(at) }
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}
