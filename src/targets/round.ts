// The place of a round: which of a list of targets is next. It lives on when the list changes.

import type { TargetUnit } from '../snapshot/target-group-units.ts'

export class Round {
  readonly #targets: readonly TargetUnit[]
  readonly #workerIndex: number
  /** Index of the target that is next; 0 in an empty list. */
  next: number
  #hasBegun = false

  /** A round that has not begun: at another target in every worker, so that they do not all go to the first one. */
  constructor(targets: readonly TargetUnit[], workerIndex: number) {
    this.#targets = targets
    this.#workerIndex = workerIndex
    this.next = targets.length === 0 ? 0 : workerIndex % targets.length
  }

  /** The next target is the one behind `index`. */
  passed(index: number): void {
    this.#hasBegun = true
    this.next = index + 1 === this.#targets.length ? 0 : index + 1
  }

  /**
   * The round over another list: it goes on with the first target, from the one that was next, that is still there.
   * Without this, a group that changes often would send too much to the targets that were registered first.
   */
  withTargets(targets: readonly TargetUnit[]): Round {
    const round = new Round(targets, this.#workerIndex)
    if (!this.#hasBegun) return round
    for (let step = 0; step < this.#targets.length; step++) {
      const upcoming = this.#targets[(this.next + step) % this.#targets.length] as TargetUnit
      const index = targets.findIndex((target) => target.id === upcoming.id && target.port === upcoming.port)
      if (index === -1) continue
      round.next = index
      round.#hasBegun = true
      break
    }
    return round
  }
}
