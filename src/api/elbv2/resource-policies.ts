// Policies by which resources are shared with other accounts. Nothing can be shared here, so no resource has one.

import { ApiError, validationError } from '../errors.ts'
import type { Elbv2Handlers } from '../operations.ts'

const RESOURCE_ARN = /^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:[a-z-]+\/[A-Za-z0-9/-]+$/

export function resourcePolicyHandlers(): Pick<Elbv2Handlers, 'GetResourcePolicy'> {
  return {
    async GetResourcePolicy({ ResourceArn: arn }) {
      if (!RESOURCE_ARN.test(arn)) throw validationError(`'${arn}' is not a valid resource ARN`)
      throw new ApiError('ResourceNotFound', `There is no resource policy for '${arn}'`)
    },
  }
}
