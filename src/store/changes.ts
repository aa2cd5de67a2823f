// The feed of what committed units of work changed. Whatever is kept in memory of what is stored follows this feed, and
// so knows nothing of a unit of work that failed.

import type { NetworkItem } from '../model/networks.ts'
import type { ZonalShift } from '../model/zonal-shifts.ts'

/** ARNs whose units have to be built again; a named resource that no longer exists was deleted. */
export interface StoreChange {
  readonly loadBalancers: ReadonlySet<string>
  readonly targetGroups: ReadonlySet<string>
}

/** What one unit of work changed, as it is stored now. */
export interface CommittedChange extends StoreChange {
  readonly networks: readonly NetworkChange[]
  /** Shifts that are new or in another state. */
  readonly zonalShifts: readonly ZonalShift[]
}

/** `item` is null where it was removed. */
export interface NetworkChange {
  readonly region: string
  readonly id: string
  readonly item: NetworkItem | null
}

/** Notes what a unit of work changes, while it runs. */
export class ChangeNotes implements CommittedChange {
  readonly loadBalancers = new Set<string>()
  readonly targetGroups = new Set<string>()
  readonly networks: NetworkChange[] = []
  readonly zonalShifts: ZonalShift[] = []

  get isEmpty(): boolean {
    const { loadBalancers, targetGroups, networks, zonalShifts } = this
    return loadBalancers.size + targetGroups.size + networks.length + zonalShifts.length === 0
  }
}

export class ChangeFeed {
  readonly #followers = new Set<(change: CommittedChange) => void>()
  readonly #reportError: (error: unknown) => void

  /** `reportError` is told of what followers throw. */
  constructor(reportError: (error: unknown) => void) {
    this.#reportError = reportError
  }

  /**
   * Has `follower` told of every commit from now on, in the order of the commits, before the next unit of work begins and
   * before the promise of this one resolves. Followers are told in the order in which they came. Returns the function
   * that ends it.
   */
  follow(follower: (change: CommittedChange) => void): () => void {
    this.#followers.add(follower)
    return () => void this.#followers.delete(follower)
  }

  /** Only for the store, after a commit. */
  tell(change: ChangeNotes): void {
    if (change.isEmpty) return
    for (const follower of this.#followers) {
      try {
        follower(change)
      } catch (error) {
        // What was committed stays; who follows must not make it look undone.
        this.#reportError(error)
      }
    }
  }

  /** Nobody is told any more. */
  close(): void {
    this.#followers.clear()
  }
}
