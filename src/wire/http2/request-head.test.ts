import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { HeaderFields } from '../header-fields.ts'
import { RequestHead } from '../request-head.ts'
import { isForbiddenField } from './hpack-fields.ts'
import { readHttp2Request, readHttp2Trailers } from './request-head.ts'

type Field = readonly [name: string, value: string]

function fieldsOf(list: readonly Field[]): HeaderFields {
  const fields = new HeaderFields()
  let at = 0
  for (const [name, value] of list) {
    const valueStart = at + name.length + 2
    fields.add(at, at + name.length, valueStart, valueStart + value.length)
    at = valueStart + value.length + 2
  }
  fields.text = list.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return fields
}

function read(list: readonly Field[], isEndStream = true): RequestHead | string {
  const head = new RequestHead()
  return readHttp2Request(head, fieldsOf(list), isEndStream) ?? head
}

function linesOf(head: RequestHead | string): Field[] {
  assert.ok(typeof head !== 'string')
  const { fields } = head
  return Array.from({ length: fields.count }, (_, index) => [fields.name(index), fields.value(index)])
}

const GET: readonly Field[] = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':path', '/a?b=c'],
  [':authority', 'example.com'],
]

test('a request becomes that of HTTP/1.1, with the authority as its host', () => {
  const head = read([...GET, ['accept', '*/*']])
  assert.ok(typeof head !== 'string')
  assert.deepEqual(
    [head.method, head.target, head.versionText, head.version, head.askedHost.text, head.body, head.isPlain],
    ['GET', '/a?b=c', 'HTTP/2.0', 11, 'example.com', 'none', true],
  )
  assert.deepEqual(linesOf(head), [
    ['host', 'example.com'],
    ['accept', '*/*'],
  ])
})

test('crumbs of cookies are one field, TE goes, a Host that is the authority goes, too (RFC 9113 sections 8.2.3, 8.3.1)', () => {
  const others: Field[] = [
    ['cookie', 'a=1'],
    ['te', 'trailers'],
    ['x-a', 'b'],
    ['host', 'EXAMPLE.com'],
    ['cookie', 'b=2'],
  ]
  assert.deepEqual(linesOf(read([...GET, ...others])), [
    ['host', 'example.com'],
    ['x-a', 'b'],
    ['cookie', 'a=1; b=2'],
  ])
  assert.deepEqual(linesOf(read([...GET.slice(0, 3), ['host', 'other.com']])), [['host', 'other.com']])
})

test('what RFC 9113 section 8 forbids is malformed', () => {
  const lists: Record<string, readonly Field[]> = {
    'no method': GET.slice(1),
    'no scheme': GET.toSpliced(1, 1),
    'no path': GET.toSpliced(2, 1),
    'an empty path': GET.with(2, [':path', '']),
    'an absolute target': GET.with(2, [':path', 'https://example.com/']),
    'an asterisk of another method than OPTIONS': GET.with(2, [':path', '*']),
    'a method that is no token': GET.with(0, [':method', 'GET/']),
    'an empty method': GET.with(0, [':method', '']),
    'a scheme that is none': GET.with(1, [':scheme', '1']),
    'a pseudo-header field of responses': [[':status', '200'], ...GET],
    'one that is not offered': [...GET, [':protocol', 'websocket']],
    'one that is behind a regular field': [...GET.slice(0, 3), ['x-a', 'b'], [':authority', 'example.com']],
    'a Host of somebody else': [...GET, ['host', 'other.com']],
    'another TE than trailers': [...GET, ['te', 'gzip']],
    'a length that is no number': [...GET, ['content-length', '1x']],
    'two lengths': [...GET, ['content-length', '0'], ['content-length', '1']],
    'a length without a body': [...GET, ['content-length', '1']],
  }
  for (const field of GET) lists[`two ${field[0]}`] = [...GET, field].toSorted(([a], [b]) => (a < b ? -1 : 1))
  for (const name of ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'])
    lists[name] = [...GET, [name, 'x']]
  for (const [what, list] of Object.entries(lists)) assert.equal(read(list), 'malformed', what)
  assert.equal(
    read([
      [':method', 'CONNECT'],
      [':authority', 'example.com:443'],
    ]),
    'connect',
  )
})

test('the stream says whether there is a body, and the limits are those of HTTP/1.1', () => {
  const post = GET.with(0, [':method', 'POST'])
  const unknown = read(post, false)
  assert.ok(typeof unknown !== 'string')
  assert.deepEqual([unknown.body, unknown.isPlain], ['unknown-length', false])
  const known = read([...post, ['content-length', '12']], false)
  assert.ok(typeof known !== 'string')
  assert.deepEqual([known.body, known.contentLength], ['length', 12])
  assert.equal(read(GET.with(2, [':path', `/${'a'.repeat(17_000)}`])), 'request-line-too-long')
  assert.equal(read([...GET, ['x-a', 'a'.repeat(17_000)]]), 'header-line-too-long')
  // The reader is as before for the next request.
  assert.ok(typeof read(GET) !== 'string')
})

test('trailers with pseudo-header fields are malformed, and those that frame or route stay here', () => {
  assert.equal(readHttp2Trailers(fieldsOf([[':status', '200']])), 'malformed')
  assert.equal(readHttp2Trailers(fieldsOf([['connection', 'close']])), 'malformed')
  assert.equal(readHttp2Trailers(fieldsOf([])), null)
  const trailers = readHttp2Trailers(
    fieldsOf([
      ['content-length', '3'],
      ['grpc-status', '0'],
    ]),
  )
  assert.ok(trailers !== null && trailers !== 'malformed')
  assert.deepEqual([trailers.count, trailers.name(0), trailers.value(0)], [1, 'grpc-status', '0'])
})

test('property: no field that HTTP/2 allows can become more than one line, or none, of HTTP/1.1', () => {
  const text = fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('latin1'))
  const odd = fc.stringMatching(/^[ a-zA-Z:\r\n_-]{0,12}$/)
  fc.assert(
    fc.property(fc.oneof(text, odd), fc.oneof(text, odd), (name, value) => {
      if (isForbiddenField(name, value) || name.startsWith(':')) return
      const head = read([...GET, ['x-before', '1'], [name, value], ['x-after', '2']])
      if (typeof head === 'string') return
      assert.equal(head.fields.count, name === 'te' || name === 'host' ? 3 : 4)
      assert.equal(head.fields.first('x-after'), '2')
    }),
    { numRuns: 5000 },
  )
})
