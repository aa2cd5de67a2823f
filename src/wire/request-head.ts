// The head of a request, whatever protocol it came in: fields over one latin1 text, and what they mean. One object serves
// many requests, one after the other.

import { HeaderFields } from './header-fields.ts'
import { type ClassificationReason, reasonTiers, Tier } from './classification.ts'

/** What body follows a head. `unknown-length`: one that ends where its protocol says so while it passes. */
export type BodyKind = 'none' | 'length' | 'unknown-length'

/** Why nobody can say where a body ends. */
export type FramingFault =
  /** Content-Length or Transfer-Encoding cannot be trusted. */
  | 'untrusted'
  /** A transfer coding that exists but is not offered. */
  | 'unsupported-coding'

/** Everything about a request before its body. Filled by the reader of the client's protocol, read by all others. */
export class RequestHead {
  method = ''
  target = ''
  /** Version as sent, such as `HTTP/1.1`; empty for a request line without one. */
  versionText = ''
  /** 10 × major + minor as the message is to be understood: 9, 10 or 11; 20 and more are not HTTP/1. */
  version = 11
  readonly fields = new HeaderFields()
  /** First Host header as sent. */
  host: string | null = null
  hostCount = 0
  body: BodyKind = 'none'
  framingFault: FramingFault | null = null
  /** For a body of kind `length`, else 0. */
  contentLength = 0
  /** Whether the client wants and may have further requests on this connection. */
  keepAlive = true
  expectsContinue = false
  /** Protocol of a wanted upgrade, or `null`. */
  upgrade: string | null = null
  /** Lower-case tokens of all Connection headers, or `null` where there is none. */
  connectionTokens: string[] | null = null
  tier: Tier = Tier.compliant
  reason: ClassificationReason | null = null
  /** Bytes of the whole head, blank line included. */
  headBytes = 0
  /** Bytes of the header lines alone. */
  fieldBytes = 0
  /**
   * Whether the text of the header lines can be sent on as it is: strict grammar, nothing hop-by-hop, and none of the
   * fields that the load balancer sets itself.
   */
  isPlain = true
  /** Whether the lines between `fieldsStart` and `fieldsEnd` are in strict grammar, so that runs of them can be sent on. */
  isStrict = true
  /** Whether a header name has other characters than letters, digits and hyphens (ALB-LB-168). */
  hasInvalidName = false
  /** Start and end of the header lines in `fields.text`, the blank line not included. */
  fieldsStart = 0
  fieldsEnd = 0
  #path: string | null = null
  #query: string | null = null
  #authority: string | null = null

  reset(text: string): void {
    this.fields.reset(text)
    this.method = ''
    this.target = ''
    this.versionText = ''
    this.host = null
    this.hostCount = 0
    this.body = 'none'
    this.framingFault = null
    this.contentLength = 0
    this.keepAlive = true
    this.expectsContinue = false
    this.upgrade = null
    this.connectionTokens = null
    this.tier = Tier.compliant
    this.reason = null
    this.headBytes = 0
    this.fieldBytes = 0
    this.isPlain = true
    this.isStrict = true
    this.hasInvalidName = false
    this.fieldsStart = 0
    this.fieldsEnd = 0
    this.#path = null
    this.#query = null
    this.#authority = null
  }

  /** Notes a reason; the first reason of the highest class stands. */
  classify(reason: ClassificationReason): void {
    const tier = reasonTiers[reason]
    if (tier <= this.tier) return
    this.tier = tier
    this.reason = reason
  }

  get path(): string {
    if (this.#path === null) this.#split()
    return this.#path as unknown as string
  }

  get query(): string | null {
    if (this.#path === null) this.#split()
    return this.#query
  }

  get authority(): string | null {
    if (this.#path === null) this.#split()
    return this.#authority
  }

  /** Path and query in the form that targets get: an absolute target loses its scheme and authority. */
  get originForm(): string {
    if (this.target.charCodeAt(0) === 0x2f) return this.target
    if (this.#path === null) this.#split()
    if (this.#authority === null) return this.target
    if (this.#path === '*') return '*'
    return this.#query === null ? this.path : `${this.path}?${this.#query}`
  }

  #split(): void {
    let rest = this.target
    if (rest.charCodeAt(0) !== 0x2f) {
      const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(rest)
      if (scheme !== null) {
        const start = scheme[0].length
        let end = start
        while (end < rest.length && !isAuthorityEnd(rest.charCodeAt(end))) end++
        this.#authority = rest.slice(start, end)
        rest = rest.slice(end)
      }
    }
    const fragment = rest.indexOf('#')
    const question = rest.indexOf('?')
    const hasQuery = question !== -1 && (fragment === -1 || question < fragment)
    if (hasQuery) this.#query = rest.slice(question + 1)
    const path = hasQuery ? rest.slice(0, question) : rest
    // RFC 9112 section 3.2.4: an absolute target of OPTIONS without a path stands for the server itself.
    if (path === '')
      this.#path = this.method === 'OPTIONS' && this.#authority !== null && !hasQuery ? '*' : '/'
    else this.#path = path
  }
}

function isAuthorityEnd(code: number): boolean {
  return code === 0x2f || code === 0x3f || code === 0x23
}
