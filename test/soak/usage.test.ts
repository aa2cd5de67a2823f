import assert from 'node:assert/strict'
import { closeSync, openSync } from 'node:fs'
import { test } from 'node:test'

import { growth, openDescriptors, privateBytes, summary } from './usage.ts'

const MEGABYTE = 1024 * 1024

function samples(megabytes: (index: number) => number): number[] {
  return Array.from({ length: 60 }, (_, index) => Math.round(megabytes(index) * MEGABYTE))
}

test('a saw that falls back to where it was, and a warm-up, are no growth', () => {
  assert.equal(growth(samples((index) => 50 + Math.min(index, 20) + (index % 9) * 4)), 0)
})

test('what is kept for each round is seen below the saw', () => {
  const leak = samples((index) => 50 + index * 0.4 + (index % 9) * 4)
  assert.equal((growth(leak) / MEGABYTE).toFixed(1), '7.2')
  assert.equal(summary(leak), '50.0 MB at first, 60.8 MB then, 68.0 MB at last, at most 103.2 MB')
})

test('a process is asked for its own memory and descriptors', () => {
  const before = { bytes: privateBytes(process.pid), descriptors: openDescriptors(process.pid) }
  const file = openSync(import.meta.filename, 'r')
  const kept = Buffer.alloc(40 * MEGABYTE, 1)
  const bytes = privateBytes(process.pid)
  assert.equal(openDescriptors(process.pid), before.descriptors + 1)
  closeSync(file)
  assert.equal(kept.length, 40 * MEGABYTE)
  assert.ok(bytes >= before.bytes + 35 * MEGABYTE, `${bytes}`)
})
