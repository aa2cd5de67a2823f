import assert from 'node:assert/strict'
import { test } from 'node:test'

import { becomes, eventually, NeverSeen } from './eventually.ts'

const HASTY = { deadlineMs: 30, pauseMs: 1 }

test('the first answer that is neither false nor a failed assertion is the result', async () => {
  let asked = 0
  const seen = await eventually('the fourth question is answered', async () => {
    asked++
    if (asked === 1) return false
    assert.ok(asked > 3, 'too early')
    return `after ${asked}`
  })
  assert.equal(seen, 'after 4')
  assert.equal(asked, 4)
})

test('what is not worth waiting for fails at once, with its own error', async () => {
  let asked = 0
  const fault = new TypeError('there is no such thing')
  const probe = (): never => {
    asked++
    throw fault
  }
  await assert.rejects(eventually('it works', probe, HASTY), (error) => error === fault)
  assert.equal(asked, 1)
})

test('after the deadline it says what was wanted and what was seen last', async () => {
  let state = 'initial'
  const probe = (): void => {
    assert.equal(state, 'healthy')
    state = 'unhealthy'
  }
  await assert.rejects(eventually('the target is healthy', probe, HASTY), (error) => {
    assert.ok(error instanceof NeverSeen)
    assert.match(error.message, /^Not within 30 ms: the target is healthy; seen last: [^]*'initial'/)
    assert.ok(error.cause instanceof assert.AssertionError)
    return true
  })
})

test('a probe that gives false, or never gives an answer, ends too', async () => {
  await assert.rejects(
    eventually('a file is there', () => false, HASTY),
    /a file is there; seen last: false$/,
  )
  const silent = Promise.withResolvers<string>()
  await assert.rejects(
    eventually('somebody answers', () => silent.promise, HASTY),
    /somebody answers; seen last: no answer at all$/,
  )
})

test('a value has to come as often in a row as told', async () => {
  const values = ['a', 'b', 'a', 'b', 'b', 'b', 'a']
  await becomes(() => values.shift(), 'b', { inARow: 3, pauseMs: 1 })
  assert.deepEqual(values, ['a'])
  const other = 'a'
  await assert.rejects(
    becomes<string>(() => other, 'b', HASTY),
    /it becomes 'b'; seen last: [^]*'a' !== 'b'/,
  )
})
