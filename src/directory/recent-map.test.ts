import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecentMap } from './recent-map.ts'

test('a full map forgets what was asked for longest ago', () => {
  const map = new RecentMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  assert.equal(map.get('a'), 1)
  assert.equal(map.set('c', 3), 2)
  assert.deepEqual(map.keys(), ['a', 'c'])
  assert.equal(map.get('b'), undefined)
  map.set('a', 4)
  map.set('d', 5)
  assert.deepEqual(map.values(), [4, 5])
  map.delete('a')
  assert.deepEqual(map.keys(), ['d'])
})
