// The targets of a group with sticky sessions, as cookies name them. Made only for groups that have stickiness on.

import type { StickinessUnit, TargetUnit } from '../snapshot/target-group-units.ts'
import { targetKey } from '../model/target-key.ts'
import { CookieKind, refOf } from './cookie-cipher.ts'
import { CookieLines } from './session-cookies.ts'

export class StickyGroup {
  readonly ref: string
  unit: StickinessUnit
  /** Every target of the group by its key; what it has is kept from version to version. */
  #lines = new Map<string, CookieLines>()
  /** Targets that may get requests now. */
  readonly #byRef = new Map<string, TargetUnit>()
  #linesOf = new Map<TargetUnit, CookieLines>()

  constructor(arn: string, unit: StickinessUnit) {
    this.ref = refOf(arn)
    this.unit = unit
  }

  /** Takes another version of the group. `eligible`: those of its targets that may get requests. */
  update(unit: StickinessUnit, targets: readonly TargetUnit[], eligible: readonly TargetUnit[]): void {
    const isSameType = unit.type === this.unit.type
    const known = isSameType ? this.#lines : new Map<string, CookieLines>()
    this.unit = unit
    this.#lines = new Map()
    this.#linesOf = new Map()
    for (const target of targets) {
      const key = targetKey(target.id, target.port)
      const lines = known.get(key) ?? this.#newLines(key)
      this.#lines.set(key, lines)
      this.#linesOf.set(target, lines)
    }
    this.#byRef.clear()
    for (const target of eligible) this.#byRef.set(this.lines(target).target, target)
  }

  /** The target that a session names, or `null` if it is gone or must not get requests now. */
  find(ref: string): TargetUnit | null {
    return this.#byRef.get(ref) ?? null
  }

  /** The cookies that lead to a target of the present version. */
  lines(target: TargetUnit): CookieLines {
    return this.#linesOf.get(target) ?? this.#newLines(targetKey(target.id, target.port))
  }

  #newLines(key: string): CookieLines {
    const kind = this.unit.type === 'app_cookie' ? CookieKind.application : CookieKind.target
    return new CookieLines(kind, this.ref, refOf(key))
  }
}
