// Remembers which rules a header value meets. Patterns that begin with a star (`*Chrome*`) can only be tried one by one,
// but the values they are made for, User-Agent above all, come again and again.

import type { HeaderCondition } from './conditions.ts'
import { addRule, ruleSet, type RuleSet } from './rule-set.ts'

const VALUES_MAX = 256
/** Longer values are not kept, so that no client can make the memo big. */
const VALUE_LENGTH_MAX = 512

export class ValueMemo {
  readonly #ruleCount: number
  readonly #conditions: readonly (readonly [rule: number, condition: HeaderCondition])[]
  readonly #known = new Map<string, RuleSet>()

  constructor(ruleCount: number, conditions: readonly (readonly [number, HeaderCondition])[]) {
    this.#ruleCount = ruleCount
    this.#conditions = conditions
  }

  /** The rules whose condition this value meets. */
  find(value: string): RuleSet {
    return this.#known.get(value) ?? this.#tryAll(value)
  }

  #tryAll(value: string): RuleSet {
    const lowerValue = value.toLowerCase()
    const found = ruleSet(this.#ruleCount)
    for (const [rule, condition] of this.#conditions)
      if (condition.matchesValue(lowerValue)) addRule(found, rule)
    if (value.length <= VALUE_LENGTH_MAX) {
      if (this.#known.size >= VALUES_MAX) this.#known.clear()
      // A copy: a part of a message head would keep the whole head in memory.
      this.#known.set(Buffer.from(value, 'latin1').toString('latin1'), found)
    }
    return found
  }
}
