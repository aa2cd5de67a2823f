import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { type ClassificationReason, tierNames } from '../classification.ts'
import { FAULT, NEED_MORE, RequestReader } from './request-reader.ts'

const H = 'Host: a.example\r\n'

/** Reads `text` whole, and again character by character, which has to give the same. */
function read(text: string): RequestReader {
  const whole = new RequestReader()
  const end = whole.read(text)
  const grown = new RequestReader()
  let at = 0
  let result: number = NEED_MORE
  while (result === NEED_MORE && at < text.length) result = grown.read(text.charAt(at++))
  assert.equal(result === NEED_MORE ? at : result, end === NEED_MORE ? at : end)
  if (end > 0) {
    assert.equal(grown.head.reason, whole.head.reason)
    assert.equal(framingOf(grown), framingOf(whole))
    assert.equal(grown.head.target, whole.head.target)
  } else assert.equal(grown.fault, whole.fault)
  return whole
}

function framingOf({ head }: RequestReader): string {
  return head.framingFault ?? head.body
}

describe('classification', () => {
  const cases: readonly (readonly [string, ClassificationReason | null, string])[] = [
    ['ALB-OBS-218, ALB-LB-260 a plain request', null, `GET / HTTP/1.1\r\n${H}\r\n`],
    ['ALB-OBS-199 a control character in the URI', 'AmbiguousUri', `GET /\x01 HTTP/1.1\r\n${H}\r\n`],
    [
      'ALB-OBS-200 a list of lengths',
      'BadContentLength',
      `POST / HTTP/1.1\r\n${H}Content-Length: 1000,1000\r\n\r\n`,
    ],
    ['ALB-OBS-200 a fraction', 'BadContentLength', `POST / HTTP/1.1\r\n${H}Content-Length: 1000.1\r\n\r\n`],
    ['ALB-OBS-200 letters', 'BadContentLength', `POST / HTTP/1.1\r\n${H}Content-Length: abc\r\n\r\n`],
    ['ALB-OBS-200 an empty length', 'BadContentLength', `POST / HTTP/1.1\r\n${H}Content-Length:\r\n\r\n`],
    ['ALB-OBS-201 NUL in a header', 'BadHeader', `GET / HTTP/1.1\r\n${H}X: a\0b\r\n\r\n`],
    ['ALB-OBS-201 a bare CR in a header', 'BadHeader', `GET / HTTP/1.1\r\n${H}X: a\rb\r\n\r\n`],
    [
      'ALB-OBS-202 an unknown coding',
      'BadTransferEncoding',
      `POST / HTTP/1.1\r\n${H}Transfer-Encoding: xchunked\r\n\r\n`,
    ],
    ['ALB-OBS-203 NUL in the URI', 'BadUri', `GET /\0 HTTP/1.1\r\n${H}\r\n`],
    ['ALB-OBS-204 a method that is no token', 'BadMethod', `G(T / HTTP/1.1\r\n${H}\r\n`],
    ['ALB-OBS-205 a version without digits', 'BadVersion', `GET / HTTP/x.y\r\n${H}\r\n`],
    [
      'ALB-OBS-206 both framings',
      'BothTeClPresent',
      `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n`,
    ],
    [
      'ALB-OBS-207 the same length twice',
      'DuplicateContentLength',
      `POST / HTTP/1.1\r\n${H}Content-Length: 5\r\nContent-Length: 5\r\n\r\n`,
    ],
    ['ALB-OBS-208 a line of blanks', 'EmptyHeader', `GET / HTTP/1.1\r\n${H}  \r\nX: 1\r\n\r\n`],
    ['ALB-OBS-208 an empty name', 'EmptyHeader', `GET / HTTP/1.1\r\n${H}: x\r\n\r\n`],
    [
      'ALB-OBS-209 length 0 on GET',
      'GetHeadZeroContentLength',
      `GET / HTTP/1.1\r\n${H}Content-Length: 0\r\n\r\n`,
    ],
    [
      'ALB-OBS-210 lengths that differ',
      'MultipleContentLength',
      `POST / HTTP/1.1\r\n${H}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`,
    ],
    [
      'ALB-OBS-211 chunked twice',
      'MultipleTransferEncodingChunked',
      `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`,
    ],
    [
      'ALB-OBS-212 a byte above ASCII in a value',
      'NonCompliantHeader',
      `GET / HTTP/1.1\r\n${H}x-a: \xe9\r\n\r\n`,
    ],
    ['ALB-OBS-213 HTTP/1.2', 'NonCompliantVersion', `GET / HTTP/1.2\r\n${H}\r\n`],
    ['ALB-OBS-213 no version', 'NonCompliantVersion', `GET /\r\n${H}\r\n`],
    ['ALB-OBS-213 spaces before the version', 'NonCompliantVersion', `GET /  HTTP/1.1\r\n${H}\r\n`],
    ['ALB-OBS-214 a space in the URI', 'SpaceInUri', `GET /a b HTTP/1.1\r\n${H}\r\n`],
    [
      'ALB-OBS-215 an underscore in the name',
      'SuspiciousHeader',
      `POST / HTTP/1.1\r\n${H}Transfer_Encoding: chunked\r\n\r\n`,
    ],
    [
      'ALB-OBS-215 a space before the colon',
      'SuspiciousHeader',
      `POST / HTTP/1.1\r\n${H}Content-Length : 0\r\n\r\n`,
    ],
    [
      'ALB-OBS-216 a length on GET',
      'UndefinedContentLengthSemantics',
      `GET / HTTP/1.1\r\n${H}Content-Length: 5\r\n\r\n`,
    ],
    [
      'ALB-OBS-217 a coding on HEAD',
      'UndefinedTransferEncodingSemantics',
      `HEAD / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n`,
    ],
    [
      'ALB-LB-263 the worse of two wins',
      'MultipleContentLength',
      `GET /a b HTTP/1.1\r\n${H}X: \xe9\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n`,
    ],
  ]
  for (const [name, reason, text] of cases) {
    test(`${name} is ${reason ?? 'compliant'}`, () => {
      const { head } = read(text)
      assert.equal(head.reason, reason)
      assert.equal(tierNames[head.tier] === '-', reason === null)
    })
  }

  test('a request has the class of its reason', () => {
    const tierOf = (text: string): string => tierNames[read(text).head.tier]
    assert.equal(tierOf(`GET /a b HTTP/1.1\r\n${H}\r\n`), 'Acceptable')
    assert.equal(
      tierOf(`POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n`),
      'Ambiguous',
    )
    assert.equal(tierOf(`GET /\0 HTTP/1.1\r\n${H}\r\n`), 'Severe')
  })
})

