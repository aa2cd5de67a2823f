// Round robin: one target after the other in registration order (OQ-30 of the target group rows). A target in slow start
// lets some of its turns pass.

import type { TargetUnit } from '../snapshot/target-group-units.ts'
import { Round } from './round.ts'
import { SlowStart } from './slow-start.ts'
import type { PickerTools, TargetPicker } from './target-picker.ts'

export class RoundRobin implements TargetPicker {
  readonly #targets: readonly TargetUnit[]
  readonly #tools: PickerTools
  readonly #round: Round
  /** Null while no target is in slow start. */
  readonly #slowStart: SlowStart | null

  constructor(targets: readonly TargetUnit[], tools: PickerTools, before?: RoundRobin) {
    this.#targets = targets
    this.#tools = tools
    this.#round =
      before === undefined ? new Round(targets, tools.workerIndex) : before.#round.withTargets(targets)
    this.#slowStart = SlowStart.of(targets, tools.clock, before === undefined ? null : before.#slowStart)
  }

  pick(): TargetUnit | null {
    const index = this.#slowStart === null ? this.#round.next : this.#slowStart.next(this.#round.next)
    const target = this.#targets[index]
    if (target === undefined) return null
    this.#round.passed(index)
    return target
  }

  withTargets(targets: readonly TargetUnit[]): RoundRobin {
    return new RoundRobin(targets, this.#tools, this)
  }
}
