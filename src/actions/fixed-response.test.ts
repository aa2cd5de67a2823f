import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fixedResponse } from './fixed-response.ts'

test('ALB-LSN-049 a fixed response has the status, type and text that are set', () => {
  const action = {
    type: 'fixed-response',
    statusCode: 404,
    contentType: 'application/json',
    messageBody: '{"é":1}',
  } as const
  const { status, contentType, body } = fixedResponse(action)
  assert.deepEqual([status, contentType], [404, 'application/json; charset=utf-8'])
  assert.equal(body.length, 8, 'the length is in bytes')
  assert.equal(body.toString('utf8'), '{"é":1}')
})

test('ALB-LSN-052 ALB-LSN-053 the body is empty and the type is plain text where none is set', () => {
  const action = { type: 'fixed-response', statusCode: 200, contentType: null, messageBody: '' } as const
  assert.equal(fixedResponse(action).contentType, 'text/plain; charset=utf-8')
  assert.equal(fixedResponse(action).body.length, 0)
})
