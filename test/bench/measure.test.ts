import assert from 'node:assert/strict'
import { test } from 'node:test'
import { orderOf } from '../../bench/measure.ts'

test('Over the rounds each load balancer is as often before another as after it', () => {
  for (const all of [
    ['a', 'b'],
    ['a', 'b', 'c'],
  ]) {
    for (const one of all) {
      for (const other of all) {
        if (one === other) continue
        let before = 0
        for (let round = 0; round < 2 * all.length; round++) {
          const order = orderOf(all, round)
          assert.deepEqual(order.toSorted(), all)
          if (order.indexOf(one) < order.indexOf(other)) before++
        }
        assert.equal(before, all.length, `${one} before ${other}`)
      }
    }
  }
})
