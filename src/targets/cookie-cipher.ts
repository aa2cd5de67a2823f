// What the cookies of sticky sessions hold, encrypted and authenticated, so that clients can neither read nor make one
// (ALB-TG-317). Opened texts are kept for a while: clients that got the same cookie send the same text, and opening one
// costs as much as half a request.
//
// Bytes before Base64: version 1, key ID 4, nonce 12, tag 16, then encrypted with AES-256-GCM: kind 1, and for each
// session group 16, target 16, date of issue 6.

import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto'

import type { CookieKey } from '../model/cookie-key.ts'

/** Which cookie a text is for; one is never taken for another. */
export const CookieKind = { target: 1, group: 2, application: 3 } as const
export type CookieKind = (typeof CookieKind)[keyof typeof CookieKind]

/** What a cookie remembers of one target group. */
export interface Session {
  /** `refOf` of the group's ARN. */
  readonly group: string
  /** `refOf` of the target's key; `NO_TARGET` where only the group counts. */
  readonly target: string
  /** Date in whole milliseconds since 1970. */
  readonly issuedAt: number
}

const ALGORITHM = 'aes-256-gcm'
const VERSION = 1
const AUTHENTICATED_BYTES = 5
const NONCE_BYTES = 12
const TAG_BYTES = 16
const HEAD_BYTES = AUTHENTICATED_BYTES + NONCE_BYTES + TAG_BYTES
const REF_BYTES = 16
const SESSION_BYTES = REF_BYTES + REF_BYTES + 6
/** Longest text that is looked at: what fits in four cookies. */
export const COOKIE_TEXT_MAX = 16_000
/** Sessions that fit in such a text. */
export const SESSIONS_MAX = Math.floor(((COOKIE_TEXT_MAX / 4) * 3 - HEAD_BYTES - 1) / SESSION_BYTES)
/** Texts in each of the two generations of what was opened, and the longest one that is kept. */
const OPENED_MAX = 2048
const OPENED_TEXT_MAX = 512

export const NO_TARGET = '\0'.repeat(REF_BYTES)

const base64 = /^[A-Za-z0-9+/]+={0,2}$/

/** A name of constant length for an ARN or a key: 16 characters of latin1. */
export function refOf(name: string): string {
  return createHash('sha256').update(name).digest().toString('latin1', 0, REF_BYTES)
}

interface ReadyKey {
  readonly id: number
  readonly secret: KeyObject
  readonly usedFrom: number
}

interface Opened {
  readonly kind: number
  readonly sessions: readonly Session[]
}

export class CookieCipher {
  /** The oldest first. */
  #keys: readonly ReadyKey[] = []
  #given: readonly CookieKey[] = []
  #opened = new Map<string, Opened>()
  #openedBefore = new Map<string, Opened>()

  /** Takes another set of keys; what was made with a key that is gone cannot be opened any more. `false`: the same. */
  setKeys(keys: readonly CookieKey[]): boolean {
    const isSame =
      keys.length === this.#given.length &&
      keys.every(({ id, secret }, at) => id === this.#given[at]?.id && secret === this.#given[at]?.secret)
    if (isSame) return false
    this.#given = keys
    this.#keys = keys.map(({ id, secret, usedFrom }) => ({
      id,
      secret: createSecretKey(secret, 'base64'),
      usedFrom,
    }))
    this.#opened = new Map()
    this.#openedBefore = new Map()
    return true
  }

  /** The text of a cookie in Base64, or `null` while there is no key. At most `SESSIONS_MAX` sessions. */
  seal(kind: CookieKind, sessions: readonly Session[], date: number): string | null {
    const key = this.#keys.findLast(({ usedFrom }) => usedFrom <= date) ?? this.#keys[0]
    if (key === undefined) return null
    const head = Buffer.alloc(AUTHENTICATED_BYTES)
    head[0] = VERSION
    head.writeUInt32BE(key.id, 1)
    const plain = Buffer.alloc(1 + sessions.length * SESSION_BYTES)
    plain[0] = kind
    let at = 1
    for (const { group, target, issuedAt } of sessions) {
      plain.write(group, at, 'latin1')
      plain.write(target, at + REF_BYTES, 'latin1')
      plain.writeUIntBE(issuedAt, at + 2 * REF_BYTES, 6)
      at += SESSION_BYTES
    }
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(ALGORITHM, key.secret, nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(head)
    const sealed = Buffer.concat([cipher.update(plain), cipher.final()])
    const text = Buffer.concat([head, nonce, cipher.getAuthTag(), sealed]).toString('base64')
    this.#keep(text, { kind, sessions })
    return text
  }

  /** The sessions of a text that was sealed as this kind; `null` for every other text, whatever it is. */
  open(kind: CookieKind, text: string): readonly Session[] | null {
    let opened = this.#opened.get(text)
    if (opened === undefined) {
      opened = this.#openedBefore.get(text) ?? this.#decrypt(text)
      if (opened === undefined) return null
    }
    return opened.kind === kind ? opened.sessions : null
  }

  #decrypt(text: string): Opened | undefined {
    if (text.length > COOKIE_TEXT_MAX || text.length % 4 !== 0 || !base64.test(text)) return undefined
    const bytes = Buffer.from(text, 'base64')
    const size = bytes.length - HEAD_BYTES
    if (size < 1 || (size - 1) % SESSION_BYTES !== 0 || bytes[0] !== VERSION) return undefined
    const id = bytes.readUInt32BE(1)
    const key = this.#keys.find((each) => each.id === id)
    if (key === undefined) return undefined
    // The same bytes can be written in more than one way; only one is ours. It is also what is safe to keep: a part
    // of a request's text would hold on to all of it.
    const written = bytes.toString('base64')
    if (written !== text) return undefined
    const plain = decrypted(key.secret, bytes)
    if (plain === undefined) return undefined
    const sessions: Session[] = []
    for (let at = 1; at < plain.length; at += SESSION_BYTES) {
      sessions.push({
        group: plain.toString('latin1', at, at + REF_BYTES),
        target: plain.toString('latin1', at + REF_BYTES, at + 2 * REF_BYTES),
        issuedAt: plain.readUIntBE(at + 2 * REF_BYTES, 6),
      })
    }
    const opened = { kind: plain[0] ?? 0, sessions }
    this.#keep(written, opened)
    return opened
  }

  #keep(text: string, opened: Opened): void {
    if (text.length > OPENED_TEXT_MAX) return
    if (this.#opened.size >= OPENED_MAX) {
      this.#openedBefore = this.#opened
      this.#opened = new Map()
    }
    this.#opened.set(text, opened)
  }
}

/** `undefined` where the bytes are not as they were made. */
function decrypted(secret: KeyObject, bytes: Buffer): Buffer | undefined {
  const tagStart = AUTHENTICATED_BYTES + NONCE_BYTES
  const decipher = createDecipheriv(ALGORITHM, secret, bytes.subarray(AUTHENTICATED_BYTES, tagStart), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(bytes.subarray(0, AUTHENTICATED_BYTES))
  decipher.setAuthTag(bytes.subarray(tagStart, HEAD_BYTES))
  const plain = decipher.update(bytes.subarray(HEAD_BYTES))
  try {
    decipher.final()
    return plain
  } catch {
    return undefined
  }
}
