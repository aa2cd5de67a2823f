// Bytes that look like HTTP/1.1 requests: mostly right, often odd in one place, several on one connection. Odd places are
// those where parsers are known to disagree: line ends, blanks, lengths, codings, versions, strange letters.

import fc from 'fast-check'

const method = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE') },
  fc.constantFrom('get', 'PATCH', 'M-SEARCH', 'G:T', 'PRI', ''),
)
const target = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('/', '/a', '/a/b?c=d&e', '/%41?x=%00', '*', 'http://h/a?b', 'http://h'),
  },
  fc.constantFrom('/a b', '/\x01', '/é', '//x', '/a#b', 'a', '?x', 'http:/h', ''),
  fc.constantFrom('http://u@h/a', 'http://h:99999', 'http:///x', 'ftp://h/', 'HTTPS://H.:81/x?y', '/a\t\t b'),
)
const version = fc.oneof(
  { weight: 12, arbitrary: fc.constant('HTTP/1.1') },
  fc.constantFrom('HTTP/1.0', 'HTTP/1.2', 'HTTP/2.0', 'HTTP/0.9', 'http/1.1', 'HTTP/1.1 ', 'HTTP/11', ''),
  fc.constantFrom('HTTQ/1.1', 'HTTP/ 1.1', 'HTTP/', '1.1', 'HTTP/1.1 x'),
)
const lineEnd = fc.oneof(
  { weight: 30, arbitrary: fc.constant('\r\n') },
  fc.constantFrom('\n', '\r', '\r\r\n'),
)
const afterName = fc.oneof(
  { weight: 12, arbitrary: fc.constant(': ') },
  fc.constantFrom(':', ':\t', ' : ', ':  ', ': \t', '\t:', ' '),
)
const name = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('Host', 'X-A', 'Accept', 'Cookie', 'Connection', 'Expect', 'User-Agent'),
  },
  fc.constantFrom('Content-Length', 'Transfer-Encoding', 'content-length', 'TRANSFER-ENCODING'),
  fc.constantFrom(
    'X_A',
    'X.A',
    ' Host',
    '\tContent-Length',
    '\xef\xbc\xb4ransfer-Encoding',
    'Content-Leng\xc5\xa5h',
    'Content_Length',
    'Transfer\x0bEncoding',
    'X-\xe9',
    '',
    ' X-Fold',
    '\tX',
    'X(',
    'TE',
  ),
)
const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'example.com', 'a, b', 'a=b; c=d', '', 'x'.repeat(300)) },
  fc.constantFrom('0', '5', '05', '+5', '5, 5', '5,6', '-1', '0x5', '99999999999999999999'),
  fc.constantFrom(
    'chunked',
    'Chunked',
    'gzip, chunked',
    'chunked, chunked',
    'identity',
    'xchunked',
    'chunked ',
    'chunked;x=y',
    '\x0bchunked',
    'chunked\xa0',
  ),
  fc.constantFrom('close', 'keep-alive', 'upgrade', '100-continue', 'a\0b', 'a\x7f', '\xe9', 'a\tb', 'a\rb'),
)
const oddField = fc.tuple(name, afterName, value, lineEnd).map((parts) => parts.join(''))
const host = fc.oneof(
  { weight: 8, arbitrary: fc.constant('Host: example.com\r\n') },
  fc
    .constantFrom('', 'A.b.', 'h:80@evil', '[::1]:80', '[::1', 'a b', 'a,b', 'a_b', 'h:65536', '\xe9', ' \t')
    .map((text) => `Host: ${text}\r\n`),
)

const chunk = fc
  .tuple(
    fc.nat(20),
    fc.constantFrom('', ';a=b', ' ', ';a="b"'),
    fc.constantFrom('\r\n', '\r\n', '\r\n', '\n'),
  )
  .map(([size, extension, end]) => `${size.toString(16)}${extension}${end}${'d'.repeat(size)}\r\n`)
const chunkedBody = fc
  .tuple(fc.array(chunk, { maxLength: 4 }), fc.constantFrom('', '', 'X-T: 1\r\n', 'X-T : 1\r\n', 'bad\r\n'))
  .map(([chunks, trailers]) => `${chunks.join('').replace(/^0[\s\S]*/, '')}0\r\n${trailers}\r\n`)

/** Framing fields with a body that fits them. */
const framedBody = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ fields: '', body: '' }) },
  fc.nat(40).map((length) => ({ fields: `Content-Length: ${length}\r\n`, body: 'b'.repeat(length) })),
  chunkedBody.map((body) => ({ fields: 'Transfer-Encoding: chunked\r\n', body })),
)

const request = fc
  .tuple(method, target, version, lineEnd, host, fc.array(oddField, { maxLength: 3 }), framedBody, lineEnd)
  .map(
    ([m, t, v, end, h, fields, { fields: framing, body }, last]) =>
      `${m} ${t} ${v}${end}${h}${fields.join('')}${framing}${last}${body}`,
  )
const plainRequest = fc
  .tuple(fc.constantFrom('POST', 'PUT', 'DELETE'), fc.constantFrom('/', '/a?b', 'http://h/x'), framedBody)
  .map(([m, t, { fields, body }]) => `${m} ${t} HTTP/1.1\r\nHost: a\r\n${fields}X-A:  v \r\n\r\n${body}`)

/** Longer than any limit in one of its parts. */
const longRequest = fc
  .tuple(fc.constantFrom(0, 1, 2), fc.integer({ min: 15_000, max: 70_000 }))
  .map(([part, length]) => {
    const long = 'x'.repeat(length)
    if (part === 0) return `GET /${long} HTTP/1.1\r\nHost: a\r\n\r\n`
    if (part === 1) return `GET / HTTP/1.1\r\nHost: a\r\nX-A: ${long}\r\n\r\n`
    return `GET / HTTP/1.1\r\nHost: a\r\n${'X-A: 0123456789\r\n'.repeat(Math.ceil(length / 17))}\r\n`
  })

/** A byte of the text put in, taken out or replaced. */
const spoiled = fc
  .tuple(
    fc.array(request, { minLength: 1, maxLength: 2 }),
    fc.nat(),
    fc.constantFrom('\0', '\r', '\n', ' ', '\t', ':', ',', '\xff', 'A', '0', ''),
    fc.nat(1),
  )
  .map(([requests, position, piece, removed]) => {
    const text = requests.join('')
    const at = position % text.length
    return text.slice(0, at) + piece + text.slice(at + removed)
  })

/** What a client may send on one connection. */
export const connectionBytes: fc.Arbitrary<Buffer> = fc
  .oneof(
    {
      weight: 6,
      arbitrary: fc
        .array(fc.oneof(plainRequest, request), { minLength: 1, maxLength: 3 })
        .map((all) => all.join('')),
    },
    { weight: 6, arbitrary: spoiled },
    {
      weight: 2,
      arbitrary: fc.array(plainRequest, { minLength: 1, maxLength: 4 }).map((all) => all.join('')),
    },
    { weight: 1, arbitrary: longRequest },
    {
      weight: 1,
      arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    },
  )
  .map((text) => Buffer.from(text, 'latin1'))
