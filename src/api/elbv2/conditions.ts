// Conditions of rules: what a call may say (ALB-LSN-127 … 208), and the form in which they are kept and described.

import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2'
import { parseCidr } from '../../model/ip.ts'
import { fixedQuotas } from '../../model/quotas.ts'
import { expressionProblem } from '../../model/regular-expression.ts'
import { validationError } from '../errors.ts'
import type { Decoded } from '../operations.ts'

type ConditionInput = Decoded<RuleCondition>
type Field = (typeof fields)[number]

const fields = [
  'path-pattern',
  'host-header',
  'http-header',
  'http-request-method',
  'query-string',
  'source-ip',
] as const

/** Member that holds the settings of each type. */
const configNames = {
  'path-pattern': 'PathPatternConfig',
  'host-header': 'HostHeaderConfig',
  'http-header': 'HttpHeaderConfig',
  'http-request-method': 'HttpRequestMethodConfig',
  'query-string': 'QueryStringConfig',
  'source-ip': 'SourceIpConfig',
} as const satisfies Record<Field, keyof RuleCondition>

/** Fields that a rule may have several conditions of (ALB-LSN-128, 129). */
const repeatable: readonly Field[] = ['http-header', 'query-string']

/** Longest value of a condition, in characters; methods and header names are shorter. */
const VALUE_MAX = 128
const SHORT_MAX = 40

