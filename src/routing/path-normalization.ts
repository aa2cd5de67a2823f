// The form of a path that rules compare (Q25): percent-encoded unreserved characters decoded, other hex digits in upper
// case, dot segments removed (RFC 3986 section 6.2.2). Targets still get the path as it was sent.

const UNRESERVED = /^[A-Za-z0-9._~-]$/

/** `%XX` for every byte as it is compared, by value of the byte. */
const COMPARED: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte)
  if (UNRESERVED.test(character)) return character
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
})

/** The path as rules compare it; the same string where nothing is to do. */
export function normalizePath(path: string): string {
  if (path === '') return '/'
  const decoded = path.includes('%') ? normalizePercent(path) : path
  return decoded.includes('/.') ? removeDotSegments(decoded) : decoded
}

/** Decodes percent-encoded unreserved characters and makes other hex digits upper case; a broken `%` stays. */
export function normalizePercent(text: string): string {
  let result = ''
  let copied = 0
  for (let at = text.indexOf('%'); at !== -1; at = text.indexOf('%', at + 1)) {
    const byte = hexByte(text, at + 1)
    if (byte === -1) continue
    result += text.slice(copied, at) + (COMPARED[byte] as string)
    copied = at + 3
    at += 2
  }
  return result + text.slice(copied)
}

/** All percent-encoded bytes decoded, one latin1 character per byte; a broken `%` stays. */
export function decodePercent(text: string): string {
  let result = ''
  let copied = 0
  for (let at = text.indexOf('%'); at !== -1; at = text.indexOf('%', at + 1)) {
    const byte = hexByte(text, at + 1)
    if (byte === -1) continue
    result += text.slice(copied, at) + String.fromCharCode(byte)
    copied = at + 3
    at += 2
  }
  return result + text.slice(copied)
}

function hexByte(text: string, at: number): number {
  const high = hexDigit(text.charCodeAt(at))
  const low = hexDigit(text.charCodeAt(at + 1))
  return high === -1 || low === -1 ? -1 : high * 16 + low
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

/** RFC 3986 section 5.2.4 for a path that starts with `/`; empty segments stay. */
function removeDotSegments(path: string): string {
  if (!path.startsWith('/')) return path
  const segments = path.split('/')
  const kept: string[] = []
  const last = segments.length - 1
  for (let index = 1; index <= last; index++) {
    const segment = segments[index] as string
    const isUp = segment === '..'
    if (isUp) kept.pop()
    if (!isUp && segment !== '.') kept.push(segment)
    else if (index === last) kept.push('')
  }
  return `/${kept.join('/')}`
}
