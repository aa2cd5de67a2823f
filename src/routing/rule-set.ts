// Sets of rules as bits, one per rule in order of priority, so that whole sets are joined and cut in a few operations.

const BITS = 32

/** Bit `n` of the words stands for rule `n` of the listener. */
export type RuleSet = Int32Array

export function ruleSet(ruleCount: number, rules: Iterable<number> = []): RuleSet {
  const set = new Int32Array(Math.ceil(ruleCount / BITS))
  for (const rule of rules) addRule(set, rule)
  return set
}

export function addRule(set: RuleSet, rule: number): void {
  const word = Math.floor(rule / BITS)
  set[word] = (set[word] as number) | (1 << (rule % BITS))
}

export function copyInto(set: RuleSet, from: RuleSet): void {
  for (let word = 0; word < set.length; word++) set[word] = from[word] as number
}

export function joinInto(set: RuleSet, other: RuleSet): void {
  for (let word = 0; word < set.length; word++) set[word] = (set[word] as number) | (other[word] as number)
}

export function cutInto(set: RuleSet, other: RuleSet): void {
  for (let word = 0; word < set.length; word++) set[word] = (set[word] as number) & (other[word] as number)
}

export function overlap(set: RuleSet, other: RuleSet): boolean {
  for (let word = 0; word < set.length; word++)
    if (((set[word] as number) & (other[word] as number)) !== 0) return true
  return false
}

/** First rule of the set from rule `from` on, or -1. */
export function firstRule(set: RuleSet, from: number): number {
  let word = from >>> 5
  if (word >= set.length) return -1
  let bits = (set[word] as number) & (-1 << (from & 31))
  while (bits === 0) {
    if (++word >= set.length) return -1
    bits = set[word] as number
  }
  return word * BITS + (31 - Math.clz32(bits & -bits))
}
