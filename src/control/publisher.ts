// Sends what changed in the store, or in the health of targets, to the workers: collects the changes of one turn of the
// event loop, builds their units, and numbers the updates.

import type { SnapshotUpdate } from '../snapshot/snapshot.ts'
import type { StoreChange } from '../store/store.ts'
import type { Units } from './units.ts'

export interface PublisherOptions {
  readonly build: (change: StoreChange) => Promise<Units>
  readonly send: (update: SnapshotUpdate) => void
  readonly reportError: (error: unknown) => void
  /** Version that is in force already; 0 if none is. */
  readonly version: number
}

/** A build that failed is tried again after this time. */
const RETRY_MS = 1000

export class Publisher {
  readonly #options: PublisherOptions
  #version: number
  #loadBalancers = new Set<string>()
  #targetGroups = new Set<string>()
  #isFull = false
  #state: 'idle' | 'queued' | 'building' | 'closed' = 'idle'
  #retry: NodeJS.Timeout | null = null

  constructor(options: PublisherOptions) {
    this.#options = options
    this.#version = options.version
  }

  /** Publishes these units, with whatever else changes in this turn of the event loop. */
  changed(change: StoreChange): void {
    for (const arn of change.loadBalancers) this.#loadBalancers.add(arn)
    for (const arn of change.targetGroups) this.#targetGroups.add(arn)
    this.#queue()
  }

  /** Publishes everything: `change` names every unit there is. */
  replace(change: StoreChange): void {
    this.#isFull = true
    this.changed(change)
  }

  close(): void {
    this.#state = 'closed'
    if (this.#retry !== null) clearTimeout(this.#retry)
  }

  #queue(): void {
    if (this.#state !== 'idle') return
    this.#state = 'queued'
    setImmediate(() => void this.#publish())
  }

  async #publish(): Promise<void> {
    if (this.#state !== 'queued') return
    const change = { loadBalancers: this.#loadBalancers, targetGroups: this.#targetGroups }
    const full = this.#isFull
    this.#loadBalancers = new Set()
    this.#targetGroups = new Set()
    this.#isFull = false
    this.#state = 'building'
    try {
      const units = await this.#options.build(change)
      if (this.#isClosed()) return
      this.#options.send({ ...units, version: ++this.#version, full })
      this.#state = 'idle'
      if (this.#loadBalancers.size + this.#targetGroups.size > 0) this.#queue()
    } catch (error) {
      this.#options.reportError(error)
      if (this.#isClosed()) return
      // What did not get out is not forgotten: it goes with the next try.
      this.#isFull ||= full
      for (const arn of change.loadBalancers) this.#loadBalancers.add(arn)
      for (const arn of change.targetGroups) this.#targetGroups.add(arn)
      this.#retry = setTimeout(() => {
        this.#state = 'idle'
        this.#queue()
      }, RETRY_MS)
    }
  }

  #isClosed(): boolean {
    return this.#state === 'closed'
  }
}
