// What somebody sent as a certificate, a key, a bundle or a list cannot be used. Who asked for it answers in its own words.

export type MaterialProblem =
  | 'certificate'
  | 'private-key'
  | 'key-mismatch'
  | 'chain'
  | 'bundle'
  | 'revocation-list'

/** The message is a sentence for the one who sent it. */
export class UnusableMaterial extends Error {
  override readonly name = 'UnusableMaterial'
  readonly problem: MaterialProblem

  constructor(problem: MaterialProblem, message: string) {
    super(message)
    this.problem = problem
  }
}
