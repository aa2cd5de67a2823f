// Requests of the AWS Query protocol: form parameters into the input of an operation. Checks types, required members
// and constraints, and reports all of them together in AWS's words. Throws nothing but ApiError.

import type { NormalizedSchema } from '@smithy/core/schema'
import { constraintProblems } from './constraints.ts'
import { ApiError, validationError } from './errors.ts'
import { requiredMembers } from './model.ts'

/** One part of a parameter name: `Tags.member.1.Key=a` is Tags > member > 1 > Key. */
export interface ParameterNode {
  value: string | undefined
  readonly children: Map<string, ParameterNode>
}

/** Bounds what one request can make the decoder do; far above any request that passes validation. */
const PARAMETERS_MAX = 8192
const DEPTH_MAX = 16
/** Problems that one answer names. */
const PROBLEMS_MAX = 100

/** Other spellings of members that the guides print (ALB-LSN-149). */
const aliases: Readonly<Record<string, string>> = {
  'RuleCondition.HttpHeaderConfig': 'HTTPHeaderConfig',
  'HttpHeaderConditionConfig.HttpHeaderName': 'HTTPHeaderName',
}

/** Reads form parameters. The last of several values for one name wins; unknown names stay unread. */
export function parseParameters(form: string): ParameterNode {
  const root: ParameterNode = { value: undefined, children: new Map() }
  let count = 0
  for (const [name, value] of new URLSearchParams(form)) {
    const path = name.split('.', DEPTH_MAX + 1)
    if (++count > PARAMETERS_MAX || path.length > DEPTH_MAX) {
      throw new ApiError(
        'MalformedQueryString',
        'The query string has too many or too deeply nested parameters',
      )
    }
    let node = root
    for (const part of path) {
      let child = node.children.get(part)
      if (child === undefined) {
        child = { value: undefined, children: new Map() }
        node.children.set(part, child)
      }
      node = child
    }
    node.value = value
  }
  return root
}

/** The input of an operation, or a ValidationError that names everything that is wrong with it. */
export function decodeInput(schema: NormalizedSchema, root: ParameterNode): Record<string, unknown> {
  const problems: string[] = []
  const input = decodeStructure(schema, root, '', problems)
  if (problems.length > 0) {
    const noun = problems.length === 1 ? 'error' : 'errors'
    throw validationError(
      `${problems.length} validation ${noun} detected: ${problems.slice(0, PROBLEMS_MAX).join('; ')}`,
    )
  }
  return input
}

function decode(schema: NormalizedSchema, node: ParameterNode, path: string, problems: string[]): unknown {
  if (schema.isStructSchema()) return decodeStructure(schema, node, path, problems)
  if (schema.isListSchema()) return decodeList(schema, node, path, problems)
  if (schema.isMapSchema()) return decodeMap(schema, node, path, problems)
  return decodeScalar(schema, node.value ?? '', path, problems)
}

function decodeStructure(
  schema: NormalizedSchema,
  node: ParameterNode,
  path: string,
  problems: string[],
): Record<string, unknown> {
  const decoded: Record<string, unknown> = {}
  const required = requiredMembers(schema)
  for (const [name, member] of schema.structIterator()) {
    const alias = aliases[`${schema.getName()}.${name}`]
    const child =
      node.children.get(member.getMergedTraits().xmlName ?? name) ??
      (alias === undefined ? undefined : node.children.get(alias))
    const memberPath = `${path === '' ? '' : `${path}.`}${lowerFirst(name)}`
    if (child !== undefined) {
      const value = decode(member, child, memberPath, problems)
      decoded[name] = value
      if (value !== undefined) {
        problems.push(...constraintProblems(schema.getName() ?? '', name, value, memberPath))
      }
    } else if (required.includes(name)) {
      problems.push(`Value null at '${memberPath}' failed to satisfy constraint: Member must not be null`)
    }
  }
  return decoded
}

function decodeList(
  schema: NormalizedSchema,
  node: ParameterNode,
  path: string,
  problems: string[],
): unknown[] {
  const item = schema.getValueSchema()
  const isFlat = schema.getMergedTraits().xmlFlattened !== undefined
  const items = isFlat ? node : node.children.get(item.getMergedTraits().xmlName ?? 'member')
  return numbered(items).map(([index, child]) => {
    return decode(item, child, `${path}.${index}.member`, problems)
  })
}

function decodeMap(
  schema: NormalizedSchema,
  node: ParameterNode,
  path: string,
  problems: string[],
): Record<string, unknown> {
  const decoded: Record<string, unknown> = Object.create(null)
  for (const [, entry] of numbered(node.children.get('entry'))) {
    const key = entry.children.get('key')?.value
    const value = entry.children.get('value')
    if (key === undefined || value === undefined) continue
    decoded[key] = decode(schema.getValueSchema(), value, `${path}.${key}`, problems)
  }
  return decoded
}

/** Children named 1, 2, 3 … in numeric order; holes close up. */
function numbered(node: ParameterNode | undefined): [number, ParameterNode][] {
  return [...(node?.children ?? [])]
    .filter(([key]) => /^[1-9]\d{0,5}$/.test(key))
    .map(([key, child]): [number, ParameterNode] => [Number(key), child])
    .toSorted(([a], [b]) => a - b)
}

function decodeScalar(schema: NormalizedSchema, text: string, path: string, problems: string[]): unknown {
  if (schema.isBooleanSchema()) {
    if (text === 'true' || text === 'false') return text === 'true'
    problems.push(badType(text, path, 'be a boolean'))
    return undefined
  }
  if (schema.isNumericSchema()) {
    if (/^-?\d{1,15}$/.test(text)) return Number(text)
    problems.push(badType(text, path, 'be an integer'))
    return undefined
  }
  if (schema.isTimestampSchema()) {
    const date = new Date(text)
    if (!Number.isNaN(date.getTime())) return date
    problems.push(badType(text, path, 'be a timestamp'))
    return undefined
  }
  return text
}

function badType(text: string, path: string, rule: string): string {
  return `Value '${text.slice(0, 200)}' at '${path}' failed to satisfy constraint: Member must ${rule}`
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}
