// What HTTP/2 forbids in a single field of a header block (RFC 9113 section 8.2.1), whoever sends it. A name or value
// that passes cannot end the line of text that it becomes on the way to a peer of HTTP/1.1.

const FORBIDDEN = 1
const names = new Uint8Array(256).fill(FORBIDDEN)
for (const character of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")
  names[character.charCodeAt(0)] = 0
const values = new Uint8Array(256)
for (const code of [0x00, 0x0a, 0x0d]) values[code] = FORBIDDEN
/** Values of pseudo-header fields become parts of a request line, where a blank would end them. */
const pseudoValues = new Uint8Array(256)
pseudoValues.fill(FORBIDDEN, 0, 0x21)
pseudoValues[0x7f] = FORBIDDEN

const COLON = 0x3a

/** Whether a field makes its message malformed; names of pseudo-header fields begin with a colon. */
export function isForbiddenField(name: string, value: string): boolean {
  const isPseudo = name.charCodeAt(0) === COLON
  const start = isPseudo ? 1 : 0
  if (name.length === start || hasAny(names, name, start)) return true
  if (isPseudo) return hasAny(pseudoValues, value, 0)
  if (value.length === 0) return false
  return (
    isBlank(value.charCodeAt(0)) || isBlank(value.charCodeAt(value.length - 1)) || hasAny(values, value, 0)
  )
}

function hasAny(kinds: Uint8Array, text: string, from: number): boolean {
  for (let at = from; at < text.length; at++) if (kinds[text.charCodeAt(at)] !== 0) return true
  return false
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
