// Targets and tools for the tests of this folder.

import type { Clock } from '../clock/clock.ts'
import type { TargetGroupUnit, TargetUnit } from '../snapshot/target-group-units.ts'
import type { PickerTools, TargetPicker } from './target-picker.ts'

/** A clock that stands until it is moved. */
export class StoppedClock implements Clock {
  nowMs = 1_000_000

  now(): number {
    return this.nowMs
  }

  date(): number {
    return this.nowMs
  }

  dateAt(monotonicMs: number): number {
    return monotonicMs
  }

  realMs(durationMs: number): number {
    return durationMs
  }
}

/** Healthy targets named by the letters of `names`, in this order. */
export function targetUnits(names: string, more: Partial<TargetUnit> = {}): TargetUnit[] {
  return names
    .split('')
    .map((id) => ({ id, address: '127.0.0.1', port: 80, zone: 'a', state: 'healthy' as const, ...more }))
}

export function pickedGroup(
  targets: readonly TargetUnit[],
  algorithm?: TargetGroupUnit['algorithm'],
): TargetGroupUnit {
  const group = { arn: 'group', name: 'group', protocol: 'HTTP', protocolVersion: 'HTTP1', targets } as const
  return algorithm === undefined ? group : { ...group, algorithm }
}

/** Numbers that are spread evenly and always the same (a linear congruential generator). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** What pickers get, with randomness from a fixed seed and no load on any target unless told otherwise. */
export function pickerTools(more: Partial<PickerTools> = {}): PickerTools {
  return {
    clock: new StoppedClock(),
    random: seededRandom(1),
    workerIndex: 0,
    loadOf: () => ({ outstanding: 0 }),
    ...more,
  }
}

/** Names of the next targets, `-` for none. */
export function picks(picker: Pick<TargetPicker, 'pick'>, count: number): string {
  return Array.from({ length: count }, () => picker.pick()?.id ?? '-').join('')
}

/** How often each target is picked, by name. */
export function tally(picker: Pick<TargetPicker, 'pick'>, count: number): Record<string, number> {
  const counts: Record<string, number> = {}
  for (let pick = 0; pick < count; pick++) {
    const id = picker.pick()?.id ?? '-'
    counts[id] = (counts[id] ?? 0) + 1
  }
  return counts
}
