// Tags of certificates: AddTagsToCertificate, RemoveTagsFromCertificate, ListTagsForCertificate.

import type { RowWriter } from '../../store/store.ts'
import type { ApiEnvironment } from '../environment.ts'
import { ApiError } from '../errors.ts'
import { theCertificate, type AcmHandlers } from './resources.ts'

type TagInput = { readonly Key: string; readonly Value?: string | undefined }

/** Most tags of one certificate. */
const TAGS_MAX = 50

export function tagHandlers({
  store,
}: ApiEnvironment): Pick<
  AcmHandlers,
  'AddTagsToCertificate' | 'RemoveTagsFromCertificate' | 'ListTagsForCertificate'
> {
  return {
    async AddTagsToCertificate(input, call) {
      checkTags(input.Tags)
      await store.write(async (rows) => {
        const { arn } = await theCertificate(rows, call, input.CertificateArn)
        await addTags(rows, arn, input.Tags)
      })
      return {}
    },
    async RemoveTagsFromCertificate(input, call) {
      checkTags(input.Tags)
      await store.write(async (rows) => {
        const { arn } = await theCertificate(rows, call, input.CertificateArn)
        const tags = new Map((await rows.tags(arn)).map(({ key, value }) => [key, value]))
        // A tag that is named with a value goes only if it has that value.
        const removed = input.Tags.filter(({ Key, Value }) => Value === undefined || tags.get(Key) === Value)
        await rows.removeTags(
          arn,
          removed.map(({ Key }) => Key),
        )
      })
      return {}
    },
    async ListTagsForCertificate(input, call) {
      return await store.read(async (rows) => {
        const { arn } = await theCertificate(rows, call, input.CertificateArn)
        const tags = await rows.tags(arn)
        return { Tags: tags.map(({ key, value }) => ({ Key: key, Value: value })) }
      })
    },
  }
}

/** Refuses tags that no certificate may have. */
export function checkTags(tags: readonly TagInput[] | undefined): void {
  const keys = new Set<string>()
  for (const { Key } of tags ?? []) {
    if (Key.toLowerCase().startsWith('aws:')) {
      throw new ApiError('InvalidTagException', `Tag keys starting with 'aws:' are reserved: '${Key}'`)
    }
    if (keys.has(Key)) {
      throw new ApiError('InvalidParameterException', `Tag key '${Key}' was specified more than once`)
    }
    keys.add(Key)
  }
}

/** Adds or replaces checked tags. */
export async function addTags(
  rows: RowWriter,
  arn: string,
  tags: readonly TagInput[] | undefined,
): Promise<void> {
  if (tags === undefined) return
  const keys = new Set((await rows.tags(arn)).map(({ key }) => key))
  for (const { Key } of tags) keys.add(Key)
  if (keys.size > TAGS_MAX) {
    throw new ApiError('TooManyTagsException', `The certificate ${arn} would have more than ${TAGS_MAX} tags`)
  }
  await rows.putTags(
    arn,
    tags.map(({ Key, Value }) => ({ key: Key, value: Value ?? '' })),
  )
}
