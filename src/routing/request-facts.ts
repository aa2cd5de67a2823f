// What rules look at in a request, worked out when the first rule asks and at most once per request. One object per
// router, used again for every request; its answers hold until the next `begin`.

import type { RoutedHead } from './router.ts'
import { emptyAddress, parseAddress, unmapAddress, type ParsedAddress } from '../model/ip.ts'
import { decodePercent, normalizePath } from './path-normalization.ts'
import type { RoutedRequest } from './router.ts'

/** The first `count` of `fields` are the indexes of the fields with a name that rules ask for. */
export interface HeaderSlot {
  readonly lowerName: string
  /** Arrays are never made shorter: that would throw away their memory with every request. */
  count: number
  readonly fields: number[]
  /** Values in lower case, `null` until somebody asks. */
  readonly values: (string | null)[]
}

/** Keys and values in lower case, as sent and percent-decoded (the same string where nothing was encoded). */
export interface QueryPairs {
  count: number
  readonly rawKeys: string[]
  readonly rawValues: string[]
  readonly keys: string[]
  readonly values: string[]
}

const LONGEST_HEADER_NAME = 40
const NO_SLOTS: readonly HeaderSlot[] = []

export class RequestFacts {
  #request: RoutedRequest | null = null
  #path: string | null = null
  #isHeaderScanDone = false
  #arePairsDone = false
  #isAddressDone = false
  #addressText = ''
  readonly #address: ParsedAddress = emptyAddress()
  readonly #slots: HeaderSlot[] = []
  readonly #slotsByLength: HeaderSlot[][] = Array.from({ length: LONGEST_HEADER_NAME + 1 }, () => [])
  readonly #pairs: QueryPairs = { count: 0, rawKeys: [], rawValues: [], keys: [], values: [] }

  /** At compile time: the number by which conditions ask for the fields with this name. */
  headerSlot(name: string): number {
    const lowerName = name.toLowerCase()
    const known = this.#slots.findIndex((slot) => slot.lowerName === lowerName)
    if (known !== -1) return known
    const slot: HeaderSlot = { lowerName, count: 0, fields: [], values: [] }
    while (this.#slotsByLength.length <= lowerName.length) this.#slotsByLength.push([])
    this.#slotsByLength[lowerName.length]?.push(slot)
    return this.#slots.push(slot) - 1
  }

  begin(request: RoutedRequest): void {
    this.#request = request
    this.#path = null
    this.#isHeaderScanDone = false
    this.#arePairsDone = false
    this.#isAddressDone = false
  }

  get head(): RoutedHead {
    return (this.#request as RoutedRequest).head
  }

  /** Normalised path. */
  path(): string {
    if (this.#path === null) {
      const path = this.head.path
      this.#path = path === '' || path.includes('%') || path.includes('/.') ? normalizePath(path) : path
    }
    return this.#path
  }

  /** Host in lower case, without port and final dot; empty where there is none. */
  host(): string {
    return this.head.host.name
  }

  /** Host in lower case with whatever port was sent. */
  hostWithPort(): string {
    return this.head.host.nameAndPort
  }

  address(): ParsedAddress {
    if (!this.#isAddressDone) {
      this.#isAddressDone = true
      const text = (this.#request as RoutedRequest).client.address
      if (text !== this.#addressText) {
        this.#addressText = text
        parseAddress(text, this.#address)
        unmapAddress(this.#address)
      }
    }
    return this.#address
  }

  /** The fields of a header slot. */
  headerSlotFields(slot: number): HeaderSlot {
    if (!this.#isHeaderScanDone) this.#scanHeaders()
    return this.#slots[slot] as HeaderSlot
  }

  /** Value in lower case of the `index`-th field of a header slot. */
  headerValue({ fields, values }: HeaderSlot, index: number): string {
    const known = values[index] as string | null
    if (known !== null) return known
    const value = this.head.fields.value(fields[index] as number).toLowerCase()
    values[index] = value
    return value
  }

  #scanHeaders(): void {
    this.#isHeaderScanDone = true
    const slots = this.#slots
    for (let index = 0; index < slots.length; index++) (slots[index] as HeaderSlot).count = 0
    const { count, text, positions } = this.head.fields
    const byLength = this.#slotsByLength
    for (let index = 0; index < count; index++) {
      const start = positions[index * 4] as number
      const length = (positions[index * 4 + 1] as number) - start
      const candidates = byLength[length] ?? NO_SLOTS
      for (let at = 0; at < candidates.length; at++) {
        const slot = candidates[at] as HeaderSlot
        if (!isNamed(text, start, slot.lowerName)) continue
        slot.fields[slot.count] = index
        slot.values[slot.count++] = null
      }
    }
  }

  /** Pairs of the query string; none where there is no query. */
  pairs(): QueryPairs {
    if (!this.#arePairsDone) {
      this.#arePairsDone = true
      this.#splitPairs(this.head.query)
    }
    return this.#pairs
  }

  #splitPairs(query: string | null): void {
    const pairs = this.#pairs
    pairs.count = 0
    if (query === null) return
    const end = queryEnd(query)
    for (let start = 0; start < end;) {
      const stop = pairEnd(query, start, end)
      if (stop > start) this.#addPair(query.slice(start, stop))
      start = stop + 1
    }
  }

  #addPair(pair: string): void {
    const equals = pair.indexOf('=')
    const rawKey = equals === -1 ? pair : pair.slice(0, equals)
    const rawValue = equals === -1 ? '' : pair.slice(equals + 1)
    const pairs = this.#pairs
    const at = pairs.count++
    pairs.rawKeys[at] = rawKey.toLowerCase()
    pairs.rawValues[at] = rawValue.toLowerCase()
    pairs.keys[at] = decodePercent(rawKey).toLowerCase()
    pairs.values[at] = decodePercent(rawValue).toLowerCase()
  }
}

/** Where a query string ends: at a `#`, should there be one (Q30). */
export function queryEnd(query: string): number {
  const hash = query.indexOf('#')
  return hash === -1 ? query.length : hash
}

export function pairEnd(query: string, start: number, end: number): number {
  const ampersand = query.indexOf('&', start)
  return ampersand === -1 || ampersand > end ? end : ampersand
}

function isNamed(text: string, start: number, lowerName: string): boolean {
  for (let index = 0; index < lowerName.length; index++) {
    const code = text.charCodeAt(start + index)
    const lower = code >= 0x41 && code <= 0x5a ? code | 0x20 : code
    if (lower !== lowerName.charCodeAt(index)) return false
  }
  return true
}
