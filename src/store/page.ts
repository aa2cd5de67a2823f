// Parts of long lists, in an order that does not change while they are read.

/** A part of a list: rows after `after`, at most `limit`. */
export interface Page {
  /** Place of the last row of the page before in the order of the list; 0 for the first page. */
  readonly after: number
  readonly limit: number
}

/** `next` is the `after` of the following page, or null at the end. */
export interface PageOf<T> {
  readonly items: readonly T[]
  readonly next: number | null
}

/** Rows that are read at a time where all of a list are wanted. */
const BATCH = 500

/** All of a list, page by page: one query for all of them would hold up everything else. */
export async function allOf<T>(list: (page: Page) => Promise<PageOf<T>>): Promise<readonly T[]> {
  const all: T[] = []
  for (let after: number | null = 0; after !== null;) {
    const { items, next }: PageOf<T> = await list({ after, limit: BATCH })
    all.push(...items)
    after = next
  }
  return all
}
