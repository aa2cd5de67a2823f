// TLS to targets: which protocols and ciphers are offered, and the sessions that connections to one target go on with.
// Nothing is asked of a target's certificate (ALB-TG-016), and no name is sent: ALB sends none (apache/apisix#11523,
// apache/apisix-helm-chart#546, istio/istio#35420).

import { opensslOptionsOf } from '../model/ssl-policies.ts'
import { createSecureContext, type SecureContext } from '../sockets/tls-handle.ts'
import type { ClientSecurity } from '../sockets/open.ts'

/** One for all targets, since nothing in it is any target's. */
const contexts = new Map<string, SecureContext>()

function contextFor(policyName: string): SecureContext {
  const known = contexts.get(policyName)
  if (known !== undefined) return known
  const context = createSecureContext({ ...opensslOptionsOf(policyName) })
  contexts.set(policyName, context)
  return context
}

/** Sessions that are kept for one target; each is used once, as TLS 1.3 wants. */
const SESSIONS_MAX = 4

export class TargetSecurity {
  readonly #alpn: Buffer | null
  readonly #sessions = new Map<string, Buffer[]>()

  /** `alpn`: the protocols that are offered, in wire form; null: none. */
  constructor(alpn: Buffer | null) {
    this.#alpn = alpn
  }

  /** For a new connection under a security policy. */
  next(policyName: string): ClientSecurity {
    return {
      context: contextFor(policyName),
      alpn: this.#alpn,
      session: this.#sessions.get(policyName)?.pop() ?? null,
    }
  }

  /** The target gave a session, on a connection under this policy. */
  keep(policyName: string, session: Buffer): void {
    const kept = this.#sessions.get(policyName) ?? []
    if (kept.length >= SESSIONS_MAX) kept.shift()
    kept.push(session)
    this.#sessions.set(policyName, kept)
  }
}
