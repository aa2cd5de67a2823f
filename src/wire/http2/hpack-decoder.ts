// Reads header blocks of one direction of an HTTP/2 connection (RFC 7541) into lines of text with positions, as heads of
// HTTP/1.1 are kept. Bounded: what one block may come to, however little of it was sent, is the caller's to say.

import type { HeaderFields } from '../header-fields.ts'
import { fieldSize, HpackTable, type TableField, tableField } from './hpack-table.ts'
import { decodeHuffman } from './huffman.ts'

/**
 * Why a block is of no use. `compression`: the connection cannot go on (RFC 9113 section 4.3). The others concern the
 * message alone, and the block was read to its end: `too-large` breaks a limit, `malformed` has a field that is forbidden.
 */
export type BlockFault = 'compression' | 'too-large' | 'malformed'

/** Result of the readers of parts: the block ends too early, or a number or a string is none. */
const BROKEN = -1
/** Numbers of HPACK that anything here can need are far smaller. */
const NUMBER_MAX = 2 ** 28
/** The smallest size since the last block, and the last one. */
const SIZE_UPDATES_MAX = 2
/** Between name and value of a line, and at its end. */
const SEPARATOR_LENGTH = 2

/** Where strings in Huffman's code are written out; none lives longer than one call. */
let scratch = Buffer.allocUnsafe(4096)

export class HpackDecoder {
  readonly #table: HpackTable
  readonly #tableSizeMax: number
  #at = 0

  /** `tableSizeMax`: what SETTINGS_HEADER_TABLE_SIZE said to the peer. */
  constructor(tableSizeMax: number) {
    this.#table = new HpackTable(tableSizeMax)
    this.#tableSizeMax = tableSizeMax
  }

  /**
   * Reads the whole block between `start` and `end`. `fields` gets its lines in order, those of pseudo-header fields with
   * their colon. `listBytesMax` counts as SETTINGS_MAX_HEADER_LIST_SIZE does; beyond a limit nothing more is kept, but the
   * block is read on, since the next one builds upon it.
   */
  decode(
    block: Buffer,
    start: number,
    end: number,
    fields: HeaderFields,
    listBytesMax: number,
    fieldsMax: number,
  ): BlockFault | null {
    this.#at = start
    let text = ''
    let size = 0
    let count = 0
    let isMalformed = false
    fields.reset('')
    if (!this.#readSizeUpdates(block, end)) return 'compression'
    while (this.#at < end) {
      const field = this.#readField(block, end)
      if (field === null) {
        fields.reset('')
        return 'compression'
      }
      size += fieldSize(field.name, field.value)
      count++
      if (size > listBytesMax || count > fieldsMax) continue
      if (field.isForbidden) isMalformed = true
      const nameEnd = text.length + field.name.length
      const valueStart = nameEnd + SEPARATOR_LENGTH
      fields.add(text.length, nameEnd, valueStart, valueStart + field.value.length)
      text += field.line
    }
    if (size > listBytesMax || count > fieldsMax) {
      fields.reset('')
      return 'too-large'
    }
    fields.text = text
    return isMalformed ? 'malformed' : null
  }

  /** They stand before all fields (RFC 7541 section 4.2). */
  #readSizeUpdates(block: Buffer, end: number): boolean {
    for (let updates = 0; this.#at < end && ((block[this.#at] as number) & 0xe0) === 0x20; updates++) {
      if (updates === SIZE_UPDATES_MAX) return false
      const size = this.#readNumber(block, end, 5)
      if (size === BROKEN || size > this.#tableSizeMax) return false
      this.#table.resize(size)
    }
    return true
  }

  #readField(block: Buffer, end: number): TableField | null {
    const first = block[this.#at] as number
    if (first >= 0x80) return this.#table.get(this.#readNumber(block, end, 7)) ?? null
    if (first >= 0x40) {
      const field = this.#readLiteral(block, end, 6)
      if (field !== null) this.#table.add(field)
      return field
    }
    // Without indexing or never indexed, which differ for who sends it on.
    return first < 0x20 ? this.#readLiteral(block, end, 4) : null
  }

  #readLiteral(block: Buffer, end: number, prefixBits: number): TableField | null {
    const index = this.#readNumber(block, end, prefixBits)
    if (index === BROKEN) return null
    const name = index === 0 ? this.#readString(block, end) : (this.#table.get(index)?.name ?? null)
    if (name === null) return null
    const value = this.#readString(block, end)
    return value === null ? null : tableField(name, value)
  }

  /** A number whose prefix are the lowest bits of the byte that is next, which is there (RFC 7541 section 5.1). */
  #readNumber(block: Buffer, end: number, prefixBits: number): number {
    const mask = (1 << prefixBits) - 1
    let number = (block[this.#at++] as number) & mask
    if (number < mask) return number
    for (let factor = 1; this.#at < end && factor <= NUMBER_MAX; factor *= 128) {
      const byte = block[this.#at++] as number
      number += (byte & 0x7f) * factor
      if (byte < 0x80) return number <= NUMBER_MAX ? number : BROKEN
    }
    return BROKEN
  }

  #readString(block: Buffer, end: number): string | null {
    if (this.#at >= end) return null
    const isHuffman = (block[this.#at] as number) >= 0x80
    const length = this.#readNumber(block, end, 7)
    if (length === BROKEN || length > end - this.#at) return null
    const start = this.#at
    this.#at += length
    if (!isHuffman) return block.toString('latin1', start, this.#at)
    // The shortest code has five bits.
    const room = Math.ceil((length * 8) / 5)
    if (scratch.length < room) scratch = Buffer.allocUnsafe(room)
    const written = decodeHuffman(block, start, this.#at, scratch, 0)
    return written === BROKEN ? null : scratch.toString('latin1', 0, written)
  }
}
