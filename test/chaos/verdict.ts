// What a part of the chaos run found.

export interface Verdict {
  readonly isGood: boolean
  readonly text: string
  /** Examples of what went wrong; empty for a good verdict. */
  readonly details: readonly string[]
}

/** A verdict that keeps the details only when something is wrong. */
export function verdict(isGood: boolean, text: string, details: readonly string[]): Verdict {
  return { isGood, text, details: isGood ? [] : details }
}
