// One health check over a connection of its own: GET, wait for the head of the response, close.

import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { uriHost } from '../model/ip.ts'
import { StatusReader } from './status-reader.ts'

/** What to ask, and how long to wait in real milliseconds. */
export interface ProbeRequest {
  readonly protocol: 'HTTP' | 'HTTPS'
  readonly address: string
  readonly port: number
  /** Path with query. */
  readonly path: string
  /** For connecting, TLS and the head of the response together. */
  readonly timeoutRealMs: number
  /** Address to connect from; null: any. */
  readonly source: string | null
  /** No packet gets there, and none is sent. */
  readonly isBlocked: boolean
}

export type ProbeResult =
  | { readonly type: 'code'; readonly code: number }
  | { readonly type: 'timeout' }
  /** Refused, reset, closed early, TLS that fails, or an answer that is not HTTP. */
  | { readonly type: 'failed' }
  /** The check could not be made, for which the target is not to blame. */
  | { readonly type: 'internal-error' }

export type Probe = (request: ProbeRequest, onResult: (result: ProbeResult) => void) => void

/** What the system says when this process, not the target, lacks something. */
const OWN_ERRORS = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL'])

/** What the system says where an address cannot be connected from. */
const SOURCE_ERRORS = new Set(['EADDRNOTAVAIL', 'EADDRINUSE'])

/** A body that the target still sends is read this far, so that the target sees no reset before its end. */
const BODY_BYTES_MAX = 64 * 1024

/** Runs one check; `onResult` is called once, when the result is known. */
export function probe(request: ProbeRequest, onResult: (result: ProbeResult) => void): void {
  const { address, port, protocol, source } = request
  if (request.isBlocked) {
    setTimeout(() => onResult({ type: 'timeout' }), request.timeoutRealMs)
    return
  }
  const place = { host: address, port, ...(source === null ? {} : { localAddress: source }) }
  // A target group's certificates are not checked: targets may have any (self-signed, expired).
  const socket: Socket =
    protocol === 'HTTPS'
      ? connectTls({ ...place, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
      : connect(place)
  const reader = new StatusReader()
  let isDone = false
  let bodyBytes = 0
  const finish = (result: ProbeResult): void => {
    if (isDone) return
    isDone = true
    onResult(result)
  }
  const timer = setTimeout(() => {
    finish({ type: 'timeout' })
    socket.destroy()
  }, request.timeoutRealMs)
  const fail = (): void => {
    finish({ type: 'failed' })
    socket.destroy()
  }
  const failWith = (error: NodeJS.ErrnoException): void => {
    if (source !== null && SOURCE_ERRORS.has(error.code ?? '') && !isDone) {
      isDone = true
      clearTimeout(timer)
      probe({ ...request, source: null }, onResult)
      return
    }
    finish(resultOfError(error))
    socket.destroy()
  }
  socket.on('data', (bytes: Buffer) => {
    if (isDone) {
      bodyBytes += bytes.length
      if (bodyBytes > BODY_BYTES_MAX) socket.destroy()
      return
    }
    const result = reader.push(bytes)
    if (result.type === 'malformed') fail()
    if (result.type !== 'status') return
    finish({ type: 'code', code: result.code })
    socket.end()
  })
  socket.on('end', fail)
  socket.on('error', failWith)
  socket.on('close', () => {
    clearTimeout(timer)
    finish({ type: 'failed' })
  })
  socket.write(requestHead(request))
}

/** Whose fault an error of the connection is (ALB-TG-226, 229). */
export function resultOfError({ code = '' }: NodeJS.ErrnoException): ProbeResult {
  return OWN_ERRORS.has(code) ? { type: 'internal-error' } : { type: 'failed' }
}

/** The request, byte for byte (OQ-38). */
export function requestHead({
  protocol,
  address,
  port,
  path,
}: Pick<ProbeRequest, 'protocol' | 'address' | 'port' | 'path'>): string {
  const host = uriHost(address)
  const isDefaultPort = port === (protocol === 'HTTPS' ? 443 : 80)
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${isDefaultPort ? host : `${host}:${port}`}`,
    'Connection: close',
    'User-Agent: ELB-HealthChecker/2.0',
    'Accept-Encoding: gzip, compressed',
    '',
    '',
  ].join('\r\n')
}
