import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Handover } from './handover.ts'

test('sockets go a few at a time, in order, each once', () => {
  const sent: number[] = []
  const handover = new Handover((key) => sent.push(Number(key)) > 0)
  for (let key = 0; key < 20; key++) handover.add(String(key))
  assert.deepEqual(sent, [0, 1, 2, 3, 4, 5, 6, 7])
  handover.add('19')
  for (let answer = 0; answer < 20; answer++) handover.answered()
  assert.deepEqual(
    sent,
    Array.from({ length: 20 }, (_, key) => key),
  )
})

test('a socket that is not needed any more is passed over', () => {
  const sent: string[] = []
  const gone = new Set(['1', '2'])
  const handover = new Handover((key) => !gone.has(key) && sent.push(key) > 0)
  for (const key of ['0', '1', '2', '3']) handover.add(key)
  assert.deepEqual(sent, ['0', '3'])
})

test('a new worker begins anew', () => {
  const sent: string[] = []
  const handover = new Handover((key) => sent.push(key) > 0)
  for (let key = 0; key < 20; key++) handover.add(String(key))
  handover.reset()
  handover.add('again')
  assert.equal(sent.at(-1), 'again')
  assert.equal(sent.length, 9)
})
