// The open client connections of a worker: counted under the listener that they came in by, and ended in good order.

import type { ConnectionCounts } from './binding.ts'

/** A connection as it stands in the ledger. */
export interface LedgerEntry {
  /** The binding that accepted it. */
  readonly binding: object
  /** Ends it as soon as it is idle; the present answer says so. */
  drain(): void
  /** Ends it now. What runs on it fails, as far as its client can still be told, and is recorded. */
  cut(): void
}

export class Ledger {
  /** With the counters that they were opened under. */
  readonly #open = new Map<LedgerEntry, ConnectionCounts | null>()
  #onEmpty: (() => void) | null = null

  /** Connections that are open. */
  get size(): number {
    return this.#open.size
  }

  opened(entry: LedgerEntry, counts: ConnectionCounts | null): void {
    this.#open.set(entry, counts)
    if (counts === null) return
    counts.NewConnectionCount++
    counts.ActiveConnectionCount++
  }

  closed(entry: LedgerEntry): void {
    const counts = this.#open.get(entry)
    if (counts === undefined) return
    if (counts !== null) counts.ActiveConnectionCount--
    this.#open.delete(entry)
    if (this.#open.size === 0) this.#onEmpty?.()
  }

  /** As if it had never been opened: the connection that is opened in its place is counted. */
  withdrawn(entry: LedgerEntry): void {
    const counts = this.#open.get(entry)
    this.#open.delete(entry)
    if (counts === undefined || counts === null) return
    counts.NewConnectionCount--
    counts.ActiveConnectionCount--
  }

  /** Closes idle connections now and the others after their present answer; calls `onEmpty` when none is left. */
  drain(onEmpty: () => void): void {
    this.#onEmpty = onEmpty
    for (const entry of this.#open.keys()) entry.drain()
    if (this.#open.size === 0) onEmpty()
  }

  /** Drains the connections of one binding. */
  drainBinding(binding: object): void {
    for (const entry of this.#open.keys()) if (entry.binding === binding) entry.drain()
  }

  /** Ends all that is still open. */
  cut(): void {
    for (const entry of this.#open.keys()) entry.cut()
  }
}
