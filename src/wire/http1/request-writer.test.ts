import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { RequestReader } from './request-reader.ts'
import { type ForwardingRules, ownLines, writeRequestHead } from './request-writer.ts'

const RULES: ForwardingRules = {
  protocol: 'http',
  listenerPort: 80,
  localAddress: '127.0.0.1',
  clientText: '192.0.2.1',
  xffMode: 'append',
  preserveHost: false,
  dropInvalidFields: false,
  reserved: [],
  sessionLines: '',
}

function written(lines: readonly string[], rules = RULES): string {
  const reader = new RequestReader()
  const text = `GET /a HTTP/1.1\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`
  assert.equal(reader.read(text), text.length)
  reader.head.settleHost(rules.preserveHost)
  return writeRequestHead(reader.head, rules, ownLines(rules), 'Root=1')
}

const FIELDS = ['Host: a.example', 'Accept: */*', 'User-Agent: x y', 'Cookie: a=b']

test('Connection: keep-alive ends at this hop, wherever it stands, and changes nothing else', () => {
  const without = written(FIELDS)
  assert.match(without, /\r\nX-Amzn-Trace-Id: Root=1\r\nHost: a\.example\r\nAccept/)
  for (let at = 0; at <= FIELDS.length; at++) {
    for (const line of ['Connection: keep-alive', 'connection:Keep-Alive', 'CONNECTION: \tkeep-alive \t']) {
      assert.equal(written(FIELDS.toSpliced(at, 0, line)), without)
    }
  }
})

test('Connection beside others, or with other options, ends with what it names', () => {
  for (const lines of [
    ['Connection: keep-alive', 'Connection: X-Hop'],
    ['Connection: X-Hop', 'Connection: keep-alive'],
    ['Connection: keep-alive, X-Hop'],
    ['Connection: keep-alive', 'Connection: keep-alive', 'Connection: x-hop'],
  ]) {
    const head = written(['Host: a.example', ...lines, 'X-Hop: 1', 'X-Stays: 1'])
    assert.doesNotMatch(head, /connection|keep-alive|x-hop/i)
    assert.match(head, /\r\nX-Stays: 1\r\n/)
  }
})

test('no Connection field leaves, in whatever company', () => {
  const line = fc.constantFrom<string[]>(
    'Connection: keep-alive',
    'Connection: close',
    'Connection: Keep-Alive',
    'Keep-Alive: timeout=5',
    'X-Forwarded-For: 203.0.113.1',
    'Accept: */*',
    'TE: trailers',
    'X: 1',
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), fc.nat({ max: 6 }), (lines, at) => {
      const head = written(lines.toSpliced(at, 0, 'Host: a.example'))
      assert.doesNotMatch(head, /^(?:connection|keep-alive|te):/im)
      assert.equal(head.match(/^X: 1\r$/gm)?.length ?? 0, lines.filter((each) => each === 'X: 1').length)
    }),
  )
})
