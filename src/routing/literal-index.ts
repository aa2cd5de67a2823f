// Finds the rules that a text may meet, by the ordinary characters that their patterns begin (or end) with: a radix
// tree whose nodes hold the rules of all their ancestors. Looks at each character at most once and allocates nothing.

import { addRule, type RuleSet } from './rule-set.ts'

/** One value of a rule's condition. */
export interface IndexEntry {
  readonly rule: number
  /** What every matching text begins with (ends with, in an index from the end); lower case where case is folded. */
  readonly literal: string
  /** Whether only a text that is exactly `literal` matches. */
  readonly isWhole: boolean
}

export interface IndexOptions {
  readonly foldCase: boolean
  readonly fromEnd: boolean
}

interface Node {
  readonly label: string
  /** Rules for texts that go on after this node. */
  readonly through: RuleSet
  /** Rules for texts that end at this node. */
  readonly atEnd: RuleSet
  readonly children: ReadonlyMap<number, Node>
}

export class LiteralIndex {
  readonly #always: RuleSet
  readonly #root: Node | null
  readonly #foldCase: boolean
  readonly #fromEnd: boolean

  /** `always` are rules that are found for every text. */
  constructor(always: RuleSet, entries: readonly IndexEntry[], options: IndexOptions) {
    const ordered = options.fromEnd
      ? entries.map((entry) => ({ ...entry, literal: reversed(entry.literal) }))
      : entries
    this.#always = always
    this.#root = ordered.length === 0 ? null : buildNode(ordered, 0, always)
    this.#foldCase = options.foldCase
    this.#fromEnd = options.fromEnd
  }

  /** Rules that may be met by `text` from `start` to `end`; no rule that is met is ever missing. */
  find(text: string, start: number, end: number): RuleSet {
    let found = this.#always
    let node = this.#root
    if (node === null) return found
    const foldCase = this.#foldCase
    const step = this.#fromEnd ? -1 : 1
    let at = this.#fromEnd ? end - 1 : start
    let left = end - start
    for (;;) {
      const label = node.label
      if (left < label.length) return found
      for (let index = 0; index < label.length; index++, at += step)
        if (characterAt(text, at, foldCase) !== label.charCodeAt(index)) return found
      left -= label.length
      if (left === 0) return node.atEnd
      found = node.through
      const child = node.children.get(characterAt(text, at, foldCase))
      if (child === undefined) return found
      node = child
    }
  }
}

function reversed(text: string): string {
  return text.split('').toReversed().join('')
}

function characterAt(text: string, at: number, foldCase: boolean): number {
  const code = text.charCodeAt(at)
  return foldCase && code >= 0x41 && code <= 0x5a ? code | 0x20 : code
}

function buildNode(entries: readonly IndexEntry[], depth: number, inherited: RuleSet): Node {
  const end = sharedLength(entries, depth)
  const through = inherited.slice()
  for (const entry of entries)
    if (entry.literal.length === end && !entry.isWhole) addRule(through, entry.rule)
  const atEnd = through.slice()
  for (const entry of entries) if (entry.literal.length === end && entry.isWhole) addRule(atEnd, entry.rule)
  const groups = Map.groupBy(
    entries.filter((entry) => entry.literal.length > end),
    (entry) => entry.literal.charCodeAt(end),
  )
  const children = new Map<number, Node>()
  for (const [code, group] of groups) children.set(code, buildNode(group, end, through))
  return { label: (entries[0] as IndexEntry).literal.slice(depth, end), through, atEnd, children }
}

/** How long the text is that all literals begin with. */
function sharedLength(entries: readonly IndexEntry[], depth: number): number {
  const first = (entries[0] as IndexEntry).literal
  let shared = first.length
  for (const { literal } of entries) {
    shared = Math.min(shared, literal.length)
    for (let at = depth; at < shared; at++) {
      if (literal.charCodeAt(at) === first.charCodeAt(at)) continue
      shared = at
      break
    }
  }
  return shared
}
