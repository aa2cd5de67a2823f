import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { WildcardPattern } from './wildcard-pattern.ts'

test('stars and question marks stand for text, a backslash for what follows it', () => {
  for (const [pattern, text, isMatch] of [
    ['', '', true],
    ['', 'a', false],
    ['abc', 'abc', true],
    ['abc', 'abcd', false],
    ['a*', 'a', true],
    ['*c', 'abcbc', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['**', '', true],
    ['?*', '', false],
    ['a\\*', 'a*', true],
    ['a\\*', 'ab', false],
    ['a\\?\\\\', 'a?\\', true],
    ['a\\', 'a\\', true],
    ['a.c', 'abc', false],
    ['A', 'a', false],
    ['*', 'a\nb', true],
  ] as const) {
    assert.equal(new WildcardPattern(pattern).matches(text), isMatch, `${pattern} ${text}`)
  }
})

/** The same by definition: the first token against every way to take text away. */
function matchesByDefinition(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  const rest = pattern.slice(1)
  if (pattern.startsWith('*')) {
    return Array.from({ length: text.length + 1 }, (_, from) => text.slice(from)).some((left) => {
      return matchesByDefinition(rest, left)
    })
  }
  const isFirst = text !== '' && (pattern.startsWith('?') || pattern[0] === text[0])
  return isFirst && matchesByDefinition(rest, text.slice(1))
}

test('a pattern matches what it matches by definition', () => {
  const pattern = fc.string({ unit: fc.constantFrom(...'aab*?'.split('')), maxLength: 8 })
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 })
  fc.assert(
    fc.property(pattern, text, (wildcards, value) => {
      assert.equal(new WildcardPattern(wildcards).matches(value), matchesByDefinition(wildcards, value))
    }),
    { numRuns: 500 },
  )
})
