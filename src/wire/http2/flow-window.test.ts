import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ReceiveWindow, SendWindow } from './flow-window.ts'

test('a send window goes below zero when the peer makes its windows smaller, and never beyond 2^31-1', () => {
  const window = new SendWindow(65_535)
  window.consume(65_000)
  assert.equal(window.widen(1000 - 65_535), true)
  assert.equal(window.available, -64_000)
  assert.equal(window.widen(2 ** 31 - 1), true)
  window.reset(1)
  assert.equal(window.widen(2 ** 31 - 2), true)
  assert.equal(window.widen(1), false)
})

test('a receive window is given back in halves', () => {
  const window = new ReceiveWindow(1000)
  assert.equal(window.receive(600), true)
  assert.equal(window.release(499), 0)
  assert.equal(window.release(1), 500)
  assert.equal(window.receive(900), true)
  assert.equal(window.receive(1), false)
  window.reset()
  assert.equal(window.receive(1000), true)
})

test('a receive window that is larger than the peer believes is opened once', () => {
  const window = new ReceiveWindow(1000, 600)
  assert.equal(window.openFully(), 400)
  assert.equal(window.openFully(), 0)
  assert.equal(window.receive(1000), true)
})

test('a peer that heeds its window is never at fault, and never waits once all was dealt with', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.array(fc.nat(500)), (size, lengths) => {
      const window = new ReceiveWindow(size)
      let available = size
      let held = 0
      for (const [index, length] of lengths.entries()) {
        const sent = Math.min(length, available)
        assert.equal(window.receive(sent), true)
        available -= sent
        held += sent
        const released = index % 2 === 0 ? held : Math.floor(held / 2)
        held -= released
        available += window.release(released)
        assert.ok(available + held <= size)
      }
      available += window.release(held)
      assert.ok(available > 0)
    }),
  )
})
