// Patterns of rule conditions: `*` is any number of characters, `?` exactly one, and the whole value has to match
// (ALB-LSN-138). No regular expressions: the time is linear in the value for each part between two stars, so that no
// value can make it explode.

/** How the text of a condition value is read. */
export interface PatternSyntax {
  /** Compares without letter case; values must then be given to `matches` in lower case. */
  readonly foldCase: boolean
  /** `\*` and `\?` are ordinary characters (Q06: query-string only). */
  readonly escapes: boolean
}

const ANY_ONE = -1
const ANY_RUN = -2

/** Text between two stars. */
interface Segment {
  readonly length: number
  /** The text, where it has no `?`. */
  readonly literal: string | null
  /** One code per character, `ANY_ONE` for `?`. */
  readonly codes: readonly number[]
}

/** A compiled condition value. Immutable. */
export class Pattern {
  /** The whole text, where there is no wildcard. */
  readonly literal: string | null
  /** Ordinary characters before the first wildcard; every matching value starts with them. */
  readonly prefix: string
  /** Ordinary characters after the last wildcard; every matching value ends with them. */
  readonly suffix: string
  /** The text between the stars of `*TEXT*`, by far the commonest pattern for headers. */
  readonly #contained: string | null
  readonly #segments: readonly Segment[]
  readonly #lengthMin: number

  constructor(value: string, syntax: PatternSyntax) {
    const tokens = tokenize(syntax.foldCase ? value.toLowerCase() : value, syntax.escapes)
    const firstWildcard = tokens.findIndex(isWildcard)
    this.literal = firstWildcard === -1 ? String.fromCharCode(...tokens) : null
    this.prefix = this.literal ?? String.fromCharCode(...tokens.slice(0, firstWildcard))
    this.suffix = this.literal ?? String.fromCharCode(...tokens.slice(tokens.findLastIndex(isWildcard) + 1))
    this.#segments = splitAtStars(tokens)
    const [head, middle, tail] = this.#segments
    const isContained = this.#segments.length === 3 && head?.length === 0 && tail?.length === 0
    this.#contained = isContained ? (middle?.literal ?? null) : null
    this.#lengthMin = tokens.filter((token) => token !== ANY_RUN).length
  }

  /** Whether the whole of `text` matches. Text with control characters never does (ALB-LSN-139). */
  matches(text: string): boolean {
    if (this.literal !== null) return text === this.literal
    if (this.#contained !== null) return text.includes(this.#contained) && !hasControlCharacter(text)
    if (text.length < this.#lengthMin) return false
    return this.#matchesSegments(text) && !hasControlCharacter(text)
  }

  #matchesSegments(text: string): boolean {
    const segments = this.#segments
    const last = segments.length - 1
    const head = segments[0] as Segment
    if (!isAt(head, text, 0)) return false
    if (last === 0) return text.length === head.length
    const tail = segments[last] as Segment
    const limit = text.length - tail.length
    if (!isAt(tail, text, limit)) return false
    // The leftmost place for every part in the middle leaves most room for those after it, so nothing is tried twice.
    let position = head.length
    for (let index = 1; index < last; index++) {
      const segment = segments[index] as Segment
      const found = find(segment, text, position, limit)
      if (found === -1) return false
      position = found + segment.length
    }
    return true
  }
}

function isWildcard(token: number): boolean {
  return token < 0
}

function tokenize(value: string, escapes: boolean): number[] {
  const tokens: number[] = []
  for (let index = 0; index < value.length; index++) {
    const character = value[index] as string
    const next = value[index + 1]
    if (escapes && character === '\\' && (next === '*' || next === '?')) {
      tokens.push(next.charCodeAt(0))
      index++
    } else if (character === '*') tokens.push(ANY_RUN)
    else if (character === '?') tokens.push(ANY_ONE)
    else tokens.push(character.charCodeAt(0))
  }
  return tokens
}

function splitAtStars(tokens: readonly number[]): Segment[] {
  const segments: Segment[] = []
  let codes: number[] = []
  for (const token of [...tokens, ANY_RUN]) {
    if (token !== ANY_RUN) {
      codes.push(token)
      continue
    }
    const literal = codes.includes(ANY_ONE) ? null : String.fromCharCode(...codes)
    segments.push({ length: codes.length, literal, codes })
    codes = []
  }
  return segments
}

function isAt(segment: Segment, text: string, position: number): boolean {
  const codes = segment.codes
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index] as number
    if (code !== ANY_ONE && code !== text.charCodeAt(position + index)) return false
  }
  return true
}

/** First place of `segment` from `position` on that ends at `limit` or before; -1 where there is none. */
function find(segment: Segment, text: string, position: number, limit: number): number {
  const lastStart = limit - segment.length
  if (segment.literal !== null) {
    const found = text.indexOf(segment.literal, position)
    return found > lastStart ? -1 : found
  }
  for (let start = position; start <= lastStart; start++) if (isAt(segment, text, start)) return start
  return -1
}

export function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x20 || code === 0x7f) return true
  }
  return false
}
