// The fields of a message head, in order as received. Kept as one string and positions in it, because most fields are
// relayed and never looked at; names and values become strings only when somebody asks. No sockets, no configuration.

const POSITIONS_PER_FIELD = 4

/** Header or trailer fields over one latin1 text. Reused for many messages: `reset` before each. */
export class HeaderFields {
  /** What the positions point into. */
  text = ''
  /** Number of fields. */
  count = 0
  /** Four numbers per field: name start, name end, value start, value end (both ends exclusive). */
  readonly positions: number[] = []

  reset(text: string): void {
    this.text = text
    this.count = 0
  }

  /** Adds a field by its positions in `text`. */
  add(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    const at = this.count++ * POSITIONS_PER_FIELD
    this.positions[at] = nameStart
    this.positions[at + 1] = nameEnd
    this.positions[at + 2] = valueStart
    this.positions[at + 3] = valueEnd
  }

  nameStart(index: number): number {
    return this.positions[index * POSITIONS_PER_FIELD] as number
  }

  nameEnd(index: number): number {
    return this.positions[index * POSITIONS_PER_FIELD + 1] as number
  }

  valueStart(index: number): number {
    return this.positions[index * POSITIONS_PER_FIELD + 2] as number
  }

  valueEnd(index: number): number {
    return this.positions[index * POSITIONS_PER_FIELD + 3] as number
  }

  /** Name in the letter case it was sent in. */
  name(index: number): string {
    return this.text.slice(this.nameStart(index), this.nameEnd(index))
  }

  value(index: number): string {
    return this.text.slice(this.valueStart(index), this.valueEnd(index))
  }

  /** Whether the field is a folded line: its name is then the whole line, colon and all, and its value empty. */
  isFolded(index: number): boolean {
    return this.valueStart(index) === this.nameEnd(index)
  }

  /** The value of a field of nothing but decimal digits; -1 for every other value and for one beyond 2^53 - 1. */
  wholeNumber(index: number): number {
    const start = this.valueStart(index)
    const end = this.valueEnd(index)
    let number = 0
    for (let position = start; position < end; position++) {
      const digit = this.text.charCodeAt(position) - 0x30
      if (digit < 0 || digit > 9) return -1
      number = number * 10 + digit
    }
    return start === end || number > Number.MAX_SAFE_INTEGER ? -1 : number
  }

  /** Whether field `index` has this name; `lowerName` must be of lower-case letters, digits and hyphens. */
  isNamed(index: number, lowerName: string): boolean {
    const start = this.nameStart(index)
    const length = this.nameEnd(index) - start
    if (length !== lowerName.length) return false
    const text = this.text
    // Compared in place: a slice in lower case would cost two strings per look.
    for (let at = 0; at < length; at++) {
      const sent = text.charCodeAt(start + at)
      const wanted = lowerName.charCodeAt(at)
      if (sent !== wanted && (sent > 0x5a || sent < 0x41 || sent + 0x20 !== wanted)) return false
    }
    return true
  }

  /** Value of the first field with this lower-case name. */
  first(lowerName: string): string | undefined {
    for (let index = 0; index < this.count; index++)
      if (this.isNamed(index, lowerName)) return this.value(index)
    return undefined
  }

  /** Values of all fields with this lower-case name, in order. */
  all(lowerName: string): string[] {
    const values: string[] = []
    for (let index = 0; index < this.count; index++)
      if (this.isNamed(index, lowerName)) values.push(this.value(index))
    return values
  }
}