/** Characters of values, wildcards included. */
const allowed = {
  'path-pattern': /^[A-Za-z0-9_\-.$/~"'@:+&%*?]+$/,
  'host-header': /^[A-Za-z0-9\-._*?]+$/,
  'http-header': /^[\x20-\x5b\x5d-\x7e]+$/,
  'http-request-method': /^[A-Z_-]+$/,
  // A backslash makes the wildcard behind it an ordinary character.
  'query-string': /^(?:[A-Za-z0-9_\-.$/~"'@:+&()!,;=*?]|\\[*?])+$/,
} as const

const HEADER_NAME = /^[A-Za-z0-9*?\-!#$%&'+.^_`|~]+$/

/** Checks the conditions of a rule and brings them into the form that is kept. */
export function checkConditions(
  conditions: readonly ConditionInput[],
  valuesPerConditionMax: number,
): RuleCondition[] {
  if (conditions.length === 0) throw validationError('A condition must be specified')
  const seen = new Set<string>()
  let valueCount = 0
  let longest = 0
  let wildcardCount = 0
  const checked = conditions.map((condition) => {
    const field = checkField(condition.Field)
    if (seen.has(field) && !repeatable.includes(field)) {
      throw validationError(`A rule can only have one '${field}' condition`)
    }
    seen.add(field)
    const { kept, values, wildcards } = checkCondition(field, condition)
    valueCount += values
    longest = Math.max(longest, values)
    wildcardCount += wildcards
    return kept
  })
  if (valueCount > fixedQuotas.conditionValuesPerRule) {
    throw validationError(`A rule can only have '${fixedQuotas.conditionValuesPerRule}' condition values`)
  }
  if (longest > valuesPerConditionMax) {
    throw validationError(`A condition can only have '${valuesPerConditionMax}' values`)
  }
  if (wildcardCount > fixedQuotas.conditionWildcardsPerRule) {
    throw validationError(
      `A rule can only have '${fixedQuotas.conditionWildcardsPerRule}' condition wildcards`,
    )
  }
  return checked
}

function checkField(field: string | undefined): Field {
  if (field === undefined || field === '') throw validationError('A condition field must be specified')
  const known = fields.find((candidate) => candidate === field)
  if (known === undefined) {
    throw validationError(`Condition field '${field}' must be one of '[${fields.join(',')}]'`)
  }
  return known
}

interface CheckedCondition {
  readonly kept: RuleCondition
  readonly values: number
  readonly wildcards: number
}

function checkCondition(field: Field, condition: ConditionInput): CheckedCondition {
  for (const name of Object.values(configNames)) {
    if (name !== configNames[field] && condition[name] !== undefined) {
      throw validationError(`You cannot provide '${name}' for a condition of type '${field}'`)
    }
  }
  const expressions = expressionsOf(field, condition)
  if (expressions !== undefined) return checkExpressions(field, condition, expressions)
  if (field === 'host-header' || field === 'path-pattern') return checkPattern(field, condition)
  refuseTopLevelValues(field, condition)
  if (field === 'query-string') return checkQueryString(condition)
  if (field === 'source-ip') return checkSourceIp(condition.SourceIpConfig?.Values ?? [])
  if (field === 'http-header') return checkHttpHeader(condition)
  const Values = checkValues(field, condition.HttpRequestMethodConfig?.Values ?? [])
  return {
    kept: { Field: field, HttpRequestMethodConfig: { Values } },
    values: Values.length,
    wildcards: 0,
  }
}

/** The regular expressions of a condition, which stand in its settings or beside its type, or undefined. */
function expressionsOf(field: Field, condition: ConditionInput): readonly string[] | undefined {
  const config = condition[configNames[field]]
  const inside = config !== undefined && 'RegexValues' in config ? config.RegexValues : undefined
  const outside = condition.RegexValues
  if (inside !== undefined && outside !== undefined) {
    throw validationError(
      `You cannot provide both RegexValues and '${configNames[field]}' for a condition of type '${field}'`,
    )
  }
  return inside ?? outside
}

function checkExpressions(
  field: Field,
  condition: ConditionInput,
  expressions: readonly string[],
): CheckedCondition {
  if (field !== 'host-header' && field !== 'path-pattern' && field !== 'http-header') {
    throw validationError(`You cannot provide RegexValues for a condition of type '${field}'`)
  }
  if ((condition.Values ?? condition[configNames[field]]?.Values ?? []).length > 0) {
    throw validationError('You cannot provide both values and regular expressions in one condition')
  }
  if (expressions.length === 0) throw validationError('A condition value must be specified')
  for (const expression of expressions) {
    checkLength(field, expression, VALUE_MAX)
    const problem = expressionProblem(expression)
    if (problem !== undefined) throw validationError(`The '${field}' value '${expression}' ${problem}`)
  }
  const RegexValues = [...expressions]
  const counts = { values: RegexValues.length, wildcards: 0 }
  if (field === 'http-header') {
    const HttpHeaderName = checkHeaderName(condition)
    return { kept: { Field: field, HttpHeaderConfig: { HttpHeaderName, RegexValues } }, ...counts }
  }
  return {
    kept: { Field: field, RegexValues, [configNames[field]]: { RegexValues: [...RegexValues] } },
    ...counts,
  }
}

/** Host and path conditions may give their values in the old form, beside the type (ALB-LSN Q10). */
function checkPattern(field: 'host-header' | 'path-pattern', condition: ConditionInput): CheckedCondition {
  const config = condition[configNames[field]]
  const old = condition.Values
  if (old !== undefined && old.length > 0 && config !== undefined) {
    throw validationError(
      `You cannot provide both Values and '${configNames[field]}' for a condition of type '${field}'`,
    )
  }
  const given = config?.Values ?? old ?? []
  const Values = checkValues(field, field === 'path-pattern' ? given.map(decodeAmpersand) : given)
  if (field === 'host-header') for (const value of Values) checkHost(value)
  return {
    kept: { Field: field, Values, [configNames[field]]: { Values: [...Values] } },
    values: Values.length,
    wildcards: countWildcards(Values),
  }
}

function checkHttpHeader(condition: ConditionInput): CheckedCondition {
  const HttpHeaderName = checkHeaderName(condition)
  const Values = checkValues('http-header', condition.HttpHeaderConfig?.Values ?? [])
  return {
    kept: { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName, Values } },
    values: Values.length,
    wildcards: countWildcards(Values),
  }
}

function checkHeaderName(condition: ConditionInput): string {
  const name = condition.HttpHeaderConfig?.HttpHeaderName ?? ''
  if (name === '') throw validationError('An HTTP header name must be specified')
  checkLength('http-header name', name, SHORT_MAX)
  if (!HEADER_NAME.test(name)) throw validationError(`The HTTP header name '${name}' is not valid`)
  if (name.toLowerCase() === 'host') {
    throw validationError(`The HTTP header name '${name}' is not valid; use a 'host-header' condition`)
  }
  return name
}

function checkQueryString(condition: ConditionInput): CheckedCondition {
  const pairs = (condition.QueryStringConfig?.Values ?? []).map(({ Key, Value }) => {
    const [value = ''] = checkValues('query-string', [Value ?? ''])
    if (Key === undefined) return { Value: value }
    const [key = ''] = checkValues('query-string', [Key])
    return { Key: key, Value: value }
  })
  if (pairs.length === 0) throw validationError('A condition value must be specified')
  const texts = pairs.flatMap(({ Key = '', Value }) => [Key, Value])
  return {
    kept: { Field: 'query-string', QueryStringConfig: { Values: pairs } },
    values: pairs.length,
    wildcards: countWildcards(texts.map((text) => text.replace(/\\[*?]/g, ''))),
  }
}

function checkSourceIp(values: readonly string[]): CheckedCondition {
  if (values.length === 0) throw validationError('A condition value must be specified')
  for (const value of values) {
    if (parseCidr(value) === null || value === '255.255.255.255/32') {
      throw validationError(`The source IP '${value}' is not a valid CIDR block`)
    }
  }
  return {
    kept: { Field: 'source-ip', SourceIpConfig: { Values: [...values] } },
    values: values.length,
    wildcards: 0,
  }
}

function checkValues(field: Exclude<Field, 'source-ip'>, values: readonly string[]): string[] {
  if (values.length === 0) throw validationError('A condition value must be specified')
  for (const value of values) {
    if (value === '') throw validationError('A condition value cannot be empty')
    checkLength(field, value, field === 'http-request-method' ? SHORT_MAX : VALUE_MAX)
    if (!allowed[field].test(value)) {
      throw validationError(`Condition value '${value}' contains a character that is not valid`)
    }
  }
  return [...values]
}

function checkLength(what: string, value: string, max: number): void {
  if (value.length > max) throw validationError(`The '${what}' value is too long; the limit is '${max}'`)
}

/** ALB-LSN-165, 166 and Q20: a dot, and only letters or wildcards behind the last one. */
function checkHost(value: string): void {
  if (!/\.[A-Za-z*?]+$/.test(value)) {
    throw validationError(
      `The 'host-header' value '${value}' must contain at least one '.' and only alphabetic characters after the last '.'`,
    )
  }
}

function refuseTopLevelValues(field: Field, { Values }: ConditionInput): void {
  if (Values !== undefined && Values.length > 0) {
    throw validationError(
      `You cannot provide Values for a condition of type '${field}'; use '${configNames[field]}'`,
    )
  }
}

function countWildcards(values: readonly string[]): number {
  return values.reduce((count, value) => count + (value.match(/[*?]/g)?.length ?? 0), 0)
}

/** `&` may be written as an entity (ALB-LSN Q23). */
export function decodeAmpersand(text: string): string {
  return text.replace(/&(?:amp|#38);/g, '&')
}
