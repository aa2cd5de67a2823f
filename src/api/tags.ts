// Tags as every service of AWS has them: in lists of `Key` and `Value`, 50 at most that are not AWS's own, each key once.
// Services differ in how they say no, and in whether the case of letters counts.

import { fixedQuotas } from '../model/quotas.ts'
import type { RowWriter } from '../store/store.ts'
import type { Tag } from '../store/tags.ts'
import type { ApiError } from './errors.ts'

/** As the decoder gives it: required members are there. */
export type TagInput = { readonly Key: string; readonly Value?: string | undefined }

/** How a service refuses tags. */
export interface TagRefusals {
  /** Keys that belong to AWS. */
  readonly reserved: (key: string) => ApiError
  readonly repeated: (key: string) => ApiError
  readonly tooMany: (arn: string) => ApiError
  /** What two keys have in common that are the same key to the service. Missing: every letter. */
  readonly fold?: (key: string) => string
}

export interface TagRules {
  /** Refuses tags that no resource may have. */
  readonly checkTags: (tags: readonly TagInput[] | undefined) => void
  /** Adds or replaces checked tags. */
  readonly addTags: (rows: RowWriter, arn: string, tags: readonly TagInput[] | undefined) => Promise<void>
}

export function tagRules({ reserved, repeated, tooMany, fold = (key) => key }: TagRefusals): TagRules {
  return {
    checkTags(tags = []) {
      const keys = new Set<string>()
      for (const { Key } of tags) {
        if (isReserved(Key)) throw reserved(Key)
        if (keys.has(fold(Key))) throw repeated(Key)
        keys.add(fold(Key))
      }
    },
    async addTags(rows, arn, tags = []) {
      if (tags.length === 0) return
      const wanted = new Set(tags.map(({ Key }) => fold(Key)))
      const old = (await rows.tags.of(arn)).map(({ key }) => key)
      const kept = old.filter((key) => !wanted.has(fold(key)) && !isReserved(key))
      if (kept.length + wanted.size > fixedQuotas.tagsPerResource) throw tooMany(arn)
      // A key in other letters is the same key, and takes the new letters.
      const respelled = old.filter((key) => wanted.has(fold(key)) && tags.every(({ Key }) => Key !== key))
      if (respelled.length > 0) await rows.tags.remove(arn, respelled)
      await rows.tags.put(
        arn,
        tags.map(({ Key, Value = '' }) => ({ key: Key, value: Value })),
      )
    },
  }
}

/** In any letter case (ALB-LB-414, OQ-61 there). */
export function isReserved(key: string): boolean {
  return key.toLowerCase().startsWith('aws:')
}

/** Tags as services give them. */
export function tagList(tags: readonly Tag[]): { Key: string; Value: string }[] {
  return tags.map(({ key, value }) => ({ Key: key, Value: value }))
}
