// Whatever bytes are sent as certificate, key or chain: they are read or refused, and nothing else happens.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readMaterial } from '../../src/certificates/material.ts'
import { UnusableMaterial } from '../../src/certificates/unusable-material.ts'
import { newAuthority, newCertificate } from './support.ts'

const authority = await newAuthority('authority')
const leaf = await newCertificate(['www.example.com', '*.example.net'], { authority })

function isReadOrRefused(certificate: string, privateKey: string, chain: string): boolean {
  try {
    readMaterial({ certificate, privateKey, chain })
    return true
  } catch (error) {
    assert.ok(error instanceof UnusableMaterial, String(error))
    return false
  }
}

/** PEM whose bytes are changed at a few places. */
function damaged(pem: string): fc.Arbitrary<string> {
  const [first = '', ...rest] = pem.trimEnd().split('\n')
  const der = Buffer.from(rest.slice(0, -1).join(''), 'base64')
  const changes = fc.array(fc.tuple(fc.nat(der.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
  return changes.map((list) => {
    const changed = Buffer.from(der)
    for (const [at, value] of list) changed[at] = value
    return `${first}\n${changed.toString('base64')}\n${rest.at(-1)}\n`
  })
}

test('a damaged certificate, key or chain is read or refused, and nothing else happens', () => {
  assert.ok(isReadOrRefused(leaf.certificate, leaf.privateKey, authority.certificate))
  fc.assert(
    fc.property(damaged(leaf.certificate), (certificate) => {
      isReadOrRefused(certificate, leaf.privateKey, authority.certificate)
    }),
    { numRuns: 300 },
  )
  fc.assert(
    fc.property(damaged(leaf.privateKey), (privateKey) => {
      isReadOrRefused(leaf.certificate, privateKey, authority.certificate)
    }),
  )
  fc.assert(
    fc.property(damaged(authority.certificate), (chain) => {
      isReadOrRefused(leaf.certificate, leaf.privateKey, chain)
    }),
  )
})

test('a certificate with a damaged signature does not follow from its chain', () => {
  const [begin = '', ...lines] = leaf.certificate.trimEnd().split('\n')
  const der = Buffer.from(lines.slice(0, -1).join(''), 'base64')
  const last = der.length - 1
  der[last] = (der[last] ?? 0) ^ 1
  const certificate = `${begin}\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`
  assert.equal(isReadOrRefused(certificate, leaf.privateKey, authority.certificate), false)
})
