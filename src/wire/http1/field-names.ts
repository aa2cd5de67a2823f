// Names of header fields that the load balancer itself sets, reads or removes, and the disguises in which they could get
// past it: blanks before the colon, folded lines, control characters, letters of other alphabets. A target that takes a
// disguised name for the plain one would see a second Host, another client address or other framing.

import { trimBlanks } from '../lists.ts'

/** Fields that end at each hop, whatever Connection says (RFC 9110 section 7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
])

/** Fields that the load balancer writes itself on the way to a target. */
const replaced = new Set([
  'host',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-amzn-trace-id',
])

/** Further fields that it reads, and would act on in plain spelling. */
const read = new Set(['content-length', 'cookie', 'expect', 'http2-settings'])

/** All of the load balancer's own (`x-amzn-tls-version` and the like). */
const OWN_PREFIX = 'x-amzn-'

/** Names whose fields decide whether the lines of a head can leave as they came. */
export const connectionFields: readonly string[] = [...hopByHop, ...replaced, 'expect']

/** Whether a field of this lower-case name never leaves this hop. */
export function isHopByHop(lowerName: string): boolean {
  return hopByHop.has(lowerName)
}

/** Whether the load balancer writes the field of this lower-case name itself. */
export function isReplaced(lowerName: string): boolean {
  return replaced.has(lowerName)
}

const NOT_TOKEN = /[^!#$%&'*+\-.^_`|~0-9a-z]/g

/**
 * Whether a name that is no token, or a folded line, stands for one of the load balancer's own fields once somebody
 * normalises it. Underscores and dots are no disguise: they belong to tokens of their own, which ALB passes unless it is
 * told to drop them (ALB-LB-166, 167).
 */
export function isDisguise(name: string): boolean {
  const plain = asciiForm(beforeColon(name)).toLowerCase().replace(NOT_TOKEN, '')
  return hopByHop.has(plain) || replaced.has(plain) || read.has(plain) || plain.startsWith(OWN_PREFIX)
}

export const Framing = {
  none: 0,
  contentLength: 1,
  transferEncoding: 2,
  /** One of the two but for blanks before the colon, or at the beginning of a folded line. */
  blankContentLength: 3,
  blankTransferEncoding: 4,
  /** A name that text normalisation somewhere on the way may turn into one of the two. */
  suspicious: 5,
} as const
export type Framing = (typeof Framing)[keyof typeof Framing]

const CONTENT_LENGTH = 'content-length'
const TRANSFER_ENCODING = 'transfer-encoding'
/** Letters of the shorter of the two: no shorter name frames anything. */
export const FRAMING_NAME_MIN = 'contentlength'.length

/** Which framing field a name is, if any. */
export function framingKind(text: string, start: number, end: number): Framing {
  if (end - start < FRAMING_NAME_MIN) return Framing.none
  const first = text.charCodeAt(start)
  const letter = first | 0x20
  if (first < 0x80 && letter >= 0x61 && letter <= 0x7a && letter !== 0x63 && letter !== 0x74)
    return Framing.none
  const name = text.slice(start, end)
  const lowerName = name.toLowerCase()
  if (lowerName === CONTENT_LENGTH) return Framing.contentLength
  if (lowerName === TRANSFER_ENCODING) return Framing.transferEncoding
  return disguisedFraming(beforeColon(name))
}

function disguisedFraming(name: string): Framing {
  const bare = trimBlanks(name).toLowerCase()
  if (bare === CONTENT_LENGTH) return Framing.blankContentLength
  if (bare === TRANSFER_ENCODING) return Framing.blankTransferEncoding
  const letters = asciiForm(name).toLowerCase().replace(NOT_LETTER, '')
  const sure = letters.replaceAll(UNREADABLE, '')
  const isSuspicious =
    resembles(letters, 'contentlength') ||
    resembles(letters, 'transferencoding') ||
    (sure !== letters && (resembles(sure, 'contentlength') || resembles(sure, 'transferencoding')))
  return isSuspicious ? Framing.suspicious : Framing.none
}

/** What a byte that is no UTF-8 became: a letter in some other encoding, or nothing. */
const UNREADABLE = '\ufffd'
const NOT_LETTER = /[^\p{Letter}\p{Number}\ufffd]/gu

/** Whether letters are the wanted ones; one beyond ASCII may stand for any. */
function resembles(letters: string, wanted: string): boolean {
  if (letters.length < wanted.length || letters.length > 2 * wanted.length) return false
  let at = 0
  for (const letter of letters) {
    if (at === wanted.length || (letter !== wanted[at] && letter < '\x80')) return false
    at++
  }
  return at === wanted.length
}

/** A folded line is a name that may hold a whole field. */
function beforeColon(name: string): string {
  const colon = name.indexOf(':')
  return colon === -1 ? name : name.slice(0, colon)
}

const MARKS = /[\p{Mark}\p{Format}]/gu

/**
 * What normalisation makes of bytes that are UTF-8: full-width and other forms of a letter become it, its accents go.
 * Marks go first: a long row of them would be sorted, at the cost of the square of its length.
 */
function asciiForm(name: string): string {
  if (!/[\x80-\xff]/.test(name)) return name
  return Buffer.from(name, 'latin1')
    .toString()
    .replace(MARKS, '')
    .normalize('NFKD')
    .replace(MARKS, '')
    .replaceAll('ı', 'i')
}
