// The head of a request, whatever protocol it came in: fields over one latin1 text, and what they mean. One object serves
// many requests, one after the other.

import type { ConnectionOptions } from './connection-options.ts'
import { HeaderFields } from './header-fields.ts'
import { Host } from './host.ts'
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
  /** The one host that the request is for: what rules see, the target gets and the log shows. See `settleHost`. */
  host = Host.none
  /** First Host field; null where there is none or it is no host. */
  hostField: Host | null = null
  /** Number of Host fields. */
  hostCount = 0
  /** Whether every Host field is a host. */
  areHostsValid = true
  /** Host of an absolute target. */
  authority: Host | null = null
  /** Whether the target has one of the forms of RFC 9112 section 3.2 that its method may have. */
  isTargetValid = true
  /** Whether no target may see this request line, in whatever mode: where its parts end is anyone's guess. */
  isLineBroken = false
  body: BodyKind = 'none'
  framingFault: FramingFault | null = null
  /** For a body of kind `length`, else 0. */
  contentLength = 0
  /** Whether the client wants and may have further requests on this connection. */
  keepAlive = true
  expectsContinue = false
  /** Protocol of a wanted upgrade, or `null`. */
  upgrade: string | null = null
  /** What Connection names, or `null` where there is no such field. */
  connection: ConnectionOptions | null = null
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
  /**
   * Where `isPlain`: the field that says `Connection: keep-alive` and nothing else, which is left out on the way; else -1.
   * Every browser sends it, and it changes nothing.
   */
  keepAliveField = -1
  /** Whether the lines between `fieldsStart` and `fieldsEnd` are in strict grammar, so that runs of them can be sent on. */
  isStrict = true
  /** Whether a header name has other characters than letters, digits and hyphens (ALB-LB-168). */
  hasInvalidName = false
  /** Start and end of the header lines in `fields.text`, the blank line not included. */
  fieldsStart = 0
  fieldsEnd = 0
  /** Where the path begins in the target: behind the authority of an absolute one. */
  #pathStart = 0
  #path: string | null = null
  #query: string | null = null
  /** Most clients ask for the same host every time: it is read once. */
  #lastHost = Host.none

  reset(text: string): void {
    this.fields.reset(text)
    this.method = ''
    this.target = ''
    this.versionText = ''
    this.host = Host.none
    this.hostField = null
    this.hostCount = 0
    this.areHostsValid = true
    this.authority = null
    this.isTargetValid = true
    this.isLineBroken = false
    this.body = 'none'
    this.framingFault = null
    this.contentLength = 0
    this.keepAlive = true
    this.expectsContinue = false
    this.upgrade = null
    this.connection = null
    this.tier = Tier.compliant
    this.reason = null
    this.headBytes = 0
    this.fieldBytes = 0
    this.isPlain = true
    this.keepAliveField = -1
    this.isStrict = true
    this.hasInvalidName = false
    this.fieldsStart = 0
    this.fieldsEnd = 0
    this.#pathStart = 0
    this.#path = null
    this.#query = null
  }

  /** Notes the Host field at `index`. */
  addHost(index: number): void {
    const { fields } = this
    const start = fields.valueStart(index)
    const end = fields.valueEnd(index)
    let host: Host | null = this.#lastHost
    // Compared in place: nothing is allocated for the host of nearly all requests.
    if (end - start !== host.text.length || !fields.text.startsWith(host.text, start)) {
      // A copy: what is kept must not keep the whole head, and a string of its own is quicker to compare.
      host = Host.read(Buffer.from(fields.text.slice(start, end), 'latin1').toString('latin1'))
      if (host === null) this.areHostsValid = false
      else this.#lastHost = host
    }
    if (this.hostCount++ === 0) this.hostField = host
  }

  /** Notes that the target is absolute: its host, and where its path begins. */
  setAuthority(authority: Host, pathStart: number): void {
    this.authority = authority
    this.#pathStart = pathStart
  }

  /** The host that the client asks for, as long as nobody knows whether it is preserved. */
  get askedHost(): Host {
    return this.authority ?? this.hostField ?? Host.none
  }

  /**
   * Decides which host the request is for: the authority of an absolute target, and only where `isPreserved` the Host
   * field before it (ALB-LB-292), since that is then what the target gets.
   */
  settleHost(isPreserved: boolean): void {
    this.host = (isPreserved ? this.hostField : null) ?? this.askedHost
  }

  /** Notes a reason; the first reason of the highest class stands. */
  classify(reason: ClassificationReason): void {
    const tier = reasonTiers[reason]
    if (tier <= this.tier) return
    this.tier = tier
    this.reason = reason
  }

  /** Whether any byte of a body will follow. */
  get hasBody(): boolean {
    return this.body === 'unknown-length' || this.contentLength > 0
  }

  get path(): string {
    if (this.#path === null) this.#split()
    return this.#path as unknown as string
  }

  get query(): string | null {
    if (this.#path === null) this.#split()
    return this.#query
  }

  /** Path and query in the form that targets get: an absolute target loses its scheme and authority. */
  get originForm(): string {
    if (this.authority === null) return this.target
    if (this.path === '*') return '*'
    return this.#query === null ? this.path : `${this.path}?${this.#query}`
  }

  #split(): void {
    const rest = this.#pathStart === 0 ? this.target : this.target.slice(this.#pathStart)
    const question = rest.indexOf('?')
    const hasQuery = question !== -1
    if (hasQuery) this.#query = rest.slice(question + 1)
    const path = hasQuery ? rest.slice(0, question) : rest
    // RFC 9112 section 3.2.4: an absolute target of OPTIONS without a path stands for the server itself.
    if (path === '')
      this.#path = this.method === 'OPTIONS' && this.authority !== null && !hasQuery ? '*' : '/'
    else this.#path = path
  }
}
