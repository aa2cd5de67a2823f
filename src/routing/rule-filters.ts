// Leaves out rules that a request cannot meet, one filter per condition type, each by one look-up for all rules. What
// a filter leaves over may still not match; what it leaves out never does.

import {
  HeaderCondition,
  HostCondition,
  MethodCondition,
  PathCondition,
  QueryCondition,
  SourceCondition,
  type Condition,
  type PairPattern,
} from './conditions.ts'
import { LiteralIndex, type IndexEntry } from './literal-index.ts'
import type { Pattern } from './pattern.ts'
import { pairEnd, queryEnd, type RequestFacts } from './request-facts.ts'
import { addRule, copyInto, cutInto, joinInto, ruleSet, type RuleSet } from './rule-set.ts'
import { ValueMemo } from './value-memo.ts'

export interface RuleFilter {
  /** Rules that have a condition of this type; without one of them there is nothing to leave out. */
  readonly concerned: RuleSet
  /** Takes rules that cannot match out of `candidates`. */
  cut(candidates: RuleSet, facts: RequestFacts): void
}

/** The condition of one type in each rule that has one; of several the first, which is enough to leave rules out. */
type Keyed<Kind> = ReadonlyMap<number, Kind>

/** Filters for these rules, cheapest first. */
export function compileFilters(rules: readonly (readonly Condition[])[]): RuleFilter[] {
  const count = rules.length
  const keyed = <Kind extends Condition>(kind: abstract new (...values: never[]) => Kind): Keyed<Kind> => {
    const conditions = new Map<number, Kind>()
    for (const [rule, all] of rules.entries()) {
      const first = all.find((condition) => condition instanceof kind) as Kind | undefined
      if (first !== undefined) conditions.set(rule, first)
    }
    return conditions
  }
  const filters = [
    new MethodFilter(count, keyed(MethodCondition)),
    new PathFilter(count, keyed(PathCondition)),
    new HostFilter(count, keyed(HostCondition)),
    new SourceFilter(count, keyed(SourceCondition)),
    new HeaderFilter(count, keyed(HeaderCondition)),
    new QueryFilter(count, keyed(QueryCondition)),
  ]
  return filters.filter((filter) => filter.concerned.some((word) => word !== 0))
}

function others(count: number, conditions: Keyed<unknown>): RuleSet {
  const rules = Array.from({ length: count }, (_, rule) => rule)
  return ruleSet(
    count,
    rules.filter((rule) => !conditions.has(rule)),
  )
}

class MethodFilter implements RuleFilter {
  readonly concerned: RuleSet
  readonly #others: RuleSet
  readonly #byMethod = new Map<string, RuleSet>()

  constructor(count: number, conditions: Keyed<MethodCondition>) {
    this.concerned = ruleSet(count, conditions.keys())
    this.#others = others(count, conditions)
    for (const [rule, { methods }] of conditions)
      for (const method of methods) {
        const known = this.#byMethod.get(method) ?? this.#others.slice()
        addRule(known, rule)
        this.#byMethod.set(method, known)
      }
  }

  cut(candidates: RuleSet, facts: RequestFacts): void {
    cutInto(candidates, this.#byMethod.get(facts.head.method) ?? this.#others)
  }
}

class PathFilter implements RuleFilter {
  readonly concerned: RuleSet
  readonly #index: LiteralIndex

  constructor(count: number, conditions: Keyed<PathCondition>) {
    this.concerned = ruleSet(count, conditions.keys())
    const entries = [...conditions].flatMap(([rule, { patterns }]) =>
      patterns.map((pattern) => prefixEntry(rule, pattern)),
    )
    this.#index = new LiteralIndex(others(count, conditions), entries, { foldCase: false, fromEnd: false })
  }

  cut(candidates: RuleSet, facts: RequestFacts): void {
    const path = facts.path()
    cutInto(candidates, this.#index.find(path, 0, path.length))
  }
}

/** Looks from the end, because what many host patterns share is what they begin with: a star. */
class HostFilter implements RuleFilter {
  readonly concerned: RuleSet
  readonly #index: LiteralIndex

  constructor(count: number, conditions: Keyed<HostCondition>) {
    this.concerned = ruleSet(count, conditions.keys())
    const entries = [...conditions].flatMap(([rule, { patterns }]) =>
      patterns.map(({ literal, suffix }) => ({ rule, literal: suffix, isWhole: literal !== null })),
    )
    this.#index = new LiteralIndex(others(count, conditions), entries, { foldCase: true, fromEnd: true })
  }

  cut(candidates: RuleSet, facts: RequestFacts): void {
    const host = facts.host()
    cutInto(candidates, this.#index.find(host, 0, host.length))
  }
}

/** IPv4 is cut at every border of a block into ranges, each with its rules; IPv6 clients see all IPv6 blocks. */
class SourceFilter implements RuleFilter {
  readonly concerned: RuleSet
  readonly #others: RuleSet
  readonly #ipv6: RuleSet
  readonly #rangeStarts: Float64Array
  readonly #ranges: readonly RuleSet[]

