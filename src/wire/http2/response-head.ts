// Writes heads and trailers of responses for clients of HTTP/2, anew from what the target sent.

import type { HeaderFields } from '../header-fields.ts'
import { isHopByHop } from '../http1/field-names.ts'
import { isConnectionOption, type ResponseHeaderChanges } from '../http1/response-writer.ts'
import type { ResponseHead } from '../response-head.ts'
import { isForbiddenField } from './hpack-fields.ts'
import type { HpackEncoder } from './hpack-encoder.ts'

const NO_CONTENT = 204
const NOT_MODIFIED = 304

/** Fields whose values no table on the way may hold (RFC 7541 section 7.1.3). */
const SENSITIVE = 'set-cookie'

/** An answer that the load balancer gives itself. */
export interface OwnAnswer {
  readonly status: number
  /** Complete lines. */
  readonly lines: string
  readonly location?: string
  readonly body: string
}

/**
 * Block of a response's head. `date` is used where the target sent none (RFC 9110 section 6.6.1); `added` are complete
 * lines.
 */
export function writeHttp2Response(
  encoder: HpackEncoder,
  response: ResponseHead,
  changes: ResponseHeaderChanges | null,
  date: string,
  added: string,
): Buffer {
  encoder.begin()
  encoder.addStatus(response.status)
  addFields(encoder, response, changes?.dropped ?? null)
  if (changes !== null) addLines(encoder, changes.lines)
  addLines(encoder, added)
  if (!response.hasDate) encoder.add('date', date)
  return encoder.end()
}

/** Block of an interim (1xx) response. */
export function writeHttp2Interim(encoder: HpackEncoder, response: ResponseHead): Buffer {
  encoder.begin()
  encoder.addStatus(response.status)
  addFields(encoder, response, null)
  return encoder.end()
}

export function writeHttp2OwnAnswer(
  encoder: HpackEncoder,
  answer: OwnAnswer,
  changes: ResponseHeaderChanges | null,
  date: string,
): Buffer {
  encoder.begin()
  encoder.addStatus(answer.status)
  encoder.add('server', 'awselb/2.0')
  encoder.add('date', date)
  if (changes !== null) addLines(encoder, changes.lines)
  addLines(encoder, answer.lines)
  if (answer.status !== NO_CONTENT && answer.status !== NOT_MODIFIED)
    encoder.add('content-length', String(answer.body.length))
  if (answer.location !== undefined) encoder.add('location', answer.location)
  return encoder.end()
}

/** Block of a trailer section; `trailers` are of those that may be passed on. */
export function writeHttp2Trailers(encoder: HpackEncoder, trailers: HeaderFields): Buffer {
  encoder.begin()
  for (let index = 0; index < trailers.count; index++)
    addField(encoder, trailers.name(index).toLowerCase(), trailers.value(index))
  return encoder.end()
}

/** All fields but those of the connection, those that are dropped, and a length that is not the body's. */
function addFields(encoder: HpackEncoder, response: ResponseHead, dropped: ReadonlySet<string> | null): void {
  const { fields } = response
  const isInterim = response.status < 200
  let isLengthLeftOut = isInterim || response.status === NO_CONTENT || response.body === 'unknown-length'
  for (let index = 0; index < fields.count; index++) {
    const name = fields.name(index).toLowerCase()
    if (dropped?.has(name) === true || isHopByHop(name)) continue
    if (name === 'content-length') {
      if (isLengthLeftOut) continue
      isLengthLeftOut = true
    } else if (isConnectionOption(response, name)) continue
    addField(encoder, name, fields.value(index))
  }
}

/** What HTTP/1.1 lets pass and HTTP/2 does not would make the whole response malformed: it is left out. */
function addField(encoder: HpackEncoder, lowerName: string, value: string): void {
  if (lowerName.startsWith(':') || isForbiddenField(lowerName, value)) return
  encoder.add(lowerName, value, lowerName === SENSITIVE)
}

/** Complete lines, which are written in this program. */
function addLines(encoder: HpackEncoder, lines: string): void {
  for (let start = 0; start < lines.length;) {
    const end = lines.indexOf('\r\n', start)
    const colon = lines.indexOf(':', start)
    const name = lines.slice(start, colon).toLowerCase()
    encoder.add(name, lines.slice(colon + 1, end).trim(), name === SENSITIVE)
    start = end + 2
  }
}
