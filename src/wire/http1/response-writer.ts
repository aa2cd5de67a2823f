// Writes the head of a response to an HTTP/1.x client, anew from the parsed one.

import type { HeaderFields } from '../header-fields.ts'
import type { ConnectionOptions } from '../connection-options.ts'
import { isHopByHop } from './field-names.ts'

/** What the writer needs of a response, whatever protocol the target speaks. */
export interface WritableResponse {
  readonly status: number
  readonly statusText: string
  /** Value of Upgrade, or `null`. */
  readonly upgrade: string | null
  readonly fields: HeaderFields
  /** See `ResponseHead`: the lines between the two positions of `fields.text` may go out untouched. */
  readonly isPlain: boolean
  readonly dropped: readonly number[]
  readonly fieldsStart: number
  readonly fieldsEnd: number
  readonly hasDate: boolean
  readonly connection: ConnectionOptions | null
}

const UPGRADE_REQUIRED = 426

/** Framing of the answer to the client. `as-received`: Content-Length stays if the target sent one. */
export type AnswerFraming = 'as-received' | 'chunked' | 'until-close'

/** What a listener wants of every response. */
export interface ResponseHeaderChanges {
  /** Names in lower case of fields that do not go on. */
  readonly dropped: ReadonlySet<string>
  /** Complete lines that every response gets. */
  readonly lines: string
}

/**
 * Head of the response, with its blank line. `dateValue` is used where the target sent no Date (RFC 9110 6.6.1); `added`
 * are complete lines.
 */
export function writeResponseHead(
  response: WritableResponse,
  framing: AnswerFraming,
  keepAlive: boolean,
  dateValue: string,
  changes: ResponseHeaderChanges | null = null,
  added = '',
): string {
  let lines = statusLine(response)
  // RFC 9110 section 8.6: no length of what cannot have content.
  const isWithoutContent = response.statusText.startsWith('204')
  const hasLength = framing === 'as-received' && !isWithoutContent
  if (changes !== null) lines += keptLines(response, hasLength, changes.dropped) + changes.lines
  else lines += response.isPlain && !isWithoutContent ? plainLines(response) : keptLines(response, hasLength)
  if (added !== '') lines += added
  if (!response.hasDate) lines += `Date: ${dateValue}\r\n`
  if (framing === 'chunked') lines += 'Transfer-Encoding: chunked\r\n'
  const connection = keepAlive ? 'keep-alive' : 'close'
  // What has to be switched to is for the client to know, though nothing is switched here (RFC 9110 section 15.5.22).
  if (response.status === UPGRADE_REQUIRED && response.upgrade !== null)
    return `${lines}Upgrade: ${response.upgrade}\r\nConnection: upgrade, ${connection}\r\n\r\n`
  return `${lines}Connection: ${connection}\r\n\r\n`
}

/** Head of an interim (1xx) response or of 101, which keep their own fields; `added` are complete lines. */
export function writeInterimHead(response: WritableResponse, upgrade: string | null, added = ''): string {
  const kept = keptLines(response, false)
  const switching = upgrade === null ? '' : `Connection: upgrade\r\nUpgrade: ${upgrade}\r\n`
  return `${statusLine(response)}${kept}${added}${switching}\r\n`
}

/** RFC 9112 section 4: the blank behind the status is there without a reason, too. */
function statusLine({ statusText }: WritableResponse): string {
  return statusText.length === 3 ? `HTTP/1.1 ${statusText} \r\n` : `HTTP/1.1 ${statusText}\r\n`
}

/** All lines but the dropped ones, in as few pieces as possible. */
function plainLines(response: WritableResponse): string {
  const { fields, dropped } = response
  let from = response.fieldsStart
  if (dropped.length === 0) return fields.text.slice(from, response.fieldsEnd)
  let lines = ''
  for (let at = 0; at < dropped.length; at++) {
    const index = dropped[at] as number
    const lineStart = fields.nameStart(index)
    if (lineStart > from) lines += fields.text.slice(from, lineStart)
    from = index + 1 < fields.count ? fields.nameStart(index + 1) : response.fieldsEnd
  }
  return from < response.fieldsEnd ? lines + fields.text.slice(from, response.fieldsEnd) : lines
}

function keptLines(response: WritableResponse, hasLength: boolean, dropped?: ReadonlySet<string>): string {
  const fields = response.fields
  let lines = ''
  let lengthSeen = false
  for (let index = 0; index < fields.count; index++) {
    const name = fields.name(index)
    const lowerName = name.toLowerCase()
    if (dropped?.has(lowerName) === true) continue
    if (isHopByHop(lowerName) || isConnectionOption(response, lowerName)) continue
    if (lowerName === 'content-length') {
      if (!hasLength || lengthSeen) continue
      lengthSeen = true
    }
    lines += `${name}: ${fields.value(index)}\r\n`
  }
  return lines
}

/** Whether Connection names this field; a target cannot strip what the client needs to find the end of the answer. */
export function isConnectionOption({ connection }: WritableResponse, lowerName: string): boolean {
  return connection?.has(lowerName) === true && lowerName !== 'content-length' && lowerName !== 'date'
}
