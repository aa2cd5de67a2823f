// When a draining target is idle in all workers: each worker tells for itself, and control wants to hear it once.

export class IdleTargets {
  /** Workers that said it, by target group, then target. */
  readonly #reports = new Map<string, Map<string, Set<number>>>()

  /** Notes a worker's word; true if with it all of `workers` have said so. */
  report(targetGroup: string, target: string, worker: number, workers: readonly number[]): boolean {
    const group = this.#reports.get(targetGroup) ?? new Map<string, Set<number>>()
    this.#reports.set(targetGroup, group)
    const reporters = group.get(target) ?? new Set<number>()
    group.set(target, reporters)
    reporters.add(worker)
    return workers.every((index) => reporters.has(index))
  }

  /** A group changed: words about targets that do not drain there any more count no longer. */
  keepOnly(targetGroup: string, draining: ReadonlySet<string>): void {
    const group = this.#reports.get(targetGroup)
    if (group === undefined) return
    for (const target of group.keys()) if (!draining.has(target)) group.delete(target)
    if (group.size === 0) this.#reports.delete(targetGroup)
  }

  /** The worker ended: its replacement has to say it again. */
  forgetWorker(worker: number): void {
    for (const group of this.#reports.values())
      for (const reporters of group.values()) reporters.delete(worker)
  }
}
