// What the attributes of all kinds of resources have in common: reading a call, all of it or nothing, and answering it.

import { attributeProblem, effectiveAttributes, type AttributeDefinition } from '../../model/attributes.ts'
import { validationError } from '../errors.ts'
import { invalidConfiguration } from './errors.ts'

type AttributeInput = { readonly Key?: string | undefined; readonly Value?: string | undefined }

/** Values by key. */
export type AttributeMap = ReadonlyMap<string, string>

/**
 * The checked attributes of a call by key. `foreign` tells of attributes that AWS has, but not for this kind of
 * resource, why they are refused.
 */
export function readChange(
  what: string,
  definitions: readonly AttributeDefinition[],
  attributes: readonly AttributeInput[],
  foreign: (key: string, value: string) => string | undefined = () => undefined,
): AttributeMap {
  if (attributes.length === 0) throw validationError('At least one attribute must be specified')
  const change = new Map<string, string>()
  for (const { Key: key = '', Value: value = '' } of attributes) {
    const whyForeign = foreign(key, value)
    if (whyForeign !== undefined) throw invalidConfiguration(whyForeign)
    const definition = definitions.find((candidate) => candidate.key === key)
    if (definition === undefined) throw validationError(`${what} attribute key '${key}' is not recognized`)
    if (change.has(key)) {
      throw validationError(`Attribute key '${key}' has been specified more than once`)
    }
    const problem = attributeProblem(definition, value)
    if (problem !== undefined) throw validationError(problem)
    change.set(key, value)
  }
  return change
}

/** Output form: the values in force. */
export function listOf(
  definitions: readonly AttributeDefinition[],
  set: AttributeMap,
): { Key: string; Value: string }[] {
  return [...effectiveAttributes(definitions, set)].map(([Key, Value]) => ({ Key, Value }))
}

/** What is set after a change. */
export function mergeAttributes(old: AttributeMap, change: AttributeMap): AttributeMap {
  return new Map([...old, ...change])
}
