// Tags of server certificates.

import { fixedQuotas } from '../../model/quotas.ts'
import type { ApiEnvironment } from '../environment.ts'
import { ApiError } from '../errors.ts'
import { tagList, tagRules } from '../tags.ts'
import { listPage, theServerCertificate, type IamHandlers } from './resources.ts'

export const { checkTags, addTags } = tagRules({
  reserved: (key) => new ApiError('InvalidInput', `Tag keys starting with 'aws:' are reserved: '${key}'`),
  repeated: () =>
    new ApiError('InvalidInput', 'Duplicate tag keys found. Please note that Tag keys are case insensitive.'),
  tooMany: () =>
    new ApiError(
      'LimitExceeded',
      `The number of tags has reached the maximum limit: ${fixedQuotas.tagsPerResource}.`,
    ),
  fold: (key) => key.toLowerCase(),
})

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
        await rows.tags.remove(arn, input.TagKeys)
      })
      return {}
    },
    async ListServerCertificateTags(input, call) {
      return await store.read(async (rows) => {
        const { arn } = await theServerCertificate(rows, call, input.ServerCertificateName)
        const { items, more } = listPage('tags', await rows.tags.of(arn), input)
        return { Tags: tagList(items), ...more }
      })
    },
  }
}
