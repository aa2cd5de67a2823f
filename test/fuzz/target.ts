// What the fuzz runner runs: a parser's properties over made-up inputs, and over the kept ones of its corpus folder.

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import fc from 'fast-check'

export interface FuzzTarget {
  readonly name: string
  /** Rejects with the smallest input that was found to break a property, and keeps it in the corpus. */
  run(seed: number, iterations: number): Promise<void>
  /** Checks every kept input; resolves with their number. */
  replay(): Promise<number>
}

const CORPUS = new URL('corpus/', import.meta.url)

/** A target whose inputs are bytes. `check` throws or rejects when a property does not hold for them. */
export function bytesTarget(
  name: string,
  inputs: fc.Arbitrary<Buffer>,
  check: (bytes: Buffer) => Promise<void> | void,
): FuzzTarget {
  const folder = new URL(`${name}/`, CORPUS)
  return {
    name,
    async run(seed, iterations) {
      const property = fc.asyncProperty(inputs, async (bytes) => check(bytes))
      const result = await fc.check(property, { seed, numRuns: iterations })
      if (!result.failed) return
      const bytes = result.counterexample?.[0]
      if (bytes === undefined) throw new Error(fc.defaultReportMessage(result) ?? 'failed without an input')
      throw new Error(
        `${name} fails for ${keep(folder, bytes)}:\n${JSON.stringify(bytes.toString('latin1'))}`,
        {
          cause: result.errorInstance,
        },
      )
    },
    async replay() {
      const files = filesIn(folder)
      for (const file of files) {
        try {
          await check(readFileSync(new URL(file, folder)))
        } catch (cause) {
          throw new Error(`${name} fails for the kept input ${file}`, { cause })
        }
      }
      return files.length
    },
  }
}

function keep(folder: URL, bytes: Buffer): string {
  mkdirSync(folder, { recursive: true })
  const file = `${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}.bin`
  writeFileSync(new URL(file, folder), bytes)
  return file
}

function filesIn(folder: URL): string[] {
  try {
    return readdirSync(folder).toSorted()
  } catch {
    return []
  }
}
