// The REST-JSON protocol: method and path say what is asked for; members come in the path, the query and a JSON body. A
// member's place is not looked at: no operation that is offered has two of the same name.

import type { NormalizedSchema } from '@smithy/core/schema'
import type { StaticOperationSchema } from '@smithy/types'
import { ApiError } from '../errors.ts'
import { decodeJson, encodeJson, jsonProtocol, readJson } from './json.ts'
import type { Protocol } from './protocol.ts'

interface Route {
  readonly action: string
  readonly method: string
  /** Of the path: texts, and names of members in braces. */
  readonly segments: readonly string[]
}

/** `schemas`: what an SDK package of this protocol exports. */
export function restJsonProtocol(schemas: object): Protocol {
  const routes = Object.values(schemas).flatMap((schema: readonly unknown[]) => routeOf(schema))
  return {
    contentType: 'application/json',
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    ...(jsonProtocol.commonErrors === undefined ? {} : { commonErrors: jsonProtocol.commonErrors }),
    parse({ method, url, body }) {
      const [path = '', query = ''] = url.split('?', 2)
      const segments = path.split('/').slice(1)
      const route = routes.find((each) => each.method === method && isMatch(each, segments))
      return {
        version: '',
        action: route?.action ?? '',
        decode({ input }, constraints) {
          const value: Record<string, unknown> = { ...readJson(body) }
          for (const [name, text] of new URLSearchParams(query)) value[name] = numberOrText(input, name, text)
          for (const [index, segment] of (route?.segments ?? []).entries()) {
            const name = memberIn(segment)
            if (name !== null) value[name] = decodeSegment(segments[index] ?? '')
          }
          return decodeJson(input, value, constraints)
        },
      }
    },
    encodeOutput: (_model, operation, output) => encodeJson(operation.output, output),
    encodeError: (_xmlNamespace, { code, message, members }) => {
      return JSON.stringify({ __type: code, message, ...members })
    },
  }
}

function routeOf(schema: readonly unknown[]): Route[] {
  if (schema[0] !== 9) return []
  const [, , action, traits] = schema as unknown as StaticOperationSchema
  const http = typeof traits === 'object' ? traits.http : undefined
  if (http === undefined) return []
  return [{ action, method: http[0], segments: http[1].split('/').slice(1) }]
}

function isMatch({ segments }: Route, actual: readonly string[]): boolean {
  if (segments.length !== actual.length) return false
  return segments.every((segment, index) => memberIn(segment) !== null || segment === actual[index])
}

/** `{name}` as `name`. */
function memberIn(segment: string): string | null {
  return segment.startsWith('{') ? segment.slice(1, -1) : null
}

function decodeSegment(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new ApiError('SerializationException', `'${text}' in the path is not URL-encoded`)
  }
}

/** What is no number stays a text, which is refused like one in a body. */
function numberOrText(input: NormalizedSchema, name: string, text: string): unknown {
  const member = input.isStructSchema() && input.getMemberSchemas()[name]
  return member && member.isNumericSchema() && /^-?\d{1,15}$/.test(text) ? Number(text) : text
}
