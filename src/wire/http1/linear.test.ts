// Work per byte: whatever a stranger sends, one long head costs about what as many bytes in short ones cost to read, to
// admit and to write. Work that grows with the square shows as a multiple of that.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { ResponseReader } from './response-reader.ts'
import { writeResponseHead } from './response-writer.ts'
import { FAULT, NEED_MORE, RequestReader } from './request-reader.ts'
import { forwardedTrace, ownLines, writeRequestHead } from './request-writer.ts'
import { readTrailers } from './trailers.ts'
import { TraceIds } from '../trace-id.ts'

/** Bytes of a short head, and how many of them are as long as a long one. */
const SHORT = 750
const LINE_TIMES = 20
const HEAD_TIMES = 64
/** Work in squares comes near the number of short heads that a long one is compared with. */
const GROWTH_MAX = 5
const TRIES = 8
/** Less time than this says nothing, with all that a machine does beside. */
const FLOOR_MS = 1

const rules = {
  protocol: 'http',
  listenerPort: 80,
  localAddress: '127.0.0.1',
  clientText: '127.0.0.1',
  xffMode: 'append',
  preserveHost: false,
  dropInvalidFields: false,
  reserved: [],
  sessionLines: '',
} as const
const own = ownLines(rules)
const traceIds = new TraceIds()

function readAndWrite(text: string): void {
  const reader = new RequestReader()
  const result = reader.read(text)
  if (result === FAULT || result === NEED_MORE) return
  const { head } = reader
  head.settleHost(false)
  const written = writeRequestHead(head, rules, own, forwardedTrace(head, traceIds, 0))
  assert.ok(Buffer.byteLength(written) > 0)
}

function readByBytes(text: string): void {
  const reader = new RequestReader()
  let result: number = NEED_MORE
  for (let at = 0; at < text.length && result === NEED_MORE; at++) result = reader.read(text.charAt(at))
}

function answer(text: string): void {
  const reader = new ResponseReader()
  if (reader.read(text, false) > 0) writeResponseHead(reader.head, 'as-received', true, '')
}

/** The fastest of a few runs: what else the machine does only ever adds. */
function fastest(work: (text: string) => void, text: string, times: number): number {
  let best = Infinity
  for (let run = 0; run < 3; run++) {
    const start = performance.now()
    for (let count = 0; count < times; count++) work(text)
    best = Math.min(best, performance.now() - start)
  }
  return best
}

/** Asserts that `make(n × size)` costs what n times `make(size)` costs. */
function assertLinear(
  work: (text: string) => void,
  make: (size: number) => string,
  name: string,
  times = HEAD_TIMES,
): void {
  const short = make(SHORT)
  const long = make(SHORT * times)
  const count = Math.ceil(long.length / short.length)
  let growth = Infinity
  for (let attempt = 0; attempt < TRIES && growth > GROWTH_MAX; attempt++)
    growth = fastest(work, long, 1) / Math.max(fastest(work, short, count), FLOOR_MS)
  assert.ok(growth <= GROWTH_MAX, `${name} costs ${growth.toFixed(1)} times as much in one piece`)
}

const H = 'Host: a.example\r\n'
/** Within the limits of a line, so that the head is read to its end. */
const LINE = 16_000

/** `unit` repeated over as many lines of header fields as `size` takes. */
function lines(size: number, start: string, unit: string): string {
  const perLine = Math.floor((LINE - start.length) / unit.length)
  let text = ''
  for (let rest = size; rest > 0; rest -= LINE)
    text += `${start}${unit.repeat(Math.min(perLine, Math.ceil(rest / unit.length)))}\r\n`
  return text
}

function head(fields: string): string {
  return `GET / HTTP/1.1\r\n${H}${fields}\r\n`
}

/** Request lines that once cost the square of their length, and their like. */
const requestLines: Readonly<Record<string, (size: number) => string>> = {
  'blanks inside': (size) => `GET /${' '.repeat(size)}x HTTP/1.1\r\n${H}\r\n`,
  'tabs inside': (size) => `GET /${'\t'.repeat(size)}x HTTP/1.1\r\n${H}\r\n`,
  'blanks at its end': (size) => `GET / HTTP/1.1${' '.repeat(size)}\r\n${H}\r\n`,
  'words and no version': (size) => `GET ${' x'.repeat(size / 2)}\r\n${H}\r\n`,
  'an absolute target': (size) => `GET http://${'a'.repeat(size)} HTTP/1.1\r\n${H}\r\n`,
  'a method of blanks and controls': (size) => `G${'\x01'.repeat(size)} / HTTP/1.1\r\n${H}\r\n`,
}

