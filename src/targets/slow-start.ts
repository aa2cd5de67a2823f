// Slow start: a target that has just become healthy takes only part of its turns in a round, ever more of them until the
// duration has passed (ALB-TG-147). Its turns add up: at a quarter of the duration it takes every fourth.

import type { Clock } from '../clock/clock.ts'
import type { TargetUnit } from '../snapshot/target-group-units.ts'

/** Share of a target whose slow start begins (OQ-33): one that gets nothing would never warm up. */
const SHARE_MIN = 0.01

export class SlowStart {
  readonly #targets: readonly TargetUnit[]
  readonly #clock: Clock
  /** By index of the target: dates between which its share grows from 0 to 1. */
  readonly #starts: Float64Array
  readonly #ends: Float64Array
  /** By index of the target: parts of turns that it did not take yet. */
  readonly #due: Float64Array
  /** Targets that have their full share. */
  #fullCount: number

  /** Null where no target is in slow start; goes on with what is due `before`. */
  static of(targets: readonly TargetUnit[], clock: Clock, before: SlowStart | null): SlowStart | null {
    const isAny = targets.some((target) => endOf(target, clock) > clock.date())
    return isAny ? new SlowStart(targets, clock, before) : null
  }

  private constructor(targets: readonly TargetUnit[], clock: Clock, before: SlowStart | null) {
    this.#targets = targets
    this.#clock = clock
    this.#starts = Float64Array.from(targets, ({ slowStart }) => slowStart?.startedDate ?? -Infinity)
    this.#ends = Float64Array.from(targets, (target) => endOf(target, clock))
    this.#fullCount = this.#ends.filter((end) => end === -Infinity).length
    this.#due = Float64Array.from(targets, (target) =>
      before === null || target.slowStart === undefined ? 0 : before.#dueOf(target),
    )
  }

  /** The target that takes its turn, when it would be the turn of the one at `from`. 0 in an empty list. */
  next(from: number): number {
    if (this.#fullCount === 0) return this.#mostDue()
    let index = from
    while (!this.#takesTurn(index)) index = index + 1 === this.#due.length ? 0 : index + 1
    return index
  }

  /** Its parts of turns add up; with a whole one it takes its turn. */
  #takesTurn(index: number): boolean {
    const share = this.#shareOf(index)
    if (share === 1) return true
    const due = (this.#due[index] ?? 0) + share
    this.#due[index] = due >= 1 ? due - 1 : due
    return due >= 1
  }

  /**
   * All targets are in slow start, and a round might pass without one that takes its turn. They share by their shares:
   * each gets its part of this request, and the one with the most gets the request for them all.
   */
  #mostDue(): number {
    let most = 0
    let sum = 0
    for (let index = 0; index < this.#due.length; index++) {
      const share = this.#shareOf(index)
      sum += share
      const due = (this.#due[index] ?? 0) + share
      this.#due[index] = due
      if (due > (this.#due[most] ?? 0)) most = index
    }
    this.#due[most] = (this.#due[most] ?? 0) - sum
    return most
  }

  #shareOf(index: number): number {
    const end = this.#ends[index] ?? -Infinity
    if (end === -Infinity) return 1
    const start = this.#starts[index] ?? -Infinity
    const share = (this.#clock.date() - start) / (end - start)
    if (share < 1) return Math.max(SHARE_MIN, share)
    this.#ends[index] = -Infinity
    this.#fullCount++
    return 1
  }

  #dueOf(target: TargetUnit): number {
    const index = this.#targets.findIndex(({ id, port }) => id === target.id && port === target.port)
    return this.#due[index] ?? 0
  }
}

/** The date on which a target has its full share; -Infinity where it is not in slow start. */
function endOf({ slowStart }: TargetUnit, clock: Clock): number {
  return slowStart === undefined ? -Infinity : slowStart.startedDate + clock.realMs(slowStart.durationMs)
}
