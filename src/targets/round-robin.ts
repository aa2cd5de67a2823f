// Round robin: one target after the other in registration order (OQ-30 of the target group rows).

import type { TargetUnit } from '../snapshot/snapshot.ts'
import type { TargetPicker } from './target-group.ts'

export class RoundRobin implements TargetPicker {
  readonly #targets: readonly TargetUnit[]
  #next: number

  constructor(targets: readonly TargetUnit[], next = 0) {
    this.#targets = targets
    this.#next = next
  }

  pick(): TargetUnit | null {
    const targets = this.#targets
    const target = targets[this.#next]
    if (target === undefined) return null
    this.#next = this.#next + 1 === targets.length ? 0 : this.#next + 1
    return target
  }

  /**
   * Goes on with the first target of the round that is still there. Without this, a group that changes often would
   * send too much to the targets that were registered first.
   */
  withTargets(targets: readonly TargetUnit[]): RoundRobin {
    for (let step = 0; step < this.#targets.length; step++) {
      const upcoming = this.#targets[(this.#next + step) % this.#targets.length] as TargetUnit
      const index = targets.findIndex((target) => target.id === upcoming.id && target.port === upcoming.port)
      if (index !== -1) return new RoundRobin(targets, index)
    }
    return new RoundRobin(targets)
  }
}
