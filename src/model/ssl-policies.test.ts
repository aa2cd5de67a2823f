import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { DEFAULT_SSL_POLICY, sslPolicies } from './ssl-policies.ts'

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
    [...sslPolicies.values()],
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
    const offering = [...sslPolicies.values()].filter(({ ciphers }) => ciphers.includes(openssl))
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
