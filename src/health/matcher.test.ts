import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileMatcher } from './matcher.ts'

test('ALB-TG-214 a matcher is a code, a list or a range', () => {
  const cases: readonly [text: string, code: number, isMatch: boolean][] = [
    ['200', 200, true],
    ['200', 201, false],
    ['200,202', 202, true],
    ['200,202', 201, false],
    ['200-299', 200, true],
    ['200-299', 299, true],
    ['200-299', 300, false],
    ['200-202,404', 404, true],
    ['', 200, false],
  ]
  for (const [text, code, isMatch] of cases)
    assert.equal(compileMatcher(text)(code), isMatch, `${text} ${code}`)
})
