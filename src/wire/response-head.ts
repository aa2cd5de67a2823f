// The head of a response, whatever protocol it came in: fields over one latin1 text, and what they mean.

import type { ConnectionOptions } from './connection-options.ts'
import { HeaderFields } from './header-fields.ts'
import type { BodyKind } from './request-head.ts'

/** The head of a response. One object serves all responses of a target connection. */
export class ResponseHead {
  status = 0
  /** Status line without its version, such as `200 OK`. */
  statusText = ''
  readonly fields = new HeaderFields()
  body: BodyKind = 'none'
  /** For a body of kind `length`, else 0. */
  contentLength = 0
  /** Whether the target lets this connection be used again. */
  keepAlive = true
  hasDate = false
  /** Whether the header lines can be sent on as they are, but for those in `dropped`; Content-Length included. */
  isPlain = true
  /** Fields that end at this hop, where `isPlain`: their indices in ascending order. */
  readonly dropped: number[] = []
  fieldsStart = 0
  fieldsEnd = 0
  /** Protocol that a 101 answer switches to, or `null`. */
  upgrade: string | null = null
  /** What Connection names, where that is more than whether the connection goes on. */
  connection: ConnectionOptions | null = null
}
