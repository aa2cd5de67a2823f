// The rules of one listener, compiled. Filters leave only rules that may match (rules of a listener are many, those
// that fit a request are few); what is left is tried by priority, so the answer is that of trying all of them.

import type { ListenerUnit } from '../snapshot/application-units.ts'
import { compileCondition, type Condition } from './conditions.ts'
import { RequestFacts } from './request-facts.ts'
import type { MatchedRule, RoutedRequest, Router } from './router.ts'
import { compileFilters, type RuleFilter } from './rule-filters.ts'
import { Transforms } from './transforms.ts'
import { copyInto, firstRule, overlap, ruleSet, type RuleSet } from './rule-set.ts'

interface CompiledRule {
  readonly matched: MatchedRule
  readonly conditions: readonly Condition[]
}

/** Fewer rules than this are tried one by one, which is then faster than filters (bench/routing.ts). */
const FILTERED_RULES_MIN = 3

/**
 * A router for the rules of a listener, compiled with the first request: a machine has more listeners than are in use
 * at a time. It is for synchronous use: `match` keeps nothing and allocates little. `onProblem` is told once of rules that
 * cannot be compiled; requests then get a rule of priority -1 without actions (ALB-OBS-180).
 */
export function compileRouter(listener: ListenerUnit, onProblem?: (message: string) => void): Router {
  return new LazyRouter(listener, onProblem)
}

class LazyRouter implements Router {
  readonly #listener: ListenerUnit
  readonly #onProblem: ((message: string) => void) | undefined
  #compiled: Router | null = null

  constructor(listener: ListenerUnit, onProblem: ((message: string) => void) | undefined) {
    this.#listener = listener
    this.#onProblem = onProblem
  }

  match(request: RoutedRequest): MatchedRule {
    this.#compiled ??= this.#compile()
    return this.#compiled.match(request)
  }

  /** Rules may come from a file that another version wrote. What is wrong with one listener is no harm to the others. */
  #compile(): Router {
    try {
      return new CompiledRouter(this.#listener)
    } catch (error) {
      this.#onProblem?.(
        `Cannot evaluate the rules of ${this.#listener.arn}; its requests get 500: ${String(error)}`,
      )
      return { match: () => FAILED }
    }
  }
}

const FAILED: MatchedRule = { arn: '', priority: -1, actions: [], transforms: null }

class CompiledRouter implements Router {
  readonly #facts = new RequestFacts()
  readonly #rules: readonly CompiledRule[]
  readonly #defaultRule: MatchedRule
  readonly #filters: readonly RuleFilter[]
  readonly #all: RuleSet
  readonly #candidates: RuleSet

  constructor(listener: ListenerUnit) {
    this.#rules = listener.rules
      .toSorted((one, other) => one.priority - other.priority)
      .map(({ arn, priority, actions, conditions, transforms }) => ({
        matched: {
          arn,
          priority,
          actions,
          transforms: transforms === undefined ? null : new Transforms(transforms),
        },
        conditions: conditions.map((condition) => compileCondition(condition, this.#facts)),
      }))
    const { arn, actions } = listener.defaultRule
    this.#defaultRule = { arn, priority: 0, actions, transforms: null }
    const isFiltered = this.#rules.length >= FILTERED_RULES_MIN
    this.#filters = isFiltered ? compileFilters(this.#rules.map((rule) => rule.conditions)) : []
    this.#all = ruleSet(this.#rules.length, this.#rules.keys())
    this.#candidates = this.#all.slice()
  }

  match(request: RoutedRequest): MatchedRule {
    const rules = this.#rules
    if (rules.length === 0) return this.#defaultRule
    const facts = this.#facts
    facts.begin(request)
    const candidates = this.#candidates
    copyInto(candidates, this.#all)
    for (let index = 0; index < this.#filters.length; index++) {
      const filter = this.#filters[index] as RuleFilter
      if (overlap(candidates, filter.concerned)) filter.cut(candidates, facts)
    }
    for (
      let at = firstRule(candidates, 0);
      at !== -1 && at < rules.length;
      at = firstRule(candidates, at + 1)
    ) {
      const rule = rules[at] as CompiledRule
      if (holdsAll(rule.conditions, facts)) return rule.matched
    }
    return this.#defaultRule
  }
}

function holdsAll(conditions: readonly Condition[], facts: RequestFacts): boolean {
  for (let index = 0; index < conditions.length; index++)
    if (!(conditions[index] as Condition).holds(facts)) return false
  return true
}
