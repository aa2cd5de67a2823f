import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { Host } from './host.ts'

test('ALB-LB-287, 288, 289 a host is sent without port on ports 80 and 443, with one on all others', () => {
  for (const [text, listenerPort, wanted] of [
    ['www.example.com', 80, 'www.example.com'],
    ['www.example.com:8080', 443, 'www.example.com'],
    ['www.example.com', 8080, 'www.example.com:8080'],
    ['www.example.com:9999', 8080, 'www.example.com:9999'],
    ['www.example.com:', 8080, 'www.example.com:8080'],
    ['WWW.Example.com.:081', 8080, 'www.example.com:81'],
    ['[2001:DB8::1]', 8080, '[2001:db8::1]:8080'],
    ['[2001:db8::1]:80', 80, '[2001:db8::1]'],
  ] as const) {
    const host = Host.read(text)
    assert.equal(host?.forTarget(listenerPort), wanted)
    assert.equal(host?.forTarget(listenerPort), wanted, 'again')
  }
  const host = Host.read('a:1')
  assert.deepEqual([host?.forTarget(80), host?.forTarget(81), host?.forTarget(80)], ['a', 'a:1', 'a'])
})

test('nobody is named by an empty text, and nothing by a port or dots alone', () => {
  assert.equal(Host.read(''), Host.none)
  for (const text of [':', ':80', '.', '..', '.:80', '[]', '[]:80']) assert.equal(Host.read(text), null, text)
})

/** RFC 3986 sections 3.2.2 and 3.2.3 in one expression, without what stands in brackets. */
const nameAndPort = /^((?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+)(?::([0-9]*))?$/

function isHost(text: string): boolean {
  const [, name = '', port = ''] = nameAndPort.exec(text) ?? []
  return /[^.]/.test(name) && Number(port) <= 65_535
}

const unit = fc.constantFrom(...'aZ0.-_~%4F:@/?#[] \t\\,;=\'"<>{}|^`\x00\x7f\xe9'.split(''))
const nearlyHosts = fc.tuple(
  fc.string({ unit, maxLength: 8 }),
  fc.constantFrom('', ':', ':80', ':65535', ':65536', ':00080', ':8o', '.', '.:1'),
)

test('a name is taken just where the grammar has it, and what it became is taken again', () => {
  fc.assert(
    fc.property(nearlyHosts, ([start, end]) => {
      const text = start + end
      const host = Host.read(text)
      if (text === '' || text.startsWith('[')) return
      assert.equal(host !== null, isHost(text), JSON.stringify(text))
      if (host === null) return
      const sent = host.forTarget(8080)
      assert.match(sent, /^[^A-Z]*[^A-Z.]:\d{1,5}$/)
      assert.equal(Host.read(sent)?.name, host.name)
      assert.ok(!/[@/\\?#\s]/.test(sent))
    }),
    { numRuns: 5000 },
  )
})

test('what stands in brackets is an IPv6 address without a zone', () => {
  for (const text of ['[::1]', '[1:2:3:4:5:6:7:8]:1', '[::ffff:1.2.3.4]'])
    assert.ok(Host.read(text) !== null, text)
  for (const text of [
    '[::1',
    '[::1]]',
    '[::1]a',
    '[1.2.3.4]',
    '[a]',
    '[::1%25lo]',
    '[v1.a]',
    '[ ::1]',
    '[::1]:99999',
  ])
    assert.equal(Host.read(text), null, text)
})
