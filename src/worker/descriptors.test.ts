import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Descriptors } from './descriptors.ts'

test('each client leaves room for its target, and the shortage is told once, with the remedy', () => {
  const told: string[] = []
  const descriptors = new Descriptors(256, (message) => told.push(message))
  let clients = 0
  while (descriptors.admits(clients, 4, 20 + clients)) clients++
  assert.equal(clients, 106)
  assert.equal(descriptors.admits(clients, 4, 20 + clients), false)
  assert.equal(told.length, 1)
  assert.match(told[0] ?? '', /106 are connected, and 256 open files .*ulimit -n/)
  assert.equal(descriptors.admits(clients - 1, 4, 20), true)
})

test('connections to targets that are kept count too', () => {
  const descriptors = new Descriptors(256, () => undefined)
  assert.equal(descriptors.admits(3, 4, 223), true)
  assert.equal(descriptors.admits(3, 4, 224), false)
})

test('without a limit, and where descriptors have no numbers, everyone is let in', () => {
  assert.equal(new Descriptors(Infinity, () => assert.fail()).admits(1e6, 4, -1), true)
})
