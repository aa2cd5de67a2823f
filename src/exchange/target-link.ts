// What a target's connections offer to the pipeline. One link per target, whatever protocol it speaks.

import type { ForwardingRules, RewrittenParts } from '../wire/http1/request-writer.ts'
import type { Exchange } from './exchange.ts'
import type { TargetSide } from './target-side.ts'

/** What the load balancer adds to the requests of one client connection; made anew when the listener changes. */
export interface Forwarding {
  readonly rules: ForwardingRules
  /** The header lines that most requests get, see `ownLines`. */
  readonly ownLines: string
  /** Security policy of connections to targets that want TLS. */
  readonly targetPolicy: string
}

/** How a request goes to its target: what the pipeline decided. Valid during `begin` only. */
export interface Forwarded {
  readonly forwarding: Forwarding
  /** Value of X-Amzn-Trace-Id. */
  readonly trace: string
  readonly rewritten: RewrittenParts | null
  /** Whether the connection must not be used for another request, whatever happens (ALB-LB-280). */
  readonly isOneShot: boolean
  readonly idleTimeoutMs: number
}

/** The connections of one worker to one target. */
export interface TargetLink {
  /** Requests in progress and upgraded connections. */
  readonly outstanding: number
  /** Security groups let no new connection through; those that are there go on. */
  isBlocked: boolean
  /** Sends the request. Failures come later, by `exchange.fail`. */
  begin(exchange: Exchange, forwarded: Forwarded): TargetSide
  /** Takes nothing into reserve any more; `onIdle` of its maker is called when nothing runs. */
  drain(): void
  /** Goes on after `drain`. */
  resume(): void
  /** Ends everything now; what runs fails as the end of a deregistration delay does (ALB-OBS-503). */
  close(): void
}
