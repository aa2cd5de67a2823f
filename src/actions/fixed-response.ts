// Fixed-response actions: the answer that is set in the rule, without any target (Q35).

import type { FixedResponseUnit } from '../snapshot/snapshot.ts'

export interface FixedResponse {
  readonly status: number
  /** Value of Content-Type, with charset. */
  readonly contentType: string
  readonly body: Buffer
}

const DEFAULT_CONTENT_TYPE = 'text/plain'

/** The answer of an action. Does not depend on the request, so it may be kept. */
export function fixedResponse(action: FixedResponseUnit): FixedResponse {
  return {
    status: action.statusCode,
    contentType: `${action.contentType ?? DEFAULT_CONTENT_TYPE}; charset=utf-8`,
    body: Buffer.from(action.messageBody, 'utf8'),
  }
}
