// Which targets are in slow start, and since when: decided here once for all workers, out of what becomes of the targets
// of a group from one version to the next (ALB-TG-146 … 154).

import type { Clock } from '../clock/clock.ts'
import { targetKey } from '../model/target-key.ts'
import type { SlowStartUnit, TargetGroupUnit, TargetUnit } from '../snapshot/target-group-units.ts'

/** A target as it was in the latest version of its group. */
interface Member {
  readonly state: TargetUnit['state']
  /** Whether it is to start slowly when it becomes healthy: not if it came to a group without a target at full share. */
  readonly mayEnter: boolean
  readonly slowStart: SlowStartUnit | null
}

type Members = ReadonlyMap<string, Member>

export class SlowStarts {
  readonly #clock: Clock
  /** Groups with slow start, by ARN. */
  readonly #groups = new Map<string, Members>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Goes on with the slow starts of a snapshot in force. */
  seed(groups: readonly TargetGroupUnit[]): void {
    for (const { arn, targets } of groups) {
      if (!targets.some(({ slowStart }) => slowStart !== undefined)) continue
      const members = targets.map((target): [string, Member] => {
        const { id, port, state, slowStart = null } = target
        return [targetKey(id, port), { state, mayEnter: true, slowStart }]
      })
      this.#groups.set(arn, new Map(members))
    }
  }

  /** The targets of a new version of a group, with their slow starts. `durationMs`: 0 while slow start is off. */
  apply(group: string, durationMs: number, targets: readonly TargetUnit[]): readonly TargetUnit[] {
    if (durationMs === 0) {
      this.#groups.delete(group)
      return targets
    }
    const before = this.#groups.get(group)
    const isAnyFull = targets.some((target) => {
      if (target.state !== 'healthy') return false
      // Those that are healthy when slow start is turned on have their full share (ALB-TG-150).
      if (before === undefined) return true
      const member = before.get(keyOf(target))
      return member?.state === 'healthy' && !this.#isRunning(member.slowStart)
    })
    const members = new Map<string, Member>()
    const applied = targets.map((target) => {
      const key = keyOf(target)
      const member = this.#memberOf(target, before, before?.get(key), isAnyFull, durationMs)
      members.set(key, member)
      return member.slowStart === null ? target : { ...target, slowStart: member.slowStart }
    })
    this.#groups.set(group, members)
    return applied
  }

  forget(group: string): void {
    this.#groups.delete(group)
  }

  #memberOf(
    { state }: TargetUnit,
    group: Members | undefined,
    before: Member | undefined,
    isAnyFull: boolean,
    durationMs: number,
  ): Member {
    // One that comes back while it drains is registered again (ALB-TG-153).
    const isNew = before === undefined || (before.state === 'draining' && state !== 'draining')
    const mayEnter = isNew ? isAnyFull : before.mayEnter
    if (state !== 'healthy') return { state, mayEnter: mayEnter || state === 'unhealthy', slowStart: null }
    if (group === undefined) return { state, mayEnter: true, slowStart: null }
    if (!isNew && before.state === 'healthy') {
      const slowStart = this.#isRunning(before.slowStart) ? before.slowStart : null
      return { state, mayEnter: true, slowStart }
    }
    const slowStart = mayEnter && isAnyFull ? { startedDate: this.#clock.date(), durationMs } : null
    return { state, mayEnter: true, slowStart }
  }

  #isRunning(slowStart: SlowStartUnit | null): boolean {
    if (slowStart === null) return false
    return this.#clock.date() < slowStart.startedDate + this.#clock.realMs(slowStart.durationMs)
  }
}

function keyOf({ id, port }: TargetUnit): string {
  return targetKey(id, port)
}
