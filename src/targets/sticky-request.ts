// One request under sticky sessions: reads the cookies that it came with, and gives its answer new ones. Whatever is
// wrong with a cookie, the request goes on without it (ALB-TG-335).

import type { ForwardUnit } from '../snapshot/application-units.ts'
import type { TargetUnit } from '../snapshot/target-group-units.ts'
import { cookieValues, setCookieValue } from '../wire/cookies.ts'
import type { HeaderFields } from '../wire/header-fields.ts'
import { CookieKind, type Session, SESSIONS_MAX } from './cookie-cipher.ts'
import {
  type CookieLines,
  COOKIE_LIFE_MS,
  REMOVED,
  type SessionCookies,
  SHARD_NAMES,
  SHARD_TEXT_MAX,
} from './session-cookies.ts'
import type { StickyGroup } from './sticky-group.ts'
import type { TargetChoice } from './target-group.ts'
import { chooseTargetGroup, type RandomSource } from './weighted-groups.ts'

/** `SameSite=None` is understood from this version on (ALB-TG-356). */
const CHROMIUM_VERSION_MIN = 80
const NO_SESSIONS: readonly Session[] = []
const chromium = /\bChrom(?:e|ium)\/(\d+)/

export class StickyRequest {
  readonly #cookies: SessionCookies
  readonly #isSecure: boolean
  /** A cookie for the group was there and could not be read (ALB-LSN Q40). */
  hasInvalidGroupCookie = false
  /** The client was with no target that may get requests now. */
  isNewSession = false
  #groupLines: CookieLines | null = null
  #targetLines: CookieLines | null = null
  /** Name of the application's cookie where stickiness follows it. */
  #cookieName: string | null = null
  /** The session of this group goes on, whether or not the target names it again. */
  #isKept = false
  /** Sessions of other groups in the same cookie. */
  #others: readonly Session[] = []
  #isChromium = false

  /** `isSecure`: the client came by HTTPS. */
  constructor(cookies: SessionCookies, isSecure: boolean) {
    this.#cookies = cookies
    this.#isSecure = isSecure
  }

  /** The group that the client is with, whatever its weight, or else a drawn one; `null` where all weights are 0. */
  chooseGroup(action: ForwardUnit, fields: HeaderFields, random: RandomSource): string | null {
    const durationMs = action.groupStickiness?.durationMs ?? 0
    const lines = this.#cookies.groupLines(action, durationMs)
    let index = this.#groupIn(cookieValues(fields, 'AWSALBTG'), lines, durationMs)
    if (index === -1) index = this.#groupIn(cookieValues(fields, 'AWSALBTGCORS'), lines, durationMs)
    if (index === -1) {
      const drawn = chooseTargetGroup(action.targetGroups, random)
      if (drawn === null) return null
      index = 0
      while (action.targetGroups[index]?.arn !== drawn) index++
    } else this.hasInvalidGroupCookie = false
    this.#groupLines = lines[index] ?? null
    return action.targetGroups[index]?.arn ?? null
  }

  /** The first of the values that names a group of the action counts; stale ones before it are passed over. */
  #groupIn(values: readonly string[], lines: readonly CookieLines[], durationMs: number): number {
    for (let index = 0; index < values.length; index++) {
      const sessions = this.#cookies.open(CookieKind.group, values[index] ?? '')
      if (sessions === null) this.hasInvalidGroupCookie = true
      const session = sessions?.[0]
      if (session === undefined || !this.#cookies.isAlive(session, durationMs)) continue
      for (let at = 0; at < lines.length; at++) if (lines[at]?.group === session.group) return at
    }
    return -1
  }

  /** The target that the client is with, or else the one that the algorithm picks; `null` where none may get a request. */
  chooseTarget(group: StickyGroup, choice: TargetChoice, fields: HeaderFields): TargetUnit | null {
    const known = this.findTarget(group, fields)
    this.isNewSession = known === null
    const target = known ?? choice.pick()
    if (target !== null) this.took(group, target)
    return target
  }

  /** The target that the client is with, or `null`: the algorithm is to choose. `took` follows in any case. */
  findTarget(group: StickyGroup, fields: HeaderFields): TargetUnit | null {
    if (group.unit.type === 'app_cookie') return this.#findByApplication(group, group.unit.cookieName, fields)
    return (
      this.#targetIn(cookieValues(fields, 'AWSALB'), group) ??
      this.#targetIn(cookieValues(fields, 'AWSALBCORS'), group)
    )
  }

  /** The request goes to this target. */
  took(group: StickyGroup, target: TargetUnit): void {
    this.#targetLines = group.lines(target)
  }

