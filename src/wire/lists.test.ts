import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { ConnectionOptions } from './connection-options.ts'
import { countItems, splitList, trimBlanks } from './lists.ts'

test('only spaces and tabs are blanks', () => {
  assert.equal(trimBlanks(' \t a b\t '), 'a b')
  for (const other of ['\v', '\f', '\xa0', '\x85', '\r', '\n', '\0']) {
    assert.equal(trimBlanks(`${other}a${other}`), `${other}a${other}`)
    assert.deepEqual(splitList(`close${other}, X`), [`close${other}`, 'x'])
  }
})

const listText = fc.string({ unit: fc.constantFrom('a', 'B', ',', ' ', '\t', '\v'), maxLength: 30 })

test('a list has as many items as a count says, and Connection knows each of them', () => {
  fc.assert(
    fc.property(listText, fc.nat(10), (text, most) => {
      const items = splitList(text)
      assert.equal(countItems(text, most), Math.min(most, items.length))
      const options = new ConnectionOptions()
      options.add(text)
      options.add('last')
      for (const item of [...items, 'last']) assert.ok(options.has(item))
      assert.ok(!options.has('none'))
    }),
  )
})
