// Trust stores as AWS names them: certificates of authorities that listeners verify clients with, and lists of
// certificates that those authorities revoked.

import type { Scope } from './resources.ts'

export interface TrustStore extends Scope {
  readonly arn: string
  readonly name: string
  /** Certificates in the bundle. */
  readonly caCertificates: number
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

export interface RevocationList {
  /** Grows with every list that is added to the trust store, and is never given again. */
  readonly id: number
  /** Certificates on the list. */
  readonly entries: number
}
