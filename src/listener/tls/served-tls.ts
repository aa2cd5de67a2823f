// What an HTTPS listener has beside an HTTP one, in the form that handshakes want.

import type { ConnectionRecord } from '../../exchange/connection-record.ts'
import type { CertificateChoice } from './certificate-choice.ts'
import type { ServedPolicy } from './policy.ts'

/** Who is told of every client connection whose handshake is over, for better or worse. */
export interface ConnectionSink {
  connection(record: ConnectionRecord): void
}

export interface ServedTls {
  /** Names the listener where sessions are concerned. */
  readonly scope: string
  readonly policy: ServedPolicy
  readonly choice: CertificateChoice
  readonly isHttp2Offered: boolean
  readonly connectionSinks: readonly ConnectionSink[]
}
