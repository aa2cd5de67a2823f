import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { HeaderFields } from '../header-fields.ts'
import { HpackDecoder } from './hpack-decoder.ts'
import { HpackEncoder } from './hpack-encoder.ts'

function fieldsOf(block: Buffer): [string, string][] {
  const fields = new HeaderFields()
  assert.notEqual(
    new HpackDecoder(4096).decode(block, 0, block.length, fields, 2 ** 24, 2 ** 16),
    'compression',
  )
  return Array.from({ length: fields.count }, (_, index) => [fields.name(index), fields.value(index)])
}

test('a status of the static table is one byte, others name it', () => {
  for (const status of [100, 200, 204, 206, 304, 400, 404, 418, 500, 503, 999]) {
    const encoder = new HpackEncoder()
    encoder.begin()
    encoder.addStatus(status)
    const block = encoder.end()
    assert.deepEqual(fieldsOf(block), [[':status', String(status)]])
    assert.equal(block.length, [200, 204, 206, 304, 400, 404, 500].includes(status) ? 1 : 5)
  }
})

test('a secret is never indexed, and a known name is its index', () => {
  const encoder = new HpackEncoder()
  encoder.begin()
  encoder.add('set-cookie', 'a=b', true)
  encoder.add('vary', '*')
  assert.equal(encoder.end().toString('hex'), `1f2803${Buffer.from('a=b').toString('hex')}0f2c012a`)
})

test('a peer whose table is smaller than the default is told once that none is used (RFC 7541 section 4.2)', () => {
  const encoder = new HpackEncoder()
  encoder.setTableSizeMax(4096)
  encoder.begin()
  encoder.addStatus(200)
  assert.equal(encoder.end().toString('hex'), '88')
  for (const size of [100, 0]) encoder.setTableSizeMax(size)
  for (const hex of ['2088', '88']) {
    encoder.begin()
    encoder.addStatus(200)
    assert.equal(encoder.end().toString('hex'), hex)
    encoder.setTableSizeMax(50)
  }
})

test('property: whatever is written is read again, however long', () => {
  const name = fc.stringMatching(/^[a-z0-9-]{1,40}$/)
  const value = fc.oneof(
    fc.stringMatching(/^[!-~]{0,40}$/),
    fc.nat(70_000).map((length) => 'x'.repeat(length)),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 6 }), (fields) => {
      const encoder = new HpackEncoder()
      encoder.begin()
      for (const [lowerName, text] of fields) encoder.add(lowerName, text)
      assert.deepEqual(fieldsOf(encoder.end()), fields)
    }),
  )
})
