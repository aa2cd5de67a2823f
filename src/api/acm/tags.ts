// Tags of certificates: AddTagsToCertificate, RemoveTagsFromCertificate, ListTagsForCertificate.

import { fixedQuotas } from '../../model/quotas.ts'
import type { ApiEnvironment } from '../environment.ts'
import { ApiError } from '../errors.ts'
import { tagList, tagRules } from '../tags.ts'
import { theCertificate, type AcmHandlers } from './resources.ts'

export const { checkTags, addTags } = tagRules({
  reserved: (key) =>
    new ApiError('InvalidTagException', `Tag keys starting with 'aws:' are reserved: '${key}'`),
  repeated: (key) =>
    new ApiError('InvalidParameterException', `Tag key '${key}' was specified more than once`),
  tooMany: (arn) =>
    new ApiError(
      'TooManyTagsException',
      `The certificate ${arn} would have more than ${fixedQuotas.tagsPerResource} tags`,
    ),
})

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
        const tags = new Map((await rows.tags.of(arn)).map(({ key, value }) => [key, value]))
        // A tag that is named with a value goes only if it has that value.
        const removed = input.Tags.filter(({ Key, Value }) => Value === undefined || tags.get(Key) === Value)
        await rows.tags.remove(
          arn,
          removed.map(({ Key }) => Key),
        )
      })
      return {}
    },
    async ListTagsForCertificate(input, call) {
      return await store.read(async (rows) => {
        const { arn } = await theCertificate(rows, call, input.CertificateArn)
        return { Tags: tagList(await rows.tags.of(arn)) }
      })
    },
  }
}
