// Sends what changed in the store, or in the health of targets, to the workers: collects the changes of one turn of the
// event loop, builds their units, and numbers the updates.

import type { SnapshotUpdate } from '../snapshot/update.ts'
import type { StoreChange } from '../store/changes.ts'
import type { Units } from './followers.ts'

export interface PublisherOptions {
  readonly build: (change: StoreChange) => Promise<Units>
  /** Resolves when the update has left this process; the next one is built then. */
  readonly send: (update: SnapshotUpdate) => Promise<void>
  readonly reportError: (error: unknown) => void
  /** Version that is in force already; 0 if none is. */
  readonly version: number
}

/**
 * Units of one update. A start has all of them: in parts, so that the processes work at the same time, and so that no
 * message is larger than what makes sense to copy at once.
 */
const LOAD_BALANCERS_MAX = 50
const TARGET_GROUPS_MAX = 500

/** A build that failed is tried again after this time. */
const RETRY_MS = 1000

export class Publisher {
  readonly #options: PublisherOptions
  #version: number
  readonly #loadBalancers = new Set<string>()
  readonly #targetGroups = new Set<string>()
  #state: 'idle' | 'queued' | 'building' | 'closed' = 'idle'
  #retry: NodeJS.Timeout | null = null
  #waiting: (() => void)[] = []

  constructor(options: PublisherOptions) {
    this.#options = options
    this.#version = options.version
  }

  /** Publishes these units, with whatever else changes in this turn of the event loop; what is gone is removed. */
  changed(change: StoreChange): void {
    for (const arn of change.loadBalancers) this.#loadBalancers.add(arn)
    for (const arn of change.targetGroups) this.#targetGroups.add(arn)
    this.#queue()
  }

  /** Resolves when nothing is left to be sent, or this is closed. */
  async settled(): Promise<void> {
    if (this.#isSettled()) return
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  close(): void {
    this.#state = 'closed'
    this.#wake()
    if (this.#retry !== null) clearTimeout(this.#retry)
  }

  #queue(): void {
    if (this.#state !== 'idle') return
    this.#state = 'queued'
    setImmediate(() => void this.#publish())
  }

  async #publish(): Promise<void> {
    if (this.#state !== 'queued') return
    const change = {
      targetGroups: take(this.#targetGroups, TARGET_GROUPS_MAX),
      loadBalancers: take(this.#loadBalancers, LOAD_BALANCERS_MAX),
    }
    this.#state = 'building'
    try {
      const units = await this.#options.build(change)
      if (this.#isClosed()) return
      await this.#options.send({ ...units, version: ++this.#version, full: false })
      if (this.#isClosed()) return
      this.#state = 'idle'
      if (this.#isSettled()) this.#wake()
      else this.#queue()
    } catch (error) {
      this.#options.reportError(error)
      if (this.#isClosed()) return
      // What did not get out is not forgotten: it goes with the next try.
      for (const arn of change.loadBalancers) this.#loadBalancers.add(arn)
      for (const arn of change.targetGroups) this.#targetGroups.add(arn)
      this.#retry = setTimeout(() => {
        this.#state = 'idle'
        this.#queue()
      }, RETRY_MS)
    }
  }

  #isSettled(): boolean {
    if (this.#isClosed()) return true
    return this.#state === 'idle' && this.#loadBalancers.size + this.#targetGroups.size === 0
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting = []
  }

  #isClosed(): boolean {
    return this.#state === 'closed'
  }
}

/** Takes the first ones out of a set. */
function take(names: Set<string>, most: number): Set<string> {
  const taken = new Set<string>()
  for (const name of names) {
    if (taken.size === most) break
    taken.add(name)
    names.delete(name)
  }
  return taken
}
