import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { COOKIE_VALUES_MAX, cookieValues, setCookieValue } from './cookies.ts'
import { HeaderFields } from './header-fields.ts'

/** Fields as a reader would find them in these lines. */
function fieldsOf(...lines: readonly string[]): HeaderFields {
  const fields = new HeaderFields()
  fields.reset(`${lines.join('\r\n')}\r\n\r\n`)
  let at = 0
  for (const line of lines) {
    const colon = line.indexOf(':')
    const value = line.slice(colon + 1).trim()
    const start = at + line.indexOf(value, colon + 1)
    fields.add(at, at + colon, start, start + value.length)
    at += line.length + 2
  }
  return fields
}

/** The first value, or null. */
function cookieValue(fields: HeaderFields, name: string): string | null {
  return cookieValues(fields, name)[0] ?? null
}

test('a cookie is found by its exact name, wherever it is', () => {
  for (const [lines, expected] of [
    [['Cookie: a=1'], '1'],
    [['Host: a=2', 'COOKIE: b=2; a=1; c=3'], '1'],
    [['Cookie: b=2', 'Cookie: a=1'], '1'],
    [['Cookie: a=1;a=2', 'Cookie: a=3'], '1'],
    [['Cookie: aa=2; a=1'], '1'],
    [['Cookie: b=a=2; \t a=1 ;c'], '1'],
    [['Cookie: a=x=y=='], 'x=y=='],
    [['Cookie: a="1"'], '"1"'],
    [['Cookie: a='], ''],
    [['Cookie: a'], null],
    [['Cookie: A=1; aa=1; ba=1; a'], null],
    [['Cookie: b=1', 'X: a=1'], null],
    [['Cookie: b=;', 'a: a=1'], null],
    [['Cookies: a=1', 'Set-Cookie: a=1'], null],
    [[], null],
  ] as const) {
    assert.equal(cookieValue(fieldsOf(...lines), 'a'), expected, lines.join(' | '))
  }
})

test('all values of a name are found in the order they were sent, up to a bound', () => {
  const fields = fieldsOf('Cookie: a=1; b=2;a=3', 'X: a=4', 'Cookie: a=', 'Cookie: aa=5; a=6')
  assert.deepEqual(cookieValues(fields, 'a'), ['1', '3', '', '6'])
  assert.deepEqual(cookieValues(fields, 'c'), [])
  assert.equal(cookieValues(fieldsOf(`Cookie: ${'a=1;'.repeat(100)}`), 'a').length, COOKIE_VALUES_MAX)
})

test('of more cookies than any browser keeps only the first are looked at', () => {
  const many = 'a=1; '.repeat(400)
  assert.equal(cookieValue(fieldsOf(`Cookie: ${many}`), 'a'), '1')
  assert.equal(cookieValue(fieldsOf(`Cookie: ${many}name=1`), 'name'), '1')
  assert.equal(cookieValue(fieldsOf(`Cookie: ${many}`, `Cookie: ${many}name=1`), 'name'), null)
})

test('the last cookie of a name that a response sets counts, without its attributes', () => {
  for (const [lines, expected] of [
    [['Set-Cookie: a=1'], '1'],
    [['Set-Cookie: a=1; Path=/; HttpOnly'], '1'],
    [['set-cookie: a=1', 'Set-Cookie: a=2 ; Path=/', 'Set-Cookie: b=3'], '2'],
    [['Set-Cookie: a='], ''],
    [['Set-Cookie: a', 'Set-Cookie: b; a=1', 'Set-Cookie: A=1', 'Set-Cookie: aa=1'], null],
    [['Cookie: a=1'], null],
  ] as const) {
    assert.equal(setCookieValue(fieldsOf(...lines), 'a'), expected, lines.join(' | '))
  }
})

test('a cookie is found among any others, and nothing breaks the search', () => {
  const text = fc.string({
    unit: fc.constantFrom(...'abAWSLB-=; \t",%\\\xff'.split('')),
    maxLength: 40,
  })
  fc.assert(
    fc.property(fc.array(text, { maxLength: 5 }), fc.array(text, { maxLength: 5 }), (before, after) => {
      const isOther = (pair: string): boolean => !pair.split(';').some((part) => /^[ \t]*name=/.test(part))
      assert.ok([...before, ...after].every(isOther))
      const lines = [`Cookie: ${[...before, 'name=found', ...after].join('; ')}`]
      assert.equal(cookieValue(fieldsOf(...lines), 'name'), 'found')
      assert.equal(cookieValue(fieldsOf(`Cookie: ${[...before, ...after].join(';')}`), 'name'), null)
    }),
  )
})