describe('framing', () => {
  const cases = [
    ['none', 'GET', ''],
    ['none', 'POST', 'Transfer-Encoding: identity\r\n'],
    ['length', 'POST', 'Content-Length: 5\r\n'],
    ['length', 'POST', 'Content-Length: 5\r\nContent-Length: 05\r\n'],
    ['unknown-length', 'POST', 'Transfer-Encoding: chunked\r\n'],
    ['unknown-length', 'POST', 'transfer-encoding: CHUNKED\r\nContent-Length: 5\r\n'],
    ['untrusted', 'POST', 'Content-Length: 5\r\nContent-Length: 6\r\n'],
    ['untrusted', 'POST', 'Content-Length: +5\r\n'],
    ['untrusted', 'POST', 'Content-Length: 99999999999999999999\r\n'],
    ['unsupported-coding', 'POST', 'Transfer-Encoding: gzip, chunked\r\n'],
    ['unsupported-coding', 'POST', 'Transfer-Encoding: \r\n'],
  ] as const
  for (const [framing, method, fields] of cases) {
    test(`${method} with ${JSON.stringify(fields)} is framed as ${framing}`, () => {
      assert.equal(framingOf(read(`${method} / HTTP/1.1\r\n${H}${fields}\r\n`)), framing)
    })
  }
})

