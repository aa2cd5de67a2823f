import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { pemBlocks } from './pem.ts'

const block = (label: string, body: string): string =>
  `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`

test('blocks are found in order, with text around them and either line end', () => {
  const first = block('CERTIFICATE', 'AAAA')
  const second = block('EC PRIVATE KEY', 'BBBB')
  assert.deepEqual(pemBlocks(`subject=x\r\n${first.replaceAll('\n', '\r\n')}\nmore${second}end`), [
    { label: 'CERTIFICATE', text: first },
    { label: 'EC PRIVATE KEY', text: second },
  ])
  assert.deepEqual(pemBlocks('nothing'), [])
})

test('a block that does not end, or ends as another one, makes the text invalid', () => {
  for (const text of [
    '-----BEGIN CERTIFICATE-----\nAAAA',
    '-----BEGIN CERTIFICATE',
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END PRIVATE KEY-----',
    '-----BEGIN ce-----\n-----END ce-----',
    `${block('CERTIFICATE', 'A')}-----BEGIN CERTIFICATE-----`,
  ]) {
    assert.equal(pemBlocks(text), undefined, text)
  }
})

test('what was put together from blocks and other text is taken apart again', () => {
  const noise = fc.string().filter((text) => !text.includes('-') && !text.includes('\r'))
  const part = fc.record({
    label: fc.constantFrom('CERTIFICATE', 'RSA PRIVATE KEY'),
    body: noise,
    after: noise,
  })
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const text = parts.map(({ label, body, after }) => block(label, body) + after).join('')
      const expected = parts.map(({ label, body }) => ({ label, text: block(label, body) }))
      assert.deepEqual(pemBlocks(text), expected)
    }),
  )
})

test('a long text of beginnings is refused in one pass', () => {
  assert.equal(pemBlocks('-----BEGIN CERTIFICATE-----\n'.repeat(50_000)), undefined)
})
