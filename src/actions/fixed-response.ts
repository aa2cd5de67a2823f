// Fixed-response actions: the answer that is set in the rule, without any target (Q35).

import type { FixedResponseUnit } from '../snapshot/application-units.ts'
import { statusText } from './status-text.ts'

export interface FixedResponse {
  readonly status: number
  /** Text of the status line; empty for statuses that have none. */
  readonly reason: string
  /** Header lines of the body, each with its CR LF. */
  readonly lines: string
  /** UTF-8, one latin1 character per byte. */
  readonly body: string
}

const DEFAULT_CONTENT_TYPE = 'text/plain'

/** Answers do not depend on requests, so each is made once for its action. */
const made = new WeakMap<FixedResponseUnit, FixedResponse>()

export function fixedResponse(action: FixedResponseUnit): FixedResponse {
  const known = made.get(action)
  if (known !== undefined) return known
  const answer = {
    status: action.statusCode,
    reason: statusText(action.statusCode),
    lines: `Content-Type: ${action.contentType ?? DEFAULT_CONTENT_TYPE}; charset=utf-8\r\n`,
    body: Buffer.from(action.messageBody, 'utf8').toString('latin1'),
  }
  made.set(action, answer)
  return answer
}
