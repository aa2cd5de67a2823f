// Elements of DER (X.690) without copies or objects for what is inside them: a revocation list may have half a million
// entries.

/** An element by its place in the bytes. */
export interface DerElement {
  readonly tag: number
  /** Where its content begins and ends. */
  readonly start: number
  readonly end: number
}

export const INTEGER = 0x02
export const OBJECT_IDENTIFIER = 0x06
export const SEQUENCE = 0x30
export const UTC_TIME = 0x17
export const GENERALIZED_TIME = 0x18

/** The element at `at` that ends at `limit` at the latest, or undefined if there is none. */
export function elementAt(bytes: Uint8Array, at: number, limit: number): DerElement | undefined {
  const tag = bytes[at]
  const first = bytes[at + 1]
  // Tags of more than one byte do not occur in certificates and lists.
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined
  let start = at + 2
  let length = first
  if (first >= 0x80) {
    const count = first & 0x7f
    if (count === 0 || count > 4) return undefined
    length = 0
    for (const end = start + count; start < end; start++) length = length * 256 + (bytes[start] ?? 0)
  }
  const end = start + length
  return end <= limit && end <= bytes.length ? { tag, start, end } : undefined
}

/** The elements inside another one; undefined if they do not fill it. */
export function childrenOf(bytes: Uint8Array, { start, end }: DerElement): DerElement[] | undefined {
  const children: DerElement[] = []
  for (let at = start; at < end;) {
    const child = elementAt(bytes, at, end)
    if (child === undefined) return undefined
    children.push(child)
    at = child.end
  }
  return children
}
