// The one record per request: what happened to it, whatever happened. The log line, the counters and all later
// consumers are made of it. One object serves all requests of a client connection.

import type { ClassificationReason, Tier } from '../wire/classification.ts'
import type { LoadBalancerKind } from '../model/resources.ts'
import type { Failure } from './failure.ts'

/** Whom the end of a request to a target is told. */
export interface TargetOutcome {
  ended(record: RequestRecord): void
}

export type LogType = 'http' | 'https' | 'h2' | 'grpcs' | 'ws' | 'wss'

/** Times are milliseconds of the monotonic clock in real time; -1 stands for "never happened". */
export class RequestRecord {
  /** Of the load balancer that served the request. */
  kind: LoadBalancerKind = 'application'
  type: LogType = 'http'
  /** When the request was received: milliseconds since 1970, with a fraction. */
  createdDate = 0
  receivedAt = -1
  /** When the request was handed to the target's connection. */
  dispatchedAt = -1
  /** When the target's response head was complete. */
  responseAt = -1
  /** When the answer to the client began to leave. */
  respondedAt = -1
  /** `address:port` of the target that the request was given to. */
  target: string | null = null
  targetGroupArn: string | null = null
  targetZone = ''
  /** Of the target that the request was given to. */
  outcome: TargetOutcome | null = null
  /** Status the client got; 0 while there is none. */
  status = 0
  targetStatus = 0
  receivedBytes = 0
  sentBytes = 0
  traceValue: string | null = null
  /** 0 for the default rule, -1 for an error in evaluation, `null` where no rule was evaluated. */
  rulePriority: number | null = null
  /** `forward`, `redirect`, `fixed-response`, or `null`. */
  action: string | null = null
  redirectUrl: string | null = null
  errorReason: string | null = null
  failure: Failure | null = null
  /** Whether the request was parsed well enough to be shown. */
  isParsed = false
  /** Whether a header with an invalid name was dropped, or passed on. */
  droppedInvalidHeader = false
  forwardedInvalidHeader = false
  tier: Tier = 0
  reason: ClassificationReason | null = null

  /** Notes why there is no answer from a target, or not all of one. */
  fails(failure: Failure): void {
    this.failure = failure
    this.status = failure.status
    if (failure.logReason !== null) this.errorReason = failure.logReason
  }

  reset(): void {
    this.type = 'http'
    this.createdDate = 0
    this.receivedAt = -1
    this.dispatchedAt = -1
    this.responseAt = -1
    this.respondedAt = -1
    this.target = null
    this.targetGroupArn = null
    this.targetZone = ''
    this.outcome = null
    this.status = 0
    this.targetStatus = 0
    this.receivedBytes = 0
    this.sentBytes = 0
    this.traceValue = null
    this.rulePriority = null
    this.action = null
    this.redirectUrl = null
    this.errorReason = null
    this.failure = null
    this.isParsed = false
    this.droppedInvalidHeader = false
    this.forwardedInvalidHeader = false
    this.tier = 0
    this.reason = null
  }
}
