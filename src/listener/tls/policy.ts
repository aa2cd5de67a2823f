// What a security policy comes to: the settings of OpenSSL, and what its ciphers need of a certificate.

import { type OpensslOptions, opensslOptions, type SslPolicy, sslPolicies } from '../../model/ssl-policies.ts'
import type { PolicyAbility } from './certificate-choice.ts'

/** IANA's numbers of the cipher suites of TLS 1.2 and before, by OpenSSL's names. */
const SUITES: Readonly<Record<string, number>> = {
  'ECDHE-ECDSA-AES128-GCM-SHA256': 0xc02b,
  'ECDHE-RSA-AES128-GCM-SHA256': 0xc02f,
  'ECDHE-ECDSA-AES128-SHA256': 0xc023,
  'ECDHE-RSA-AES128-SHA256': 0xc027,
  'ECDHE-ECDSA-AES128-SHA': 0xc009,
  'ECDHE-RSA-AES128-SHA': 0xc013,
  'ECDHE-ECDSA-AES256-GCM-SHA384': 0xc02c,
  'ECDHE-RSA-AES256-GCM-SHA384': 0xc030,
  'ECDHE-ECDSA-AES256-SHA384': 0xc024,
  'ECDHE-RSA-AES256-SHA384': 0xc028,
  'ECDHE-RSA-AES256-SHA': 0xc014,
  'ECDHE-ECDSA-AES256-SHA': 0xc00a,
  'AES128-GCM-SHA256': 0x009c,
  'AES128-SHA256': 0x003c,
  'AES128-SHA': 0x002f,
  'AES256-GCM-SHA384': 0x009d,
  'AES256-SHA256': 0x003d,
  'AES256-SHA': 0x0035,
}

/** A policy in the form that handshakes want. */
export interface ServedPolicy extends PolicyAbility {
  readonly name: string
  readonly options: OpensslOptions
}

const known = new Map<string, ServedPolicy>()

/** Undefined for a name that no policy has. */
export function servedPolicy(name: string): ServedPolicy | undefined {
  const before = known.get(name)
  if (before !== undefined) return before
  const policy = sslPolicies.get(name)
  if (policy === undefined) return undefined
  const served = { name, options: opensslOptions(policy), ...ability(policy) }
  known.set(name, served)
  return served
}

function ability({ protocols, ciphers }: SslPolicy): PolicyAbility {
  const numbers = (isWanted: (cipher: string) => boolean): ReadonlySet<number> =>
    new Set(ciphers.filter(isWanted).flatMap((cipher) => SUITES[cipher] ?? []))
  return {
    hasTls13: protocols.includes('TLSv1.3'),
    ecdsaSuites: numbers((cipher) => cipher.includes('-ECDSA-')),
    rsaSuites: numbers((cipher) => !cipher.includes('-ECDSA-')),
  }
}
