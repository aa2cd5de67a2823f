// What the Connection fields of a message name (RFC 9110 section 7.6.1), asked once for each of its fields.

import { splitList, trimBlanks } from './lists.ts'

/** With more options than this a set answers faster than a look through the list. */
const FEW = 8

export class ConnectionOptions {
  readonly #options: string[] = []
  #many: Set<string> | null = null

  /** Adds the options of one more Connection field. */
  add(value: string): void {
    if (this.#options.length === 0 && !value.includes(',')) {
      // By far the most common: one option.
      this.#options.push(trimBlanks(value).toLowerCase())
      return
    }
    for (const option of splitList(value)) {
      if (this.#many !== null) this.#many.add(option)
      else if (this.#options.push(option) > FEW) this.#many = new Set(this.#options)
    }
  }

  /** Whether an option in lower case, or the field of this name, is among them. */
  has(option: string): boolean {
    return this.#many === null ? this.#options.includes(option) : this.#many.has(option)
  }
}
