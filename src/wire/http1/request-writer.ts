// Writes the head of a request to a target, anew from the parsed one: one framing, hop-by-hop fields gone, the load
// balancer's own fields in. Text in, text out.

import { Host } from '../host.ts'
import type { RequestHead } from '../request-head.ts'
import { Framing, framingKind, isDisguise, isHopByHop } from './field-names.ts'
import type { TraceIds } from '../trace-id.ts'

/** What the load balancer adds and changes for requests of one client connection. */
export interface ForwardingRules {
  /** `http` or `https`: the protocol that the client used. */
  readonly protocol: 'http' | 'https'
  readonly listenerPort: number
  /** The address the client connected to, for requests without a Host. */
  readonly localAddress: string
  /** What is appended to X-Forwarded-For: the client's address, with port if so configured. */
  readonly clientText: string
  readonly xffMode: 'append' | 'preserve' | 'remove'
  readonly preserveHost: boolean
  readonly dropInvalidFields: boolean
  /** Lower-case names of fields that only the load balancer may set. */
  readonly reserved: readonly string[]
  /** Complete lines that say how the client's session is secured, or empty. */
  readonly sessionLines: string
}

/** What a request has on the way to its target in place of what the client sent; null leaves it. */
export interface RewrittenParts {
  readonly target: string | null
  readonly host: Host | null
}

/** The lines that every request of a connection gets in mode `append` when the client sent no such field. */
export function ownLines(rules: ForwardingRules): string {
  const xff = rules.xffMode === 'append' ? `X-Forwarded-For: ${rules.clientText}\r\n` : ''
  return `${xff}X-Forwarded-Proto: ${rules.protocol}\r\nX-Forwarded-Port: ${rules.listenerPort}\r\n${rules.sessionLines}X-Amzn-Trace-Id: `
}

/**
 * Head of the request for the target, with its blank line. `own` is what `ownLines` made of the same rules,
 * `traceValue` the value of X-Amzn-Trace-Id.
 */
export function writeRequestHead(
  head: RequestHead,
  rules: ForwardingRules,
  own: string,
  traceValue: string,
  rewritten: RewrittenParts | null = null,
): string {
  if (
    rewritten === null &&
    head.isPlain &&
    isHostKept(head, rules) &&
    head.target.charCodeAt(0) === 0x2f &&
    (rules.reserved.length === 0 || !hasReserved(head, rules))
  ) {
    const text = head.fields.text
    const requestLine =
      head.version === 11 ? text.slice(0, head.fieldsStart) : `${head.method} ${head.target} HTTP/1.1\r\n`
    if (head.keepAliveField !== -1)
      return `${requestLine}${own}${traceValue}\r\n${withoutKeepAlive(head)}\r\n`
    return `${requestLine}${own}${traceValue}\r\n${text.slice(head.fieldsStart, head.fieldsEnd)}\r\n`
  }
  return rewriteHead(head, rules, traceValue, rewritten)
}

/** All header lines of a plain head but that one. */
function withoutKeepAlive({ fields, fieldsStart, fieldsEnd, keepAliveField }: RequestHead): string {
  const next = keepAliveField + 1
  const end = next < fields.count ? fields.nameStart(next) : fieldsEnd
  return fields.text.slice(fieldsStart, fields.nameStart(keepAliveField)) + fields.text.slice(end, fieldsEnd)
}

function isHostKept(head: RequestHead, rules: ForwardingRules): boolean {
  if (head.hostCount !== 1) return false
  const { host } = head
  return rules.preserveHost || (host.forTarget(rules.listenerPort) === host.text && host !== Host.none)
}

function hasReserved({ fields }: RequestHead, { reserved }: ForwardingRules): boolean {
  for (let index = 0; index < fields.count; index++)
    for (const name of reserved) if (fields.isNamed(index, name)) return true
  return false
}

/** Trace header for a request: a new one, or the client's with a new Self. */
export function forwardedTrace(head: RequestHead, traceIds: TraceIds, dateMs: number): string {
  if (head.isPlain) return `Root=${traceIds.next(dateMs)}`
  return traceIds.update(head.fields.all('x-amzn-trace-id'), head.fieldBytes, dateMs)
}

function rewriteHead(
  head: RequestHead,
  rules: ForwardingRules,
  trace: string,
  rewritten: RewrittenParts | null,
): string {
  const newHost = rewritten?.host ?? null
  const areHostsKept = rules.preserveHost && newHost === null && head.hostCount > 0
  let lines = `${head.method} ${printable(rewritten?.target ?? head.originForm)} HTTP/1.1\r\n`
  if (!areHostsKept) lines += `Host: ${hostForTarget(newHost ?? head.host, rules)}\r\n`
  lines += forwardedLines(head, rules)
  lines += `X-Amzn-Trace-Id: ${printable(trace)}\r\n`
  lines += keptLines(head, areHostsKept, rules)
  if (head.body === 'unknown-length') lines += 'Transfer-Encoding: chunked\r\n'
  else if (head.body === 'length') lines += `Content-Length: ${head.contentLength}\r\n`
  if (head.upgrade !== null) lines += `Connection: upgrade\r\nUpgrade: ${printable(head.upgrade)}\r\n`
  return `${lines}\r\n`
}

