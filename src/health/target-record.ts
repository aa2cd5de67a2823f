// The health of one target as its checks show it: counts results against the thresholds. Knows no time and no socket.

import type { TargetHealth } from '../model/target-health.ts'
import type { ProbeResult } from './question.ts'

export interface Thresholds {
  readonly healthyThreshold: number
  readonly unhealthyThreshold: number
  readonly matches: (code: number) => boolean
}

const REGISTERING: TargetHealth = {
  state: 'initial',
  reason: 'Elb.RegistrationInProgress',
  description: 'Target registration is in progress',
}
const CHECKING: TargetHealth = {
  state: 'initial',
  reason: 'Elb.InitialHealthChecking',
  description: 'Initial health checks in progress',
}
const HEALTHY: TargetHealth = { state: 'healthy' }
const FAILED: TargetHealth = {
  state: 'unhealthy',
  reason: 'Target.FailedHealthChecks',
  description: 'Health checks failed',
}
const TIMED_OUT: TargetHealth = {
  state: 'unhealthy',
  reason: 'Target.Timeout',
  description: 'Request timed out',
}

const INTERNAL_ERROR: TargetHealth = {
  state: 'unhealthy',
  reason: 'Elb.InternalError',
  description: 'Health checks failed due to an internal error',
}

export class TargetRecord {
  #health: TargetHealth = REGISTERING
  #successes = 0
  #failures = 0
  /** Distinct codes of the failures since the last success, in order of appearance. */
  #codes: number[] = []

  get health(): TargetHealth {
    return this.#health
  }

  /** Goes on from what an earlier checker found. */
  seed(state: 'initial' | 'healthy' | 'unhealthy'): void {
    if (state === 'healthy') this.#health = HEALTHY
    else if (state === 'unhealthy') this.#health = FAILED
  }

  /** A check begins. */
  checking(): void {
    if (this.#health.state === 'initial') this.#health = CHECKING
  }

  /** Settings changed: what was counted under the old ones counts no longer; the state stays (OQ-43). */
  resetCounts(): void {
    this.#successes = 0
    this.#failures = 0
    this.#codes = []
  }

  /** Takes a result; true if the state changed with it. */
  record(result: ProbeResult, thresholds: Thresholds): boolean {
    const before = this.#health.state
    if (result.type === 'code' && thresholds.matches(result.code)) this.#succeed(thresholds)
    else this.#fail(result, thresholds)
    return this.#health.state !== before
  }

  #succeed({ healthyThreshold }: Thresholds): void {
    this.#failures = 0
    this.#codes = []
    this.#successes++
    // One success is enough for a target that is new (ALB-TG-189).
    if (this.#health.state === 'initial' || this.#successes >= healthyThreshold) this.#health = HEALTHY
  }

  #fail(result: ProbeResult, { unhealthyThreshold }: Thresholds): void {
    this.#successes = 0
    this.#failures++
    if (result.type === 'code' && !this.#codes.includes(result.code)) this.#codes.push(result.code)
    if (this.#health.state !== 'unhealthy' && this.#failures < unhealthyThreshold) return
    if (result.type === 'timeout') this.#health = TIMED_OUT
    else if (result.type === 'failed') this.#health = FAILED
    else if (result.type === 'internal-error') this.#health = INTERNAL_ERROR
    else {
      this.#health = {
        state: 'unhealthy',
        reason: 'Target.ResponseCodeMismatch',
        description: `Health checks failed with these codes: [${this.#codes.join(', ')}]`,
      }
    }
  }
}