describe('limits', () => {
  const line = (length: number): string =>
    `GET /${'x'.repeat(length - 'GET / HTTP/1.1'.length)} HTTP/1.1\r\n${H}\r\n`
  const field = (length: number): string => `X: ${'x'.repeat(length - 5)}\r\n`

  test('ALB-OBS-463, 480 a request line of 16 K passes, one byte more does not', () => {
    assert.ok(new RequestReader().read(line(16_384)) > 0)
    const reader = new RequestReader()
    assert.equal(reader.read(line(16_385)), FAULT)
    assert.equal(reader.fault, 'request-line-too-long')
  })

  test('ALB-OBS-464 a header line of 16 K passes, one byte more does not', () => {
    assert.ok(new RequestReader().read(`GET / HTTP/1.1\r\n${H}${field(16_384)}\r\n`) > 0)
    const reader = new RequestReader()
    assert.equal(reader.read(`GET / HTTP/1.1\r\n${H}${field(16_385)}\r\n`), FAULT)
    assert.equal(reader.fault, 'header-line-too-long')
  })

  test('ALB-OBS-465 headers of more than 64 K are refused, before they are complete too', () => {
    const reader = new RequestReader()
    assert.equal(reader.read(`GET / HTTP/1.1\r\n${H}${field(15_000).repeat(5)}\r\n`), FAULT)
    assert.equal(reader.fault, 'headers-too-long')
    const endless = new RequestReader()
    let result = endless.read(`GET / HTTP/1.1\r\n${H}`)
    while (result === NEED_MORE) result = endless.read(field(1000))
    assert.equal(endless.fault, 'headers-too-long')
    assert.ok(endless.heldBytes < 70_000)
  })

  test('a line that never ends is refused at its limit', () => {
    for (const start of ['GET /', `GET / HTTP/1.1\r\nX: `]) {
      const reader = new RequestReader()
      let result = reader.read(start)
      while (result === NEED_MORE) result = reader.read('x'.repeat(1000))
      assert.ok(reader.heldBytes < 20_000)
    }
  })
})

describe('lenient forms', () => {
  test('bare line feeds end lines', () => {
    const { head } = read('GET /a HTTP/1.1\nHost: a.example\nX: 1\n\n')
    assert.equal(head.target, '/a')
    assert.equal(head.askedHost.name, 'a.example')
    assert.equal(head.fields.first('x'), '1')
  })

  test('blank lines before a request are passed over, a few only', () => {
    assert.equal(read(`\r\n\r\nGET /a HTTP/1.1\r\n${H}\r\n`).head.target, '/a')
    assert.equal(new RequestReader().read('\r\n'.repeat(20)), FAULT)
  })

  test('ALB-OBS-462 a line without a colon and a line without a URI are no HTTP', () => {
    for (const text of [
      `GET / HTTP/1.1\r\n${H}no colon\r\n\r\n`,
      'GARBAGE\r\n\r\n',
      ' GET / HTTP/1.1\r\n\r\n',
    ]) {
      assert.equal(read(text).fault, 'malformed')
    }
  })

  test('the parts of a target', () => {
    const parts = (target: string) => {
      const { head } = read(`GET ${target} HTTP/1.1\r\n${H}\r\n`)
      return [head.path, head.query, head.authority?.text ?? null, head.originForm]
    }
    assert.deepEqual(parts('/a?b=c?d'), ['/a', 'b=c?d', null, '/a?b=c?d'])
    assert.deepEqual(parts('http://h:81/a?b'), ['/a', 'b', 'h:81', '/a?b'])
    assert.deepEqual(parts('http://h'), ['/', null, 'h', '/'])
    assert.deepEqual(parts('http://h?q'), ['/', 'q', 'h', '/?q'])
  })

  test('what a request says of its connection', () => {
    const keepAlive = (version: string, fields: string): boolean =>
      read(`GET / ${version}\r\n${H}${fields}\r\n`).head.keepAlive
    assert.equal(keepAlive('HTTP/1.1', ''), true)
    assert.equal(keepAlive('HTTP/1.1', 'Connection: x, Close\r\n'), false)
    assert.equal(keepAlive('HTTP/1.0', ''), false)
    assert.equal(keepAlive('HTTP/1.0', 'Connection: Keep-Alive\r\n'), true)
    assert.equal(
      read(`GET / HTTP/1.1\r\n${H}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`).head.upgrade,
      'websocket',
    )
    assert.equal(read(`GET / HTTP/1.1\r\n${H}Upgrade: websocket\r\n\r\n`).head.upgrade, null)
  })
})
