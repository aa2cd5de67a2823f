// npm run chaos: breaks the program on purpose, under load and during API writes, and says what that cost. Exits with 1
// when a request or an answered write was lost that must not be.
//
//   --changes N   configuration changes under load, 1000 unless told
//   --kills N     SIGKILLs during API writes, 200 unless told
//   --seed N      repeats the choices of an earlier run

import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runDurableWrites } from './durable-writes.ts'
import { runLostRequests } from './lost-requests.ts'
import type { Verdict } from './verdict.ts'
import { Random } from '../support/random.ts'

const { values: options } = parseArgs({
  options: {
    changes: { type: 'string', default: '1000' },
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
  },
})
const random = new Random(Number(options.seed))
const folder = mkdtempSync(join(tmpdir(), 'evenkeel-chaos-'))
console.log(`seed ${options.seed}`)

try {
  const lostRequests = runLostRequests({
    dataFolder: join(folder, 'traffic'),
    random,
    changes: Number(options.changes),
    controlKills: 5,
    workerKills: 5,
  })
  for await (const verdict of lostRequests) print(verdict)
  print(await runDurableWrites({ dataFolder: join(folder, 'writes'), random, kills: Number(options.kills) }))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function print({ isGood, text, details }: Verdict): void {
  console.log(`${isGood ? 'ok  ' : 'FAIL'} ${text}`)
  for (const detail of details) console.log(`       ${detail}`)
  if (!isGood) process.exitCode = 1
}
