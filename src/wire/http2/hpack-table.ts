// The dynamic table of HPACK's reader (RFC 7541 sections 2.3 and 4): the last fields of a connection, newest first.

import { isForbiddenField } from './hpack-fields.ts'
import { DYNAMIC_START, ENTRY_OVERHEAD, staticFields } from './static-table.ts'

/** A field as the tables hold it: made once, and used by every block that names it. */
export interface TableField {
  readonly name: string
  readonly value: string
  /** `name: value` with its line end. */
  readonly line: string
  /** Whether it makes its message malformed. */
  readonly isForbidden: boolean
}

export function tableField(name: string, value: string): TableField {
  return { name, value, line: `${name}: ${value}\r\n`, isForbidden: isForbiddenField(name, value) }
}

/** Size of a field as HPACK counts (RFC 7541 section 4.1). */
export function fieldSize(name: string, value: string): number {
  return name.length + value.length + ENTRY_OVERHEAD
}

const staticTable: readonly TableField[] = staticFields.map(([name, value]) => tableField(name, value))

export class HpackTable {
  /** A ring, so that no entry moves when one is added: there are never more than fit by their overhead alone. */
  readonly #slots: (TableField | undefined)[]
  #newest = 0
  #count = 0
  #size = 0
  #sizeMax: number

  constructor(sizeMax: number) {
    this.#slots = Array.from({ length: Math.ceil(sizeMax / ENTRY_OVERHEAD) + 1 })
    this.#sizeMax = sizeMax
  }

  /** The field of an index of either table; undefined: there is none. */
  get(index: number): TableField | undefined {
    if (index < DYNAMIC_START) return staticTable[index - 1]
    const place = index - DYNAMIC_START
    if (place >= this.#count) return undefined
    return this.#slots[(this.#newest + place) % this.#slots.length]
  }

  /** Adds the newest field; one larger than the table leaves it empty, which is no error. */
  add(field: TableField): void {
    const size = fieldSize(field.name, field.value)
    while (this.#count > 0 && this.#size + size > this.#sizeMax) this.#evict()
    if (size > this.#sizeMax) return
    const { length } = this.#slots
    this.#newest = (this.#newest + length - 1) % length
    this.#slots[this.#newest] = field
    this.#count++
    this.#size += size
  }

  /** Changes the size, within that of the constructor. */
  resize(sizeMax: number): void {
    this.#sizeMax = sizeMax
    while (this.#size > sizeMax) this.#evict()
  }

  #evict(): void {
    const oldest = (this.#newest + --this.#count) % this.#slots.length
    const field = this.#slots[oldest]
    this.#slots[oldest] = undefined
    if (field !== undefined) this.#size -= fieldSize(field.name, field.value)
  }
}
