// From a record to a line of ALB's access log: 29 fields (ALB-OBS-136 … 192). On the way of every request, so what
// repeats from line to line is kept and joined once: a line then consists of a third of the pieces.

import type { ClientFacts, TlsFacts } from '../../exchange/client-facts.ts'
import type { RequestRecord } from '../../exchange/record.ts'
import { tierNames } from '../../wire/classification.ts'
import type { RequestHead } from '../../wire/request-head.ts'

const USER_AGENT_BYTES_MAX = 8192
/** Targets whose end of line is kept. */
const ENDINGS_MAX = 1024

/** What a line says that is the same for all requests of one listener. */
export interface LineFacts {
  /** `app/NAME/ID`. */
  readonly loadBalancerId: string
  readonly dnsName: string
  readonly protocol: 'http' | 'https'
  readonly listenerPort: number
}

/** What a line says of the client. */
export type LoggedClient = Pick<ClientFacts, 'text' | 'tls'>

/** `000` … `999`. */
const threeDigits = Array.from({ length: 1000 }, (_, value) => String(value).padStart(3, '0'))
/** `0.000 ` … `0.999 `. */
const milliseconds = threeDigits.map((digits) => `0.${digits} `)

/** The end of lines of ordinary forwarded requests to one target, for the status that it gave last. */
interface Ending {
  status: number
  text: string
}

/** Writes the lines of one listener. */
export class AccessLogLines {
  readonly #facts: LineFacts
  readonly #beforeClient: string
  readonly #endings = new Map<string, Ending>()
  #status = -1
  #targetStatus = -1
  #statuses = ''
  #method = ''
  #host: string | null = null
  #requestStart = ''
  #userAgent: string | undefined
  #targetGroupArn: string | null = null
  /** Empty until the first line. */
  #cipher = ''
  #tlsProtocol = ''
  #domain = ''
  #certificate = ''
  #agentAndGroup = ''
  #rulePriority: number | null = -1
  #priority = ''

  constructor(facts: LineFacts) {
    this.#facts = facts
    this.#beforeClient = `Z ${facts.loadBalancerId} `
  }

  /** A line with its line feed, latin1. `nowMs` is the time on `performance.now()`'s scale. */
  line(record: RequestRecord, head: RequestHead, { text: client, tls }: LoggedClient, nowMs: number): string {
    const isUpgraded = record.type === 'ws' || record.type === 'wss'
    const answeredAt = record.respondedAt === -1 || isUpgraded ? nowMs : record.respondedAt
    const time = timestamp(record.createdDate + (answeredAt - record.receivedAt))
    const isDispatched = record.dispatchedAt !== -1 && record.status !== 460
    const isAnswered = isDispatched && record.responseAt !== -1
    const requestTime = isDispatched ? seconds(record.dispatchedAt - record.receivedAt) : '-1 '
    const targetTime = isDispatched ? this.#targetTime(record) : '-1 '
    const responseTime = isAnswered ? seconds(record.respondedAt - record.responseAt) : '-1 '
    return (
      `${record.type} ${time}${this.#beforeClient}${unbracketed(client)} ${unbracketed(record.target ?? '-')} ` +
      `${requestTime}${targetTime}${responseTime}${this.#statusFields(record)}` +
      `${record.receivedBytes} ${record.sentBytes}${this.#requestField(record, head)}` +
      `${this.#agentField(record, head, tls)}${quotable(record.traceValue ?? '-')}${this.#priorityField(record, tls)}` +
      `${createdStamp(record.createdDate)}${this.#ending(record)}`
    )
  }

