// Loaded into every process of the program under soak (by NODE_OPTIONS): collects all garbage from time to time and writes
// down what is still alive. A heap that is merely not collected yet grows for minutes and says nothing.

import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isMainThread } from 'node:worker_threads'

const { EVENKEEL_SOAK_FOLDER: folder, EVENKEEL_SOAK_PERIOD_MS: period } = process.env

if (isMainThread && folder !== undefined) {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const file = join(folder, String(process.pid))
  setInterval(() => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    appendFileSync(file, `${heapUsed + external}\n`)
  }, Number(period)).unref()
}
