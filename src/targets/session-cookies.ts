// The Set-Cookie lines of sticky sessions. Lines for one group or target are the same for all clients, so they are made
// once a second: what a session costs then is adding a text to an answer.

import type { Clock } from '../clock/clock.ts'
import { eventNow } from '../clock/event-time.ts'
import type { CookieKey } from '../model/cookie-key.ts'
import type { ForwardUnit } from '../snapshot/application-units.ts'
import { COOKIE_TEXT_MAX, CookieCipher, CookieKind, NO_TARGET, refOf, type Session } from './cookie-cipher.ts'

/** Life of a cookie at the client, however long the session lasts (ALB-TG-333, 347). */
export const COOKIE_LIFE_MS = 7 * 86_400_000
/** How long the same lines are given out. */
const REFRESH_MS = 1000
/** Application cookies hold at most this many characters, so that each stays below 4096 with name and attributes. */
export const SHARD_TEXT_MAX = COOKIE_TEXT_MAX / 4
export const SHARD_NAMES = ['AWSALBAPP-0', 'AWSALBAPP-1', 'AWSALBAPP-2', 'AWSALBAPP-3'] as const
/** Value of an application cookie that holds nothing. */
export const REMOVED = '_remove_'

/** The lines for one session, in the two forms that are given out, as of one moment. */
export class CookieLines {
  readonly kind: CookieKind
  readonly group: string
  readonly target: string
  readonly lifeMs: number
  moment = -1
  /** Number of the set of keys that they were made under. */
  keys = 0
  plain = ''
  secure = ''

  constructor(kind: CookieKind, group: string, target: string, lifeMs = COOKIE_LIFE_MS) {
    this.kind = kind
    this.group = group
    this.target = target
    this.lifeMs = lifeMs
  }
}

/** What all sticky sessions of a worker share. */
export class SessionCookies {
  readonly #clock: Clock
  readonly #cipher = new CookieCipher()
  readonly #refreshMs: number
  /** Grows with every other set of keys. */
  #keys = 0
  /** Cookies for the groups of a forward action, in its order; gone with the action. */
  readonly #groupLines = new WeakMap<ForwardUnit, readonly CookieLines[]>()

  constructor(clock: Clock) {
    this.#clock = clock
    this.#refreshMs = clock.realMs(REFRESH_MS)
  }

  setKeys(keys: readonly CookieKey[]): void {
    if (this.#cipher.setKeys(keys)) this.#keys++
  }

  open(kind: CookieKind, text: string): readonly Session[] | null {
    return this.#cipher.open(kind, text)
  }

  /** Now, as sessions have it: whole milliseconds, and the same for as long as lines are given out. */
  get moment(): number {
    const date = this.#clock.dateAt(eventNow())
    return Math.floor(Math.floor(date / this.#refreshMs) * this.#refreshMs)
  }

  /** Whether a session goes on. Durations are those of the present configuration, not of the time of issue. */
  isAlive(session: Session, durationMs: number): boolean {
    return this.#clock.dateAt(eventNow()) - session.issuedAt <= this.#clock.realMs(durationMs + REFRESH_MS)
  }

  /** The cookies for each group of an action. */
  groupLines(action: ForwardUnit, durationMs: number): readonly CookieLines[] {
    let lines = this.#groupLines.get(action)
    if (lines === undefined) {
      lines = action.targetGroups.map(
        ({ arn }) => new CookieLines(CookieKind.group, refOf(arn), NO_TARGET, durationMs),
      )
      this.#groupLines.set(action, lines)
    }
    return lines
  }

  /** `isSecure` adds what cookies for other sites need, as far as their kind has it. */
  lines(lines: CookieLines, isSecure: boolean): string {
    const moment = this.moment
    if (lines.moment !== moment || lines.keys !== this.#keys) this.#renew(lines, moment)
    return isSecure ? lines.secure : lines.plain
  }

  /** Lines of application cookies for several sessions, or for none. */
  applicationLines(sessions: readonly Session[], isChromium: boolean): string {
    const moment = this.moment
    const text = sessions.length === 0 ? '' : this.#cipher.seal(CookieKind.application, sessions, moment)
    return text === null ? '' : shardLines(text, expiry(moment + COOKIE_LIFE_MS), isChromium)
  }

  #renew(lines: CookieLines, moment: number): void {
    lines.moment = moment
    lines.keys = this.#keys
    const session = { group: lines.group, target: lines.target, issuedAt: moment }
    const text = this.#cipher.seal(lines.kind, [session], moment)
    if (text === null) {
      lines.plain = ''
      lines.secure = ''
      return
    }
    const expires = expiry(moment + lines.lifeMs)
    if (lines.kind === CookieKind.application) {
      lines.plain = shardLines(text, expires, false)
      lines.secure = shardLines(text, expires, true)
      return
    }
    const name = lines.kind === CookieKind.group ? 'AWSALBTG' : 'AWSALB'
    const rest = `=${text}; Expires=${expires}; Path=/`
    lines.plain = `Set-Cookie: ${name}${rest}\r\nSet-Cookie: ${name}CORS${rest}; SameSite=None\r\n`
    lines.secure = `Set-Cookie: ${name}${rest}\r\nSet-Cookie: ${name}CORS${rest}; SameSite=None; Secure\r\n`
  }
}

/** ALB-TG-357 … 359; cookies that are not needed are told to go (OQ-49). */
function shardLines(text: string, expires: string, isChromium: boolean): string {
  const attributes = `; Expires=${expires}; Path=/${isChromium ? '; SameSite=None; Secure' : ''}\r\n`
  let lines = ''
  let start = 0
  for (const name of SHARD_NAMES) {
    const shard = text.slice(start, start + SHARD_TEXT_MAX)
    lines += `Set-Cookie: ${name}=${shard === '' ? REMOVED : shard}${attributes}`
    start += SHARD_TEXT_MAX
  }
  return lines
}

function expiry(date: number): string {
  return new Date(date).toUTCString()
}
