// Waiting for what nobody announces: asked again and again, with an end, and told what was seen last.

import { deepStrictEqual, AssertionError } from 'node:assert'
import { setTimeout as pause } from 'node:timers/promises'
import { inspect } from 'node:util'

const DEADLINE_MS = 30_000
const PAUSE_MS = 10

export interface Patience {
  /** Real milliseconds until it is given up; 30,000 unless told. */
  readonly deadlineMs?: number
  /** Real milliseconds between two questions; 10 unless told. */
  readonly pauseMs?: number
}

/** It did not come to that in time. */
export class NeverSeen extends Error {}

/**
 * What the probe gives as soon as it neither gives `false` nor fails an assertion. Anything else that it throws goes
 * through at once: it is a fault, not an answer.
 *
 * @param what A sentence that is to become true, for the message.
 * @throws {NeverSeen} after the deadline, with what was seen last.
 */
export async function eventually<T>(
  what: string,
  probe: () => T | Promise<T>,
  { deadlineMs = DEADLINE_MS, pauseMs = PAUSE_MS }: Patience = {},
): Promise<Exclude<T, false>> {
  const over = new AbortController()
  const isLate = pause(deadlineMs, LATE, { signal: over.signal })
  isLate.catch(() => undefined)
  let last: Seen = { told: 'no answer at all', cause: undefined }
  try {
    for (;;) {
      const seen = await Promise.race([look(probe), isLate])
      if (seen === LATE) break
      if ('value' in seen) return seen.value
      last = seen
      if ((await Promise.race([pause(pauseMs), isLate])) === LATE) break
    }
  } finally {
    over.abort()
  }
  throw new NeverSeen(`Not within ${deadlineMs} ms: ${what}; seen last: ${last.told}`, { cause: last.cause })
}

/**
 * Resolves when the probe gives what is wanted, and that several times in a row if told so: a change reaches one worker
 * before the other.
 *
 * @throws {NeverSeen} after the deadline, with what was seen last.
 */
export async function becomes<T>(
  probe: () => T | Promise<T>,
  wanted: NoInfer<T>,
  { inARow = 1, ...patience }: Patience & { readonly inARow?: number } = {},
): Promise<void> {
  await eventually(
    `it becomes ${inspect(wanted)}`,
    async () => {
      for (let time = 0; time < inARow; time++) deepStrictEqual(await probe(), wanted)
    },
    patience,
  )
}

const LATE = Symbol('late')

/** An answer that is not yet the wanted one. */
interface Seen {
  readonly told: string
  readonly cause: unknown
}

async function look<T>(probe: () => T | Promise<T>): Promise<{ value: Exclude<T, false> } | Seen> {
  try {
    const value = await probe()
    return value === false ? { told: 'false', cause: undefined } : { value: value as Exclude<T, false> }
  } catch (error) {
    if (!(error instanceof AssertionError)) throw error
    return { told: error.message, cause: error }
  }
}
