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

/** Problems that one answer names. */
const PROBLEMS_MAX = 100

/** What is wrong with an input: how many things, and the first of them as sentences. */
export class ProblemList {
  count = 0
  readonly texts: string[] = []

  /** `text` is called only for a problem that will be named: an input may have half a million. */
  add(text: () => string): void {
    this.count++
    if (this.texts.length < PROBLEMS_MAX) this.texts.push(text())
  }
}

/** Adds what is wrong with a member, each as a sentence in AWS's words. */
export function addConstraintProblems(
  list: ProblemList,
  table: ConstraintTable,
  key: string,
  value: unknown,
  path: string,
): void {
  addProblems(list, table.members[key], value, path)
  const ofItems = table.items[key]
  if (ofItems === undefined || !Array.isArray(value)) return
  for (const [index, item] of value.entries()) addProblems(list, ofItems, item, `${path}.${index + 1}.member`)
}

function addProblems(
  list: ProblemList,
  constraint: Constraint | undefined,
  value: unknown,
  path: string,
): void {
  if (constraint === undefined) return
  const fail = (rule: () => string): void => {
    list.add(() => {
      const what = constraint.isSecret === true ? 'Value' : `Value '${shown(value)}'`
      return `${what} at '${path}' failed to satisfy constraint: Member must ${rule()}`
    })
  }
  const { min, max, pattern, values } = constraint
  const measure = typeof value === 'number' ? 'value' : 'length'
  const size = sizeOf(value)
  if (min !== undefined && size < min) fail(() => `have ${measure} greater than or equal to ${min}`)
  if (max !== undefined && size > max) fail(() => `have ${measure} less than or equal to ${max}`)
  if (pattern !== undefined && !pattern.test(String(value))) {
    fail(() => `satisfy regular expression pattern: ${pattern.source}`)
  }
  if (values !== undefined && !values.includes(String(value))) {
    fail(() => `satisfy enum value set: [${values.join(', ')}]`)
  }
}

/** The number itself, items of a list, bytes, or characters of a text (not UTF-16 units). */
function sizeOf(value: unknown): number {
  if (typeof value === 'number') return value
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length
  const text = String(value)
  let size = text.length
  for (let at = 0; at < text.length - 1; at++) if ((text.codePointAt(at) ?? 0) > 0xffff) size--
  return size
}

const SHOWN_MAX = 300

function shown(value: unknown): string {
  const text = Array.isArray(value)
    ? `[${value
        .slice(0, SHOWN_MAX)
        .map((item) => JSON.stringify(item))
        .join(', ')}]`
    : String(value)
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}...` : text
}
