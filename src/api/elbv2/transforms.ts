// Transforms of rules: how the Host header and the URL are rewritten on the way to a target. What a call may say, and
// the form in which they are kept and described.

import type { RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2'
import { expressionProblem, groupCount, parseReplacement } from '../../model/regular-expression.ts'
import { validationError } from '../errors.ts'
import type { Decoded } from '../operations.ts'

type TransformInput = Decoded<RuleTransform>
type RewriteInput = { readonly Regex: string; readonly Replace: string }

/** Longest expression and replacement, in characters. */
const TEXT_MAX = 1024

const configNames = {
  'host-header-rewrite': 'HostHeaderRewriteConfig',
  'url-rewrite': 'UrlRewriteConfig',
} as const satisfies Record<TransformInput['Type'], keyof RuleTransform>

/** Checks the transforms of a rule: one of each type at most, each with one rewrite. */
export function checkTransforms(transforms: readonly TransformInput[]): RuleTransform[] {
  const types = transforms.map(({ Type }) => Type)
  if (new Set(types).size < types.length) {
    throw validationError('A rule can only have one transform of each type')
  }
  return transforms.map((transform) => {
    const name = configNames[transform.Type]
    for (const other of Object.values(configNames)) {
      if (other !== name && transform[other] !== undefined) {
        throw validationError(`You cannot provide '${other}' for a transform of type '${transform.Type}'`)
      }
    }
    const [rewrite, ...more] = transform[name]?.Rewrites ?? []
    if (rewrite === undefined || more.length > 0) {
      throw validationError(`A transform of type '${transform.Type}' must have one rewrite in '${name}'`)
    }
    return { Type: transform.Type, [name]: { Rewrites: [checkRewrite(rewrite)] } }
  })
}

function checkRewrite({ Regex, Replace }: RewriteInput): { Regex: string; Replace: string } {
  for (const [name, text] of Object.entries({ Regex, Replace })) {
    if (text.length > TEXT_MAX) throw validationError(`The ${name} is too long; the limit is '${TEXT_MAX}'`)
  }
  const problem = expressionProblem(Regex)
  if (problem !== undefined) throw validationError(`The Regex '${Regex}' ${problem}`)
  // What does not fit on a request line would fail with every request.
  if (!/^[\x21-\x7e]*$/.test(Replace)) {
    throw validationError(`The Replace '${Replace}' contains characters that are not allowed`)
  }
  if (parseReplacement(Replace, groupCount(Regex)) === null) {
    throw validationError(`The Replace '${Replace}' names a capture group that the Regex does not have`)
  }
  return { Regex, Replace }
}
