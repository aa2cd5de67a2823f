// Which handler answers which operation of which API.

import { attributeHandlers } from './elbv2/attributes.ts'
import { limitHandlers } from './elbv2/limits.ts'
import { listenerHandlers } from './elbv2/listeners.ts'
import { loadBalancerHandlers } from './elbv2/load-balancers.ts'
import { ruleHandlers } from './elbv2/rules.ts'
import { tagHandlers } from './elbv2/tags.ts'
import { targetGroupHandlers } from './elbv2/target-groups.ts'
import { targetHandlers } from './elbv2/targets.ts'
import type { ApiEnvironment } from './environment.ts'
import { ApiError } from './errors.ts'
import { ELBV2_VERSION, models, type Operation, type ServiceModel } from './model.ts'
import { notOffered } from './not-offered.ts'
import type { Elbv2Handlers, Handler } from './operations.ts'

/** Handlers by API version and operation. */
export type Registry = ReadonlyMap<string, ReadonlyMap<string, Handler>>

export function createRegistry(environment: ApiEnvironment): Registry {
  const elbv2: Partial<Elbv2Handlers> = {
    ...attributeHandlers(environment),
    ...limitHandlers(),
    ...listenerHandlers(environment),
    ...loadBalancerHandlers(environment),
    ...ruleHandlers(environment),
    ...tagHandlers(environment),
    ...targetGroupHandlers(environment),
    ...targetHandlers(environment),
  }
  return new Map([[ELBV2_VERSION, new Map(Object.entries(elbv2) as [string, Handler][])]])
}

export interface FoundOperation {
  readonly model: ServiceModel
  readonly operation: Operation
  readonly handler: Handler
}

/** What answers a request, or the error that AWS gives for a request that nothing answers. */
export function findOperation(registry: Registry, version: string, action: string): FoundOperation {
  if (action === '') throw new ApiError('MissingAction', 'The request must contain the parameter Action')
  const model = models.get(version)
  const operation = model?.operations.get(action)
  if (model === undefined || operation === undefined) {
    throw new ApiError(
      'InvalidAction',
      `Could not find operation ${action} for version ${version || 'NO_VERSION_SPECIFIED'}`,
    )
  }
  const handler = registry.get(version)?.get(action)
  if (handler !== undefined) return { model, operation, handler }
  if (notOffered.get(version)?.has(action) === true) {
    throw new ApiError(
      'OperationNotPermitted',
      `The operation ${action} of version ${version} is not supported`,
    )
  }
  throw new Error(`No handler for ${action} of version ${version}`)
}
