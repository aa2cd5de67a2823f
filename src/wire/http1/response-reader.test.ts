import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import {
  RESPONSE_FAULT,
  RESPONSE_HEAD_BYTES_MAX,
  RESPONSE_NEED_MORE,
  ResponseReader,
} from './response-reader.ts'

/** What a reader makes of a text that comes in pieces of these lengths, the last of which has the rest. */
function readPieces(text: string, lengths: readonly number[]): string {
  const reader = new ResponseReader()
  let at = 0
  let result = RESPONSE_NEED_MORE
  for (const length of [...lengths, text.length]) {
    const end = Math.min(text.length, at + length)
    if (end === at) continue
    result = reader.read(text.slice(0, end), false, text.slice(at, end))
    if (result !== RESPONSE_NEED_MORE) break
    at = end
  }
  if (result === RESPONSE_FAULT) return reader.fault
  const { status, statusText, body, contentLength, keepAlive, fields } = reader.head
  if (result === RESPONSE_NEED_MORE) return 'more'
  const values = Array.from(
    { length: fields.count },
    (_, index) => `${fields.name(index)}=${fields.value(index)}`,
  )
  return JSON.stringify([result, status, statusText, body, contentLength, keepAlive, values])
}

const bytes = (length: number): number[] => Array.from({ length }, () => 1)

const heads = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.0 204\r\n\r\n',
  'HTTP/1.1 200 OK\nA: b\n\nhello',
  'HTTP/1.1 200 OK\r\nA: b\n\r\nhello',
  'HTTP/1.1 200 OK\nA: b\r\n\nhello',
  'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n',
  'HTTP/1.1 200 OK\r\nA: b\r\n\r',
  'HTTP/1.1 200 OK\r\nA: \r\r\n\r\n',
  'HTTP/1.1 200 OK\r\nConnection: a, close\r\nConnection: b\r\n\r\n',
  'HTTP/1.1 20 OK\r\n\r\n',
  'HTTP/2.0 200 OK\r\n\r\n',
  '\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
  'HTTP/1.1 200 OK\r\n Content-Length: 3\r\n\r\n',
  'garbage',
  'HTTP/1.1',
  `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(RESPONSE_HEAD_BYTES_MAX)}\r\n\r\n`,
]

test('ALB-OBS-502 a response head that is cut anywhere is read as one that comes whole', () => {
  for (const head of heads) {
    const whole = readPieces(head, [])
    for (let cut = 1; cut < Math.min(head.length, 100); cut++)
      assert.equal(readPieces(head, [cut]), whole, `${JSON.stringify(head.slice(0, 60))} cut at ${cut}`)
    assert.equal(readPieces(head, bytes(head.length)), whole)
  }
  const lines = fc.constantFrom('\r\n', '\n', '\r', 'A: b', ' c', ':', 'Content-Length: 1', '\r\n\r\n')
  fc.assert(
    fc.property(fc.array(lines), fc.array(fc.integer({ min: 1, max: 9 })), (texts, lengths) => {
      const head = `HTTP/1.1 200 OK\r\n${texts.join('')}\r\n\r\nrest`
      assert.equal(readPieces(head, lengths), readPieces(head, []))
    }),
  )
})

test('a head that never ends is refused as soon as it is too long, however it comes', () => {
  const start = 'HTTP/1.1 200 OK\r\nA: '
  const reader = new ResponseReader()
  let text = start
  assert.equal(reader.read(text, false), RESPONSE_NEED_MORE)
  while (text.length < RESPONSE_HEAD_BYTES_MAX) {
    text += 'x'
    assert.equal(reader.read(text, false, 'x'), RESPONSE_NEED_MORE)
  }
  assert.equal(reader.read(`${text}x`, false, 'x'), RESPONSE_FAULT)
  assert.equal(reader.fault, 'response-head-too-long')
})

test('a connection on which an answer came with a length and in chunks is not used again', () => {
  const length = 'Content-Length: 5\r\n'
  const chunked = 'Transfer-Encoding: chunked\r\n'
  for (const fields of [length + chunked, chunked + length]) {
    for (const connection of ['', 'Connection: keep-alive\r\n']) {
      const reader = new ResponseReader()
      reader.read(`HTTP/1.1 200 OK\r\n${fields}${connection}\r\n`, false)
      assert.deepEqual([reader.isChunked, reader.head.keepAlive], [true, false])
    }
  }
})
