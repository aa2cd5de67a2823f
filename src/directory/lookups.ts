// How something gets to be known that is elsewhere: whoever needs it says so by an error, which undoes the transaction
// that it is in; it is looked up outside, and the work done again. So no transaction ever waits for a network.

/** Thrown by a directory for what it does not know yet. */
export class LookupNeeded extends Error {
  override readonly name = 'LookupNeeded'
  /** Looks it up; afterwards the directory knows it, or that it is not there. Rejects with DirectoryUnavailable. */
  readonly lookUp: () => Promise<void>

  constructor(what: string, lookUp: () => Promise<void>) {
    super(`${what} has to be looked up outside a transaction`)
    this.lookUp = lookUp
  }
}

/** What has to be looked up cannot be, now: the message says where and why. */
export class DirectoryUnavailable extends Error {
  override readonly name = 'DirectoryUnavailable'
}

/** Different things that one piece of work may look up, more than any call of the API names one by one. */
const LOOKUPS_MAX = 100

/** Does the work, again after each lookup that it needs. What the work did must be undone when it throws. */
export async function withLookups<T>(work: () => Promise<T>): Promise<T> {
  for (let count = 0; ; count++) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof LookupNeeded)) throw error
      if (count === LOOKUPS_MAX) {
        throw new DirectoryUnavailable(`More than ${LOOKUPS_MAX} things would have to be looked up at once`, {
          cause: error,
        })
      }
      await error.lookUp()
    }
  }
}

/**
 * What the directory says now; undefined for what it does not know yet, which it is told to look up: it reports what
 * fails, tries it again, and tells of the change when it is there. For traffic, which waits for nothing.
 */
export async function knownNow<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof LookupNeeded) {
      error.lookUp().catch(() => undefined)
      return undefined
    }
    if (error instanceof DirectoryUnavailable) return undefined
    throw error
  }
}
