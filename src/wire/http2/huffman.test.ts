import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { codeLengths, codes, END_OF_STRING } from './huffman-code.ts'
import { decodeHuffman } from './huffman.ts'

/** Written bit by bit, as appendix B has the codes. */
function encoded(text: string): Buffer {
  return bytesOf(Array.from(text, (character) => codeBits(character.charCodeAt(0))).join(''))
}

/** Null: refused. */
function decoded(bytes: Buffer): string | null {
  const target = Buffer.alloc(Math.ceil((bytes.length * 8) / 5))
  const end = decodeHuffman(bytes, 0, bytes.length, target, 0)
  return end === -1 ? null : target.toString('latin1', 0, end)
}

/** Bytes of a row of bits, which is filled with `filling`. */
function bytesOf(bits: string, filling = '1'): Buffer {
  const whole = bits.padEnd(Math.ceil(bits.length / 8) * 8, filling)
  return Buffer.from((whole.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

function codeBits(symbol: number): string {
  return (codes[symbol] as number).toString(2).padStart(codeLengths[symbol] as number, '0')
}

test('the code is that of RFC 7541 appendix B', () => {
  const samples: [string, string][] = [
    ['0', '00000'],
    ['a', '00011'],
    [' ', '010100'],
    ['%', '010101'],
    [':', '1011100'],
    ['X', '11111100'],
    ['!', '1111111000'],
    ["'", '11111111010'],
    ['{', '111111111111110'],
    ['\\', '1111111111111110000'],
    ['\x00', '1111111111000'],
    ['\xff', '11111111111111111111101110'],
    ['\n', '111111111111111111111111111100'],
    ['\x16', '111111111111111111111111111110'],
  ]
  for (const [character, bits] of samples) assert.equal(codeBits(character.charCodeAt(0)), bits, character)
  assert.equal(codes[END_OF_STRING], 0x3fffffff)
  // Nothing is left out: the code is complete.
  assert.equal(
    codeLengths.reduce((sum, length) => sum + 2 ** -length, 0),
    1,
  )
})

test('every byte alone, and every two of them, come back', () => {
  for (let first = 0; first < 256; first++) {
    assert.equal(decoded(encoded(String.fromCharCode(first))), String.fromCharCode(first))
    for (let second = 0; second < 256; second++) {
      const text = String.fromCharCode(first, second)
      assert.equal(decoded(encoded(text)), text)
    }
  }
})

test('property: whatever is written is read again', () => {
  const latin1 = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1'))
  fc.assert(fc.property(latin1, (text) => assert.equal(decoded(encoded(text)), text)))
})

test('property: any bytes are either refused or what their text is written as', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const text = decoded(Buffer.from(bytes))
      if (text !== null) assert.deepEqual(encoded(text), Buffer.from(bytes))
    }),
    { numRuns: 2000 },
  )
})

test('padding is up to seven bits of ones (RFC 7541 section 5.2)', () => {
  assert.equal(decoded(bytesOf(codeBits(0x61))), 'a')
  assert.equal(decoded(bytesOf(codeBits(0x61), '0')), null)
  for (const padding of ['110', '101', '011'])
    assert.equal(decoded(bytesOf(codeBits(0x61) + padding)), null, padding)
  // Eight bits of ones, and more.
  assert.equal(decoded(bytesOf(`${codeBits(0x58)}11111111`)), null)
  assert.equal(decoded(Buffer.from([0xff])), null)
  assert.equal(decoded(Buffer.from([0xff, 0xff, 0xff])), null)
  assert.equal(decoded(Buffer.alloc(0)), '')
})

test('the end of a string is not sent', () => {
  assert.equal(decoded(bytesOf(codeBits(END_OF_STRING))), null)
  assert.equal(decoded(bytesOf(codeBits(0x61) + codeBits(END_OF_STRING) + codeBits(0x61))), null)
})
