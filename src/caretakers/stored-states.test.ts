import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { test } from 'node:test'
import { StoredStates, type StateToStore } from './stored-states.ts'

const ACTIVE: StateToStore = { arn: 'a', code: 'active', reason: null }
const FAILED: StateToStore = { arn: 'b', code: 'failed', reason: 'no' }

test('states that could not be stored are stored later, the newest of each load balancer', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const stored: string[] = []
  const errors: unknown[] = []
  let isFull = true
  const mark = (text: string): void => {
    if (isFull) throw new Error('full')
    stored.push(text)
  }
  const states = new StoredStates(
    {
      markApplied: async (arns) => mark(`active ${arns.join()}`),
      markFailed: async (arn, reason) => mark(`failed ${arn} ${reason}`),
      markImpaired: async (arn) => mark(`impaired ${arn}`),
    },
    (error) => errors.push(error),
  )
  states.put([{ arn: 'a', code: 'active_impaired', reason: 'x' }, FAILED])
  await setImmediate()
  states.put([ACTIVE])
  await setImmediate()
  assert.deepEqual([stored, errors.length], [[], 2])
  isFull = false
  t.mock.timers.tick(1000)
  await setImmediate()
  assert.deepEqual(stored, ['active a', 'failed b no'])
  await states.close()
})
