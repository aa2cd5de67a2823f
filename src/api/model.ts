// The API model: every operation, shape and error of both load balancing APIs, read from the schema objects of AWS's
// own SDK. The only file that knows their form.

import * as elbSdk from '@aws-sdk/client-elastic-load-balancing'
import * as elbv2Sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import { NormalizedSchema } from '@smithy/core/schema'
import type { StaticErrorSchema, StaticOperationSchema, StaticStructureSchema } from '@smithy/types'

export interface Operation {
  readonly name: string
  readonly input: NormalizedSchema
  readonly output: NormalizedSchema
}

export interface ServiceModel {
  /** Value of the `Version` parameter. */
  readonly version: string
  readonly xmlNamespace: string
  readonly operations: ReadonlyMap<string, Operation>
  /** HTTP status by error code as it stands on the wire. */
  readonly errors: ReadonlyMap<string, number>
}

/** First element of the SDK's schema tuples. */
const OPERATION = 9
const ERROR = -3

export const ELB_VERSION = '2012-06-01'
export const ELBV2_VERSION = '2015-12-01'

/** Both APIs share one endpoint; the `Version` parameter tells them apart. */
export const models: ReadonlyMap<string, ServiceModel> = new Map(
  [readModel(ELB_VERSION, elbSdk), readModel(ELBV2_VERSION, elbv2Sdk)].map((model) => [model.version, model]),
)

/** Names of the required members: the schema lists them first and says how many there are. */
export function requiredMembers(schema: NormalizedSchema): readonly string[] {
  const [, , , , names, , count = 0] = schema.getSchema() as StaticStructureSchema
  return names.slice(0, count)
}

function readModel(version: string, sdk: object): ServiceModel {
  const operations = new Map<string, Operation>()
  const errors = new Map<string, number>()
  for (const schema of Object.values(sdk)) {
    if (!Array.isArray(schema)) continue
    if (schema[0] === OPERATION) {
      const [, , name, , input, output] = schema as unknown as StaticOperationSchema
      operations.set(name, {
        name,
        input: NormalizedSchema.of(input),
        output: NormalizedSchema.of(output),
      })
    } else if (schema[0] === ERROR) {
      const [, , , traits] = schema as unknown as StaticErrorSchema
      const error = (traits as { awsQueryError?: readonly [string, number] }).awsQueryError
      if (error !== undefined) errors.set(error[0], error[1])
    }
  }
  return {
    version,
    xmlNamespace: `http://elasticloadbalancing.amazonaws.com/doc/${version}/`,
    operations,
    errors,
  }
}
