// A supervisor that dies takes all other processes with it, whatever they were about to tell it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startProgram } from '../support/program.ts'
import { childrenOf } from '../support/processes.ts'

test('processes whose supervisor was killed end without a word, with reports on their way', async (t) => {
  // Time that runs fast has counters reported every few milliseconds.
  const program = await startProgram({ args: ['--demo'], timeScale: 20 })
  t.after(async () => await program.stop())
  const match = await program.outputMatching(/curl .*(http:\/\/\S+)/)
  const [, url = ''] = match
  const request = async (): Promise<string> => await (await fetch(url)).text()
  assert.match(await request(), /Hello from target/)
  const supervisor = program.pids.get('supervisor') ?? 0
  // Control, two workers, the demo's targets.
  const children = childrenOf(supervisor)
  assert.equal(children.length, 4)
  await Promise.all(Array.from({ length: 20 }, request))
  // While they stand still their timers come due: they speak before they hear that nobody listens.
  for (const pid of children) process.kill(pid, 'SIGSTOP')
  process.kill(supervisor, 'SIGKILL')
  while (childrenOf(supervisor).length > 0) await new Promise((resolve) => setImmediate(resolve))
  for (const pid of children) process.kill(pid, 'SIGCONT')
  await program.ended()
  const lines = program
    .errors()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('{'))
  assert.deepEqual(lines, [])
  assert.doesNotMatch(program.errors(), /EPIPE|ERR_IPC|"level":[56]0/)
})
