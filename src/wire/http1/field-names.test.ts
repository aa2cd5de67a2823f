import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { Framing, framingKind, isDisguise } from './field-names.ts'

function kindOf(name: string): Framing {
  const text = Buffer.from(name).toString('latin1')
  return framingKind(`X${text}:`, 1, text.length + 1)
}

test('ALB-OBS-215 framing names are told from those that normalisation makes of others, and from the rest', () => {
  const kinds: readonly (readonly [Framing, readonly string[]])[] = [
    [Framing.contentLength, ['Content-Length', 'CONTENT-LENGTH']],
    [Framing.transferEncoding, ['Transfer-Encoding']],
    [Framing.blankContentLength, ['Content-Length ', ' content-length\t', 'Content-Length : 5']],
    [Framing.blankTransferEncoding, ['Transfer-Encoding\t', '\ttransfer-encoding']],
    [
      Framing.suspicious,
      [
        'Content_Length',
        'ContentLength',
        'Content Length',
        'Transfer.Encoding',
        'Transfer-Encoding\v',
        '\0Content-Length',
        'Tran\u017ffer-Encod\u0131ng',
        '\uff43ontent-length',
        '\u0441\u043ent\u0435nt-length',
        'c\u0327ontent-length',
      ],
    ],
    [
      Framing.none,
      [
        'Content-Type',
        'X-Content-Length',
        'Content-Lengths',
        'Content-Lengt',
        'Transfer-Encodin',
        'Content-Length-X',
        'c\u043entent',
        '\u0441\u043ent\u0435nt-lengthx',
        '',
      ],
    ],
  ]
  for (const [kind, names] of kinds)
    for (const name of names) assert.equal(kindOf(name), kind, JSON.stringify(name))
  const unreadable = ['Content\xadLength', 'Cont\xe9nt-Length', 'Content-\xff\xfeLength']
  for (const name of unreadable) assert.equal(framingKind(name, 0, name.length), Framing.suspicious, name)
})

const junk = fc.string({
  unit: fc.constantFrom(
    ' ',
    '\t',
    '\v',
    '\f',
    '\0',
    '\r',
    '"',
    '/',
    '(',
    '@',
    '\xa0',
    '\xff',
    '\xcc\x81',
    '\xe2\x80\x8b',
  ),
  maxLength: 6,
})

test('own names are seen behind whatever is no part of a token, wherever it stands', () => {
  const names = fc.constantFrom(
    'Host',
    'x-forwarded-for',
    'X-AMZN-Anything',
    'Connection',
    'TE',
    'Cookie',
    'Upgrade',
  )
  fc.assert(
    fc.property(
      names,
      fc.nat(),
      junk,
      junk,
      fc.constantFrom('', ': v', ' :'),
      (name, at, before, inside, end) => {
        const cut = at % name.length
        assert.ok(isDisguise(before + name.slice(0, cut) + inside + name.slice(cut) + end))
      },
    ),
  )
  for (const other of [
    'X-Host',
    'Hosts',
    'X_Forwarded_For',
    'X.Forwarded.For',
    'X-Forwarded-Host ',
    'Via ',
    '',
  ])
    assert.ok(!isDisguise(other), other)
})
