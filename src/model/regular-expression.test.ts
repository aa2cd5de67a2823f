import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { expressionProblem, groupCount, parseReplacement, RegularExpression } from './regular-expression.ts'

test('expressions of RE2 are valid, everything that could cost more than linear time is not', () => {
  for (const valid of [
    '^/api/(v[0-9]+)/.*$',
    'a{2,5}?',
    '(?:a|b)+',
    '\\/api\\/',
    '[[:alpha:]]',
    '\\\\p',
    '(?i)x',
  ]) {
    assert.equal(expressionProblem(valid), undefined, valid)
  }
  const problems: Readonly<Record<string, RegExp>> = {
    '': /empty/,
    é: /characters/,
    'a\tb': /characters/,
    '(?=a)': /not a valid/,
    '(?!a)': /not a valid/,
    '(?<=a)b': /not a valid/,
    '(a)\\1': /not a valid/,
    '(?>a)': /not a valid/,
    'a++': /not a valid/,
    '(?R)': /not a valid/,
    '(a': /not a valid/,
    '\\p{L}': /Unicode/,
    'a\\\\\\PL': /Unicode/,
    '((a{900}){1}){3}': /not a valid/,
    'a{900}b{900}c{900}': /complex/,
  }
  for (const [expression, problem] of Object.entries(problems)) {
    assert.match(expressionProblem(expression) ?? '', problem, expression)
  }
})

test('an expression that makes other engines explode takes linear time', () => {
  const text = `${'a'.repeat(16_000)}!`
  for (const expression of ['^(a+)+$', '^(a|a)*$', '(x+x+)+y', '^(a|aa)+$']) {
    assert.equal(new RegularExpression(expression, { foldCase: false }).isIn(text), false, expression)
  }
})

test('the first match is replaced, groups and all', () => {
  const replaced = (expression: string, replacement: string, text: string): string | null => {
    const parts = parseReplacement(replacement, groupCount(expression))
    assert.ok(parts !== null)
    return new RegularExpression(expression, { foldCase: false }).replaceIn(text, parts)
  }
  assert.equal(replaced('^/dp/([A-Z0-9]+)/?$', '/product.php?id=$1', '/dp/B09/'), '/product.php?id=B09')
  assert.equal(replaced('b', '[$0]', 'abab'), 'a[b]ab')
  assert.equal(replaced('(a)|(b)', '<$1$2>', 'b'), '<b>')
  assert.equal(replaced('(a)', '$12', 'a'), 'a2')
  assert.equal(replaced('a', '$$ $x', 'a'), '$$ $x')
  assert.equal(replaced('x', 'y', 'abc'), null)
  assert.equal(parseReplacement('$2', 1), null)
})

test('a replacement without groups is itself', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(20), (text, groups) => {
      const parts = parseReplacement(text.replaceAll('$', ''), groups)
      assert.equal(parts?.join(''), text.replaceAll('$', ''))
    }),
  )
})
