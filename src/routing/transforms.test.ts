import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Host } from '../wire/host.ts'
import { Transforms } from './transforms.ts'

function head(host: string): { host: Host } {
  return { host: Host.read(host) ?? Host.none }
}

test('a host is rewritten as rules see it, with its port or without', () => {
  const transforms = new Transforms({ host: { expression: '^a$', replacement: 'b' }, url: null })
  const cases: [string, string | null][] = [
    ['a', 'b'],
    ['A.', 'b'],
    ['a:81', 'b:81'],
    ['x', null],
    ['', null],
  ]
  for (const [sent, wanted] of cases) {
    const rewritten = transforms.rewrite(head(sent), '/')
    assert.equal(rewritten === 'failed' ? rewritten : (rewritten?.host?.text ?? null), wanted)
  }
  const withPort = new Transforms({ host: { expression: ':81$', replacement: ':82' }, url: null })
  assert.deepEqual(withPort.rewrite(head('a:81'), '/'), { target: null, host: Host.read('a:82') })
})

test('a host that is rewritten to none cannot be sent', () => {
  for (const replacement of ['', 'b:c', 'x@b', 'a b', 'b/c', ':80', '.']) {
    const transforms = new Transforms({ host: { expression: '^a$', replacement }, url: null })
    assert.equal(transforms.rewrite(head('a'), '/'), 'failed', replacement)
  }
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
