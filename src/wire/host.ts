// Hosts that requests are for: what is one (RFC 9110 section 7.2, RFC 3986 section 3.2), the form in which rules compare
// it, and the one that a target gets (ALB-LB-284 … 294).

import { isIPv6 } from 'node:net'

const PORT_MAX = 65_535
const COLON = 0x3a
const DOT = 0x2e
const OPENING_BRACKET = 0x5b
const PERCENT = 0x25

/** What each character may be in a registered name: 1 part of it as it is, 2 an upper-case letter. */
const nameCharacters = new Uint8Array(256)
for (const character of "-._~!$&'()*+,;=0123456789abcdefghijklmnopqrstuvwxyz")
  nameCharacters[character.charCodeAt(0)] = 1
for (let code = 0x41; code <= 0x5a; code++) nameCharacters[code] = 2

/** One host with its port, checked. Immutable, so that requests of one client share it. */
export class Host {
  /** As it was sent, with its port. */
  readonly text: string
  /** In lower case, without port and final dots; empty where nobody named a host. */
  readonly name: string
  /** Digits of the port without leading zeros; empty where there is none. */
  readonly port: string
  #targetPort = -1
  #forTarget = ''

  constructor(text: string, name: string, port: string) {
    this.text = text
    this.name = name
    this.port = port
  }

  /** No host: an HTTP/1.0 request without one, or an empty Host field. */
  static readonly none = new Host('', '', '')

  /** Reads a Host field or the authority of a URI; null for what is no host. An empty text is no host named. */
  static read(text: string): Host | null {
    if (text === '') return Host.none
    if (text.charCodeAt(0) === OPENING_BRACKET) return readLiteral(text)
    return readName(text)
  }

  /** Name and port as they are compared. */
  get nameAndPort(): string {
    return this.port === '' ? this.name : `${this.name}:${this.port}`
  }

  /** For the target while preservation is off: without port on listener ports 80 and 443, with one on all others. */
  forTarget(listenerPort: number): string {
    if (listenerPort !== this.#targetPort) {
      this.#targetPort = listenerPort
      if (listenerPort === 80 || listenerPort === 443) this.#forTarget = this.name
      else this.#forTarget = this.port === '' ? `${this.name}:${listenerPort}` : this.nameAndPort
      // The same string object where nothing changes, which is then quick to compare.
      if (this.#forTarget === this.text) this.#forTarget = this.text
    }
    return this.#forTarget
  }
}

function readName(text: string): Host | null {
  let at = 0
  let hasUpperCase = false
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const kind = nameCharacters[code]
    if (kind === 1) continue
    if (kind === 2) hasUpperCase = true
    else if (code === PERCENT && isHex(text.charCodeAt(at + 1)) && isHex(text.charCodeAt(at + 2))) at += 2
    else break
  }
  let end = at
  while (end > 0 && text.charCodeAt(end - 1) === DOT) end--
  const port = readPort(text, at)
  if (end === 0 || port === null) return null
  const name = end === text.length ? text : text.slice(0, end)
  return new Host(text, hasUpperCase || name.includes('%') ? name.toLowerCase() : name, port)
}

/** An IPv6 address in brackets. Addresses of a later kind (`[v1.x]`) have no use yet and are refused. */
function readLiteral(text: string): Host | null {
  const end = text.indexOf(']')
  if (end === -1 || end > 46) return null
  const address = text.slice(1, end)
  const port = readPort(text, end + 1)
  if (port === null || address.includes('%') || !isIPv6(address)) return null
  return new Host(text, text.slice(0, end + 1).toLowerCase(), port)
}

/** The port that stands from `colon` to the end; empty where there is none, null where something else stands there. */
function readPort(text: string, colon: number): string | null {
  if (colon === text.length) return ''
  if (text.charCodeAt(colon) !== COLON) return null
  let port = 0
  for (let at = colon + 1; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30
    if (digit < 0 || digit > 9) return null
    port = port * 10 + digit
    if (port > PORT_MAX) return null
  }
  return colon + 1 === text.length ? '' : String(port)
}

function isHex(code: number): boolean {
  const lower = code | 0x20
  return (code >= 0x30 && code <= 0x39) || (lower >= 0x61 && lower <= 0x66)
}
