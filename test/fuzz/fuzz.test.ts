// The fuzz run in small: the kept inputs, and some made-up ones from a fixed seed.

import { test } from 'node:test'
import { fuzzTargets } from './targets.ts'

const ITERATIONS = 300
const SEED = 1

for (const target of fuzzTargets) {
  test(`${target.name} holds for the kept inputs and for some made-up ones`, async () => {
    await target.replay()
    await target.run(SEED, ITERATIONS)
  })
}
