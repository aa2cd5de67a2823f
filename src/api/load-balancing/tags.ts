// Rules for the tags of load balancers and of what belongs to them.

import { fixedQuotas } from '../../model/quotas.ts'
import type { RowWriter } from '../../store/store.ts'
import { ApiError, validationError } from '../errors.ts'

type TagInput = { readonly Key: string; readonly Value?: string | undefined }

/** Keys that belong to AWS, in any letter case (ALB-LB-414, OQ-61 there). */
const isReserved = (key: string): boolean => key.toLowerCase().startsWith('aws:')

/** Refuses tags that no resource may have: reserved or repeated keys, blanks at the ends (ALB-LB-413, 414). */
export function checkTags(tags: readonly TagInput[] | undefined): void {
  const keys = new Set<string>()
  for (const { Key, Value = '' } of tags ?? []) {
    if (isReserved(Key)) throw reservedKey(Key)
    if (Key.trim() !== Key || Value.trim() !== Value) {
      throw validationError(`Tag '${Key}' must not have leading or trailing spaces in its key or value`)
    }
    if (keys.has(Key)) throw new ApiError('DuplicateTagKeys', `Tag key '${Key}' was specified more than once`)
    keys.add(Key)
  }
}

/** Adds or replaces checked tags, up to 50 a resource that are not AWS's own (ALB-LB-408, 416). */
export async function addTags(
  rows: RowWriter,
  arn: string,
  tags: readonly TagInput[] | undefined,
): Promise<void> {
  if (tags === undefined || tags.length === 0) return
  const keys = new Set((await rows.tags(arn)).map(({ key }) => key).filter((key) => !isReserved(key)))
  for (const { Key } of tags) keys.add(Key)
  if (keys.size > fixedQuotas.tagsPerResource) {
    throw new ApiError(
      'TooManyTags',
      `The maximum number of tags on '${arn}' is '${fixedQuotas.tagsPerResource}'`,
    )
  }
  await rows.putTags(
    arn,
    tags.map(({ Key, Value }) => ({ key: Key, value: Value ?? '' })),
  )
}

/** Refuses to remove tags that are AWS's own. */
export function checkTagKeys(keys: readonly string[]): void {
  const reserved = keys.find(isReserved)
  if (reserved !== undefined) throw reservedKey(reserved)
}

function reservedKey(key: string): ApiError {
  return validationError(`Tag keys starting with 'aws:' are reserved for system use: '${key}'`)
}
