import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fixedResponse } from './fixed-response.ts'

test('a fixed response has the status, type and text that are set', () => {
  const answer = fixedResponse({
    type: 'fixed-response',
    statusCode: 404,
    contentType: 'application/json',
    messageBody: '{"é":1}',
  })
  assert.deepEqual([answer.status, answer.reason], [404, 'Not Found'])
  assert.equal(answer.lines, 'Content-Type: application/json; charset=utf-8\r\n')
  assert.equal(answer.body.length, 8, 'one character per byte')
  assert.equal(Buffer.from(answer.body, 'latin1').toString('utf8'), '{"é":1}')
})

test('ALB-LSN-052 the body is empty and the type is plain text where none is set', () => {
  const answer = fixedResponse({
    type: 'fixed-response',
    statusCode: 299,
    contentType: null,
    messageBody: '',
  })
  const lines = 'Content-Type: text/plain; charset=utf-8\r\n'
  assert.deepEqual(answer, { status: 299, reason: '', lines, body: '' })
})
