// The conditions of a rule, each compiled to one object that says whether a request meets it. Any one of a condition's
// values is enough (ALB-LSN-132).

import { RegularExpression } from '../model/regular-expression.ts'
import type { ConditionUnit } from '../snapshot/application-units.ts'
import { contains, parseCidr, unmapBlock, type CidrBlock } from '../model/ip.ts'
import { normalizePercent } from './path-normalization.ts'
import { hasControlCharacter, Pattern } from './pattern.ts'
import type { RequestFacts } from './request-facts.ts'

export type Condition =
  | HostCondition
  | PathCondition
  | HeaderCondition
  | MethodCondition
  | QueryCondition
  | SourceCondition
  | HostExpressionCondition
  | PathExpressionCondition
  | HeaderExpressionCondition

const FOLDED = { foldCase: true, escapes: false }
const CASE_SENSITIVE = { foldCase: false, escapes: false }
const FOLDED_WITH_ESCAPES = { foldCase: true, escapes: true }

export function compileCondition(unit: ConditionUnit, facts: RequestFacts): Condition {
  switch (unit.field) {
    case 'host-header':
      return new HostCondition(unit.values)
    case 'path-pattern':
      return new PathCondition(unit.values)
    case 'http-header':
      return new HeaderCondition(facts.headerSlot(unit.headerName), unit.values)
    case 'http-request-method':
      return new MethodCondition(unit.values)
    case 'query-string':
      return new QueryCondition(unit.values)
    case 'source-ip':
      return new SourceCondition(unit.values)
    case 'host-header-regex':
      return new HostExpressionCondition(unit.expressions)
    case 'path-pattern-regex':
      return new PathExpressionCondition(unit.expressions)
    case 'http-header-regex':
    default:
      return new HeaderExpressionCondition(facts.headerSlot(unit.headerName), unit.expressions)
  }
}

export class HostCondition {
  readonly patterns: readonly Pattern[]

  constructor(values: readonly string[]) {
    this.patterns = values.map((value) => new Pattern(value, FOLDED))
  }

  holds(facts: RequestFacts): boolean {
    const host = facts.host()
    return host !== '' && matchesAny(this.patterns, host)
  }
}

export class PathCondition {
  readonly patterns: readonly Pattern[]

  constructor(values: readonly string[]) {
    // Requests come normalised, so a pattern with a percent-encoded character has to be in the same form.
    this.patterns = values.map((value) => new Pattern(normalizePercent(value), CASE_SENSITIVE))
  }

  holds(facts: RequestFacts): boolean {
    return matchesAny(this.patterns, facts.path())
  }
}

export class HeaderCondition {
  readonly slot: number
  readonly patterns: readonly Pattern[]

  constructor(slot: number, values: readonly string[]) {
    this.slot = slot
    this.patterns = values.map((value) => new Pattern(value, FOLDED))
  }

  holds(facts: RequestFacts): boolean {
    const slot = facts.headerSlotFields(this.slot)
    for (let index = 0; index < slot.count; index++)
      if (this.matchesValue(facts.headerValue(slot, index))) return true
    return false
  }

  /** Whether a value in lower case meets the condition. */
  matchesValue(lowerValue: string): boolean {
    return matchesAny(this.patterns, lowerValue)
  }
}

export class MethodCondition {
  readonly methods: readonly string[]

  constructor(values: readonly string[]) {
    this.methods = values
  }

  holds(facts: RequestFacts): boolean {
    return this.methods.includes(facts.head.method)
  }
}

/** `key` is `null` where any key will do. */
export interface PairPattern {
  readonly key: Pattern | null
  readonly value: Pattern
}

export class QueryCondition {
  readonly pairs: readonly PairPattern[]

  constructor(values: readonly { readonly key: string | null; readonly value: string }[]) {
    this.pairs = values.map(({ key, value }) => ({
      key: key === null ? null : new Pattern(key, FOLDED_WITH_ESCAPES),
      value: new Pattern(value, FOLDED_WITH_ESCAPES),
    }))
  }

  holds(facts: RequestFacts): boolean {
    const sent = facts.pairs()
    for (const { key, value } of this.pairs)
      for (let index = 0; index < sent.count; index++)
        if (
          (key === null || matchesEither(key, sent.rawKeys[index], sent.keys[index])) &&
          matchesEither(value, sent.rawValues[index], sent.values[index])
        )
          return true
    return false
  }
}

export class SourceCondition {
  readonly blocks: readonly CidrBlock[]

  /** A value that is no CIDR block is met by nobody. */
  constructor(values: readonly string[]) {
    this.blocks = values
      .map(parseCidr)
      .filter((block) => block !== null)
      .map(unmapBlock)
  }

  holds(facts: RequestFacts): boolean {
    const address = facts.address()
    for (const block of this.blocks) if (contains(block, address)) return true
    return false
  }
}

export class HostExpressionCondition {
  readonly #expressions: readonly RegularExpression[]

  constructor(expressions: readonly string[]) {
    this.#expressions = compileExpressions(expressions, true)
  }

  /** The host alone, and with the port that was sent (Q17). */
  holds(facts: RequestFacts): boolean {
    const host = facts.host()
    if (host === '') return false
    return isInAny(this.#expressions, host) || isInAny(this.#expressions, facts.hostWithPort())
  }
}

export class PathExpressionCondition {
  readonly #expressions: readonly RegularExpression[]

  constructor(expressions: readonly string[]) {
    this.#expressions = compileExpressions(expressions, false)
  }

  holds(facts: RequestFacts): boolean {
    return isInAny(this.#expressions, facts.path())
  }
}

export class HeaderExpressionCondition {
  readonly #slot: number
  readonly #expressions: readonly RegularExpression[]

  constructor(slot: number, expressions: readonly string[]) {
    this.#slot = slot
    this.#expressions = compileExpressions(expressions, true)
  }

  holds(facts: RequestFacts): boolean {
    const slot = facts.headerSlotFields(this.#slot)
    for (let index = 0; index < slot.count; index++)
      if (isInAny(this.#expressions, facts.headerValue(slot, index))) return true
    return false
  }
}

function compileExpressions(expressions: readonly string[], foldCase: boolean): RegularExpression[] {
  return expressions.map((expression) => new RegularExpression(expression, { foldCase }))
}

/** Text with control characters is in none, as with patterns (ALB-LSN-139). */
function isInAny(expressions: readonly RegularExpression[], text: string): boolean {
  if (hasControlCharacter(text)) return false
  for (const expression of expressions) if (expression.isIn(text)) return true
  return false
}

function matchesAny(patterns: readonly Pattern[], text: string): boolean {
  for (let index = 0; index < patterns.length; index++)
    if ((patterns[index] as Pattern).matches(text)) return true
  return false
}

/** Whether the text as sent or the percent-decoded text matches (Q30). */
function matchesEither(pattern: Pattern, raw: string | undefined, decoded: string | undefined): boolean {
  if (raw === undefined || decoded === undefined) return false
  return pattern.matches(raw) || (decoded !== raw && pattern.matches(decoded))
}
