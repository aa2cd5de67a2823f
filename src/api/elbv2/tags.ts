// Tags of load balancers, listeners, rules, target groups and trust stores.

import { arnKind } from '../../model/arns.ts'
import type { RowReader } from '../../store/store.ts'
import type { ApiEnvironment } from '../environment.ts'
import { validationError } from '../errors.ts'
import { addTags, checkTagKeys, checkTags } from '../load-balancing/tags.ts'
import type { Elbv2Handlers } from '../operations.ts'
import { tagList } from '../tags.ts'
import {
  checkListLength,
  theListener,
  theLoadBalancer,
  theRule,
  theTargetGroup,
  theTrustStore,
} from './resources.ts'

/** Most resources whose tags one call may ask for (ALB-LB OQ-62). */
const RESOURCES_MAX = 20

export function tagHandlers({
  store,
}: ApiEnvironment): Pick<Elbv2Handlers, 'AddTags' | 'RemoveTags' | 'DescribeTags'> {
  return {
    async AddTags(input) {
      const arn = onlyResource(input.ResourceArns)
      checkTags(input.Tags)
      await store.write(async (rows) => {
        await checkResource(rows, arn)
        await addTags(rows, arn, input.Tags)
      })
      return {}
    },
    async RemoveTags(input) {
      const arn = onlyResource(input.ResourceArns)
      checkTagKeys(input.TagKeys)
      await store.write(async (rows) => {
        await checkResource(rows, arn)
        await rows.tags.remove(arn, input.TagKeys)
      })
      return {}
    },
    async DescribeTags(input) {
      checkListLength('resources', input.ResourceArns, RESOURCES_MAX)
      return await store.read(async (rows) => {
        const TagDescriptions = []
        for (const arn of input.ResourceArns) {
          await checkResource(rows, arn)
          TagDescriptions.push({ ResourceArn: arn, Tags: tagList(await rows.tags.of(arn)) })
        }
        return { TagDescriptions }
      })
    },
  }
}

/** The calls that change tags have a list for what can only be one resource (ALB-LB OQ-62). */
function onlyResource(arns: readonly string[]): string {
  const [arn] = arns
  if (arn === undefined) throw validationError('A resource ARN must be specified')
  if (arns.length > 1) throw validationError('Only one resource can be tagged at a time')
  return arn
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
      throw validationError(`'${arn}' must be in ARN format`)
  }
}
