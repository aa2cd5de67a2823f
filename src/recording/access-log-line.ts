// From a record to a line of ALB's access log: 29 fields (ALB-OBS-136 … 192). On the way of every request, so built of
// parts that are strings already.

import type { RequestRecord } from '../exchange/record.ts'
import { tierNames } from '../wire/http1/classification.ts'
import { hostWithoutPort } from '../wire/http1/host-header.ts'
import type { Http1RequestHead } from '../wire/http1/request-head.ts'

const USER_AGENT_BYTES_MAX = 8192

/** What a line says that is the same for all requests of one listener. */
export interface LineFacts {
  /** `app/NAME/ID`. */
  readonly loadBalancerId: string
  readonly dnsName: string
  readonly protocol: 'http' | 'https'
  readonly listenerPort: number
}

const milliseconds = Array.from({ length: 1000 }, (_, value) => `0.${String(value).padStart(3, '0')}`)

/** A line with its line feed, latin1. `client` is `address:port`; `nowMs` the time on `performance.now()`'s scale. */
export function accessLogLine(
  record: RequestRecord,
  head: Http1RequestHead,
  facts: LineFacts,
  client: string,
  nowMs: number,
): string {
  const isUpgraded = record.type === 'ws' || record.type === 'wss'
  const answeredAt = record.respondedAt === -1 || isUpgraded ? nowMs : record.respondedAt
  const time = timestamp(record.createdDate + (answeredAt - record.receivedAt))
  const isDispatched = record.dispatchedAt !== -1 && record.status !== 460
  const isAnswered = isDispatched && record.responseAt !== -1
  const requestTime = isDispatched ? seconds(record.dispatchedAt - record.receivedAt) : '-1'
  const targetTime = isAnswered ? seconds(record.responseAt - record.dispatchedAt) : '-1'
  const responseTime = isAnswered ? seconds(record.respondedAt - record.responseAt) : '-1'
  const target = record.target ?? '-'
  const targetStatus = record.targetStatus === 0 ? '-' : String(record.targetStatus)
  const times = `${requestTime} ${targetTime} ${responseTime}`
  const status = record.status === 0 ? '-' : record.status
  return (
    `${record.type} ${time} ${facts.loadBalancerId} ${client} ${target} ${times} ${status} ${targetStatus} ` +
    `${record.receivedBytes} ${record.sentBytes} "${requestField(record, head, facts)}" "${userAgent(head)}" - - ` +
    `${record.targetGroupArn ?? '-'} "${quotable(record.traceValue ?? '-')}" "-" "-" ${record.rulePriority ?? '-'} ` +
    `${createdStamp(record.createdDate)} "${record.action ?? '-'}" "${quotable(record.redirectUrl ?? '-')}" ` +
    `"${record.errorReason ?? '-'}" "${target}" "${targetStatus}" "${tierNames[record.tier]}" "${record.reason ?? '-'}"\n`
  )
}

/** `METHOD PROTOCOL://HOST:PORT/URI VERSION` (ALB-OBS-167, 168; a request that was no HTTP: OQ-16). */
function requestField(record: RequestRecord, head: Http1RequestHead, facts: LineFacts): string {
  if (!record.isParsed) return `- ${facts.protocol}://${facts.dnsName}:${facts.listenerPort}- -`
  const version = head.versionText === '' ? '-' : head.versionText
  return quotable(`${head.method} ${requestUrl(head, facts)} ${version}`)
}

function requestUrl(head: Http1RequestHead, facts: LineFacts): string {
  const authority = head.target.charCodeAt(0) === 0x2f ? null : head.authority
  if (authority === null) {
    const host = head.host === null || head.host === '' ? facts.dnsName : hostWithoutPort(head.host)
    return `${facts.protocol}://${host}:${facts.listenerPort}${head.target}`
  }
  if (hostWithoutPort(authority) !== authority) return head.target
  const end = head.target.indexOf('://') + 3 + authority.length
  return `${head.target.slice(0, end)}:${facts.listenerPort}${head.target.slice(end)}`
}

function userAgent(head: Http1RequestHead): string {
  const value = head.fields.first('user-agent')
  if (value === undefined || value === '') return '-'
  return quotable(value.length > USER_AGENT_BYTES_MAX ? value.slice(0, USER_AGENT_BYTES_MAX) : value)
}

const unquotable = /["\\\x00-\x1f\x7f-\uffff]/

/** Text that cannot leave its quotes or its line (OQ-18). */
function quotable(text: string): string {
  if (!unquotable.test(text)) return text
  return text.replace(/["\\]/g, '\\$&').replace(/[\x00-\x1f\x7f-\uffff]/g, (character) => {
    return `\\x${(character.charCodeAt(0) & 0xff).toString(16).padStart(2, '0')}`
  })
}

/** Seconds with three decimals from milliseconds. */
function seconds(durationMs: number): string {
  const whole = Math.max(0, Math.round(durationMs))
  return whole < 1000 ? (milliseconds[whole] as string) : (whole / 1000).toFixed(3)
}

let stampSecond = -1
let stampText = ''

/** `2018-07-02T22:23:00`, made once a second. */
function secondText(second: number): string {
  if (second !== stampSecond) {
    stampSecond = second
    stampText = new Date(second * 1000).toISOString().slice(0, 20)
  }
  return stampText
}

/** `2018-07-02T22:23:00.186641Z` from milliseconds since 1970 with a fraction. */
export function timestamp(dateMs: number): string {
  const second = Math.floor(dateMs / 1000)
  const micros = Math.floor((dateMs - second * 1000) * 1000)
  return `${secondText(second)}${micros < 100000 ? String(micros).padStart(6, '0') : micros}Z`
}

/** As `timestamp`, with milliseconds only, padded (OQ-17). */
function createdStamp(dateMs: number): string {
  const second = Math.floor(dateMs / 1000)
  const millis = Math.floor(dateMs - second * 1000)
  return `${secondText(second)}${(milliseconds[millis] as string).slice(2)}000Z`
}
