// How the requests to each target ended, between two reports: what anomalies are detected by (ALB-TG-108). Only targets
// that had requests are reported, however many there are.

import type { RequestRecord, TargetOutcome } from '../exchange/record.ts'
import type { TargetOutcomes } from '../snapshot/messages.ts'
import type { RecordSink } from './sinks.ts'

/** Tells the target of each request how it ended. */
export const outcomeSink: RecordSink = {
  add({ record }) {
    record.outcome?.ended(record)
  },
}

/** The outcomes of one target; kept with its connections. */
export class TargetTally implements TargetOutcome {
  readonly targetGroup: string
  /** Its `targetKey`. */
  readonly target: string
  requests = 0
  errors = 0
  readonly #all: OutcomeTally

  constructor(all: OutcomeTally, targetGroup: string, target: string) {
    this.#all = all
    this.targetGroup = targetGroup
    this.target = target
  }

  ended(record: RequestRecord): void {
    const { failure, targetStatus } = record
    const fault = failure === null ? 'none' : failure.targetFault
    // The client gave up, or the target was taken away: nothing is known of the target.
    if (targetStatus === 0 && fault === 'none') return
    if (this.requests === 0) this.#all.touched(this)
    this.requests++
    // Slow answers and malformed ones are not among them.
    if (targetStatus >= 500 || fault === 'connection') this.errors++
  }
}

/** All targets of a worker. */
export class OutcomeTally {
  readonly #touched: TargetTally[] = []

  touched(target: TargetTally): void {
    this.#touched.push(target)
  }

  /** What was counted since the last call. */
  take(): TargetOutcomes[] {
    return this.#touched.splice(0).map((tally) => {
      const { targetGroup, target, requests, errors } = tally
      tally.requests = 0
      tally.errors = 0
      return { targetGroup, target, requests, errors }
    })
  }
}
