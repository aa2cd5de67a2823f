// Form parameters into the input of an operation: one decoder for the two dialects of AWS's Query protocol. Checks
// types, required members and constraints, and collects all problems in AWS's words. Throws nothing but ApiError.

import type { NormalizedSchema } from '@smithy/core/schema'
import { ApiError } from '../errors.ts'
import { requiredMembers } from '../model.ts'
import { addConstraintProblems, type ConstraintTable, ProblemList } from './constraint-problems.ts'

/** One part of a parameter name: `Tags.member.1.Key=a` is Tags > member > 1 > Key. */
export interface ParameterNode {
  value: string | undefined
  readonly children: Map<string, ParameterNode>
}

/** Where the dialects differ. */
export interface QueryDialect {
  /** Names under which a member may stand in a form, the usual one first. */
  memberNames(structure: string, name: string, schema: NormalizedSchema): readonly string[]
  /** The node whose children are the numbered items of a list. */
  listItems(schema: NormalizedSchema, node: ParameterNode): ParameterNode | undefined
}

export interface DecodedInput {
  readonly input: Record<string, unknown>
  /** Paths of required members that are missing. */
  readonly missing: readonly string[]
  /** What is wrong with members that are there. */
  readonly problems: ProblemList
}

/** Bounds what one request can make the decoder do; far above any request that passes validation. */
const PARAMETERS_MAX = 8192
const DEPTH_MAX = 16

/** Reads form parameters. The last of several values for one name wins; unknown names stay unread. */
export function parseParameters(form: string): ParameterNode {
  const root: ParameterNode = { value: undefined, children: new Map() }
  if (hasMoreParameters(form)) throw tooMany()
  for (const [name, value] of new URLSearchParams(form)) {
    const path = name.split('.', DEPTH_MAX + 1)
    if (path.length > DEPTH_MAX) throw tooMany()
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

/** Before anybody splits it: URLSearchParams takes three seconds for half a million parameters. */
function hasMoreParameters(form: string): boolean {
  let count = 1
  for (let at = form.indexOf('&'); at !== -1; at = form.indexOf('&', at + 1))
    if (++count > PARAMETERS_MAX) return true
  return false
}

function tooMany(): ApiError {
  return new ApiError('MalformedQueryString', 'The query string has too many or too deeply nested parameters')
}

export function decodeParameters(
  dialect: QueryDialect,
  schema: NormalizedSchema,
  root: ParameterNode,
  constraints: ConstraintTable,
): DecodedInput {
  const decoder = new Decoder(dialect, constraints)
  const input = decoder.structure(schema, root, '')
  return { input, missing: decoder.missing, problems: decoder.problems }
}

class Decoder {
  readonly missing: string[] = []
  readonly problems = new ProblemList()
  readonly #dialect: QueryDialect
  readonly #constraints: ConstraintTable

  constructor(dialect: QueryDialect, constraints: ConstraintTable) {
    this.#dialect = dialect
    this.#constraints = constraints
  }

  structure(schema: NormalizedSchema, node: ParameterNode, path: string): Record<string, unknown> {
    const decoded: Record<string, unknown> = {}
    const structure = schema.getName() ?? ''
    const required = requiredMembers(schema)
    for (const [name, member] of schema.structIterator()) {
      const memberPath = `${path === '' ? '' : `${path}.`}${lowerFirst(name)}`
      const key = this.#dialect.memberNames(structure, name, member).find((each) => node.children.has(each))
      const child = key === undefined ? undefined : node.children.get(key)
      if (child !== undefined) {
        const value = this.#value(member, child, memberPath)
        decoded[name] = value
        if (value !== undefined) {
          const constraint = `${structure}.${name}`
          addConstraintProblems(this.problems, this.#constraints, constraint, value, memberPath)
        }
      } else if (required.includes(name)) {
        this.missing.push(memberPath)
      }
    }
    return decoded
  }

  #value(schema: NormalizedSchema, node: ParameterNode, path: string): unknown {
    if (schema.isStructSchema()) return this.structure(schema, node, path)
    if (schema.isListSchema()) return this.#list(schema, node, path)
    if (schema.isMapSchema()) return this.#map(schema, node, path)
    return this.#scalar(schema, node.value ?? '', path)
  }

  #list(schema: NormalizedSchema, node: ParameterNode, path: string): unknown[] {
    const item = schema.getValueSchema()
    return numbered(this.#dialect.listItems(schema, node)).map(([index, child]) => {
      return this.#value(item, child, `${path}.${index}.member`)
    })
  }

  #map(schema: NormalizedSchema, node: ParameterNode, path: string): Record<string, unknown> {
    const decoded: Record<string, unknown> = Object.create(null)
    for (const [, entry] of numbered(node.children.get('entry'))) {
      const key = entry.children.get('key')?.value
      const value = entry.children.get('value')
      if (key === undefined || value === undefined) continue
      decoded[key] = this.#value(schema.getValueSchema(), value, `${path}.${key}`)
    }
    return decoded
  }

  #scalar(schema: NormalizedSchema, text: string, path: string): unknown {
    if (schema.isBooleanSchema()) {
      if (text === 'true' || text === 'false') return text === 'true'
      return this.#refuse(text, path, 'be a boolean')
    }
    if (schema.isNumericSchema()) {
      if (/^-?\d{1,15}$/.test(text)) return Number(text)
      return this.#refuse(text, path, 'be an integer')
    }
    if (schema.isTimestampSchema()) {
      const date = new Date(text)
      return Number.isNaN(date.getTime()) ? this.#refuse(text, path, 'be a timestamp') : date
    }
    if (schema.isBlobSchema()) return Buffer.from(text, 'base64')
    return text
  }

  #refuse(text: string, path: string, rule: string): undefined {
    const shown = text.slice(0, 200)
    this.problems.add(() => `Value '${shown}' at '${path}' failed to satisfy constraint: Member must ${rule}`)
    return undefined
  }
}

/** Children named 1, 2, 3 … in numeric order; holes close up. */
function numbered(node: ParameterNode | undefined): [number, ParameterNode][] {
  return [...(node?.children ?? [])]
    .filter(([key]) => /^[1-9]\d{0,5}$/.test(key))
    .map(([key, child]): [number, ParameterNode] => [Number(key), child])
    .toSorted(([a], [b]) => a - b)
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}
