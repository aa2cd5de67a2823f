// How the work of a function grows with its input, by time: what a stranger sends must cost in proportion to its length,
// and little for each byte.

import assert from 'node:assert/strict'

/** A function that reads what strangers send, with the most that it may take. */
export interface Reader<Input = string> {
  readonly name: string
  read(input: Input): unknown
  /** Microseconds for each KiB, on a slow machine that others use too. */
  readonly microsPerKiBMax: number
}

/** An input that can be made of any length. */
export interface Hostile<Input = string> {
  readonly name: string
  /** About `bytes` long. */
  make(bytes: number): Input
}

/**
 * Work that is cheaper than this may grow as it likes: what is seen then is the memory of the machine, and the inputs
 * are as long as any that gets in.
 */
const CHEAP_MICROS_PER_KIB = 20
/** Runs of which the fastest counts: only the machine can make one slower. */
const QUICK_RUNS = 4
/** Where those do not tell, the thread's own time counts, over as long as its clock needs to be exact. */
const MEASURED_MICROS = 40_000
/** A machine on which others run makes the thread's own time longer, too, but not always. */
const ATTEMPTS = 5
/** Lengths whose times are compared, and how much longer the longer one may take: the square would be 16 times. */
const FACTOR = 4
const GROWTH_MAX = 9

/** What is wrong with the work of a reader for an input of this length and one of a quarter of it, or null. */
export function workProblem<Input>(
  reader: Reader<Input>,
  hostile: Hostile<Input>,
  bytes: number,
): string | null {
  const large = hostile.make(bytes)
  const microsPerKiB = (micros: number): number => (micros * 1024) / bytes
  const quick = fastestMicros(reader, large, (CHEAP_MICROS_PER_KIB * bytes) / 1024)
  if (microsPerKiB(quick) <= CHEAP_MICROS_PER_KIB) return null
  const small = hostile.make(bytes / FACTOR)
  if (microsPerKiB(quick) <= reader.microsPerKiBMax && quick / fastestMicros(reader, small) <= GROWTH_MAX)
    return null
  let problem: string | null = null
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const micros = cpuMicros(reader, large)
    const perKiB = microsPerKiB(micros)
    const growth = micros / cpuMicros(reader, small)
    if (perKiB > reader.microsPerKiBMax) {
      problem = `${reader.name} takes ${perKiB.toFixed(0)} µs for each KiB of ${hostile.name}`
    } else if (perKiB > CHEAP_MICROS_PER_KIB && growth > GROWTH_MAX) {
      problem = `${reader.name} takes ${growth.toFixed(1)} times as long for ${FACTOR} times ${hostile.name}`
    } else return null
  }
  return problem
}

/** The fastest run by the clock on the wall; `enough` is fast enough. */
function fastestMicros<Input>(reader: Reader<Input>, input: Input, enough = 0): number {
  let best = Infinity
  for (let run = 0; run < QUICK_RUNS && best > enough; run++) {
    const start = performance.now()
    reader.read(input)
    best = Math.min(best, (performance.now() - start) * 1000)
  }
  return best
}

/** The thread's own time for one run, in microseconds. */
function cpuMicros<Input>(reader: Reader<Input>, input: Input): number {
  const start = process.threadCpuUsage()
  let runs = 0
  let micros: number
  do {
    reader.read(input)
    runs++
    const { user, system } = process.threadCpuUsage(start)
    micros = user + system
  } while (micros < MEASURED_MICROS)
  return micros / runs
}

/** Fails with everything that is wrong, the whole list at once. */
export function assertLinear<Input>(
  readers: readonly Reader<Input>[],
  inputs: readonly Hostile<Input>[],
  bytes: number,
): void {
  const problems = readers.flatMap((reader) =>
    inputs.map((input) => workProblem(reader, input, bytes)).filter((problem) => problem !== null),
  )
  assert.deepEqual(problems, [])
}
