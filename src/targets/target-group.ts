import type { TargetGroupUnit, TargetUnit } from '../snapshot/snapshot.ts'
export class TargetGroup {
  #u: TargetGroupUnit
  #n = 0
  constructor(u: TargetGroupUnit) {
    this.#u = u
  }
  update(u: TargetGroupUnit) {
    this.#u = u
  }
  pick(): TargetUnit | null {
    return this.#u.targets[this.#n++ % this.#u.targets.length] ?? null
  }
}