  constructor(count: number, conditions: Keyed<SourceCondition>) {
    this.concerned = ruleSet(count, conditions.keys())
    this.#others = others(count, conditions)
    this.#ipv6 = this.#others.slice()
    const starts = new Set([0])
    const blocks = [...conditions].flatMap(([rule, condition]) =>
      condition.blocks.map((block) => ({ rule, block })),
    )
    for (const { rule, block } of blocks) {
      if (block.family === 6) addRule(this.#ipv6, rule)
      else starts.add(block.first).add(block.last + 1)
    }
    this.#rangeStarts = Float64Array.from(starts).toSorted()
    this.#ranges = Array.from(this.#rangeStarts, (start) => {
      const range = this.#others.slice()
      for (const { rule, block } of blocks)
        if (block.family === 4 && block.first <= start && start <= block.last) addRule(range, rule)
      return range
    })
  }

  cut(candidates: RuleSet, facts: RequestFacts): void {
    const address = facts.address()
    if (address.family !== 4) {
      cutInto(candidates, address.family === 6 ? this.#ipv6 : this.#others)
      return
    }
    const starts = this.#rangeStarts
    let low = 0
    let high = starts.length
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if ((starts[middle] as number) <= address.ipv4) low = middle
      else high = middle
    }
    cutInto(candidates, this.#ranges[low] as RuleSet)
  }
}

/** Rules of one header that no index can tell apart, from which on a memo pays (bench/routing.ts). */
const MEMO_RULES_MIN = 4

/** How the rules that look at one header are found by its value. */
interface HeaderLookup {
  readonly slot: number
  readonly index: LiteralIndex
  readonly memo: ValueMemo | null
}

class HeaderFilter implements RuleFilter {
  readonly concerned: RuleSet
  readonly #others: RuleSet
  readonly #found: RuleSet
  readonly #lookups: readonly HeaderLookup[]

  constructor(count: number, conditions: Keyed<HeaderCondition>) {
    this.concerned = ruleSet(count, conditions.keys())
    this.#others = others(count, conditions)
    this.#found = ruleSet(count)
    const bySlot = Map.groupBy(conditions, ([, condition]) => condition.slot)
    this.#lookups = Array.from(bySlot, ([slot, group]) => {
      const entries = group.flatMap(([rule, { patterns }]) =>
        patterns.map((pattern) => prefixEntry(rule, pattern)),
      )
      const index = new LiteralIndex(ruleSet(count), entries, { foldCase: true, fromEnd: false })
      const isIndexPoor = entries.filter((entry) => entry.literal === '').length >= MEMO_RULES_MIN
      return { slot, index, memo: isIndexPoor ? new ValueMemo(count, group) : null }
    })
  }

  cut(candidates: RuleSet, facts: RequestFacts): void {
    const found = this.#found
    copyInto(found, this.#others)
    const { text, positions } = facts.head.fields
    for (let at = 0; at < this.#lookups.length; at++) {
      const { slot, index, memo } = this.#lookups[at] as HeaderLookup
      const { count, fields } = facts.headerSlotFields(slot)
      for (let nth = 0; nth < count; nth++) {
        const field = fields[nth] as number
        const start = positions[field * 4 + 2] as number
        const end = positions[field * 4 + 3] as number
        joinInto(found, memo === null ? index.find(text, start, end) : memo.find(text.slice(start, end)))
      }
    }
    cutInto(candidates, found)
  }
}

class QueryFilter implements RuleFilter {
  readonly concerned: RuleSet
  readonly #others: RuleSet
  readonly #found: RuleSet
  readonly #index: LiteralIndex

  constructor(count: number, conditions: Keyed<QueryCondition>) {
    this.concerned = ruleSet(count, conditions.keys())
    this.#others = others(count, conditions)
    this.#found = ruleSet(count)
    const entries = [...conditions].flatMap(([rule, { pairs }]) => pairs.map((pair) => pairEntry(rule, pair)))
    this.#index = new LiteralIndex(ruleSet(count), entries, { foldCase: true, fromEnd: false })
  }

  cut(candidates: RuleSet, facts: RequestFacts): void {
    const query = facts.head.query
    if (query === null) {
      cutInto(candidates, this.#others)
      return
    }
    // Encoded text would need one look-up per way to read it; it is rare, and conditions look at all ways anyhow.
    if (query.includes('%')) return
    const found = this.#found
    copyInto(found, this.#others)
    const end = queryEnd(query)
    for (let start = 0; start < end;) {
      const stop = pairEnd(query, start, end)
      if (stop > start) joinInto(found, this.#index.find(query, start, stop))
      start = stop + 1
    }
    cutInto(candidates, found)
  }
}

function prefixEntry(rule: number, { literal, prefix }: Pattern): IndexEntry {
  return { rule, literal: prefix, isWhole: literal !== null }
}

/** Entry for the text `key=value`. A pair without `=` has an empty value, so the `=` counts only with a value. */
function pairEntry(rule: number, { key, value }: PairPattern): IndexEntry {
  if (key === null) return { rule, literal: '', isWhole: false }
  if (key.literal === null || value.prefix === '') return { rule, literal: key.prefix, isWhole: false }
  return { rule, literal: `${key.literal}=${value.prefix}`, isWhole: value.literal !== null }
}
