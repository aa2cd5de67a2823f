import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorPage, generatedResponseHead } from './generated-response.ts'

const DATE = 'Fri, 20 Nov 2026 22:00:00 GMT'

function response(status: number): string {
  return generatedResponseHead(status, { date: DATE }) + errorPage(status).body
}

test('OQ-15 400 is the 272 bytes of the real service', () => {
  const text = response(400)
  assert.equal(
    text,
    `HTTP/1.1 400 Bad Request\r\nServer: awselb/2.0\r\nDate: ${DATE}\r\nContent-Type: text/html\r\n` +
      'Content-Length: 122\r\nConnection: close\r\n\r\n' +
      '<html>\r\n<head><title>400 Bad Request</title></head>\r\n<body>\r\n' +
      '<center><h1>400 Bad Request</h1></center>\r\n</body>\r\n</html>\r\n',
  )
  assert.equal(Buffer.byteLength(text), 272)
})

test('OQ-15 503 is the 337 bytes of the real service', () => {
  const text = response(503)
  assert.equal(
    text,
    `HTTP/1.1 503 Service Temporarily Unavailable\r\nServer: awselb/2.0\r\nDate: ${DATE}\r\n` +
      'Content-Type: text/html\r\nContent-Length: 162\r\nConnection: keep-alive\r\n\r\n' +
      '<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n' +
      '<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n</body>\r\n</html>\r\n',
  )
  assert.equal(Buffer.byteLength(text), 337)
})

test('OQ-15 errors after which nothing more can be read close the connection', () => {
  for (const status of [400, 405, 408, 413, 414, 501, 505])
    assert.ok(errorPage(status).isLast, String(status))
  for (const status of [401, 403, 500, 502, 503, 504, 507])
    assert.ok(!errorPage(status).isLast, String(status))
  assert.match(generatedResponseHead(502, { date: DATE, isLast: true }), /\r\nConnection: close\r\n\r\n$/)
})

test('OQ-15 463, 464 and 561 have a code, no text and no body', () => {
  for (const status of [463, 464, 561])
    assert.equal(
      response(status),
      `HTTP/1.1 ${status} \r\nServer: awselb/2.0\r\nDate: ${DATE}\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n`,
    )
})

test('ALB-LSN-088 a redirect has the page of its status and the Location', () => {
  const head = generatedResponseHead(302, { date: DATE, location: 'https://h:443/' })
  assert.ok(head.startsWith('HTTP/1.1 302 Found\r\n'))
  assert.ok(head.endsWith('\r\nLocation: https://h:443/\r\n\r\n'))
  assert.match(errorPage(301).body, /<h1>301 Moved Permanently<\/h1>/)
})
