// Rules for the tags of load balancers and of what belongs to them.

import { fixedQuotas } from '../../model/quotas.ts'
import { ApiError, validationError } from '../errors.ts'
import { isReserved, tagRules, type TagInput } from '../tags.ts'

/** Up to 50 a resource that are not AWS's own, whose keys no caller may use (ALB-LB-408, 414, 416). */
const rules = tagRules({
  reserved: reservedKey,
  repeated: (key) => new ApiError('DuplicateTagKeys', `Tag key '${key}' was specified more than once`),
  tooMany: (arn) =>
    new ApiError('TooManyTags', `The maximum number of tags on '${arn}' is '${fixedQuotas.tagsPerResource}'`),
})

export const { addTags } = rules

/** Refuses tags that no resource may have: reserved or repeated keys, blanks at the ends (ALB-LB-413, 414). */
export function checkTags(tags: readonly TagInput[] | undefined): void {
  rules.checkTags(tags)
  for (const { Key, Value = '' } of tags ?? []) {
    if (Key.trim() !== Key || Value.trim() !== Value) {
      throw validationError(`Tag '${Key}' must not have leading or trailing spaces in its key or value`)
    }
  }
}

/** Refuses to remove tags that are AWS's own. */
export function checkTagKeys(keys: readonly string[]): void {
  const reserved = keys.find(isReserved)
  if (reserved !== undefined) throw reservedKey(reserved)
}

function reservedKey(key: string): ApiError {
  return validationError(`Tag keys starting with 'aws:' are reserved for system use: '${key}'`)
}
