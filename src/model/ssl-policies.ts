// The predefined security policies of Application Load Balancers: which TLS versions and ciphers a listener takes, in
// the order of the server's preference (ALB-LSN-281 … 372). Plain data; nothing here speaks TLS.

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'

export interface SslPolicy {
  readonly name: string
  /** Ascending. */
  readonly protocols: readonly TlsVersion[]
  /** OpenSSL's names; the first one that a client offers too is taken (ALB-LSN-264). */
  readonly ciphers: readonly string[]
  /** Key exchange, by OpenSSL's names; the order is the server's preference (ALB-LSN-483). */
  readonly groups: readonly string[]
  /** FIPS policies and others do not mix on one load balancer (ALB-LSN-290). */
  readonly isFips: boolean
}

/** What the API takes where no policy is named (ALB-LSN-269). */
export const DEFAULT_SSL_POLICY = 'ELBSecurityPolicy-2016-08'

/** Groups of ciphers that policies have whole or not at all. */
type CipherGroup = 'tls13' | 'chacha' | 'gcm' | 'cbc-sha2' | 'cbc-sha1' | 'rsa-sha2' | 'rsa-sha1' | '3des'

/** Every cipher of any policy, in the one order that all policies keep. */
const cipherTable: readonly (readonly [name: string, group: CipherGroup])[] = [
  ['TLS_AES_128_GCM_SHA256', 'tls13'],
  ['TLS_AES_256_GCM_SHA384', 'tls13'],
  ['TLS_CHACHA20_POLY1305_SHA256', 'chacha'],
  ['ECDHE-ECDSA-AES128-GCM-SHA256', 'gcm'],
  ['ECDHE-RSA-AES128-GCM-SHA256', 'gcm'],
  ['ECDHE-ECDSA-AES128-SHA256', 'cbc-sha2'],
  ['ECDHE-RSA-AES128-SHA256', 'cbc-sha2'],
  ['ECDHE-ECDSA-AES128-SHA', 'cbc-sha1'],
  ['ECDHE-RSA-AES128-SHA', 'cbc-sha1'],
  ['ECDHE-ECDSA-AES256-GCM-SHA384', 'gcm'],
  ['ECDHE-RSA-AES256-GCM-SHA384', 'gcm'],
  ['ECDHE-ECDSA-AES256-SHA384', 'cbc-sha2'],
  ['ECDHE-RSA-AES256-SHA384', 'cbc-sha2'],
  ['ECDHE-RSA-AES256-SHA', 'cbc-sha1'],
  ['ECDHE-ECDSA-AES256-SHA', 'cbc-sha1'],
  ['AES128-GCM-SHA256', 'rsa-sha2'],
  ['AES128-SHA256', 'rsa-sha2'],
  ['AES128-SHA', 'rsa-sha1'],
  ['AES256-GCM-SHA384', 'rsa-sha2'],
  ['AES256-SHA256', 'rsa-sha2'],
  ['AES256-SHA', 'rsa-sha1'],
  ['DES-CBC3-SHA', '3des'],
]

const versions: readonly TlsVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']

const FORWARD_SECRECY: readonly CipherGroup[] = ['gcm', 'cbc-sha2', 'cbc-sha1']
const ALL_BUT_3DES: readonly CipherGroup[] = [...FORWARD_SECRECY, 'rsa-sha2', 'rsa-sha1']
const TLS13: readonly CipherGroup[] = ['tls13', 'chacha']

