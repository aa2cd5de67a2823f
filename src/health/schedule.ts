// Many due times, one timer: a binary heap of entries by the time at which each is due.

/** Something that is due at a time. An entry is in at most one schedule. */
export interface Scheduled {
  /** On the scale of the clock that drives the schedule. */
  dueAt: number
}

export class Schedule<Entry extends Scheduled> {
  readonly #heap: Entry[] = []

  /** Time of the earliest entry; Infinity when there is none. */
  get nextAt(): number {
    return this.#heap[0]?.dueAt ?? Infinity
  }

  get size(): number {
    return this.#heap.length
  }

  add(entry: Entry): void {
    const heap = this.#heap
    let at = heap.push(entry) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = heap[above]
      if (parent === undefined || parent.dueAt <= entry.dueAt) break
      heap[at] = parent
      at = above
    }
    heap[at] = entry
  }

  /** Takes out the earliest entry if it is due at `now`. */
  takeDue(now: number): Entry | undefined {
    const heap = this.#heap
    const first = heap[0]
    if (first === undefined || first.dueAt > now) return undefined
    const last = heap.pop()
    if (last !== undefined && heap.length > 0) this.#sink(last)
    return first
  }

  /** Puts an entry at the top and lets it sink to its place. */
  #sink(entry: Entry): void {
    const heap = this.#heap
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      const [left, right] = [heap[below], heap[below + 1]]
      if (left === undefined) break
      let child = left
      if (right !== undefined && right.dueAt < left.dueAt) {
        child = right
        below++
      }
      if (child.dueAt >= entry.dueAt) break
      heap[at] = child
      at = below
    }
    heap[at] = entry
  }
}
