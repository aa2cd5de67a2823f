// Lists of EC2: filters by name with wildcards, and pages.

import { ApiError } from '../errors.ts'
import { marker, placeOf, slicePage } from '../pagination.ts'
import { WildcardPattern } from './wildcard-pattern.ts'

export interface Filter {
  readonly Name?: string | undefined
  readonly Values?: readonly string[] | undefined
}

/** As in EC2's guide: "you can specify up to 200 filter values per request". */
const FILTER_VALUES_MAX = 200

/** The values of an item under the names of filters. */
export type FilterFields<Item> = Readonly<Record<string, (item: Item) => readonly string[]>>

export interface Tagged {
  readonly tags: readonly { readonly key: string; readonly value: string }[]
}

/** Items that meet all filters; a filter is met by any of its values. Refuses names that are no filters. */
export function filtered<Item extends Tagged>(
  items: readonly Item[],
  filters: readonly Filter[] | undefined,
  fields: FilterFields<Item>,
): readonly Item[] {
  const valueCount = (filters ?? []).reduce((count, { Values: values = [] }) => count + values.length, 0)
  if (valueCount > FILTER_VALUES_MAX) {
    const message = `The maximum number of filter values specified on a single call is ${FILTER_VALUES_MAX}`
    throw new ApiError('FilterLimitExceeded', message)
  }
  const tests = (filters ?? []).map(({ Name: name = '', Values: values = [] }) => {
    const patterns = values.map((value) => new WildcardPattern(value))
    const valuesOf = fieldOf(name, fields)
    return (item: Item) => valuesOf(item).some((value) => patterns.some((pattern) => pattern.matches(value)))
  })
  return items.filter((item) => tests.every((test) => test(item)))
}

function fieldOf<Item extends Tagged>(
  name: string,
  fields: FilterFields<Item>,
): (item: Item) => readonly string[] {
  if (Object.hasOwn(fields, name)) return fields[name] as (item: Item) => readonly string[]
  if (name === 'tag-key') return ({ tags }) => tags.map(({ key }) => key)
  if (name === 'tag-value') return ({ tags }) => tags.map(({ value }) => value)
  if (name.startsWith('tag:')) {
    const key = name.slice('tag:'.length)
    return ({ tags }) => tags.filter((tag) => tag.key === key).map(({ value }) => value)
  }
  throw new ApiError('InvalidParameterValue', `The filter '${name}' is invalid`)
}

/** What tokens say that they are from. */
const LIST = 'ec2'

interface PageInput {
  readonly MaxResults?: number | undefined
  readonly NextToken?: string | undefined
}

/** A page of a list, with the token of the next one as a member to spread into the output. */
export function paged<Item>(
  items: readonly Item[],
  { MaxResults: size = 1000, NextToken: token }: PageInput,
): { readonly page: readonly Item[]; readonly next: { NextToken?: string } } {
  if (size < 5 || size > 1000) {
    throw new ApiError('InvalidParameterValue', `Value ( ${size} ) for parameter maxResults is invalid.`)
  }
  const after = placeOf(LIST, token)
  if (after === undefined) throw new ApiError('InvalidParameterValue', 'The token is invalid')
  const { items: page, next } = slicePage(items, { after, limit: size })
  return { page, next: next === null ? {} : { NextToken: marker(LIST, next) } }
}

/** The items of these IDs, or all where none is named. `notFound` makes the error for one that is not there. */
export function named<Item>(
  items: readonly Item[],
  ids: readonly string[] | undefined,
  idOf: (item: Item) => string,
  notFound: (id: string) => ApiError,
): readonly Item[] {
  if (ids === undefined || ids.length === 0) return items
  const present = new Set(items.map(idOf))
  for (const id of ids) if (!present.has(id)) throw notFound(id)
  const wanted = new Set(ids)
  return items.filter((item) => wanted.has(idOf(item)))
}