/** Name without prefix, lowest and highest version, ciphers. */
const policyTable: readonly (readonly [string, TlsVersion, TlsVersion, readonly CipherGroup[]])[] = [
  ['TLS13-1-2-2021-06', 'TLSv1.2', 'TLSv1.3', [...TLS13, 'gcm', 'cbc-sha2']],
  ['TLS13-1-2-Res-2021-06', 'TLSv1.2', 'TLSv1.3', [...TLS13, 'gcm']],
  ['TLS13-1-2-Ext1-2021-06', 'TLSv1.2', 'TLSv1.3', [...TLS13, 'gcm', 'cbc-sha2', 'rsa-sha2']],
  ['TLS13-1-2-Ext2-2021-06', 'TLSv1.2', 'TLSv1.3', [...TLS13, ...ALL_BUT_3DES]],
  ['TLS13-1-1-2021-06', 'TLSv1.1', 'TLSv1.3', [...TLS13, ...ALL_BUT_3DES]],
  ['TLS13-1-0-2021-06', 'TLSv1', 'TLSv1.3', [...TLS13, ...ALL_BUT_3DES]],
  ['TLS13-1-3-2021-06', 'TLSv1.3', 'TLSv1.3', TLS13],
  ['TLS13-1-3-FIPS-2023-04', 'TLSv1.3', 'TLSv1.3', ['tls13']],
  ['TLS13-1-2-Res-FIPS-2023-04', 'TLSv1.2', 'TLSv1.3', ['tls13', 'gcm']],
  ['TLS13-1-2-FIPS-2023-04', 'TLSv1.2', 'TLSv1.3', ['tls13', 'gcm', 'cbc-sha2']],
  ['TLS13-1-2-Ext0-FIPS-2023-04', 'TLSv1.2', 'TLSv1.3', ['tls13', ...FORWARD_SECRECY]],
  ['TLS13-1-2-Ext1-FIPS-2023-04', 'TLSv1.2', 'TLSv1.3', ['tls13', 'gcm', 'cbc-sha2', 'rsa-sha2']],
  ['TLS13-1-2-Ext2-FIPS-2023-04', 'TLSv1.2', 'TLSv1.3', ['tls13', ...ALL_BUT_3DES]],
  ['TLS13-1-1-FIPS-2023-04', 'TLSv1.1', 'TLSv1.3', ['tls13', ...ALL_BUT_3DES]],
  ['TLS13-1-0-FIPS-2023-04', 'TLSv1', 'TLSv1.3', ['tls13', ...ALL_BUT_3DES]],
  ['FS-1-2-Res-2020-10', 'TLSv1.2', 'TLSv1.2', ['gcm']],
  ['FS-1-2-Res-2019-08', 'TLSv1.2', 'TLSv1.2', ['gcm', 'cbc-sha2']],
  ['FS-1-2-2019-08', 'TLSv1.2', 'TLSv1.2', FORWARD_SECRECY],
  ['FS-1-1-2019-08', 'TLSv1.1', 'TLSv1.2', FORWARD_SECRECY],
  ['FS-2018-06', 'TLSv1', 'TLSv1.2', FORWARD_SECRECY],
  ['TLS-1-2-Ext-2018-06', 'TLSv1.2', 'TLSv1.2', ALL_BUT_3DES],
  ['TLS-1-2-2017-01', 'TLSv1.2', 'TLSv1.2', ['gcm', 'cbc-sha2', 'rsa-sha2']],
  ['TLS-1-1-2017-01', 'TLSv1.1', 'TLSv1.2', ALL_BUT_3DES],
  ['2016-08', 'TLSv1', 'TLSv1.2', ALL_BUT_3DES],
  ['TLS-1-0-2015-04', 'TLSv1', 'TLSv1.2', [...ALL_BUT_3DES, '3des']],
  ['2015-05', 'TLSv1', 'TLSv1.2', ALL_BUT_3DES],
]

/** Post-quantum policies, and whose protocols and ciphers each has (ALB-LSN-482). Names without prefix. */
const postQuantumTwins: readonly (readonly [name: string, twin: string])[] = [
  ['TLS13-1-0-PQ-2025-09', 'TLS13-1-0-2021-06'],
  ['TLS13-1-2-PQ-2025-09', 'TLS13-1-2-2021-06'],
  ['TLS13-1-2-Res-PQ-2025-09', 'TLS13-1-2-Res-2021-06'],
  ['TLS13-1-2-Ext1-PQ-2025-09', 'TLS13-1-2-Ext1-2021-06'],
  ['TLS13-1-2-Ext2-PQ-2025-09', 'TLS13-1-2-Ext2-2021-06'],
  ['TLS13-1-3-PQ-2025-09', 'TLS13-1-3-2021-06'],
  ['TLS13-1-0-FIPS-PQ-2025-09', 'TLS13-1-0-FIPS-2023-04'],
  ['TLS13-1-2-FIPS-PQ-2025-09', 'TLS13-1-2-FIPS-2023-04'],
  ['TLS13-1-2-Res-FIPS-PQ-2025-09', 'TLS13-1-2-Res-FIPS-2023-04'],
  ['TLS13-1-2-Ext0-FIPS-PQ-2025-09', 'TLS13-1-2-Ext0-FIPS-2023-04'],
  ['TLS13-1-2-Ext1-FIPS-PQ-2025-09', 'TLS13-1-2-Ext1-FIPS-2023-04'],
  ['TLS13-1-2-Ext2-FIPS-PQ-2025-09', 'TLS13-1-2-Ext2-FIPS-2023-04'],
  ['TLS13-1-3-FIPS-PQ-2025-09', 'TLS13-1-3-FIPS-2023-04'],
]

