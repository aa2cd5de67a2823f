// Writes header blocks of one direction of an HTTP/2 connection (RFC 7541). Fields of the static table are named by their
// index, all others sent as they are: no table of its own, so that writing needs no search, a connection no memory for
// it, and no secret can be guessed from what a block comes to.

import { HEADER_TABLE_BYTES_AT_FIRST } from './frames.ts'
import { DYNAMIC_START, staticFields } from './static-table.ts'

const INDEXED = 0x80
const SIZE_UPDATE_TO_NONE = 0x20
const WITHOUT_INDEXING = 0x00
const NEVER_INDEXED = 0x10
const INDEX_BITS = 4
const LENGTH_BITS = 7
/** A number of HPACK below 2^28, and a literal's two lengths with its index. */
const NUMBERS_BYTES_MAX = 15

const nameIndex = new Map<string, number>()
const statusIndex = new Map<number, number>()
for (let index = DYNAMIC_START - 1; index > 0; index--) {
  const [name, value] = staticFields[index - 1] as readonly [string, string]
  nameIndex.set(name, index)
  if (name === ':status') statusIndex.set(Number(value), index)
}
const STATUS_INDEX = nameIndex.get(':status') ?? 0

/** The block that is being written; none lives longer than one call of its writer. */
let scratch = Buffer.allocUnsafe(16 * 1024)

export class HpackEncoder {
  #at = 0
  #announcesNoTable = false
  #hasAnnounced = false

  /** Notes the peer's SETTINGS_HEADER_TABLE_SIZE: one below the default wants to be answered (RFC 7541 section 4.2). */
  setTableSizeMax(size: number): void {
    if (size < HEADER_TABLE_BYTES_AT_FIRST && !this.#hasAnnounced) this.#announcesNoTable = true
  }

  /** Begins a block. */
  begin(): void {
    this.#at = 0
    if (!this.#announcesNoTable) return
    this.#announcesNoTable = false
    this.#hasAnnounced = true
    scratch[this.#at++] = SIZE_UPDATE_TO_NONE
  }

  addStatus(status: number): void {
    this.#makeRoom(NUMBERS_BYTES_MAX)
    const index = statusIndex.get(status)
    if (index !== undefined) {
      scratch[this.#at++] = INDEXED | index
      return
    }
    scratch[this.#at++] = STATUS_INDEX
    this.#addString(String(status))
  }

  /** Adds a field; `lowerName` without capital letters. `isSensitive`: no proxy behind may put it into a table either. */
  add(lowerName: string, value: string, isSensitive = false): void {
    this.#makeRoom(lowerName.length + value.length + NUMBERS_BYTES_MAX)
    const index = nameIndex.get(lowerName) ?? 0
    this.#addNumber(isSensitive ? NEVER_INDEXED : WITHOUT_INDEXING, INDEX_BITS, index)
    if (index === 0) this.#addString(lowerName)
    this.#addString(value)
  }

  /** Ends the block: its bytes, a copy. */
  end(): Buffer {
    const block = Buffer.allocUnsafe(this.#at)
    scratch.copy(block, 0, 0, this.#at)
    return block
  }

  #addNumber(flags: number, prefixBits: number, number: number): void {
    const mask = (1 << prefixBits) - 1
    if (number < mask) {
      scratch[this.#at++] = flags | number
      return
    }
    scratch[this.#at++] = flags | mask
    let rest = number - mask
    for (; rest >= 128; rest >>>= 7) scratch[this.#at++] = (rest & 0x7f) | 0x80
    scratch[this.#at++] = rest
  }

  #addString(text: string): void {
    this.#addNumber(0, LENGTH_BITS, text.length)
    this.#at += scratch.write(text, this.#at, 'latin1')
  }

  #makeRoom(bytes: number): void {
    if (this.#at + bytes <= scratch.length) return
    const larger = Buffer.allocUnsafe(2 * (this.#at + bytes))
    scratch.copy(larger, 0, 0, this.#at)
    scratch = larger
  }
}
