// Regular expressions of rules: those of RE2, which match in time linear in the text, so that nobody can stall a
// worker with a well-chosen request. Leaves out what AWS leaves out. Texts are latin1, one character per byte.

import { RE2JS } from 're2js'

/** Instructions that an expression may have when compiled; bounds the time for each character of a text. */
const PROGRAM_MAX = 2000

/** What is wrong with an expression, as the end of a sentence, or undefined. */
export function expressionProblem(expression: string): string | undefined {
  if (expression === '') return 'is empty'
  if (!/^[\x20-\x7e]+$/.test(expression)) return 'contains characters that are not allowed'
  // RE2 knows these classes; AWS does not offer them.
  if (/^(?:[^\\]|\\[^pP])*\\[pP]/.test(expression)) return 'uses a Unicode character class'
  try {
    return RE2JS.compile(expression).programSize() > PROGRAM_MAX ? 'is too complex' : undefined
  } catch {
    return 'is not a valid regular expression'
  }
}

/** Groups that a replacement can name; the expression has to be valid. */
export function groupCount(expression: string): number {
  return RE2JS.compile(expression).groupCount()
}

/** A compiled expression. Immutable. */
export class RegularExpression {
  readonly #compiled: RE2JS

  /** Throws for an expression that has a problem. */
  constructor(expression: string, options: { readonly foldCase: boolean }) {
    this.#compiled = RE2JS.compile(expression, options.foldCase ? RE2JS.CASE_INSENSITIVE : 0)
  }

  /** Whether it matches somewhere in the text; `^` and `$` tie it to the ends. */
  isIn(text: string): boolean {
    return this.#compiled.test(text)
  }

  /** The text with its first match replaced, or null where there is none. */
  replaceIn(text: string, replacement: Replacement): string | null {
    const matcher = this.#compiled.matcher(text)
    if (!matcher.find()) return null
    const inserted = replacement
      .map((part) => (typeof part === 'string' ? part : (matcher.group(part) ?? '')))
      .join('')
    return text.slice(0, matcher.start()) + inserted + text.slice(matcher.end())
  }
}

/** Text, and numbers of groups whose match comes in their place; 0 is the whole match. */
export type Replacement = readonly (string | number)[]

/** Reads `$1` … `$99`; any other `$` is itself. A number that no group has is null. */
export function parseReplacement(text: string, groups: number): Replacement | null {
  const parts: (string | number)[] = []
  let end = 0
  for (const match of text.matchAll(/\$(\d{1,2})/g)) {
    const [, digits = ''] = match
    // `$12` is group 12 where there is one, else group 1 and a 2.
    const isWhole = Number(digits) <= groups
    const number = Number(isWhole ? digits : digits.slice(0, 1))
    if (number > groups) return null
    parts.push(text.slice(end, match.index), number)
    end = match.index + 1 + (isWhole ? digits.length : 1)
  }
  parts.push(text.slice(end))
  return parts.filter((part) => part !== '')
}
