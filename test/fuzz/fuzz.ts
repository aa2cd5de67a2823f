// npm run fuzz: checks the properties of the parsers with made-up inputs for as long as it is told to. An input that
// breaks a property is made smaller, kept in test/fuzz/corpus/ and printed; the exit code is then 1.
//
//   --seconds N   time for all targets together, 60 unless told
//   --seed N      begins with this seed
//   --only a,b    only these targets

import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { fuzzTargets } from './targets.ts'

const ITERATIONS = 500

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(randomInt(2 ** 30)) },
    only: { type: 'string' },
  },
})
const names = options.only?.split(',') ?? fuzzTargets.map(({ name }) => name)
const targets = fuzzTargets.filter(({ name }) => names.includes(name))
if (targets.length === 0)
  throw new Error(`There is no such target; there are ${fuzzTargets.map(({ name }) => name).join(', ')}`)
const timeMs = (Number(options.seconds) * 1000) / targets.length
console.log(`seed ${options.seed}`)

for (const target of targets) {
  const until = performance.now() + timeMs
  let seed = Number(options.seed)
  let inputs = 0
  try {
    inputs += await target.replay()
    do {
      await target.run(seed++, ITERATIONS)
      inputs += ITERATIONS
    } while (performance.now() < until)
    console.log(`ok   ${target.name}: ${inputs} inputs`)
  } catch (error) {
    console.log(`FAIL ${target.name} with seed ${seed - 1}, after ${inputs} inputs`)
    console.error(error)
    process.exitCode = 1
  }
}
