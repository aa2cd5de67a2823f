// Tags of load balancers, listeners, rules, target groups and trust stores.

import { arnKind } from '../../model/arns.ts'
import type { RowReader, RowWriter } from '../../store/store.ts'
import type { ApiEnvironment } from '../environment.ts'
import { ApiError, validationError } from '../errors.ts'
import type { Elbv2Handlers } from '../operations.ts'
import { fixedQuotas } from './limits.ts'
import {
  checkListLength,
  theListener,
  theLoadBalancer,
  theRule,
  theTargetGroup,
  theTrustStore,
} from './resources.ts'

type TagInput = { readonly Key: string; readonly Value?: string | undefined }

/** Most resources that one call may name (ALB-LB OQ-62). */
const RESOURCES_MAX = 20

/** Keys that belong to AWS, in any letter case (ALB-LB-414, OQ-61 there). */
const isReserved = (key: string): boolean => key.toLowerCase().startsWith('aws:')

/** Refuses tags that no resource may have: reserved or repeated keys, blanks at the ends (ALB-LB-413, 414). */
export function checkTags(tags: readonly TagInput[] | undefined): void {
  const keys = new Set<string>()
  for (const { Key, Value = '' } of tags ?? []) {
    if (isReserved(Key)) {
      throw validationError(`Tag keys starting with 'aws:' are reserved for system use: '${Key}'`)
    }
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

export function tagHandlers({
  store,
}: ApiEnvironment): Pick<Elbv2Handlers, 'AddTags' | 'RemoveTags' | 'DescribeTags'> {
  return {
    async AddTags(input) {
      checkTags(input.Tags)
      checkListLength('resources', input.ResourceArns, RESOURCES_MAX)
      await store.write(async (rows) => {
        for (const arn of input.ResourceArns) {
          await checkResource(rows, arn)
          await addTags(rows, arn, input.Tags)
        }
      })
      return {}
    },
    async RemoveTags(input) {
      const reserved = input.TagKeys.find(isReserved)
      if (reserved !== undefined) {
        throw validationError(`Tag keys starting with 'aws:' are reserved for system use: '${reserved}'`)
      }
      checkListLength('resources', input.ResourceArns, RESOURCES_MAX)
      await store.write(async (rows) => {
        for (const arn of input.ResourceArns) {
          await checkResource(rows, arn)
          await rows.removeTags(arn, input.TagKeys)
        }
      })
      return {}
    },
    async DescribeTags(input) {
      checkListLength('resources', input.ResourceArns, RESOURCES_MAX)
      return await store.read(async (rows) => {
        const TagDescriptions = []
        for (const arn of input.ResourceArns) {
          await checkResource(rows, arn)
          const tags = await rows.tags(arn)
          TagDescriptions.push({
            ResourceArn: arn,
            Tags: tags.map(({ key, value }) => ({ Key: key, Value: value })),
          })
        }
        return { TagDescriptions }
      })
    },
  }
}

async function checkResource(rows: RowReader, arn: string): Promise<void> {
  switch (arnKind(arn)) {
    case 'load-balancer':
      await theLoadBalancer(rows, arn)
      return
    case 'listener':
      await theListener(rows, arn)
      return
    case 'rule':
      await theRule(rows, arn)
      return
    case 'target-group':
      await theTargetGroup(rows, arn)
      return
    case 'trust-store':
      await theTrustStore(rows, arn)
      return
    case undefined:
      throw validationError(`'${arn}' is not a valid resource ARN`)
  }
}
