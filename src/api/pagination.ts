// Parts of long lists: page sizes and the opaque markers between pages.

import type { Page, PageOf } from '../store/page.ts'
import { validationError } from './errors.ts'

/** Largest page, and the size of a page when the caller names none (ALB-LB OQ-08). */
export const PAGE_SIZE_MAX = 400

interface PageInput {
  readonly Marker?: string | undefined
  readonly PageSize?: number | undefined
}

/** The part of a list that the caller asks for. `list` names the list, so that a marker fits only where it is from. */
export function pageOf(list: string, input: PageInput): Page {
  return { after: readMarker(list, input.Marker), limit: input.PageSize ?? PAGE_SIZE_MAX }
}

/** The marker of the next part, as a member to spread into the output; none at the end of the list. */
export function nextMarker(list: string, next: number | null): { NextMarker?: string } {
  return next === null ? {} : { NextMarker: marker(list, next) }
}

export function marker(list: string, next: number): string {
  return Buffer.from(JSON.stringify([list, next])).toString('base64url')
}

/** A part of a list that is already in memory. */
export function slicePage<T>(items: readonly T[], page: Page): PageOf<T> {
  const end = page.after + page.limit
  return { items: items.slice(page.after, end), next: end < items.length ? end : null }
}

/** Where a part of the list begins; throws a ValidationError for a marker of something else. */
export function readMarker(list: string, text: string | undefined): number {
  const after = placeOf(list, text)
  if (after !== undefined) return after
  throw validationError(`The marker '${text?.slice(0, 200)}' is not valid`)
}

/** The same without an opinion on how to say it: undefined for a marker of something else. */
export function placeOf(list: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return 0
  try {
    const [name, after] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[]
    if (name === list && Number.isSafeInteger(after) && Number(after) > 0) return Number(after)
  } catch {
    // Not one of ours.
  }
  return undefined
}
