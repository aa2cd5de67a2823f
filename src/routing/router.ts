// From a request to the rule that applies: the compiled rules of one listener. Built when the configuration changes,
// immutable afterwards. Knows requests and rules; knows nothing of sockets, targets or answers.

import type { RequestHead } from '../wire/request-head.ts'
import type { ActionUnit } from '../snapshot/application-units.ts'
import type { Transforms } from './transforms.ts'

/** What rules look at in a head. */
export type RoutedHead = Pick<RequestHead, 'method' | 'target' | 'path' | 'query' | 'host' | 'fields'>

/** A request as rules look at it. */
export interface RoutedRequest {
  readonly head: RoutedHead
  /** Address of the TCP peer; never taken from a header. IPv4-mapped IPv6 addresses come as IPv4. */
  readonly client: { readonly address: string }
}

/** The rule that a request took. */
export interface MatchedRule {
  readonly arn: string
  /** 1-50000, or 0 for the default rule. */
  readonly priority: number
  readonly actions: readonly ActionUnit[]
  /** Null where requests go to their target as they came. */
  readonly transforms: Transforms | null
}

export interface Router {
  /** The first rule by priority whose conditions are all met, else the default rule. */
  match(request: RoutedRequest): MatchedRule
}
