// Part two of the chaos run: kills control, or the whole program, at random moments while API calls write, starts it
// again and compares what it shows with what was answered. A call without an answer may have happened or not.

import { setTimeout as pause } from 'node:timers/promises'
import { killProcess } from '../support/processes.ts'
import { type Program, startProgram } from '../support/program.ts'
import type { Random } from '../support/random.ts'
import { verdict } from './verdict.ts'
import type { Verdict } from './verdict.ts'
import { WrittenState } from './written-state.ts'

const LONGEST_LIFE_MS = 150
const FAILURES_KEPT = 10

export interface DurableWritesOptions {
  readonly dataFolder: string
  readonly random: Random
  readonly kills: number
}

/** Runs it and tells which answered writes were lost. */
export async function runDurableWrites({
  dataFolder,
  random,
  kills,
}: DurableWritesOptions): Promise<Verdict> {
  const program = await startProgram({ dataFolder, workers: 1 })
  const state = new WrittenState(random)
  const differences: string[] = []
  try {
    await state.create(program.client)
    for (let kill = 0; kill < kills && differences.length < FAILURES_KEPT; kill++) {
      const writing = writeUntilItFails(state, program)
      await pause(random.next() * LONGEST_LIFE_MS)
      // In turn: a supervisor whose control process dies again and again waits longer before each start.
      if (kill % 2 === 0) await Promise.all(program.pidsOf('control').map(killProcess))
      else await program.killAll()
      await writing
      if (kill % 2 === 0) await program.untilApiAnswers()
      else await program.startAgain()
      differences.push(
        ...(await state.differences(program.client)).map((text) => `kill ${kill + 1}: ${text}`),
      )
    }
  } catch (error) {
    throw new Error(`The program said:\n${program.output()}\n${program.errors()}`, { cause: error })
  } finally {
    await program.stop()
  }
  return verdict(
    differences.length === 0,
    `${kills} SIGKILLs during ${state.answered} answered writes lost ${differences.length}`,
    differences,
  )
}

async function writeUntilItFails(state: WrittenState, program: Program): Promise<void> {
  while (await state.write(program.client)) {
    // Until a write is not answered.
  }
}
