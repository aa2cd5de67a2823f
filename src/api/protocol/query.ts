// The AWS Query protocol of ELB, IAM and STS: form parameters in, XML out.

import type { NormalizedSchema } from '@smithy/core/schema'
import { validationError } from '../errors.ts'
import { type ConstraintTable, ProblemList } from './constraint-problems.ts'
import type { ParsedRequest, Protocol, RawRequest } from './protocol.ts'
import { decodeParameters, parseParameters, type ParameterNode, type QueryDialect } from './query-decoder.ts'
import { encodeError, encodeResponse } from './xml.ts'

/** Other spellings of members that the guides print (ALB-LSN-149). */
const aliases: Readonly<Record<string, string>> = {
  'RuleCondition.HttpHeaderConfig': 'HTTPHeaderConfig',
  'HttpHeaderConditionConfig.HttpHeaderName': 'HTTPHeaderName',
}

const dialect: QueryDialect = {
  memberNames(structure, name, schema) {
    const usual = schema.getMergedTraits().xmlName ?? name
    const alias = aliases[`${structure}.${name}`]
    return alias === undefined ? [usual] : [usual, alias]
  },
  listItems(schema, node) {
    if (schema.getMergedTraits().xmlFlattened !== undefined) return node
    return node.children.get(schema.getValueSchema().getMergedTraits().xmlName ?? 'member')
  },
}

export const queryProtocol: Protocol = {
  contentType: 'text/xml',
  commonErrors: { RequestExpired: 'SignatureDoesNotMatch' },
  parse(request) {
    return parsedForm(request, decodeInput)
  },
  encodeOutput: ({ xmlNamespace }, operation, output, requestId) =>
    encodeResponse(xmlNamespace, operation, output, requestId),
  encodeError,
}

/**
 * A form as a request; both dialects name version and action in the same way. A presigned POST has its parameters in
 * the query string and no body.
 */
export function parsedForm(
  { method, url, body }: RawRequest,
  decode: (
    schema: NormalizedSchema,
    root: ParameterNode,
    constraints: ConstraintTable,
  ) => Record<string, unknown>,
): ParsedRequest {
  const search = url.includes('?') ? url.slice(url.indexOf('?') + 1) : ''
  const root = parseParameters(method === 'GET' || body.length === 0 ? search : body.toString())
  return {
    version: root.children.get('Version')?.value ?? '',
    action: root.children.get('Action')?.value ?? '',
    decode: ({ input }, constraints) => decode(input, root, constraints),
  }
}

/** The input of an operation, or a ValidationError that names everything that is wrong with it. */
export function decodeInput(
  schema: NormalizedSchema,
  root: ParameterNode,
  constraints: ConstraintTable,
): Record<string, unknown> {
  const { input, missing, problems } = decodeParameters(dialect, schema, root, constraints)
  const all = new ProblemList()
  for (const path of missing) {
    all.add(() => `Value null at '${path}' failed to satisfy constraint: Member must not be null`)
  }
  for (const text of problems.texts) all.add(() => text)
  const count = missing.length + problems.count
  if (count === 0) return input
  const noun = count === 1 ? 'error' : 'errors'
  throw validationError(`${count} validation ${noun} detected: ${all.texts.join('; ')}`)
}
