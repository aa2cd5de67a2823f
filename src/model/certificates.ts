// Certificates of ACM and server certificates of IAM, in the form in which they are kept. No I/O.

import type { Scope } from './resources.ts'

/** As ACM names them. Of IAM there may be other keys, by Node's name; no listener takes those. */
export const KEY_ALGORITHMS = [
  'RSA_1024',
  'RSA_2048',
  'RSA_3072',
  'RSA_4096',
  'EC_prime256v1',
  'EC_secp384r1',
  'EC_secp521r1',
] as const
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number]

/** What stands in an X.509 certificate, in ACM's words. */
export interface CertificateFacts {
  readonly domainName: string
  /** The domain name included. */
  readonly subjectAlternativeNames: readonly string[]
  /** One of `KEY_ALGORITHMS`, or the name of a key that listeners cannot use. */
  readonly keyAlgorithm: string
  readonly signatureAlgorithm: string
  /** Pairs of hex digits with colons between them. */
  readonly serial: string
  readonly subject: string
  readonly issuer: string
  /** Milliseconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
  readonly keyUsages: readonly string[]
  readonly extendedKeyUsages: readonly { readonly name: string; readonly oid: string }[]
}

/** PEM texts. The chain begins with the certificate's issuer; null if there is none. */
export interface CertificateMaterial {
  readonly certificate: string
  readonly chain: string | null
  readonly privateKey: string
}

/** How a certificate was requested. */
export interface CertificateRequest {
  readonly validationMethod: 'DNS' | 'EMAIL'
  /** Domain that the mails would go to, by name in the certificate. */
  readonly validationDomains: Readonly<Record<string, string>>
  readonly transparencyLogging: 'ENABLED' | 'DISABLED'
  readonly export: 'ENABLED' | 'DISABLED'
  /** When it was last renewed. */
  readonly renewedAt: number | null
}

/** A certificate of ACM. */
export interface AcmCertificate extends Scope {
  readonly arn: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** When it was, or will be, issued or last imported; what was requested waits for its validation until then. */
  readonly issuedAt: number
  readonly facts: CertificateFacts
  /** Null for an imported certificate. */
  readonly request: CertificateRequest | null
}

/** A server certificate of IAM; the name is unique in the account. */
export interface ServerCertificate {
  readonly arn: string
  readonly accountId: string
  readonly name: string
  /** Begins and ends with a slash. */
  readonly path: string
  readonly id: string
  readonly uploadedAt: number
  readonly facts: CertificateFacts
}

/** What ACM calls the certificate's status at a date in milliseconds since 1970. */
export function certificateStatus(
  { issuedAt, facts }: AcmCertificate,
  date: number,
): 'PENDING_VALIDATION' | 'ISSUED' | 'EXPIRED' {
  if (date < issuedAt) return 'PENDING_VALIDATION'
  return date < facts.notAfter ? 'ISSUED' : 'EXPIRED'
}
