// One measurement, and what can be read from it.

import type { IdleResult } from './idle.ts'
import type { LoadResult } from './load.ts'
import { median, pairedRatio } from './statistics.ts'
import type { Ratio } from './statistics.ts'

/** The load balancer that the others are compared with. */
export const OURS = 'evenkeel'

/** One measurement of one load balancer in one case and round. */
export interface Sample {
  readonly contender: string
  readonly caseName: string
  readonly round: number
  /** CPU time of the workers per request; `null` in the idle case. */
  readonly cpuUsPerRequest: number | null
  /** CPU time of the processes that carry no traffic, per request. */
  readonly otherCpuUsPerRequest: number | null
  /** Share of its core that the worker was busy; below about 0.95 something else was the limit. */
  readonly workerBusy: number | null
  readonly load: LoadResult | null
  readonly idle: IdleResult | null
}

/** One figure of a measurement; `null` where it has none. */
export type Measure = (sample: Sample) => number | null

export const cpu: Measure = (sample) => sample.cpuUsPerRequest
export const otherCpu: Measure = (sample) => sample.otherCpuUsPerRequest
export const busy: Measure = (sample) => sample.workerBusy
export const rate: Measure = ({ load }) => (load === null ? null : load.requests / (load.durationUs / 1e6))
export const p50: Measure = ({ load }) => (load === null ? null : load.p50Us)
export const p99: Measure = ({ load }) => (load === null ? null : load.p99Us)
export const errors: Measure = ({ load }) =>
  load === null ? null : load.badStatus + load.socketErrors + load.timeouts
export const pss: Measure = ({ idle }) => (idle === null ? null : idle.pssBytesPerConnection)
export const rss: Measure = ({ idle }) => (idle === null ? null : idle.rssBytesPerConnection)

/** Medians of the samples, and ratios. */
export class Figures {
  readonly #samples: readonly Sample[]
  readonly contenders: readonly string[]
  readonly peers: readonly string[]

  constructor(samples: readonly Sample[]) {
    this.#samples = samples
    this.contenders = [...new Set(samples.map((sample) => sample.contender))]
    this.peers = this.contenders.filter((name) => name !== OURS)
  }

  of(contender: string, caseName: string, measure: Measure): number | null {
    return median([...this.#byRound(contender, caseName, measure).values()])
  }

  /** Of the rounds' ratios between two pairs of load balancer and case. */
  ratio(value: readonly [string, string], base: readonly [string, string], measure: Measure): Ratio | null {
    return pairedRatio(this.#byRound(...value, measure), this.#byRound(...base, measure))
  }

  #byRound(contender: string, caseName: string, measure: Measure): ReadonlyMap<number, number> {
    const values = new Map<number, number>()
    for (const sample of this.#samples) {
      const value = measure(sample)
      if (sample.contender === contender && sample.caseName === caseName && value !== null)
        values.set(sample.round, value)
    }
    return values
  }
}
