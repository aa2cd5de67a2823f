// A worker that has nothing to do sleeps.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { WorkerProcess } from '../support/worker.ts'

/** Times that the process's main thread went to sleep so far. */
function sleeps(pid: number): number {
  const line = /^voluntary_ctxt_switches:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(line?.[1])
}

test('a worker at rest wakes for its report once a second, and for no time-outs', async (t) => {
  const worker = await WorkerProcess.start({ targets: [] })
  t.after(() => worker.close())
  const before = sleeps(worker.pid)
  const from = performance.now()
  await wait(3000)
  const seconds = (performance.now() - from) / 1000
  const perSecond = (sleeps(worker.pid) - before) / seconds
  assert.ok(perSecond < 5, `it woke ${perSecond.toFixed(1)} times a second`)
})
