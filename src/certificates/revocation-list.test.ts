import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { countEntries } from './revocation-list.ts'
import { UnusableMaterial } from './unusable-material.ts'

/** An element of at most 127 bytes. */
function element(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content)
  return Buffer.concat([Buffer.from([tag, body.length]), body])
}

const algorithm = element(0x30, element(0x06, Buffer.from('2a8648ce3d040302', 'hex')))
const time = element(0x17, Buffer.from('261121000000Z'))
const entry = element(0x30, element(0x02, Buffer.from([23])), time)
/** Version 2, no name in the issuer, two entries. */
const LIST = element(
  0x30,
  element(0x30, element(0x02, Buffer.from([1])), algorithm, element(0x30), time, element(0x30, entry, entry)),
  algorithm,
  element(0x03, Buffer.from([0, 1])),
)

function pem(der: Buffer): string {
  return `-----BEGIN X509 CRL-----\n${der.toString('base64')}\n-----END X509 CRL-----\n`
}

test('entries are counted', () => {
  assert.equal(countEntries(pem(LIST)), 2)
})

test('property: a list that is cut or changed anywhere is refused or still counts, and nothing else comes of it', () => {
  const tries = (bytes: Buffer): void => {
    try {
      assert.ok(countEntries(pem(bytes)) <= bytes.length)
    } catch (error) {
      assert.ok(error instanceof UnusableMaterial && error.problem === 'revocation-list', String(error))
    }
  }
  for (let length = 0; length < LIST.length; length++) {
    assert.throws(() => countEntries(pem(LIST.subarray(0, length))), UnusableMaterial)
  }
  fc.assert(
    fc.property(fc.nat(LIST.length - 1), fc.uint8Array({ maxLength: 6 }), (at, bytes) => {
      tries(Buffer.concat([LIST.subarray(0, at), bytes, LIST.subarray(at + bytes.length)]))
    }),
  )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => tries(Buffer.from(bytes))))
})
