// The HTTP endpoint of the API: reads requests, has calls answered, and answers the three plain pages of the control
// process itself. An error of a request never ends the process.

import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isLoopbackAddress } from '../model/ip.ts'
import { StoreUnavailable } from '../store/unavailable.ts'
import { answerCall } from './call.ts'
import { CONTENT_PATH, contentOf } from './elbv2/content-links.ts'
import type { ApiEnvironment } from './environment.ts'
import { limitConnections, TIMEOUTS } from './connection-limits.ts'
import { isOwnHost } from './own-hosts.ts'
import { Registry } from './registry.ts'
import { RequestBodies } from './request-bodies.ts'

export interface ApiServer {
  /** Resolves with the address that it listens on; port 0 takes any free one. */
  listen(host: string, port: number): Promise<{ readonly host: string; readonly port: number }>
  /** Stops listening, lets running requests finish for a moment, then ends them. May be called twice. */
  close(): Promise<void>
}

/** An `import` of it would look at all it exports, and so load the WebSocket client: 7 MB that nobody needs. */
const { createServer } = process.getBuiltinModule('node:http')

/** How long a request may take to arrive. */
const REQUEST_TIMEOUT_MS = 30_000
const CLOSE_TIMEOUT_MS = 2000

const BANNER =
  'evenkeel: Elastic Load Balancing API. Use an AWS client with this address as its endpoint URL.\n'

export function createApiServer(environment: ApiEnvironment): ApiServer {
  const registry = new Registry(environment)
  const bodies = new RequestBodies()
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, ...TIMEOUTS }, (request, response) => {
    answer({ environment, registry, bodies }, request, response).catch((error: unknown) => {
      if (error instanceof StoreUnavailable && !response.headersSent) {
        sendText(response, 503, `${error.message}\n`)
        return
      }
      environment.reportError(error)
      response.destroy()
    })
  })
  limitConnections(server, environment.settings.openFilesMax ?? Infinity, (message) =>
    environment.reportError(new Error(message)),
  )
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

interface Parts {
  readonly environment: ApiEnvironment
  readonly registry: Registry
  readonly bodies: RequestBodies
}

async function answer(
  { environment, registry, bodies }: Parts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, search } = splitUrl(request.url ?? '/')
  const isGet = request.method === 'GET' || request.method === 'HEAD'
  const isSigned = request.headers.authorization?.startsWith('AWS4-') === true
  if (isGet && !isSigned && !/[?&]Action=/.test(search)) {
    if (!isOwnHost(request.headers.host, environment.settings.allowedHosts)) {
      sendText(response, 403, 'The host is not known here; add it to allowedHosts of the configuration\n')
    } else if (pathname === '/') sendText(response, 200, BANNER)
    else if (pathname === '/metrics') sendMetrics(environment, request, response)
    else if (pathname === '/ca.pem') sendText(response, 200, await rootCertificate(environment))
    else if (pathname.startsWith(CONTENT_PATH)) await sendContent(environment, pathname, response)
    else sendText(response, 404, 'Not found\n')
    return
  }
  const requestId = randomUUID()
  const { status, contentType, body } = await answerCall(environment, registry, {
    method: request.method ?? '',
    url: request.url ?? '/',
    headers: request.headers,
    sourceAddress: sourceAddress(request),
    readBody: async () => await bodies.read(request),
    requestId,
  })
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

/** Metrics name what is there and how busy it is, and no collector signs its requests: other machines only if wanted. */
function sendMetrics(environment: ApiEnvironment, request: IncomingMessage, response: ServerResponse): void {
  if (environment.settings.openMetrics || isLoopbackAddress(sourceAddress(request))) {
    sendText(response, 200, environment.metricsText())
  } else {
    sendText(response, 403, 'Metrics are for this machine only, unless openMetrics is set\n')
  }
}

/** A file behind a link that GetTrustStoreCaCertificatesBundle or GetTrustStoreRevocationContent gave. */
async function sendContent(
  environment: ApiEnvironment,
  path: string,
  response: ServerResponse,
): Promise<void> {
  const content = await contentOf(environment, path)
  if (content === undefined) sendText(response, 403, 'The link is not valid, or no longer\n')
  else sendText(response, 200, content)
}

/** The client's address; an IPv4 address in IPv6 form as what it is. */
function sourceAddress({ socket }: IncomingMessage): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '')
}

/** Loaded when it is asked for, like the services. */
async function rootCertificate(environment: ApiEnvironment): Promise<string> {
  const { LocalAuthority } = await import('../certificates/authority.ts')
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
