import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { HeaderFields } from '../header-fields.ts'
import { HpackDecoder, type BlockFault } from './hpack-decoder.ts'

const LIST_BYTES_MAX = 64 * 1024
const FIELDS_MAX = 500

type Field = readonly [name: string, value: string]

function decode(decoder: HpackDecoder, hex: string): Field[] | BlockFault {
  const fields = new HeaderFields()
  // Somewhere in a larger buffer, as frames are.
  const block = Buffer.from(`ffff${hex.replaceAll(' ', '')}ffff`, 'hex')
  const fault = decoder.decode(block, 2, block.length - 2, fields, LIST_BYTES_MAX, FIELDS_MAX)
  if (fault !== null) {
    assert.equal(fields.count, 0)
    return fault
  }
  assert.equal(
    fields.text,
    listed(fields)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join(''),
  )
  return listed(fields)
}

function listed(fields: HeaderFields): Field[] {
  return Array.from({ length: fields.count }, (_, index) => [fields.name(index), fields.value(index)])
}

const FIRST: Field[] = [
  [':method', 'GET'],
  [':scheme', 'http'],
  [':path', '/'],
  [':authority', 'www.example.com'],
]
const SECOND: Field[] = [...FIRST, ['cache-control', 'no-cache']]
const THIRD: Field[] = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':path', '/index.html'],
  [':authority', 'www.example.com'],
  ['custom-key', 'custom-value'],
]
const LOCATION: Field = ['location', 'https://www.example.com']
const DATE: Field = ['date', 'Mon, 21 Oct 2013 20:13:21 GMT']
const ANSWERS: Field[][] = [
  [[':status', '302'], ['cache-control', 'private'], DATE, LOCATION],
  [[':status', '307'], ['cache-control', 'private'], DATE, LOCATION],
  [
    [':status', '200'],
    ['cache-control', 'private'],
    ['date', 'Mon, 21 Oct 2013 20:13:22 GMT'],
    LOCATION,
    ['content-encoding', 'gzip'],
    ['set-cookie', 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'],
  ],
]

test('fields of RFC 7541 appendix C.2 in each representation', () => {
  const custom = '400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572'
  const decoder = new HpackDecoder(4096)
  assert.deepEqual(decode(decoder, custom), [['custom-key', 'custom-header']])
  assert.deepEqual(decode(decoder, 'be'), [['custom-key', 'custom-header']])
  assert.deepEqual(decode(decoder, '040c 2f73 616d 706c 652f 7061 7468'), [[':path', '/sample/path']])
  assert.deepEqual(decode(decoder, '1008 7061 7373 776f 7264 0673 6563 7265 74'), [['password', 'secret']])
  assert.deepEqual(decode(decoder, '82'), [[':method', 'GET']])
  // None of these got into the table.
  assert.deepEqual(decode(decoder, 'be'), [['custom-key', 'custom-header']])
  assert.equal(decode(decoder, 'bf'), 'compression')
})

test('requests of RFC 7541 appendix C.3, and C.4 in Huffman code', () => {
  const plain = new HpackDecoder(4096)
  assert.deepEqual(decode(plain, '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d'), FIRST)
  assert.deepEqual(decode(plain, '8286 84be 5808 6e6f 2d63 6163 6865'), SECOND)
  assert.deepEqual(
    decode(plain, '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65'),
    THIRD,
  )
  const coded = new HpackDecoder(4096)
  assert.deepEqual(decode(coded, '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff'), FIRST)
  assert.deepEqual(decode(coded, '8286 84be 5886 a8eb 1064 9cbf'), SECOND)
  assert.deepEqual(decode(coded, '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf'), THIRD)
})

test('responses of RFC 7541 appendix C.5, and C.6 in Huffman code, from a table of 256', () => {
  const plain = [
    '4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e ' +
      '1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
    '4803 3330 37c1 c0bf',
    '88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d ' +
      '4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31',
  ]
  const coded = [
    '4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3',
    '4883 640e ffc1 c0bf',
    '88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 ' +
      'd5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07',
  ]
  for (const blocks of [plain, coded]) {
    const decoder = new HpackDecoder(256)
    for (const [index, block] of blocks.entries()) assert.deepEqual(decode(decoder, block), ANSWERS[index])
  }
})

const LITERAL = '40 01 61 01 62'

test('what is no block is a fault of the whole connection', () => {
  const faults: [string, string][] = [
    ['index 0', '80'],
    ['an index beyond the table', 'be'],
    ['an index far beyond', 'ff ff ff 7f'],
    ['a name beyond the table', '7f 00 01 61'],
    ['a name without indexing beyond it', '0f 2f 01 61'],
    ['an integer that ends too early', 'ff'],
    ['one that goes on for nothing', 'ff 80 80 80 80 80 80 80 00'],
    ['one that is too large', 'ff ff ff ff ff 7f'],
    ['a length beyond the block', '40 02 61'],
    ['a length that is too large', '40 7f ff ff ff ff 7f 61'],
    ['no value', '40 01 61'],
    ['no name', '40'],
    ['no value behind an index', '41'],
    ['Huffman padding of zeros', '40 01 61 81 18'],
    ['Huffman padding of a whole byte', '40 01 61 82 1f ff'],
    ['the end of a Huffman string', '40 01 61 84 ff ff ff ff'],
    ['a Huffman name of nothing but padding', '40 81 ff 01 61'],
    ['a larger table than is allowed', '3f e2 1f'],
    ['a table size that is too large', '3f ff ff ff ff 7f'],
    ['three table sizes', '20 20 20 82'],
    ['a table size behind a field', '82 20'],
    ['a table size behind a literal', `${LITERAL} 3f e1 1f`],
  ]
  for (const [what, hex] of faults) assert.equal(decode(new HpackDecoder(4096), hex), 'compression', what)
})

test('table sizes within the limit come before the fields, once or twice', () => {
  const decoder = new HpackDecoder(4096)
  assert.deepEqual(decode(decoder, `3f e1 1f ${LITERAL}`), [['a', 'b']])
  assert.deepEqual(decode(decoder, 'be'), [['a', 'b']])
  assert.deepEqual(decode(decoder, '3f e1 1f 3f e1 1f be'), [['a', 'b']])
  // 0 empties it, whatever it is again after.
  assert.equal(decode(decoder, '20 3f e1 1f be'), 'compression')
  assert.deepEqual(decode(new HpackDecoder(4096), '20'), [])
  assert.deepEqual(decode(new HpackDecoder(0), `${LITERAL} 82`), [
    ['a', 'b'],
    [':method', 'GET'],
  ])
  assert.equal(decode(new HpackDecoder(0), '21'), 'compression')
})

test('the table forgets the oldest, and a field that is larger than it empties it (RFC 7541 section 4.4)', () => {
  const decoder = new HpackDecoder(80)
  // Two fields of 34 bytes fit, three do not.
  assert.deepEqual(decode(decoder, '40 01 61 01 31 40 01 61 01 32 bf be'), [
    ['a', '1'],
    ['a', '2'],
    ['a', '1'],
    ['a', '2'],
  ])
  assert.deepEqual(decode(decoder, '40 01 61 01 33 bf be'), [
    ['a', '3'],
    ['a', '2'],
    ['a', '3'],
  ])
  assert.equal(decode(decoder, 'c0'), 'compression')
  // A name may come from the entry that has to leave for it.
  assert.deepEqual(decode(decoder, '7f 00 01 34'), [['a', '4']])
  const large = `40 01 62 30 ${'78'.repeat(0x30)}`
  assert.deepEqual(decode(decoder, large), [['b', 'x'.repeat(0x30)]])
  assert.equal(decode(decoder, 'be'), 'compression')
})

function limited(decoder: HpackDecoder, hex: string, listBytes: number, fieldsMax: number): unknown {
  const fields = new HeaderFields()
  const block = Buffer.from(hex.replaceAll(' ', ''), 'hex')
  return decoder.decode(block, 0, block.length, fields, listBytes, fieldsMax) ?? listed(fields).length
}

test('a list beyond its limits is refused, and the table is right all the same', () => {
  const decoder = new HpackDecoder(4096)
  // 34 bytes each.
  assert.equal(limited(decoder, `${LITERAL} ${LITERAL}`, 68, 2), 2)
  assert.equal(limited(decoder, `${LITERAL} ${LITERAL}`, 67, 2), 'too-large')
  assert.equal(limited(decoder, `${LITERAL} ${LITERAL} ${LITERAL}`, 1000, 2), 'too-large')
  // What came behind the limit is in the table.
  assert.equal(limited(decoder, `${LITERAL} 40 01 7a 01 7a`, 34, 9), 'too-large')
  assert.deepEqual(decode(decoder, 'be'), [['z', 'z']])
  // A fault behind the limit is one.
  assert.equal(limited(decoder, `${LITERAL} 80`, 1, 9), 'compression')
})

test('an entry that is named again and again makes no more text than the limit', () => {
  const decoder = new HpackDecoder(4096)
  const value = '78'.repeat(4000)
  // 4,000 = 127 + 33 + 30 × 128.
  assert.equal(limited(decoder, `40 01 61 7f a1 1e ${value}`, 64 * 1024, 100), 1)
  const fields = new HeaderFields()
  const bomb = Buffer.alloc(64 * 1024, 0xbe)
  const start = process.memoryUsage().heapUsed
  assert.equal(decoder.decode(bomb, 0, bomb.length, fields, 64 * 1024, 100_000), 'too-large')
  assert.ok(process.memoryUsage().heapUsed - start < 32 * 1024 * 1024)
  assert.equal(fields.text, '')
})

test('a value longer than any buffer that is kept', () => {
  const decoder = new HpackDecoder(4096)
  // 40,000 = 127 + 65 + 55 × 128 + 2 × 16,384.
  const plain = `00 01 61 7f c1 b7 02 ${'78'.repeat(40_000)}`
  assert.deepEqual(decode(decoder, plain), [['a', 'x'.repeat(40_000)]])
  // 25,000 bytes of Huffman's code are 40,000 times the five bits of '0'. 25,000 = 127 + 41 + 66 × 128 + 16,384.
  const coded = `00 01 61 ff a9 c2 01 ${'00'.repeat(25_000)}`
  assert.deepEqual(decode(decoder, coded), [['a', '0'.repeat(40_000)]])
  assert.deepEqual(decode(decoder, LITERAL), [['a', 'b']])
})

test('a field that HTTP/2 forbids makes its block malformed, also where it comes from the table', () => {
  const lines: [string, string, boolean][] = [
    ['x-a', 'b c\td', true],
    ['x-a', '', true],
    ['x_a', 'b', true],
    ['x-a', '\xe9', true],
    ['x-a', 'b\x01', true],
    ['X-a', 'b', false],
    ['x a', 'b', false],
    ['x:a', 'b', false],
    ['x-\xe9', 'b', false],
    ['x-a', ' b', false],
    ['x-a', 'b\t', false],
    ['x-a', 'b\r\nc', false],
    ['x-a', 'b\nc', false],
    ['x-a', 'b\0c', false],
    ['', 'b', false],
    [':', 'b', false],
    [':path', '/ b', false],
    [':path', '/\x7f', false],
    [':path', '/b', true],
  ]
  for (const [name, value, isFine] of lines) {
    const decoder = new HpackDecoder(4096)
    const fields = new HeaderFields()
    const block = Buffer.from(
      `\x40${String.fromCharCode(name.length)}${name}${String.fromCharCode(value.length)}${value}`,
      'latin1',
    )
    for (const bytes of [block, Buffer.from([0xbe])]) {
      const fault = decoder.decode(bytes, 0, bytes.length, fields, 1000, 10)
      assert.equal(fault, isFine ? null : 'malformed', JSON.stringify([name, value]))
    }
  }
})

test('property: any bytes are read without harm, and cost no more than their limit', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), (blocks) => {
      const decoder = new HpackDecoder(4096)
      const fields = new HeaderFields()
      for (const block of blocks) {
        if (decoder.decode(Buffer.from(block), 0, block.length, fields, 500, 8) === 'compression') return
        assert.ok(fields.count <= 8 && fields.text.length <= 500)
      }
    }),
    { numRuns: 3000 },
  )
})
