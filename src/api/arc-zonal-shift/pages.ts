// Lists in parts: a token names the last item of the part before, not its place, because the newest shift comes first and
// moves the others.

import { ApiError } from '../errors.ts'

const RESULTS_MAX = 100

interface PageInput {
  readonly nextToken?: string
  readonly maxResults?: number
}

/** The items behind the token; `nextToken` is there while there are more. */
export function pageOf<Item>(
  all: readonly Item[],
  { nextToken, maxResults = RESULTS_MAX }: PageInput,
  idOf: (item: Item) => string,
): { readonly items: readonly Item[]; readonly nextToken?: string } {
  let from = 0
  if (nextToken !== undefined) {
    const id = Buffer.from(nextToken, 'base64url').toString()
    from = all.findIndex((item) => idOf(item) === id) + 1
    if (from === 0) {
      throw new ApiError('ValidationException', `The token '${nextToken}' is not valid`, {
        reason: 'InvalidToken',
      })
    }
  }
  const items = all.slice(from, from + maxResults)
  const last = items.at(-1)
  if (last === undefined || from + items.length === all.length) return { items }
  return { items, nextToken: Buffer.from(idOf(last)).toString('base64url') }
}
