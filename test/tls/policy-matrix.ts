// Which cipher each security policy negotiates in which version of TLS: every combination, from the data of the
// specification and not from the program's own tables.

import { readFileSync } from 'node:fs'
import type { TlsVersion } from '../../src/model/ssl-policies.ts'

export const tlsVersions: readonly TlsVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']

export interface PolicyCase {
  readonly policy: string
  readonly version: TlsVersion
  /** OpenSSL's name. */
  readonly cipher: string
  /** IANA's number. */
  readonly code: number
  readonly isNegotiated: boolean
}

interface Specification {
  readonly policies: readonly {
    readonly name: string
    readonly protocols: readonly string[]
    readonly ciphers: readonly { readonly name: string; readonly priority: number }[]
  }[]
  readonly ciphers: readonly {
    readonly openssl: string
    readonly code: string
    readonly usable_with_protocols: readonly string[]
  }[]
}

const specification = JSON.parse(
  readFileSync(new URL('../../spec/security-policies-alb.json', import.meta.url), 'utf8'),
) as Specification

/** Every cipher of any policy. */
export const specifiedCiphers: readonly { readonly name: string; readonly code: number }[] =
  specification.ciphers.map(({ openssl, code }) => ({ name: openssl, code: Number(code) }))

/** The policy that the guide has a table of: itself, or the twin of a post-quantum one (ALB-LSN-482). */
function specified(policy: string): Specification['policies'][number] {
  const twin = policy.replace('-PQ-2025-09', policy.includes('-FIPS-') ? '-2023-04' : '-2021-06')
  const found = specification.policies.find(({ name }) => name === twin)
  if (found === undefined) throw new Error(`${policy} is not specified`)
  return found
}

/** All that may be offered to a listener with `policy`: 22 ciphers in four versions. */
export function policyCases(policy: string): readonly PolicyCase[] {
  const { protocols, ciphers } = specified(policy)
  return specification.ciphers.flatMap((cipher) =>
    tlsVersions.map((version) => ({
      policy,
      version,
      cipher: cipher.openssl,
      code: Number(cipher.code),
      isNegotiated:
        // ALB-LSN-484
        cipher.openssl !== 'DES-CBC3-SHA' &&
        protocols.includes(version) &&
        cipher.usable_with_protocols.includes(version) &&
        ciphers.some(({ name }) => name === cipher.openssl),
    })),
  )
}

/** Ciphers of a policy in the order of its preference. */
export function ciphersInOrder(policy: string): readonly string[] {
  return specified(policy)
    .ciphers.toSorted((one, other) => one.priority - other.priority)
    .map(({ name }) => name)
}
