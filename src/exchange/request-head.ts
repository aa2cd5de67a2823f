// The head of a request as routing, actions and the target's side see it, whatever protocol the client speaks.

import type { HeaderFields } from '../wire/header-fields.ts'

/** Read-only for everybody but the reader that fills it. Text is latin1: one character per byte. */
export interface RequestHead {
  readonly method: string
  /** Request target as sent: `/a?b`, `http://host/a`, `*`. */
  readonly target: string
  /** Path of the target as sent, without query; `/` where an absolute target has none. */
  readonly path: string
  /** Text after the first `?`, or `null` where there is none. */
  readonly query: string | null
  /** Authority of an absolute target, or `null`. */
  readonly authority: string | null
  /** First Host header as sent, or `null`. */
  readonly host: string | null
  readonly fields: HeaderFields
}