  /** Up to the head of the answer, or up to the 502 for a target that gave none (OQ-19). */
  #targetTime({ dispatchedAt, responseAt, respondedAt, failure }: RequestRecord): string {
    if (responseAt !== -1) return seconds(responseAt - dispatchedAt)
    return failure?.source === 'target' && failure.status === 502
      ? seconds(respondedAt - dispatchedAt)
      : '-1 '
  }

  #statusFields({ status, targetStatus }: RequestRecord): string {
    if (status !== this.#status || targetStatus !== this.#targetStatus) {
      this.#status = status
      this.#targetStatus = targetStatus
      this.#statuses = `${statusText(status)} ${statusText(targetStatus)} `
    }
    return this.#statuses
  }

  /** ` "METHOD PROTOCOL://HOST:PORT/URI VERSION" "` (ALB-OBS-167, 168; a request that was no HTTP: OQ-16). */
  #requestField(record: RequestRecord, head: RequestHead): string {
    const { protocol, dnsName, listenerPort } = this.#facts
    if (!record.isParsed) return ` "- ${protocol}://${dnsName}:${listenerPort}- -" "`
    const version = head.versionText === '' ? '-' : head.versionText
    if (head.authority !== null) {
      return ` "${quotable(`${head.method} ${this.#absoluteTarget(head)} ${version}`)}" "`
    }
    if (head.method !== this.#method || head.host.name !== this.#host) {
      this.#method = head.method
      this.#host = head.host.name
      const host = this.#host === '' ? dnsName : this.#host
      this.#requestStart = ` "${quotable(`${head.method} ${protocol}://${host}:${listenerPort}`)}`
    }
    const end = version === 'HTTP/1.1' ? ' HTTP/1.1" "' : ` ${quotable(version)}" "`
    return `${this.#requestStart}${quotable(head.target)}${end}`
  }

  /** The target as it was sent, with the one host that the request is for, and its port or else the listener's. */
  #absoluteTarget({ target, authority, host }: RequestHead): string {
    const start = target.indexOf('://') + 3
    const port = host.port === '' ? this.#facts.listenerPort : host.port
    return `${target.slice(0, start)}${host.name}:${port}${target.slice(start + (authority?.text.length ?? 0))}`
  }

  /** User agent, the two fields of TLS, and the target group. */
  #agentField({ targetGroupArn }: RequestRecord, head: RequestHead, tls: TlsFacts | null): string {
    const value = head.fields.first('user-agent')
    const cipher = tls === null ? '-' : tls.cipher
    const protocol = tls === null ? '-' : tls.protocol
    if (
      value !== this.#userAgent ||
      targetGroupArn !== this.#targetGroupArn ||
      cipher !== this.#cipher ||
      protocol !== this.#tlsProtocol
    ) {
      this.#userAgent = value
      this.#targetGroupArn = targetGroupArn
      this.#cipher = cipher
      this.#tlsProtocol = protocol
      const shown = value === undefined || value === '' ? '-' : value.slice(0, USER_AGENT_BYTES_MAX)
      this.#agentAndGroup = `${quotable(shown)}" ${cipher} ${protocol} ${targetGroupArn ?? '-'} "`
    }
    return this.#agentAndGroup
  }

  /** The end of the trace field, the domain and the certificate of TLS, and the rule's priority. */
  #priorityField({ rulePriority }: RequestRecord, tls: TlsFacts | null): string {
    const domain = tls?.domainName ?? '-'
    const certificate = tls === null ? '-' : tls.certificate
    if (rulePriority !== this.#rulePriority || domain !== this.#domain || certificate !== this.#certificate) {
      this.#rulePriority = rulePriority
      this.#domain = domain
      this.#certificate = certificate
      this.#priority = `" "${quotable(domain)}" "${certificate}" ${rulePriority ?? '-'} `
    }
    return this.#priority
  }

  /** All that follows the time of creation. */
  #ending(record: RequestRecord): string {
    const { target, targetStatus } = record
    const isOrdinary =
      target !== null &&
      record.action === 'forward' &&
      record.failure === null &&
      record.reason === null &&
      record.errorReason === null
    if (!isOrdinary) return ending(record)
    const known = this.#endings.get(target)
    if (known === undefined) {
      if (this.#endings.size >= ENDINGS_MAX) this.#endings.clear()
      const text = ending(record)
      this.#endings.set(target, { status: targetStatus, text })
      return text
    }
    if (known.status !== targetStatus) {
      known.status = targetStatus
      known.text = ending(record)
    }
    return known.text
  }
}

function ending(record: RequestRecord): string {
  const { action, redirectUrl, errorReason, target, targetStatus, tier, reason } = record
  return (
    ` "${action ?? '-'}" "${quotable(redirectUrl ?? '-')}" "${errorReason ?? '-'}" "${unbracketed(target ?? '-')}" ` +
    `"${statusText(targetStatus)}" "${tierNames[tier]}" "${reason ?? '-'}"\n`
  )
}

function statusText(status: number): string {
  return status === 0 ? '-' : String(status)
}

const unquotable = /["\\\x00-\x1f\x7f-\uffff]/
const allUnquotable = /["\\\x00-\x1f\x7f-\uffff]/g

/** `\x00` … `\xFF`. */
const escapes = Array.from(
  { length: 256 },
  (_, byte) => `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`,
)

/** Text that cannot leave its quotes or its line (ALB-OBS OQ-18). */
function quotable(text: string): string {
  if (!unquotable.test(text)) return text
  return text.replace(allUnquotable, (character) => escapes[character.charCodeAt(0) & 0xff] as string)
}

const BRACKET = 0x5b

/** `address:port`, IPv6 without brackets (ALB-OBS OQ-21). */
function unbracketed(place: string): string {
  if (place.charCodeAt(0) !== BRACKET) return place
  const end = place.lastIndexOf(']')
  return place.slice(1, end) + place.slice(end + 1)
}

/** Seconds with three decimals from milliseconds, and a blank. */
function seconds(durationMs: number): string {
  const whole = Math.max(0, Math.round(durationMs))
  return whole < 1000 ? (milliseconds[whole] as string) : `${(whole / 1000).toFixed(3)} `
}

let stampSecond = -1
let stampText = ''

/** `2018-07-02T22:23:00.`, made once a second. */
function secondText(second: number): string {
  if (second !== stampSecond) {
    stampSecond = second
    stampText = new Date(second * 1000).toISOString().slice(0, 20)
  }
  return stampText
}

/** `2018-07-02T22:23:00.186641` from milliseconds since 1970 with a fraction. */
function timestamp(dateMs: number): string {
  const whole = Math.floor(dateMs)
  const second = Math.floor(whole / 1000)
  const micros = Math.floor((dateMs - whole) * 1000)
  return `${secondText(second)}${threeDigits[whole - second * 1000]}${threeDigits[micros]}`
}

/** As `timestamp`, with milliseconds only, padded (OQ-17). */
function createdStamp(dateMs: number): string {
  const whole = Math.floor(dateMs)
  const second = Math.floor(whole / 1000)
  return `${secondText(second)}${threeDigits[whole - second * 1000]}000Z`
}