  /** The first of the values that leads to a target counts; stale ones before it are passed over. */
  #targetIn(values: readonly string[], group: StickyGroup): TargetUnit | null {
    for (let index = 0; index < values.length; index++) {
      const session = this.#cookies.open(CookieKind.target, values[index] ?? '')?.[0]
      if (session === undefined || session.group !== group.ref) continue
      if (!this.#cookies.isAlive(session, group.unit.durationMs)) continue
      const target = group.find(session.target)
      if (target !== null) return target
    }
    return null
  }

  /** As with the other cookies, the first set of parts that leads to a target counts, else the first that can be read. */
  #findByApplication(group: StickyGroup, cookieName: string, fields: HeaderFields): TargetUnit | null {
    this.#cookieName = cookieName
    this.#isChromium = isChromium(fields.first('user-agent'))
    const parts = SHARD_NAMES.map((name) => cookieValues(fields, name))
    const hasOwn = cookieValues(fields, cookieName).length > 0
    let isFirst = true
    for (let nth = 0; nth < (parts[0]?.length ?? 0); nth++) {
      const sessions = this.#sessionsIn((part) => parts[part]?.[nth] ?? null)
      if (sessions === null) continue
      const own = hasOwn ? sessionWith(sessions, group.ref) : undefined
      const isAlive = own !== undefined && this.#cookies.isAlive(own, group.unit.durationMs)
      const target = isAlive ? group.find(own.target) : null
      if (isFirst || target !== null) this.#others = this.#withoutGroup(sessions, group.ref)
      // Also where its target is gone: then the session moves to another (ALB-TG-355).
      if (isAlive) this.#isKept = true
      if (target !== null) return target
      isFirst = false
    }
    return null
  }

  /** The sessions of the application cookies, put together from all parts; `null` where none can be read. */
  #sessionsIn(valueOf: (part: number) => string | null): readonly Session[] | null {
    let text = valueOf(0)
    if (text === null) return null
    if (text === REMOVED) return NO_SESSIONS
    // Only a part that is full has another behind it.
    for (let part = 1; part < SHARD_NAMES.length && text.length === part * SHARD_TEXT_MAX; part++) {
      const value = valueOf(part)
      if (value !== null && value !== REMOVED) text += value
    }
    return this.#cookies.open(CookieKind.application, text)
  }

  /** Header lines for the answer of the target. */
  lines(response: { readonly fields: HeaderFields }): string {
    const group = this.#groupLines === null ? '' : this.#cookies.lines(this.#groupLines, this.#isSecure)
    if (this.#targetLines === null) return group
    if (this.#cookieName === null) return group + this.#cookies.lines(this.#targetLines, this.#isSecure)
    return group + this.#applicationLines(this.#cookieName, this.#targetLines, response.fields)
  }

  #applicationLines(cookieName: string, lines: CookieLines, fields: HeaderFields): string {
    const { group, target } = lines
    // Where the target is a load balancer of ours, its sessions are the newer ones (ALB-TG-324).
    const theirs = this.#sessionsIn((part) => setCookieValue(fields, SHARD_NAMES[part] ?? ''))
    const others = theirs === null ? this.#others : this.#withoutGroup(theirs, group)
    const isSticky = this.#isKept || setCookieValue(fields, cookieName) !== null
    if (!isSticky) return this.#cookies.applicationLines(others, this.#isChromium)
    if (others.length === 0) return this.#cookies.lines(lines, this.#isChromium)
    const own = { group, target, issuedAt: this.#cookies.moment }
    return this.#cookies.applicationLines([own, ...latest(others)], this.#isChromium)
  }

  /** Without those that no configuration would let go on. */
  #withoutGroup(sessions: readonly Session[], group: string): readonly Session[] {
    if (sessions.length === 0 || (sessions.length === 1 && sessions[0]?.group === group)) return NO_SESSIONS
    return sessions.filter(
      (session) => session.group !== group && this.#cookies.isAlive(session, COOKIE_LIFE_MS),
    )
  }
}

function sessionWith(sessions: readonly Session[], group: string): Session | undefined {
  for (const session of sessions) if (session.group === group) return session
  return undefined
}

/** As many as fit beside one more; those that were used last. */
function latest(sessions: readonly Session[]): readonly Session[] {
  if (sessions.length < SESSIONS_MAX) return sessions
  return sessions.toSorted((a, b) => b.issuedAt - a.issuedAt).slice(0, SESSIONS_MAX - 1)
}

function isChromium(userAgent: string | undefined): boolean {
  if (userAgent === undefined) return false
  const version = chromium.exec(userAgent)?.[1]
  return version !== undefined && Number(version) >= CHROMIUM_VERSION_MIN
}