/** Host field of a request whose own does not pass as it came. */
function hostForTarget(host: Host, { preserveHost, localAddress, listenerPort }: ForwardingRules): string {
  if (host.name !== '') return preserveHost ? host.text : host.forTarget(listenerPort)
  // Nobody named one, and HTTP/1.1 wants one: the address that the client connected to (OQ-41).
  const address = localAddress.includes(':') ? `[${localAddress}]` : localAddress
  return new Host(address, address, '').forTarget(listenerPort)
}

function forwardedLines(head: RequestHead, rules: ForwardingRules): string {
  let lines = ''
  const received = head.fields.all('x-forwarded-for')
  if (rules.xffMode === 'append') {
    const before = received.filter((value) => value !== '').join(', ')
    lines += `X-Forwarded-For: ${before === '' ? '' : `${printable(before)}, `}${rules.clientText}\r\n`
  } else if (rules.xffMode === 'preserve') {
    for (const value of received) lines += `X-Forwarded-For: ${printable(value)}\r\n`
  }
  return `${lines}X-Forwarded-Proto: ${rules.protocol}\r\nX-Forwarded-Port: ${rules.listenerPort}\r\n${rules.sessionLines}`
}

/** The client's fields that go on. Runs of lines in strict grammar are taken over as one piece. */
function keptLines(head: RequestHead, areHostsKept: boolean, rules: ForwardingRules): string {
  const fields = head.fields
  const text = fields.text
  let lines = ''
  let runStart = -1
  for (let index = 0; index < fields.count; index++) {
    const isKept = isFieldKept(head, areHostsKept, rules, index)
    if (!head.isStrict) {
      if (isKept) lines += rebuiltLine(fields.name(index), fields.value(index))
      continue
    }
    if (isKept && runStart === -1) runStart = fields.nameStart(index)
    if (!isKept && runStart !== -1) {
      lines += text.slice(runStart, fields.nameStart(index))
      runStart = -1
    }
  }
  return runStart === -1 ? lines : lines + text.slice(runStart, head.fieldsEnd)
}

/** A folded line ends up as a name without a value: `folded:` (ALB-OBS-522). */
function rebuiltLine(name: string, value: string): string {
  return value === '' ? `${printable(name)}:\r\n` : `${printable(name)}: ${printable(value)}\r\n`
}

function isFieldKept(
  head: RequestHead,
  areHostsKept: boolean,
  rules: ForwardingRules,
  index: number,
): boolean {
  const fields = head.fields
  // Content-Length and Transfer-Encoding are written anew; a name that only resembles them never leaves, since
  // whoever normalises it would frame the message in another way.
  if (framingKind(fields.text, fields.nameStart(index), fields.nameEnd(index)) !== Framing.none) return false
  const sent = fields.name(index)
  const name = sent.toLowerCase()
  if (!head.isStrict && !isOddNameKept(sent, fields.isFolded(index), rules)) return false
  switch (name) {
    case 'host':
      return areHostsKept
    case 'x-forwarded-for':
    case 'x-forwarded-proto':
    case 'x-forwarded-port':
    case 'x-amzn-trace-id':
      return false
    case 'expect':
      return head.version >= 11
    case 'http2-settings':
      return head.connection?.has('http2-settings') !== true
    default:
      return !isHopByHop(name) && !isConnectionOption(head, name) && !rules.reserved.includes(name)
  }
}

/** Whether a field passes that came in a head of lenient grammar, as far as its name's spelling goes. */
function isOddNameKept(name: string, isFolded: boolean, rules: ForwardingRules): boolean {
  // A line without a name means nothing to anyone, and ends the list of fields for some. One that would begin with a
  // space in place of a control character would be the end of the field before it.
  if (name === '' || /^[\0\r]/.test(name)) return false
  const isValid = /^[-0-9A-Za-z]+$/.test(name)
  if (rules.dropInvalidFields && !isValid) return false
  return (isValid && !isFolded) || !isDisguise(name)
}

/** Whether Connection names this field; a client cannot strip what the message or the target depends on. */
function isConnectionOption(head: RequestHead, name: string): boolean {
  if (head.connection === null || !head.connection.has(name)) return false
  return name !== 'cookie' && name !== 'authorization' && name !== 'content-type'
}

/** Text without the bytes that end a line or a string somewhere (RFC 9110 section 5.5: each becomes a space). */
function printable(text: string): string {
  return /[\0\r\n]/.test(text) ? text.replace(/[\0\r\n]/g, ' ') : text
}
