// Tags of server certificates.

import type { RowWriter, Tag } from '../../store/store.ts'
import type { ApiEnvironment } from '../environment.ts'
import { ApiError } from '../errors.ts'
import { listPage, theServerCertificate, type IamHandlers } from './resources.ts'

/** As the decoder gives it: required members are there. */
type TagInput = { readonly Key: string; readonly Value: string }

/** Most tags of one certificate. */
const TAGS_MAX = 50

export function tagHandlers({
  store,
}: ApiEnvironment): Pick<
  IamHandlers,
  'TagServerCertificate' | 'UntagServerCertificate' | 'ListServerCertificateTags'
> {
  return {
    async TagServerCertificate(input, call) {
      checkTags(input.Tags)
      await store.write(async (rows) => {
        const { arn } = await theServerCertificate(rows, call, input.ServerCertificateName)
        await addTags(rows, arn, input.Tags)
      })
      return {}
    },
    async UntagServerCertificate(input, call) {
      await store.write(async (rows) => {
        const { arn } = await theServerCertificate(rows, call, input.ServerCertificateName)
        await rows.removeTags(arn, input.TagKeys)
      })
      return {}
    },
    async ListServerCertificateTags(input, call) {
      return await store.read(async (rows) => {
        const { arn } = await theServerCertificate(rows, call, input.ServerCertificateName)
        const { items, more } = listPage('tags', await rows.tags(arn), input)
        return { Tags: describeTags(items), ...more }
      })
    },
  }
}

export function describeTags(tags: readonly Tag[]): { Key: string; Value: string }[] {
  return tags.map(({ key, value }) => ({ Key: key, Value: value }))
}

/** Refuses tags that no certificate may have. */
export function checkTags(tags: readonly TagInput[] | undefined): void {
  const keys = new Set<string>()
  for (const { Key } of tags ?? []) {
    if (Key.toLowerCase().startsWith('aws:')) {
      throw new ApiError('InvalidInput', `Tag keys starting with 'aws:' are reserved: '${Key}'`)
    }
    // Keys that differ in letter case alone are the same key to IAM.
    if (keys.has(Key.toLowerCase())) {
      throw new ApiError(
        'InvalidInput',
        'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
      )
    }
    keys.add(Key.toLowerCase())
  }
}

/** Adds or replaces checked tags. */
export async function addTags(
  rows: RowWriter,
  arn: string,
  tags: readonly TagInput[] | undefined,
): Promise<void> {
  if (tags === undefined) return
  // A key in other letters is the same key, and takes the new letters.
  const wanted = new Set(tags.map(({ Key }) => Key.toLowerCase()))
  const old = (await rows.tags(arn)).map(({ key }) => key)
  const replaced = old.filter((key) => wanted.has(key.toLowerCase()))
  if (old.length - replaced.length + tags.length > TAGS_MAX) {
    throw new ApiError('LimitExceeded', `The number of tags has reached the maximum limit: ${TAGS_MAX}.`)
  }
  await rows.removeTags(arn, replaced)
  await rows.putTags(
    arn,
    tags.map(({ Key, Value }) => ({ key: Key, value: Value })),
  )
}
