// What the server needs of a wire protocol: to find out what is asked for, and to write answers. Knows no operation.

import type { Operation, ServiceModel } from '../model.ts'
import type { ConstraintTable } from './constraint-problems.ts'

/** A request with its body, before anybody looked into it. */
export interface RawRequest {
  readonly method: string
  /** Request target as received. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** What a request asks for, by name; the input is decoded when the operation is known. */
export interface ParsedRequest {
  /** Version of the API, or empty where the protocol or the client names none. */
  readonly version: string
  /** Name of the operation; empty if there is none. */
  readonly action: string
  /** Throws an ApiError that names everything that is wrong with the input. */
  decode(operation: Operation, constraints: ConstraintTable): Record<string, unknown>
}

export interface ErrorAnswer {
  readonly code: string
  readonly message: string
  readonly status: number
  /** What the error has beside its message. */
  readonly members?: Readonly<Record<string, string>>
}

export interface Protocol {
  readonly contentType: string
  /** Missing: GET and POST. */
  readonly methods?: readonly string[]
  /** What this protocol calls errors that are common to all services, where it has names of its own. */
  readonly commonErrors?: Readonly<Record<string, string>>
  /** Throws an ApiError for a request that is not of this protocol. */
  parse(request: RawRequest): ParsedRequest
  encodeOutput(model: ServiceModel, operation: Operation, output: object, requestId: string): string
  encodeError(xmlNamespace: string, error: ErrorAnswer, requestId: string): string
}
