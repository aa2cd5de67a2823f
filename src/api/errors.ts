// Errors that the caller of the API gets to see. Anything else that is thrown becomes an InternalFailure.

/** Errors common to all of AWS's Query APIs, with their HTTP status. Those of an operation stand in the model. */
const COMMON_STATUS: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  AuthFailure: 401,
  IncompleteSignature: 400,
  InternalFailure: 500,
  InvalidAction: 400,
  InvalidClientTokenId: 403,
  MalformedQueryString: 404,
  MissingAction: 400,
  MissingAuthenticationToken: 403,
  RequestEntityTooLarge: 413,
  RequestExpired: 400,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  Throttling: 400,
  ValidationError: 400,
}

/** An error answer: a code as it stands on the wire, and a message for a person. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: string
  /** What the error has beside its message, in protocols that can say it. */
  readonly members: Readonly<Record<string, string>>

  constructor(code: string, message: string, members: Readonly<Record<string, string>> = {}) {
    super(message)
    this.code = code
    this.members = members
  }
}

/** Refuses a value: AWS's code for every check that is not an error of its own. */
export function validationError(message: string): ApiError {
  return new ApiError('ValidationError', message)
}

/** HTTP status of an error code; `modelled` are the statuses of the API's own errors. */
export function statusOf(code: string, modelled?: ReadonlyMap<string, number>): number {
  return modelled?.get(code) ?? COMMON_STATUS[code] ?? 400
}
