// The latest full snapshot, put together from updates: what a new worker or a new control process is given at once.

import type { CookieKey } from '../model/cookie-key.ts'
import type { LoadBalancerUnit } from '../snapshot/application-units.ts'
import type { TargetGroupUnit } from '../snapshot/target-group-units.ts'
import type { SnapshotUpdate } from '../snapshot/update.ts'

export class MergedSnapshot {
  readonly #loadBalancers = new Map<string, LoadBalancerUnit>()
  readonly #targetGroups = new Map<string, TargetGroupUnit>()
  #cookieKeys: readonly CookieKey[] | undefined
  #version = 0

  /** Version of the last update; 0 before the first. */
  get version(): number {
    return this.#version
  }

  apply(update: SnapshotUpdate): void {
    this.#version = update.version
    this.#cookieKeys = update.cookieKeys ?? this.#cookieKeys
    if (update.full) {
      this.#loadBalancers.clear()
      this.#targetGroups.clear()
    }
    for (const arn of update.removedLoadBalancers) this.#loadBalancers.delete(arn)
    for (const arn of update.removedTargetGroups) this.#targetGroups.delete(arn)
    for (const unit of update.loadBalancers) this.#loadBalancers.set(unit.arn, unit)
    for (const unit of update.targetGroups) this.#targetGroups.set(unit.arn, unit)
  }

  loadBalancers(): Iterable<LoadBalancerUnit> {
    return this.#loadBalancers.values()
  }

  targetGroup(arn: string): TargetGroupUnit | undefined {
    return this.#targetGroups.get(arn)
  }

  /** All of it as one update, or null before the first. */
  full(): SnapshotUpdate | null {
    if (this.#version === 0) return null
    return {
      version: this.#version,
      full: true,
      loadBalancers: [...this.#loadBalancers.values()],
      targetGroups: [...this.#targetGroups.values()],
      removedLoadBalancers: [],
      removedTargetGroups: [],
      ...(this.#cookieKeys === undefined ? {} : { cookieKeys: this.#cookieKeys }),
    }
  }
}
