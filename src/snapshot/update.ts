// What crosses from the control process to the workers: immutable, plain data, one unit per load balancer and one
// per target group, each replaced whole. A target group belongs to one load balancer, so the two units of a change
// never contradict each other for longer than one message.

import type { CookieKey } from '../model/cookie-key.ts'
import type { LoadBalancerUnit } from './application-units.ts'
import type { TargetGroupUnit } from './target-group-units.ts'

/**
 * A change of the snapshot. `full` says that units which are not named are gone; otherwise they stay as they were.
 * Whoever applies it applies all of it in one turn of the event loop.
 */
export interface SnapshotUpdate {
  /** Grows with every update of one control process. */
  readonly version: number
  readonly full: boolean
  readonly loadBalancers: readonly LoadBalancerUnit[]
  readonly targetGroups: readonly TargetGroupUnit[]
  readonly removedLoadBalancers: readonly string[]
  readonly removedTargetGroups: readonly string[]
  /** All keys in force, the oldest first. Missing: they stay as they were. */
  readonly cookieKeys?: readonly CookieKey[]
}
