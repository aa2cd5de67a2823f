// Transforms of a rule: the Host and the URL that a target gets in place of what the client sent. They act when the
// rule was chosen and never change which one it is. Texts are latin1, one character per byte.

import { Host } from '../wire/host.ts'
import type { RequestHead } from '../wire/request-head.ts'
import {
  groupCount,
  parseReplacement,
  RegularExpression,
  type Replacement,
} from '../model/regular-expression.ts'
import type { RewriteUnit, TransformsUnit } from '../snapshot/application-units.ts'

/** What replaces the parts of a request; null leaves one as it came. */
export interface Rewritten {
  readonly target: string | null
  readonly host: Host | null
}

/** Longest request target that leaves, as long as one that may come in. */
const TARGET_MAX = 16_384
const HOST_MAX = 255

export class Transforms {
  readonly #host: Rewrite | null
  readonly #url: Rewrite | null

  constructor({ host, url }: TransformsUnit) {
    this.#host = host === null ? null : new Rewrite(host, true)
    this.#url = url === null ? null : new Rewrite(url, false)
  }

  /** `target` is path and query. Null where nothing matches; `failed` where the result cannot be sent. */
  rewrite(head: Pick<RequestHead, 'host'>, target: string): Rewritten | 'failed' | null {
    // `*` of OPTIONS is no URL.
    const newTarget = this.#url === null || !target.startsWith('/') ? null : this.#url.of(target)
    const hostText = this.#host === null ? null : rewriteHost(this.#host, head.host)
    if (newTarget !== null && (newTarget.length > TARGET_MAX || !/^\/[^\0-\x20\x7f]*$/.test(newTarget))) {
      return 'failed'
    }
    if (newTarget === null && hostText === null) return null
    if (hostText === null) return { target: newTarget, host: null }
    const newHost = hostText === '' || hostText.length > HOST_MAX ? null : Host.read(hostText)
    return newHost === null ? 'failed' : { target: newTarget, host: newHost }
  }
}

/** One expression with what comes in the place of its first match. */
class Rewrite {
  readonly #expression: RegularExpression
  readonly #replacement: Replacement

  constructor({ expression, replacement }: RewriteUnit, foldCase: boolean) {
    this.#expression = new RegularExpression(expression, { foldCase })
    this.#replacement = parseReplacement(replacement, groupCount(expression)) ?? []
  }

  of(text: string): string | null {
    return this.#expression.replaceIn(text, this.#replacement)
  }
}

/** A port that the client sent stays behind a host that is rewritten without it, as `^name$` has to match with both. */
function rewriteHost(rewrite: Rewrite, { name, port, nameAndPort }: Host): string | null {
  if (name === '') return null
  const whole = rewrite.of(nameAndPort)
  if (whole !== null || port === '') return whole
  const bare = rewrite.of(name)
  return bare === null ? null : `${bare}:${port}`
}
