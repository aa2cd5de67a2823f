// Checks members of an input against constraints that the SDK's schemas leave out: lengths, ranges, patterns, enums.

export interface Constraint {
  readonly min?: number
  readonly max?: number
  readonly pattern?: RegExp
  readonly values?: readonly string[]
  /** The value is not repeated in the answer. */
  readonly isSecret?: boolean
}

/** Constraints by `Structure.Member`, names as in the schemas. */
export interface ConstraintTable {
  readonly members: Readonly<Record<string, Constraint>>
  /** Of each item of a list, by `Structure.Member` of the list. */
  readonly items: Readonly<Record<string, Constraint>>
}

export const NO_CONSTRAINTS: ConstraintTable = { members: {}, items: {} }

/** What is wrong with a member, each as a sentence in AWS's words. */
export function constraintProblems(
  table: ConstraintTable,
  key: string,
  value: unknown,
  path: string,
): readonly string[] {
  const found = problems(table.members[key], value, path)
  const ofItems = table.items[key]
  if (ofItems === undefined || !Array.isArray(value)) return found
  return [...found, ...value.flatMap((item, index) => problems(ofItems, item, `${path}.${index + 1}.member`))]
}

function problems(constraint: Constraint | undefined, value: unknown, path: string): readonly string[] {
  if (constraint === undefined) return []
  const found: string[] = []
  const fail = (rule: string): void => {
    const what = constraint.isSecret === true ? 'Value' : `Value '${shown(value)}'`
    found.push(`${what} at '${path}' failed to satisfy constraint: Member must ${rule}`)
  }
  const { min, max, pattern, values } = constraint
  const measure = typeof value === 'number' ? 'value' : 'length'
  const size = sizeOf(value)
  if (min !== undefined && size < min) fail(`have ${measure} greater than or equal to ${min}`)
  if (max !== undefined && size > max) fail(`have ${measure} less than or equal to ${max}`)
  if (pattern !== undefined && !pattern.test(String(value))) {
    fail(`satisfy regular expression pattern: ${pattern.source}`)
  }
  if (values !== undefined && !values.includes(String(value))) {
    fail(`satisfy enum value set: [${values.join(', ')}]`)
  }
  return found
}

/** The number itself, items of a list, bytes, or characters of a text (not UTF-16 units). */
function sizeOf(value: unknown): number {
  if (typeof value === 'number') return value
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length
  return Array.from(String(value)).length
}

function shown(value: unknown): string {
  const text = Array.isArray(value)
    ? `[${value.map((item) => JSON.stringify(item)).join(', ')}]`
    : String(value)
  return text.length > 300 ? `${text.slice(0, 300)}...` : text
}
