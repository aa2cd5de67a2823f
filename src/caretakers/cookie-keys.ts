// The keys for cookies of sticky sessions: made here, kept in the store, changed every day. A key is known everywhere
// before the first cookie is made with it, and kept until the last session that began with it has ended.

import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock/clock.ts'
import type { CookieKey } from '../model/cookie-key.ts'
import type { Store } from '../store/store.ts'
import { Rounds } from './rounds.ts'

const SECRET_BYTES = 32
/** How long cookies are made with one key (ALB-TG-317, OQ-46 there). */
const ROTATION_MS = 86_400_000
/** From when a key is made until cookies are made with it: time for every worker to get it. */
const LEAD_MS = 600_000
/** The longest session: AWS's limit for all durations of stickiness. */
const SESSION_MS = 7 * 86_400_000
/** Between two looks. Not scaled: dates run at their own pace on every clock. */
const INTERVAL_MS = 600_000

export interface CookieKeysOptions {
  readonly store: Store
  readonly clock: Clock
  /** The keys are others than before. */
  readonly onChange: () => void
  readonly reportError: (error: unknown) => void
}

export class CookieKeys {
  readonly #options: CookieKeysOptions
  readonly #rounds: Rounds
  #keys: readonly CookieKey[] = []

  constructor(options: CookieKeysOptions) {
    this.#options = options
    const { reportError } = options
    this.#rounds = new Rounds({
      work: async () => await this.#check(),
      retryMs: INTERVAL_MS,
      reportError,
    })
  }

  /** All keys in force, the oldest first. */
  get keys(): readonly CookieKey[] {
    return this.#keys
  }

  /** Resolves when there is a key. */
  async start(): Promise<void> {
    await this.#rounds.first()
  }

  /** Resolves when nothing runs any more. */
  async close(): Promise<void> {
    await this.#rounds.close()
  }

  async #check(): Promise<number> {
    const { store, clock, onChange } = this.#options
    const date = Math.floor(clock.date())
    const hadKeys = this.#keys.length > 0
    let isNew = false
    // Known to workers only when they are on disk: another key under the same ID would end what began with this one.
    this.#keys = await store.write(async ({ cookieKeys }) => {
      const stored = await cookieKeys.all()
      const keys = keysAt(stored, date, newSecret)
      const [oldest] = keys
      if (oldest !== undefined && oldest.id !== stored[0]?.id) await cookieKeys.deleteBefore(oldest.id)
      const added = keys.filter(({ id }) => stored.every((key) => key.id !== id))
      for (const key of added) await cookieKeys.insert(key)
      isNew = added.length > 0
      return keys
    })
    if (isNew && hadKeys) onChange()
    return INTERVAL_MS
  }
}

/** The keys that are to be in force: those still needed, and one more if the newest has had its time. */
export function keysAt(
  keys: readonly CookieKey[],
  date: number,
  makeSecret: () => string,
): readonly CookieKey[] {
  // A key is needed as long as there are sessions from before its successor.
  const needed = keys.filter((_, at) => {
    const successor = keys[at + 1]
    return successor === undefined || successor.usedFrom + SESSION_MS + LEAD_MS > date
  })
  const newest = needed.at(-1)
  if (newest === undefined) return [{ id: 1, secret: makeSecret(), usedFrom: date }]
  if (newest.usedFrom + ROTATION_MS > date + LEAD_MS) return needed
  return [...needed, { id: newest.id + 1, secret: makeSecret(), usedFrom: date + LEAD_MS }]
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64')
}
