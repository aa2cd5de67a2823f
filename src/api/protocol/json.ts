// The AWS JSON 1.1 protocol, as ACM speaks it: the operation in a header, JSON in and out.

import type { NormalizedSchema } from '@smithy/core/schema'
import { ApiError, validationError } from '../errors.ts'
import { requiredMembers } from '../model.ts'
import { addConstraintProblems, type ConstraintTable, ProblemList } from './constraint-problems.ts'
import type { Protocol } from './protocol.ts'

/** Nesting of an input that is still looked into. */
const DEPTH_MAX = 32
/** Values of an input, in structures and lists; far above any input that passes validation. */
const VALUES_MAX = 8192

export const jsonProtocol: Protocol = {
  contentType: 'application/x-amz-json-1.1',
  commonErrors: {
    AccessDenied: 'AccessDeniedException',
    IncompleteSignature: 'IncompleteSignatureException',
    InvalidAction: 'UnknownOperationException',
    InvalidClientTokenId: 'UnrecognizedClientException',
    MalformedQueryString: 'SerializationException',
    MissingAction: 'UnknownOperationException',
    MissingAuthenticationToken: 'MissingAuthenticationTokenException',
    OperationNotPermitted: 'UnknownOperationException',
    RequestExpired: 'InvalidSignatureException',
    SignatureDoesNotMatch: 'InvalidSignatureException',
    Throttling: 'ThrottlingException',
    ValidationError: 'ValidationException',
  },
  parse({ headers, body }) {
    const target = String(headers['x-amz-target'] ?? '')
    return {
      version: '',
      action: target.slice(target.lastIndexOf('.') + 1),
      decode: ({ input }, constraints) => decodeJson(input, readJson(body), constraints),
    }
  },
  encodeOutput: (_model, operation, output) => encodeJson(operation.output, output),
  encodeError: (_xmlNamespace, { code, message }) => JSON.stringify({ __type: code, message }),
}

/** An input out of a JSON object. Throws an ApiError that names everything that is wrong with it. */
export function decodeJson(
  input: NormalizedSchema,
  value: unknown,
  constraints: ConstraintTable,
): Record<string, unknown> {
  const problems = new ProblemList()
  const decoded = decode(input, value, '', { constraints, problems, values: 0 }, 0)
  const { count, texts } = problems
  if (count === 0) return decoded as Record<string, unknown>
  const noun = count === 1 ? 'error' : 'errors'
  throw new ApiError('ValidationException', `${count} validation ${noun} detected: ${texts.join('; ')}`)
}

export function encodeJson(output: NormalizedSchema, value: object): string {
  return JSON.stringify(encode(output, value))
}

interface Decoding {
  readonly constraints: ConstraintTable
  readonly problems: ProblemList
  /** Values that were looked at so far. */
  values: number
}

/** A body; an empty one has no members. */
export function readJson(body: Buffer): object {
  if (body.length === 0) return {}
  try {
    const value: unknown = JSON.parse(body.toString())
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // No JSON at all: refused below like JSON that is no object.
  }
  throw new ApiError('SerializationException', 'The request body is not a JSON object')
}

function decode(
  schema: NormalizedSchema,
  value: unknown,
  path: string,
  decoding: Decoding,
  depth: number,
): unknown {
  if (depth > DEPTH_MAX) throw validationError('The request is too deeply nested')
  if (++decoding.values > VALUES_MAX) throw validationError('The request has too many values')
  if (schema.isUnitSchema()) return {}
  if (schema.isStructSchema()) {
    if (!isRecord(value)) return refuse(path, 'be a structure', decoding)
    return decodeStructure(schema, value, path, decoding, depth)
  }
  if (schema.isListSchema()) {
    if (!Array.isArray(value)) return refuse(path, 'be a list', decoding)
    const item = schema.getValueSchema()
    return value.map((entry, index) =>
      decode(item, entry, `${path}.${index + 1}.member`, decoding, depth + 1),
    )
  }
  if (schema.isMapSchema()) {
    if (!isRecord(value)) return refuse(path, 'be a map', decoding)
    const item = schema.getValueSchema()
    const entries = Object.entries(value).map(
      ([key, entry]) => [key, decode(item, entry, `${path}.${key}`, decoding, depth + 1)] as const,
    )
    return Object.assign(Object.create(null) as object, Object.fromEntries(entries))
  }
  return decodeScalar(schema, value, path, decoding)
}

function decodeStructure(
  schema: NormalizedSchema,
  value: Readonly<Record<string, unknown>>,
  path: string,
  decoding: Decoding,
  depth: number,
): Record<string, unknown> {
  const decoded: Record<string, unknown> = {}
  const required = requiredMembers(schema)
  for (const [name, member] of schema.structIterator()) {
    const memberPath = `${path === '' ? '' : `${path}.`}${name.charAt(0).toLowerCase()}${name.slice(1)}`
    const found = Object.hasOwn(value, name) ? value[name] : undefined
    if (found !== undefined && found !== null) {
      const entry = decode(member, found, memberPath, decoding, depth + 1)
      decoded[name] = entry
      if (entry === undefined) continue
      const key = `${schema.getName()}.${name}`
      addConstraintProblems(decoding.problems, decoding.constraints, key, entry, memberPath)
    } else if (required.includes(name)) {
      refuse(memberPath, 'not be null', decoding)
    }
  }
  return decoded
}

function decodeScalar(schema: NormalizedSchema, value: unknown, path: string, decoding: Decoding): unknown {
  if (schema.isBooleanSchema()) {
    return typeof value === 'boolean' ? value : refuse(path, 'be a boolean', decoding)
  }
  if (schema.isNumericSchema()) {
    // No operation that is offered has a member with a fraction.
    return Number.isSafeInteger(value) ? value : refuse(path, 'be an integer', decoding)
  }
  if (schema.isTimestampSchema()) {
    return typeof value === 'number' ? new Date(value * 1000) : refuse(path, 'be a timestamp', decoding)
  }
  if (typeof value !== 'string') return refuse(path, 'be a string', decoding)
  return schema.isBlobSchema() ? Buffer.from(value, 'base64') : value
}

function encode(schema: NormalizedSchema, value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (schema.isListSchema()) {
    return (value as readonly unknown[]).map((entry) => encode(schema.getValueSchema(), entry))
  }
  if (schema.isMapSchema()) {
    const entries = Object.entries(value as object)
    return Object.fromEntries(entries.map(([key, entry]) => [key, encode(schema.getValueSchema(), entry)]))
  }
  if (!schema.isStructSchema()) return value
  const encoded: Record<string, unknown> = {}
  for (const [name, member] of schema.structIterator()) {
    const field = (value as Readonly<Record<string, unknown>>)[name]
    if (field !== undefined && field !== null) encoded[name] = encode(member, field)
  }
  return encoded
}

function refuse(path: string, rule: string, { problems }: Decoding): undefined {
  problems.add(() => `Value at '${path}' failed to satisfy constraint: Member must ${rule}`)
  return undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
