import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { RequestHead } from '../wire/request-head.ts'
import { Transforms } from './transforms.ts'

function head(host: string | null, authority: string | null = null): RequestHead {
  return { host, authority } as RequestHead
}

test('the host that is rewritten is the authority, or else the Host, without user', () => {
  const transforms = new Transforms({ host: { expression: '^a$', replacement: 'b' }, url: null })
  const cases: [RequestHead, string | null][] = [
    [head('a'), 'b'],
    [head('a:81'), 'b:81'],
    [head('x', 'user@a'), 'b'],
    [head('a', 'x'), null],
    [head(null), null],
    [head(''), null],
  ]
  for (const [request, host] of cases) {
    assert.deepEqual(transforms.rewrite(request, '/'), host === null ? null : { target: null, host })
  }
  const withPort = new Transforms({ host: { expression: ':81$', replacement: ':82' }, url: null })
  assert.deepEqual(withPort.rewrite(head('a:81'), '/'), { target: null, host: 'a:82' })
})

test('whatever is sent, a rewritten target has neither spaces nor control characters', () => {
  const transforms = new Transforms({ host: null, url: { expression: 'a(.)', replacement: '$1$1' } })
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '/', ' ', '\n', '?', 'é') }), (text) => {
      const rewritten = transforms.rewrite(head('h'), `/${text}`)
      if (rewritten === null || rewritten === 'failed') return
      assert.match(rewritten.target ?? '', /^\/[^\s]*$/)
    }),
  )
})

test('a target that became too long cannot be sent', () => {
  const transforms = new Transforms({ host: null, url: { expression: '(.*)', replacement: '$1$1' } })
  assert.equal(transforms.rewrite(head('h'), `/${'a'.repeat(8192)}`), 'failed')
})
