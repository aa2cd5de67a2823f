import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sourceAddress } from './source-address.ts'

test('ALB-LB-122 connections come from the node where its address leads to the target', () => {
  const cases: readonly (readonly [node: string, target: string, source: string | null])[] = [
    ['127.1.0.1', '127.0.0.1', '127.1.0.1'],
    ['::1', '::1', '::1'],
    ['10.0.1.5', '10.0.2.7', '10.0.1.5'],
    ['2001:db8::5', '2001:db8:1::7', '2001:db8::5'],
    ['127.1.0.1', '10.0.2.7', null],
    ['10.0.1.5', '127.0.0.1', null],
    ['127.1.0.1', '::1', null],
    ['::1', '127.0.0.1', null],
  ]
  for (const [node, target, source] of cases)
    assert.equal(sourceAddress(node, target), source, `${node} ${target}`)
})
