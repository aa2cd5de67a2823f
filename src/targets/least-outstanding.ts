// Least outstanding requests: the target with the fewest requests in progress; those with equally few take turns
// (OQ-31 of the target group rows). What other workers have in progress is not known here.

import type { TargetUnit } from '../snapshot/target-group-units.ts'
import { Round } from './round.ts'
import type { PickerTools, TargetLoad, TargetPicker } from './target-picker.ts'

export class LeastOutstanding implements TargetPicker {
  readonly #targets: readonly TargetUnit[]
  readonly #loads: readonly TargetLoad[]
  readonly #tools: PickerTools
  readonly #round: Round

  constructor(targets: readonly TargetUnit[], tools: PickerTools, before?: LeastOutstanding) {
    this.#targets = targets
    this.#loads = targets.map((target) => tools.loadOf(target))
    this.#tools = tools
    this.#round =
      before === undefined ? new Round(targets, tools.workerIndex) : before.#round.withTargets(targets)
  }

  pick(): TargetUnit | null {
    const loads = this.#loads
    let least = -1
    let fewest = Infinity
    let index = this.#round.next
    for (let step = 0; step < loads.length; step++) {
      const { outstanding } = loads[index] as TargetLoad
      if (outstanding < fewest) {
        least = index
        fewest = outstanding
        // None can have fewer.
        if (outstanding === 0) break
      }
      index = index + 1 === loads.length ? 0 : index + 1
    }
    const target = this.#targets[least]
    if (target === undefined) return null
    this.#round.passed(least)
    return target
  }

  withTargets(targets: readonly TargetUnit[]): LeastOutstanding {
    return new LeastOutstanding(targets, this.#tools, this)
  }
}
