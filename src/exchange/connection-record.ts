// One record per client connection of an HTTPS listener: what came of its handshake. All that the fields of a connection
// log want (ALB-OBS-314, 333 … 346).

import type { TlsFacts } from './client-facts.ts'

export interface ConnectionRecord {
  /** When the handshake ended or failed: milliseconds since 1970, with a fraction. */
  readonly date: number
  readonly clientAddress: string
  readonly clientPort: number
  readonly listenerPort: number
  /** Null where the handshake failed. */
  readonly tls: TlsFacts | null
  /** The group that the keys were agreed in, by IANA's name; null where there is none, or nobody knows. */
  readonly keyExchange: string | null
  /** From the connection until both sides had keys; null where it failed. */
  readonly handshakeMs: number | null
  /** `Success`, or `Failed:` with a code (ALB-OBS-347 … 369). */
  readonly verifyStatus: string
}