/** Header fields of the same kind. */
const heads: Readonly<Record<string, (size: number) => string>> = {
  'blanks in values': (size) => head(lines(size, 'X-A: a', ' ').replaceAll('\r\n', 'b\r\n')),
  'blanks in odd values': (size) => head(lines(size, 'X\x01: a', '\t ').replaceAll('\r\n', 'b\r\n')),
  'blanks in names': (size) => head(lines(size, 'X', ' ').replaceAll('\r\n', 'y: 1\r\n')),
  'folded lines of blanks': (size) => head(lines(size, 'X: 1\r\n a', ' ').replaceAll('\r\n', 'b\r\n')),
  'many short fields': (size) => head('a:\r\n'.repeat(size / 4)),
  'many short odd fields': (size) => head('a :\r\n'.repeat(size / 5)),
  'Connection with fields that it names': (size) =>
    head(
      lines(size / 2, 'Connection: ', 'a,') +
        lines(size / 4, 'Connection: b', ',bc') +
        'bcd:\r\n'.repeat(size / 12),
    ),
  'many Connection fields': (size) => head('Connection: a\r\n'.repeat(size / 15)),
  'many Hosts': (size) => head(`${H}Host: b.example\r\n`.repeat(size / 34)),
  'a long Host': (size) => head(lines(size, 'Host: ', 'a.')),
  'a Host of dots': (size) => head(lines(size, 'Host: a', '.')),
  'a Host of broken escapes': (size) => head(lines(size, 'Host: ', '%4')),
  'a long port': (size) => head(lines(size, 'Host: a:', '0')),
  lengths: (size) => head('Content-Length: 5\r\n'.repeat(size / 19)),
  'lengths with blanks': (size) => head('Content-Length : 5\r\n'.repeat(size / 20)),
  'a long length': (size) => head(lines(size, 'Content-Length: ', '1')),
  codings: (size) => head(lines(size, 'Transfer-Encoding: identity', ', identity')),
  'parameters of codings': (size) => head(lines(size, 'Transfer-Encoding: chunked', ' ; a = "b\\""')),
  'a quoted parameter without an end': (size) => head(lines(size, 'Transfer-Encoding: chunked;a="', '\\a')),
  'blanks in a coding': (size) =>
    head(lines(size, 'Transfer-Encoding: chunked', ' ').replaceAll(' \r\n', ' x\r\n')),
  'X-Forwarded-For': (size) => head(lines(size, 'X-Forwarded-For: 1', ',')),
  'many X-Forwarded-For': (size) => head('X-Forwarded-For: 1\r\n'.repeat(size / 20)),
  'trace fields': (size) => head(lines(Math.min(size, 7000), 'X-Amzn-Trace-Id: a', ';')),
  'names beyond ASCII': (size) =>
    head(lines(size, '\xc3\xa9', '\xcc\x81\xcc\xa3').replaceAll('\r\n', ': 1\r\n')),
  'names that unfold': (size) => head(lines(size, 'c', '\xef\xb7\xba').replaceAll('\r\n', ': 1\r\n')),
  'bare line feeds': (size) => head('a:1\n'.repeat(size / 4)),
}

for (const [name, make] of Object.entries(requestLines)) {
  test(`a request line with ${name} costs what its length costs`, () => {
    assertLinear(readAndWrite, make, name, LINE_TIMES)
  })
}

for (const [name, make] of Object.entries(heads)) {
  test(`a head with ${name} costs what its length costs`, () => {
    assertLinear(readAndWrite, make, name)
  })
}

test('a head that comes byte by byte costs what its length costs', () => {
  for (const make of [
    (size: number) => head(lines(size, 'X-A: ', 'a')),
    (size: number) => head('X: 1\r\n'.repeat(size / 6)),
  ])
    assertLinear(readByBytes, make, 'a head byte by byte')
  const requestLine = (size: number): string => `GET /${'x'.repeat(size)} HTTP/1.1\r\n${H}\r\n`
  assertLinear(readByBytes, requestLine, 'a request line byte by byte', LINE_TIMES)
})

test('the head of an answer and trailers cost what their length costs', () => {
  for (const unit of ['a:\r\n', 'a: \t\r\n', 'Connection: a, b\r\n', 'a:\n', 'a: b\r\n c\r\n'])
    assertLinear(
      answer,
      (size) => `HTTP/1.1 200 OK\r\n${unit.repeat(Math.min(size, 30_000) / unit.length)}\r\n`,
      unit,
    )
  for (const unit of ['a:\r\n', 'transfer-encoding: x\r\n', '\xc3\xa9content-lengt: 1\r\n'])
    assertLinear(readTrailers, (size) => unit.repeat(size / unit.length), unit)
})

test('no repeated piece of a head costs more than its length', () => {
  const piece = fc.string({
    unit: fc.constantFrom(
      ' ',
      '\t',
      ':',
      ',',
      ';',
      '=',
      '"',
      '\\',
      'a',
      '1',
      '\r',
      '\n',
      '\x01',
      '\xc3',
      '.',
      '%',
    ),
    minLength: 1,
    maxLength: 6,
  })
  const start = fc.constantFrom(
    'GET ',
    'GET /',
    'GET http://',
    head('').slice(0, -2),
    head('Host: ').slice(0, -2),
  )
  fc.assert(
    fc.property(
      start,
      piece,
      fc.constantFrom('', '\r\n\r\n', 'b\r\n\r\n', ' HTTP/1.1\r\n\r\n'),
      (before, unit, end) => {
        assertLinear(
          readAndWrite,
          (size) => `${before}${unit.repeat(size / unit.length)}${end}`,
          JSON.stringify(unit),
          LINE_TIMES,
        )
      },
    ),
    { numRuns: 60 },
  )
})
