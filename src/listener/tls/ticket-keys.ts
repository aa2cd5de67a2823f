// The keys of session tickets. All workers derive the same ones from the secrets that control changes every day, so that
// a session goes on in any of them; each listener has keys of its own, so that a session goes on nowhere else.

import { hkdfSync } from 'node:crypto'

import type { CookieKey } from '../../model/cookie-key.ts'

/** What OpenSSL wants: a name that tickets show, a key for their signature, one for their contents. */
const KEY_BYTES = 48
const NAME_BYTES = 16
/** Secrets that tickets are taken of: today's, yesterday's, and the one that is about to be used. */
const ACCEPTED = 3
/** Derived keys that are kept. */
const KNOWN_MAX = 4096

export interface TicketKey {
  /** The secret that it was derived from. */
  readonly id: number
  /** latin1. */
  readonly name: string
  readonly bytes: Buffer
}

export class TicketKeys {
  #secrets: readonly CookieKey[] = []
  readonly #known = new Map<string, TicketKey>()

  /** All secrets in force, the oldest first. */
  setSecrets(secrets: readonly CookieKey[]): void {
    this.#secrets = secrets
    this.#known.clear()
  }

  /**
   * The key for a handshake: the one that the client's ticket was made with, if it is still taken, else the present one.
   * `scope` names the listener. Null while there are no secrets.
   */
  keyFor(scope: string, ticketKeyName: string | null, date: number): TicketKey | null {
    const accepted = this.#accepted(date)
    if (ticketKeyName !== null) {
      for (const secret of accepted) {
        const key = this.#derive(scope, secret)
        if (key.name === ticketKeyName) return key
      }
    }
    const present = accepted.findLast(({ usedFrom }) => usedFrom <= date) ?? accepted[0]
    return present === undefined ? null : this.#derive(scope, present)
  }

  #accepted(date: number): readonly CookieKey[] {
    const present = this.#secrets.findLastIndex(({ usedFrom }) => usedFrom <= date)
    const end = present === -1 ? 1 : present + 2
    return this.#secrets.slice(Math.max(0, end - ACCEPTED), end)
  }

  #derive(scope: string, { id, secret }: CookieKey): TicketKey {
    const cacheKey = `${id} ${scope}`
    const known = this.#known.get(cacheKey)
    if (known !== undefined) return known
    const salt = Buffer.alloc(0)
    const bytes = Buffer.from(
      hkdfSync('sha256', Buffer.from(secret, 'base64'), salt, `tls-ticket ${scope}`, KEY_BYTES),
    )
    const key = { id, name: bytes.toString('latin1', 0, NAME_BYTES), bytes }
    if (this.#known.size >= KNOWN_MAX) this.#known.clear()
    this.#known.set(cacheKey, key)
    return key
  }
}
