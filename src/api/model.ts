// The model of an API: every operation, shape and error, read from the schema objects of AWS's own SDK. The only file
// that knows their form.

import { NormalizedSchema } from '@smithy/core/schema'
import type { StaticErrorSchema, StaticOperationSchema, StaticStructureSchema } from '@smithy/types'

export interface Operation {
  readonly name: string
  readonly input: NormalizedSchema
  readonly output: NormalizedSchema
  /** HTTP status of an answer. Missing: 200. */
  readonly status?: number
}

export interface ServiceModel {
  /** Version of the API, as AWS names it: `2015-12-01`. */
  readonly version: string
  readonly xmlNamespace: string
  readonly operations: ReadonlyMap<string, Operation>
  /** HTTP status by error code as it stands on the wire. */
  readonly errors: ReadonlyMap<string, number>
}

/** First element of the SDK's schema tuples. */
const OPERATION = 9
const ERROR = -3

/** Names of the required members: the schema lists them first and says how many there are. */
export function requiredMembers(schema: NormalizedSchema): readonly string[] {
  const [, , , , names, , count = 0] = schema.getSchema() as StaticStructureSchema
  return names.slice(0, count)
}

/** Reads the model out of the exports of an SDK package. */
export function readModel(version: string, xmlNamespace: string, sdk: object): ServiceModel {
  const operations = new Map<string, Operation>()
  const errors = new Map<string, number>()
  for (const schema of Object.values(sdk)) {
    if (!Array.isArray(schema)) continue
    if (schema[0] === OPERATION) {
      const [, , name, traits, input, output] = schema as unknown as StaticOperationSchema
      const http = typeof traits === 'object' ? traits.http : undefined
      operations.set(name, {
        name,
        input: NormalizedSchema.of(input),
        output: NormalizedSchema.of(output),
        ...(http === undefined ? {} : { status: http[2] }),
      })
    } else if (schema[0] === ERROR) {
      const [, , name, traits] = schema as unknown as StaticErrorSchema
      const { awsQueryError, httpError } = traits as ErrorTraits
      if (awsQueryError !== undefined) errors.set(awsQueryError[0], awsQueryError[1])
      else if (httpError !== undefined) errors.set(name, httpError)
    }
  }
  return { version, xmlNamespace, operations, errors }
}

interface ErrorTraits {
  readonly awsQueryError?: readonly [code: string, status: number]
  readonly httpError?: number
}
