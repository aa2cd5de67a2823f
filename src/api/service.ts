// What a service of the endpoint is: a wire protocol and one or more versions of an API, loaded when first asked for.

import type { ApiEnvironment } from './environment.ts'
import type { ServiceModel } from './model.ts'
import type { Handler } from './operations.ts'
import type { ConstraintTable } from './protocol/constraint-problems.ts'
import type { Protocol } from './protocol/protocol.ts'

export interface Service {
  /** Name in the scope of a signature. */
  readonly signingName: string
  readonly protocol: Protocol
  /** First part of `X-Amz-Target`, for protocols that use it. */
  readonly targetPrefix?: string
  /** By the value of `Version`; a protocol that names none has one version named ''. */
  readonly apis: ReadonlyMap<string, LoadApi>
}

/** Models are large: no one pays for an API that is not used. */
export type LoadApi = (environment: ApiEnvironment) => Promise<Api>

export interface Api {
  readonly model: ServiceModel
  readonly constraints: ConstraintTable
  readonly handlers: ReadonlyMap<string, Handler>
}

/** Handlers by operation, as the server calls them. */
export function handlerMap(handlers: object): ReadonlyMap<string, Handler> {
  return new Map(Object.entries(handlers) as [string, Handler][])
}
