import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ResponseReader } from './response-reader.ts'
import { writeInterimHead, writeResponseHead } from './response-writer.ts'

function read(text: string): ResponseReader {
  const reader = new ResponseReader()
  assert.equal(reader.read(text, false), text.length)
  return reader
}

const DATE = 'Mon, 30 Nov 2026 12:00:00 GMT'

test('204 and interim answers carry no Content-Length, whatever the target sends', () => {
  for (const rest of ['', 'X-A: 1\r\nX-A: 2\r\n', 'Connection: x\r\n']) {
    const { head } = read(`HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n${rest}\r\n`)
    const changes = { dropped: new Set<string>(), lines: '' }
    for (const change of [null, changes])
      assert.doesNotMatch(writeResponseHead(head, 'as-received', true, DATE, change), /content-length/i)
    const interim = read(`HTTP/1.1 103 Early Hints\r\nContent-Length: 0\r\nLink: </a>\r\n${rest}\r\n`)
    assert.match(writeInterimHead(interim.head, null), /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a>\r\n/)
  }
  const { head } = read('HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n')
  assert.match(writeResponseHead(head, 'as-received', true, DATE), /\r\nContent-Length: 7\r\n/)
})

test('a status line without a reason keeps the blank behind its status', () => {
  for (const [sent, written] of [
    ['HTTP/1.1 200\r\n', 'HTTP/1.1 200 \r\n'],
    ['HTTP/1.0 200 \r\n', 'HTTP/1.1 200 \r\n'],
    ['HTTP/1.1 200 Fine\r\n', 'HTTP/1.1 200 Fine\r\n'],
  ] as const) {
    const { head } = read(`${sent}Content-Length: 0\r\n\r\n`)
    assert.ok(writeResponseHead(head, 'as-received', true, DATE).startsWith(written))
  }
  const interim = read('HTTP/1.1 102\r\n\r\n')
  assert.equal(writeInterimHead(interim.head, null), 'HTTP/1.1 102 \r\n\r\n')
})

test('a target cannot strip the length or the date of its answer by naming it in Connection', () => {
  const { head } = read(
    'HTTP/1.1 200 OK\r\nConnection: Content-Length, date, x-a\r\nX-A: 1\r\nDate: D\r\nContent-Length: 2\r\n\r\n',
  )
  assert.equal(
    writeResponseHead(head, 'as-received', true, DATE),
    'HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n',
  )
})
