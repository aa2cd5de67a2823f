// A map that holds a bounded number of entries: one more, and that which was asked for longest ago is forgotten.

export class RecentMap<Key, Value> {
  readonly #entries = new Map<Key, Value>()
  readonly #sizeMax: number

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax
  }

  get(key: Key): Value | undefined {
    const value = this.#entries.get(key)
    if (value === undefined) return undefined
    // A Map keeps the order in which keys came in.
    this.#entries.delete(key)
    this.#entries.set(key, value)
    return value
  }

  /** Gives the value that was forgotten for this one. */
  set(key: Key, value: Value): Value | undefined {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size <= this.#sizeMax) return undefined
    for (const [oldest, forgotten] of this.#entries) {
      this.#entries.delete(oldest)
      return forgotten
    }
    return undefined
  }

  delete(key: Key): void {
    this.#entries.delete(key)
  }

  /** Longest ago first; looking does not count as asking. */
  values(): readonly Value[] {
    return [...this.#entries.values()]
  }

  keys(): readonly Key[] {
    return [...this.#entries.keys()]
  }
}
