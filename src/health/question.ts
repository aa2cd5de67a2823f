// What a health check asks and what can come of it, whatever the protocol.

import type { Socket } from 'node:net'
import { uriHost } from '../model/ip.ts'

/** What to ask, and how long to wait in real milliseconds. */
export interface ProbeRequest {
  readonly protocol: 'HTTP' | 'HTTPS'
  readonly protocolVersion: 'HTTP1' | 'HTTP2' | 'GRPC'
  /** Security policy of connections to the target; empty with HTTP. */
  readonly securityPolicy: string
  readonly address: string
  readonly port: number
  /** Path with query, or `/package.service/method` with GRPC. */
  readonly path: string
  /** For connecting, TLS and the head of the response (with GRPC: its trailers) together. */
  readonly timeoutRealMs: number
  /** Address to connect from; null: any. */
  readonly source: string | null
  /** No packet gets there, and none is sent. */
  readonly isBlocked: boolean
}

export type ProbeResult =
  /** Status of HTTP, or of gRPC with protocol version GRPC. */
  | { readonly type: 'code'; readonly code: number }
  | { readonly type: 'timeout' }
  /** Refused, reset, closed early, TLS that fails, or an answer that is not of the protocol. */
  | { readonly type: 'failed' }
  /** The check could not be made, for which the target is not to blame. */
  | { readonly type: 'internal-error' }

/**
 * Asks over a connection that stands, tells the answer (only the first one counts), and closes the connection when it is
 * over. Returns what ends all of it at once.
 */
export type Question = (
  socket: Socket,
  request: ProbeRequest,
  onResult: (result: ProbeResult) => void,
) => () => void

export const FAILED: ProbeResult = { type: 'failed' }

/** What the system says when this process, not the target, lacks something. */
const OWN_ERRORS = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL'])

/** Whose fault an error of the connection is (ALB-TG-226, 229). */
export function resultOfError({ code = '' }: NodeJS.ErrnoException): ProbeResult {
  return OWN_ERRORS.has(code) ? { type: 'internal-error' } : FAILED
}

export const USER_AGENT = 'ELB-HealthChecker/2.0'
export const ACCEPT_ENCODING = 'gzip, compressed'

/** Value of `Host` or `:authority` (ALB-OBS-447, 448). */
export function authorityOf({
  protocol,
  address,
  port,
}: Pick<ProbeRequest, 'protocol' | 'address' | 'port'>): string {
  const host = uriHost(address)
  return port === (protocol === 'HTTPS' ? 443 : 80) ? host : `${host}:${port}`
}
