import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { createSecureContext } from 'node:tls'
import { DEFAULT_SSL_POLICY, opensslOptions, sslPolicies } from './ssl-policies.ts'

interface SpecifiedPolicy {
  readonly name: string
  readonly family: 'TLS13' | 'FIPS' | 'FS' | 'TLS10-12'
  readonly protocols: readonly string[]
  readonly ciphers: readonly { readonly priority: number; readonly name: string }[]
  readonly fips: boolean
}

interface Specification {
  readonly defaults: { readonly api: string }
  readonly policies: readonly SpecifiedPolicy[]
  readonly ciphers: readonly { readonly openssl: string; readonly policies: readonly string[] }[]
}

const specification = JSON.parse(
  readFileSync(new URL('../../spec/security-policies-alb.json', import.meta.url), 'utf8'),
) as Specification

test('every policy has its protocols, and its ciphers in order of preference', () => {
  assert.deepEqual(
    [...sslPolicies.values()]
      .slice(0, specification.policies.length)
      .map(({ name, protocols, ciphers, isFips }) => ({ name, protocols, ciphers, isFips })),
    specification.policies.map(({ name, protocols, ciphers, fips }) => ({
      name,
      protocols,
      ciphers: ciphers.toSorted((a, b) => a.priority - b.priority).map((cipher) => cipher.name),
      isFips: fips,
    })),
  )
  assert.equal(DEFAULT_SSL_POLICY, specification.defaults.api)
  const names = (family: SpecifiedPolicy['family']): number =>
    specification.policies.filter((policy) => policy.family === family).length
  assert.deepEqual([names('TLS13'), names('FIPS'), names('FS'), names('TLS10-12')], [7, 8, 5, 6])
})

test('each cipher is in the policies that offer it and in no other', () => {
  for (const { openssl, policies } of specification.ciphers) {
    const offering = [...sslPolicies.values()].filter(
      ({ name, ciphers }) => !name.includes('-PQ-') && ciphers.includes(openssl),
    )
    assert.deepEqual(offering.map(({ name }) => name).toSorted(), [...policies].toSorted(), openssl)
  }
  for (const { name, ciphers } of sslPolicies.values()) {
    if (name.includes('-FS-'))
      assert.ok(
        ciphers.every((cipher) => cipher.startsWith('ECDHE-')),
        name,
      )
  }
})

test('a post-quantum policy is its twin, with other key exchange groups', () => {
  const policies = [...sslPolicies.values()]
  const postQuantum = policies.filter(({ name }) => name.includes('-PQ-2025-09'))
  assert.deepEqual(
    postQuantum.map(({ name }) => name.replace('ELBSecurityPolicy-TLS13-', '').replace('-2025-09', '')),
    [
      '1-0-PQ',
      '1-2-PQ',
      '1-2-Res-PQ',
      '1-2-Ext1-PQ',
      '1-2-Ext2-PQ',
      '1-3-PQ',
      '1-0-FIPS-PQ',
      '1-2-FIPS-PQ',
      '1-2-Res-FIPS-PQ',
      '1-2-Ext0-FIPS-PQ',
      '1-2-Ext1-FIPS-PQ',
      '1-2-Ext2-FIPS-PQ',
      '1-3-FIPS-PQ',
    ],
  )
  const classical = ['X25519', 'P-256', 'P-384', 'P-521']
  for (const policy of postQuantum) {
    const twin = policy.name.replace('-PQ-2025-09', policy.isFips ? '-2023-04' : '-2021-06')
    assert.deepEqual({ ...policy, name: twin, groups: classical }, sslPolicies.get(twin))
    const { ecdhCurve } = opensslOptions(policy)
    assert.equal(ecdhCurve, ['X25519MLKEM768:SecP256r1MLKEM768:SecP384r1MLKEM1024', ...classical].join(':'))
  }
  for (const { name, groups } of policies) {
    if (!name.includes('-PQ-')) assert.deepEqual(groups, classical, name)
  }
})

test('OpenSSL takes what each policy comes to', () => {
  for (const policy of sslPolicies.values()) {
    const options = opensslOptions(policy)
    assert.ok(createSecureContext({ ...options }), policy.name)
    const [first] = policy.protocols
    assert.deepEqual([options.minVersion, options.maxVersion], [first, policy.protocols.at(-1)])
    const described = policy.ciphers.filter((cipher) => cipher !== 'DES-CBC3-SHA')
    const hasOld = policy.protocols.some((version) => version !== 'TLSv1.3')
    assert.equal(options.ciphers, [...described, ...(hasOld ? ['@SECLEVEL=0'] : [])].join(':'))
  }
})
