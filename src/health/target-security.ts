// TLS of health checks: the protocols and ciphers that traffic to the target has too, and no questions about the
// certificate, which may be anybody's, expired, or signed by nobody that is known (ALB-TG-014 … 016).

import type { Socket } from 'node:net'
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { opensslOptionsOf } from '../model/ssl-policies.ts'

/** One for each security policy, since nothing in it is any target's. */
const contexts = new Map<string, SecureContext>()

/** Begins TLS over a connection that is made, or being made. No name is sent (OQ-39). */
export function secured(socket: Socket, policyName: string, alpn: 'http/1.1' | 'h2'): TLSSocket {
  return connect({
    socket,
    secureContext: contextFor(policyName),
    rejectUnauthorized: false,
    ALPNProtocols: [alpn],
  })
}

function contextFor(policyName: string): SecureContext {
  const known = contexts.get(policyName)
  if (known !== undefined) return known
  const context = createSecureContext({ ...opensslOptionsOf(policyName) })
  contexts.set(policyName, context)
  return context
}
