// OpenSSL's contexts for handshakes: one for each certificate, policy, listener and ticket key that is really asked for,
// made when a client first needs it, and a bounded number of them kept.

import { constants } from 'node:crypto'

import type { CertificateUnit } from '../../snapshot/application-units.ts'
import { createSecureContext, type SecureContext } from '../../sockets/tls-handle.ts'
import type { ServedPolicy } from './policy.ts'
import type { TicketKey } from './ticket-keys.ts'

/** One takes about 40 KB. */
const CONTEXTS_MAX = 1000
/** How long a session can be resumed, in seconds. */
const SESSION_SECONDS = 3600

export interface ContextWish {
  /** Names the listener; sessions go on at the same one only. */
  readonly scope: string
  readonly certificate: CertificateUnit
  readonly policy: ServedPolicy
  readonly ticketKey: TicketKey | null
}

export class Contexts {
  /** The one used last is at the end. */
  readonly #contexts = new Map<string, SecureContext>()

  /** Throws where the certificate, its key and the policy do not make one. */
  get(wish: ContextWish): SecureContext {
    const { scope, certificate, policy, ticketKey } = wish
    const key = `${certificate.fingerprint} ${policy.name} ${ticketKey?.id ?? 0} ${scope}`
    const known = this.#contexts.get(key)
    if (known !== undefined) {
      this.#contexts.delete(key)
      this.#contexts.set(key, known)
      return known
    }
    const context = newContext(wish)
    if (this.#contexts.size >= CONTEXTS_MAX) this.#dropOldest()
    this.#contexts.set(key, context)
    return context
  }

  #dropOldest(): void {
    const oldest = this.#contexts.keys().next()
    if (oldest.done !== true) this.#contexts.delete(oldest.value)
  }
}

function newContext({ scope, certificate, policy, ticketKey }: ContextWish): SecureContext {
  return createSecureContext({
    cert: certificate.chain,
    key: certificate.privateKey,
    ...policy.options,
    honorCipherOrder: true,
    sessionIdContext: scope.slice(-32),
    sessionTimeout: SESSION_SECONDS,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | (ticketKey === null ? constants.SSL_OP_NO_TICKET : 0),
    ...(ticketKey === null ? {} : { ticketKeys: ticketKey.bytes }),
  })
}
