// Weighted random: every request draws a target anew, each in proportion to its weight. All weights are 1 until anomaly
// mitigation takes some of one away.

import type { TargetUnit } from '../snapshot/target-group-units.ts'
import type { PickerTools, TargetPicker } from './target-picker.ts'

export class WeightedRandom implements TargetPicker {
  readonly #targets: readonly TargetUnit[]
  readonly #tools: PickerTools
  /** By index of the target: the sum of the weights up to and including its own; null while all are 1. */
  readonly #sums: Float64Array | null

  constructor(targets: readonly TargetUnit[], tools: PickerTools) {
    this.#targets = targets
    this.#tools = tools
    this.#sums = targets.every(({ weight = 1 }) => weight === 1) ? null : sumsOf(targets)
  }

  pick(): TargetUnit | null {
    const number = this.#tools.random()
    const index =
      this.#sums === null ? Math.floor(number * this.#targets.length) : indexIn(this.#sums, number)
    return this.#targets[index] ?? null
  }

  withTargets(targets: readonly TargetUnit[]): WeightedRandom {
    return new WeightedRandom(targets, this.#tools)
  }
}

function sumsOf(targets: readonly TargetUnit[]): Float64Array {
  const sums = new Float64Array(targets.length)
  let sum = 0
  for (const [index, { weight = 1 }] of targets.entries()) {
    sum += weight
    sums[index] = sum
  }
  return sums
}

/** The first index whose sum is above this part of the whole. `number`: from 0 to below 1. */
function indexIn(sums: Float64Array, number: number): number {
  const wanted = number * (sums.at(-1) ?? 0)
  let low = 0
  let high = sums.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sums[middle] ?? 0) > wanted) high = middle
    else low = middle + 1
  }
  return low
}
