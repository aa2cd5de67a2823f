// Cookies where they are needed: the values of one name out of the Cookie fields of a request, and whether a response
// sets a name (RFC 6265 sections 4.1.1 and 4.2.1). Looks in place; nothing is split.

import type { HeaderFields } from './header-fields.ts'

const EQUALS = 0x3d
/** Cookies of a request that are looked at. Browsers keep fewer than 200 for a site; what is made to cost time has more. */
const PAIRS_MAX = 500
/** Values of one name: browsers send one per domain and path that the cookie was set for. */
export const COOKIE_VALUES_MAX = 8

const NO_VALUES: readonly string[] = []

/**
 * The values of the cookies with this name, in the order they were sent, at most `COOKIE_VALUES_MAX`. Names are
 * case-sensitive. There may be several: RFC 6265 section 4.2.2 leaves it open which is the one that counts.
 */
export function cookieValues(fields: HeaderFields, name: string): readonly string[] {
  const text = fields.text
  let values: string[] | null = null
  let pairs = 0
  // The next semicolon in the text, whatever field it is in, so that nothing is searched twice.
  let semicolon = -1
  for (let index = 0; index < fields.count; index++) {
    if (!fields.isNamed(index, 'cookie')) continue
    const end = fields.valueEnd(index)
    let at = fields.valueStart(index)
    while (at < end && pairs++ < PAIRS_MAX) {
      if (semicolon < at) semicolon = nextSemicolon(text, at)
      const pairEnd = semicolon < end ? semicolon : end
      const start = at + name.length
      if (start < pairEnd && text.charCodeAt(start) === EQUALS && text.startsWith(name, at)) {
        values ??= []
        if (values.push(text.slice(start + 1, withoutSpace(text, start + 1, pairEnd))) === COOKIE_VALUES_MAX)
          return values
      }
      at = afterSpace(text, pairEnd + 1, end)
    }
  }
  return values ?? NO_VALUES
}

/** Where there is none, the end of the text. */
function nextSemicolon(text: string, from: number): number {
  const found = text.indexOf(';', from)
  return found === -1 ? text.length : found
}

/** The value of the last Set-Cookie field for this name, without attributes; `null` where there is none. */
export function setCookieValue(fields: HeaderFields, name: string): string | null {
  const text = fields.text
  for (let index = fields.count - 1; index >= 0; index--) {
    if (!fields.isNamed(index, 'set-cookie')) continue
    const start = fields.valueStart(index)
    const end = fields.valueEnd(index)
    const equals = start + name.length
    if (equals >= end || text.charCodeAt(equals) !== EQUALS || !text.startsWith(name, start)) continue
    const semicolon = text.indexOf(';', equals)
    const valueEnd = semicolon === -1 || semicolon > end ? end : semicolon
    return text.slice(equals + 1, withoutSpace(text, equals + 1, valueEnd))
  }
  return null
}

function afterSpace(text: string, start: number, end: number): number {
  let at = start
  while (at < end && isSpace(text.charCodeAt(at))) at++
  return at
}

function withoutSpace(text: string, start: number, end: number): number {
  let at = end
  while (at > start && isSpace(text.charCodeAt(at - 1))) at--
  return at
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}
