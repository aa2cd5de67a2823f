import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorPage } from './generated-response.ts'

const DATE = 'Fri, 20 Nov 2026 22:00:00 GMT'

/** The whole response in the form that OQ-15 gives. */
function response(status: number, connection: string, userAgent?: string): string {
  const { reason, body } = errorPage(status, userAgent)
  return (
    `HTTP/1.1 ${status} ${reason}\r\nServer: awselb/2.0\r\nDate: ${DATE}\r\nContent-Type: text/html\r\n` +
    `Content-Length: ${body.length}\r\nConnection: ${connection}\r\n\r\n${body}`
  )
}

test('OQ-15 400 is the 272 bytes of the real service', () => {
  const text = response(400, 'close')
  assert.equal(
    text,
    `HTTP/1.1 400 Bad Request\r\nServer: awselb/2.0\r\nDate: ${DATE}\r\nContent-Type: text/html\r\n` +
      'Content-Length: 122\r\nConnection: close\r\n\r\n' +
      '<html>\r\n<head><title>400 Bad Request</title></head>\r\n<body>\r\n' +
      '<center><h1>400 Bad Request</h1></center>\r\n</body>\r\n</html>\r\n',
  )
  assert.equal(Buffer.byteLength(text), 272)
})

test('OQ-15 502 is the 679 or 674 bytes of the real service to what says that it is Chrome, 277 or 272 to others', () => {
  const chrome =
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/86.0 Safari/537.36'
  const explorer = 'Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1)'
  for (const agent of [chrome, explorer]) {
    assert.equal(response(502, 'keep-alive', agent).length, 679)
    assert.equal(response(502, 'close', agent).length, 674)
    assert.ok(errorPage(502, agent).body.startsWith(errorPage(502).body))
  }
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:124.0) Gecko/20100101 Firefox/124.0'
  const opera = 'Mozilla/4.0 (compatible; MSIE 6.0; X11; Linux i686; en) Opera 8.51'
  for (const agent of [undefined, '', 'curl/8.7.1', firefox, opera]) {
    assert.equal(response(502, 'keep-alive', agent).length, 277)
    assert.equal(response(502, 'close', agent).length, 272)
  }
  assert.deepEqual(errorPage(301, chrome), errorPage(301))
  assert.deepEqual(errorPage(463, chrome), { reason: '', body: '' })
})

test('OQ-15 503 is the 337 bytes of the real service', () => {
  const text = response(503, 'keep-alive')
  assert.equal(
    text,
    `HTTP/1.1 503 Service Temporarily Unavailable\r\nServer: awselb/2.0\r\nDate: ${DATE}\r\n` +
      'Content-Type: text/html\r\nContent-Length: 162\r\nConnection: keep-alive\r\n\r\n' +
      '<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n' +
      '<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n</body>\r\n</html>\r\n',
  )
  assert.equal(Buffer.byteLength(text), 337)
})

test('OQ-15 every other error has its text in the status line and twice on the page', () => {
  for (const [status, reason] of [
    [403, 'Forbidden'],
    [405, 'Not Allowed'],
    [408, 'Request Time-out'],
    [413, 'Request Entity Too Large'],
    [414, 'Request-URI Too Large'],
    [500, 'Internal Server Error'],
    [501, 'Not Implemented'],
    [502, 'Bad Gateway'],
    [504, 'Gateway Time-out'],
    [505, 'HTTP Version Not Supported'],
    [507, 'Insufficient Storage'],
  ] as const) {
    const page = errorPage(status)
    assert.equal(page.reason, reason)
    assert.equal(page.body.split(`>${status} ${reason}<`).length, 3)
  }
})

test('OQ-15 the status lines of 302 and 401 say something else than their pages', () => {
  assert.equal(errorPage(302).reason, 'Moved Temporarily')
  assert.equal(errorPage(401).reason, 'Unauthorized')
  assert.match(errorPage(401).body, /<h1>401 Authorization Required<\/h1>/)
})

test('OQ-15 463, 464 and 561 have neither text nor page', () => {
  for (const status of [463, 464, 561]) assert.deepEqual(errorPage(status), { reason: '', body: '' })
})

test('a redirect has the page of its status', () => {
  assert.match(errorPage(301).body, /<h1>301 Moved Permanently<\/h1>/)
  assert.equal(errorPage(301).body.length, 134)
  assert.match(errorPage(302).body, /<h1>302 Found<\/h1>/)
  assert.equal(errorPage(302).body.length, 110)
})