const CLASSICAL_GROUPS = ['X25519', 'P-256', 'P-384', 'P-521'] as const
const POST_QUANTUM_GROUPS = [
  'X25519MLKEM768',
  'SecP256r1MLKEM768',
  'SecP384r1MLKEM1024',
  ...CLASSICAL_GROUPS,
] as const

const PREFIX = 'ELBSecurityPolicy-'

const classicalPolicies: readonly SslPolicy[] = policyTable.map(([shortName, lowest, highest, ciphers]) => ({
  name: PREFIX + shortName,
  protocols: versions.slice(versions.indexOf(lowest), versions.indexOf(highest) + 1),
  ciphers: cipherTable.filter(([, group]) => ciphers.includes(group)).map(([cipher]) => cipher),
  groups: CLASSICAL_GROUPS,
  isFips: shortName.includes('-FIPS-'),
}))

const postQuantumPolicies: readonly SslPolicy[] = postQuantumTwins.flatMap(([name, twin]) =>
  classicalPolicies
    .filter((policy) => policy.name === PREFIX + twin)
    .map((policy) => ({ ...policy, name: PREFIX + name, groups: POST_QUANTUM_GROUPS })),
)

/** By full name, in the order in which they are listed. */
export const sslPolicies: ReadonlyMap<string, SslPolicy> = new Map(
  [...classicalPolicies, ...postQuantumPolicies].map((policy) => [policy.name, policy]),
)

/** Ciphers that the OpenSSL of Node does not have: described, never negotiated (ALB-LSN-484). */
const absentCiphers: ReadonlySet<string> = new Set(['DES-CBC3-SHA'])

/** Settings of a secure context, under Node's names. */
export interface OpensslOptions {
  readonly minVersion: TlsVersion
  readonly maxVersion: TlsVersion
  readonly ciphers: string
  /** Groups for the exchange of keys, of whatever kind. */
  readonly ecdhCurve: string
}

/**
 * What a policy comes to in OpenSSL's words. The security level is lowered for the digests of TLS 1.0 and 1.1; where no
 * cipher of TLS 1.2 or before is named OpenSSL takes no level.
 */
export function opensslOptions({ protocols, ciphers, groups }: SslPolicy): OpensslOptions {
  const known = ciphers.filter((cipher) => !absentCiphers.has(cipher))
  const hasOld = known.some((cipher) => !cipher.startsWith('TLS_'))
  return {
    minVersion: protocols[0] ?? 'TLSv1.3',
    maxVersion: protocols.at(-1) ?? 'TLSv1.3',
    ciphers: hasOld ? `${known.join(':')}:@SECLEVEL=0` : known.join(':'),
    ecdhCurve: groups.join(':'),
  }
}

/** The same for the policy of a name; throws where there is none. */
export function opensslOptionsOf(policyName: string): OpensslOptions {
  const policy = sslPolicies.get(policyName)
  if (policy === undefined) throw new Error(`There is no security policy ${policyName}`)
  return opensslOptions(policy)
}

/** The policy of connections to targets, as that of the listener has it (ALB-OBS-536 … 538, ALB-LSN Q55); undefined: it has none. */
export function targetPolicy(listenerPolicy: string | undefined): string {
  const policy = listenerPolicy === undefined ? undefined : sslPolicies.get(listenerPolicy)
  if (policy === undefined || !policy.protocols.includes('TLSv1.3')) return 'ELBSecurityPolicy-2016-08'
  return policy.isFips ? 'ELBSecurityPolicy-TLS13-1-0-FIPS-2023-04' : 'ELBSecurityPolicy-TLS13-1-0-2021-06'
}
