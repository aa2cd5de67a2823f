// Values of EC2 filters: `*` stands for any text, `?` for one character, and a backslash takes the meaning of the next
// character away. No regular expression: with several stars its time grows as fast as a power of the text's length.

const ANY_ONE = -1
const ANY_RUN = -2

export class WildcardPattern {
  /** A character each, or one of the two above. */
  readonly #tokens: readonly number[]

  constructor(text: string) {
    this.#tokens = tokensOf(text)
  }

  /** Whether the whole text matches. Takes at most the product of both lengths. */
  matches(text: string): boolean {
    const tokens = this.#tokens
    let token = 0
    let at = 0
    // Only the last star that was reached may take more: what stands before it matched as early as it could.
    let afterStar = -1
    let starEnd = 0
    while (at < text.length) {
      const wanted = tokens[token]
      if (wanted === ANY_RUN) {
        afterStar = ++token
        starEnd = at
      } else if (wanted === ANY_ONE || wanted === text.charCodeAt(at)) {
        token++
        at++
      } else if (afterStar === -1) return false
      else {
        token = afterStar
        at = ++starEnd
      }
    }
    while (tokens[token] === ANY_RUN) token++
    return token === tokens.length
  }
}

function tokensOf(text: string): number[] {
  const tokens: number[] = []
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '*') tokens.push(ANY_RUN)
    else if (character === '?') tokens.push(ANY_ONE)
    else if (character === '\\' && at + 1 < text.length) tokens.push(text.charCodeAt(++at))
    else tokens.push(text.charCodeAt(at))
  }
  return tokens
}
