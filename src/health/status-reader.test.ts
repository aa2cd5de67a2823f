import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { HEAD_BYTES_MAX, StatusReader } from './status-reader.ts'

function read(text: string): unknown {
  return new StatusReader().push(Buffer.from(text, 'latin1'))
}

test('the status is known when the whole head is there', () => {
  assert.deepEqual(read('HTTP/1.1 200 OK\r\nA: b\r\n'), { type: 'more' })
  assert.deepEqual(read('HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody'), { type: 'status', code: 200 })
  assert.deepEqual(read('HTTP/1.0 404\r\n\r\n'), { type: 'status', code: 404 })
  assert.deepEqual(read('HTTP/1.1 503 Service Unavailable\n\n'), { type: 'status', code: 503 })
  assert.deepEqual(read('HTTP/1.1 200 OK\n\r\n'), { type: 'status', code: 200 })
  assert.deepEqual(read('HTTP/1.1 200 OK\r\n\r\r\n'), { type: 'more' })
})

test('interim responses are read over', () => {
  assert.deepEqual(read('HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n'), {
    type: 'status',
    code: 204,
  })
})

test('what is no HTTP/1 response is malformed', () => {
  for (const text of [
    'SSH-2.0-x\r\n',
    'HTTP/2 200 OK\r\n\r\n',
    'HTTP/1.1 2000 OK\r\n\r\n',
    'HTTP/1.1 OK\r\n\r\n',
    '\r\nHTTP/1.1 200 OK\r\n\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n'.repeat(40),
  ]) {
    assert.deepEqual(read(text), { type: 'malformed' }, text)
  }
  assert.deepEqual(read(`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(HEAD_BYTES_MAX)}`), { type: 'malformed' })
})

test('where the bytes are split does not matter', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(
        'HTTP/1.1 200 OK\r\nA: b\r\n\r\n',
        'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 X\r\n\r\n',
        'HTTX/1.1 200 OK\r\n\r\n',
      ),
      fc.array(fc.nat(60)),
      (text, cuts) => {
        const reader = new StatusReader()
        let result: { type: string } = { type: 'more' }
        const points = [0, ...cuts.filter((cut) => cut < text.length).toSorted((a, b) => a - b), text.length]
        for (let at = 1; at < points.length && result.type === 'more'; at++) {
          result = reader.push(Buffer.from(text.slice(points[at - 1], points[at])))
        }
        assert.deepEqual(result, read(text))
      },
    ),
  )
})
