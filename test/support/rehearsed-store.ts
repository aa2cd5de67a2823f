// A store that runs every unit of work twice, the first time undone: what a database does that finds, at the end of a
// transaction, that another one was faster. Work that changes anything but rows shows itself by that.

import type { RowWriter, Store } from '../../src/store/store.ts'

class Undone extends Error {}

export function rehearsedStore(store: Store): Store {
  const running = new Set<Promise<unknown>>()
  let isClosed = false

  async function write<T>(work: (rows: RowWriter) => Promise<T>): Promise<T> {
    if (isClosed) throw new Error('The store is closed')
    const result = writeTwice(work)
    running.add(result)
    try {
      return await result
    } finally {
      running.delete(result)
    }
  }

  async function writeTwice<T>(work: (rows: RowWriter) => Promise<T>): Promise<T> {
    const undone = new Undone()
    const rehearsal = store.write(async (rows) => {
      await work(rows)
      throw undone
    })
    await rehearsal.catch((error: unknown) => {
      if (error !== undone) throw error
    })
    return await store.write(work)
  }
  return {
    changes: store.changes,
    write,
    read: async (work) => {
      await store.read(work)
      return await store.read(work)
    },
    everything: async () => await store.everything(),
    markApplied: async (arns) => await store.markApplied(arns),
    markFailed: async (arn, reason) => await store.markFailed(arn, reason),
    markImpaired: async (arn, reason) => await store.markImpaired(arn, reason),
    drainingTargets: async () => await store.drainingTargets(),
    finishDeregistration: async (arn, key) => await store.finishDeregistration(arn, key),
    close: async () => {
      isClosed = true
      await Promise.allSettled(running)
      await store.close()
    },
  }
}
