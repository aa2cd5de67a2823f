import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ApiError } from './errors.ts'
import type { PageOf } from '../store/page.ts'
import { nextMarker, pageOf, slicePage } from './pagination.ts'

test('a marker leads to the next part of the list that it is from', () => {
  const { NextMarker } = nextMarker('rules', 17)
  assert.deepEqual(pageOf('rules', { Marker: NextMarker, PageSize: 3 }), { after: 17, limit: 3 })
  assert.deepEqual(nextMarker('rules', null), {})
  assert.throws(() => pageOf('listeners', { Marker: NextMarker }), ApiError)
})

test('property: other markers are refused and never understood', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (marker) => {
      assert.throws(() => pageOf('rules', { Marker: marker }), ApiError)
    }),
  )
})

test('property: the pages of a list are the list', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: 50 }), fc.integer({ min: 1, max: 20 }), (list, limit) => {
      const read: number[] = []
      for (let after: number | null = 0; after !== null;) {
        const page: PageOf<number> = slicePage(list, { after, limit })
        read.push(...page.items)
        after = page.next
      }
      assert.deepEqual(read, list)
    }),
  )
})
