// Automatic Target Weights for one target group: which targets fail significantly more often than the others, and what
// share of the traffic they keep (ALB-TG-106 … 133, OQ-32). Knows counts and periods; no clock, no socket, no chance.

import { chanceOfErrors, type Moment } from './equal-rates.ts'

export interface AnomalySettings {
  /** Healthy targets that a group must have (ALB-TG-112). */
  readonly targetsMin: number
  /** Periods that a target is judged by, the present one included. */
  readonly windowPeriods: number
  /** Requests that the target, and its peers together, must have had in the window. */
  readonly requestsMin: number
  /** By how much the target's rate of errors must be above that of its peers: 0.05 is five points. */
  readonly excessMin: number
  /** Most often, per period, that some target of a group seems to be worse while all are alike. */
  readonly falseAlarmRate: number
  /** How many times better "it is well again" must explain a target's recent requests than "it still fails". */
  readonly acquittalOdds: number
  /** What an anomalous target keeps of its weight in each period. */
  readonly weightFactor: number
  /** What a target that is normal again gets back in each period. */
  readonly weightStep: number
  /** Least weight: this, or more, up to `weightFloorMax`, where it takes more to get a request per period. */
  readonly weightFloor: number
  readonly weightFloorMax: number
}

/** With periods of five seconds (ALB-TG-121). */
export const ANOMALY_SETTINGS: AnomalySettings = {
  targetsMin: 3,
  windowPeriods: 12,
  requestsMin: 10,
  excessMin: 0.05,
  falseAlarmRate: 1e-7,
  acquittalOdds: 100,
  weightFactor: 0.5,
  weightStep: 0.1,
  weightFloor: 0.01,
  weightFloorMax: 0.1,
}

/** Rates are never taken to be surer than this. */
const RATE_MIN = 0.001
const RATE_MAX = 0.99

/** Requests and errors of one target in the latest periods. */
class ErrorWindow {
  readonly #requests: Uint32Array
  readonly #errors: Uint32Array
  #newest = 0
  requests = 0
  errors = 0

  constructor(periods: number) {
    this.#requests = new Uint32Array(periods)
    this.#errors = new Uint32Array(periods)
  }

  get newestRequests(): number {
    return this.#requests[this.#newest] ?? 0
  }

  get newestErrors(): number {
    return this.#errors[this.#newest] ?? 0
  }

  get rate(): number {
    return this.requests === 0 ? 0 : this.errors / this.requests
  }

  /** Requests of the period so long ago; 0 is the present one. */
  requestsAt(age: number): number {
    return this.#requests[this.#index(age)] ?? 0
  }

  errorsAt(age: number): number {
    return this.#errors[this.#index(age)] ?? 0
  }

  count(requests: number, errors: number): void {
    this.#requests[this.#newest] = this.newestRequests + requests
    this.#errors[this.#newest] = this.newestErrors + errors
    this.requests += requests
    this.errors += errors
  }

  /** Begins a period; the oldest one leaves. */
  turn(): void {
    this.#newest = (this.#newest + 1) % this.#requests.length
    this.requests -= this.newestRequests
    this.errors -= this.newestErrors
    this.#requests[this.#newest] = 0
    this.#errors[this.#newest] = 0
  }

  clear(): void {
    this.#requests.fill(0)
    this.#errors.fill(0)
    this.requests = 0
    this.errors = 0
  }

  #index(age: number): number {
    return (this.#newest - age + this.#requests.length) % this.#requests.length
  }
}

/** A target that had traffic. */
interface Watched {
  readonly window: ErrorWindow
  /** It seemed to be worse in the last period; if it still does in the next, it is anomalous. */
  isSuspect: boolean
  isAnomalous: boolean
  /** Rate of errors, half way between what it had and what its peers had, from which on it counts as failing still. */
  failingRate: number
  /** Logarithm of the odds that it is well again. */
  recovery: number
  weight: number
}

/** What is known of a target. */
export interface TargetAnomaly {
  readonly isAnomalous: boolean
  /** Share of the traffic relative to other targets: 1 unless the target is under mitigation. */
  readonly weight: number
}

const NO_MOMENT: Moment = { requests: 0, errors: 0, allRequests: 0, allErrors: 0 }

const NORMAL: TargetAnomaly = { isAnomalous: false, weight: 1 }

export class AnomalyDetection {
  readonly #settings: AnomalySettings
  readonly #watched = new Map<string, Watched>()
  #healthy: ReadonlySet<string> = new Set()
  #isMitigating = false
  /** Periods since there was any traffic. */
  #quietPeriods = 0

  constructor(settings: AnomalySettings = ANOMALY_SETTINGS) {
    this.#settings = settings
  }

  /** Whether there is nothing to evaluate. */
  get isIdle(): boolean {
    return this.#watched.size === 0
  }

  /** The targets that are healthy now; what was known of others is forgotten. */
  setHealthy(targets: ReadonlySet<string>): void {
    this.#healthy = targets
    for (const target of this.#watched.keys()) if (!targets.has(target)) this.#watched.delete(target)
  }

  /** Without mitigation every target has its full share at once. */
  setMitigating(isMitigating: boolean): void {
    this.#isMitigating = isMitigating
    if (!isMitigating) for (const target of this.#watched.values()) target.weight = 1
  }

  /** Goes on with a weight that an earlier detection came to. */
  seed(target: string, weight: number): void {
    this.#watch(target).weight = weight
  }

  /** Requests that ended; those to targets that are not healthy count nothing. */
  count(target: string, requests: number, errors: number): void {
    if (this.#healthy.has(target)) this.#watch(target).window.count(requests, errors)
  }

  of(target: string): TargetAnomaly {
    return this.#watched.get(target) ?? NORMAL
  }

  /** Ends a period; whether a weight changed with it. */
  evaluate(): boolean {
    const { targetsMin, windowPeriods } = this.#settings
    const targets = [...this.#watched.values()]
    const isQuiet = targets.every(({ window }) => window.newestRequests === 0)
    this.#quietPeriods = isQuiet ? this.#quietPeriods + 1 : 0
    if (this.#healthy.size < targetsMin || this.#quietPeriods >= windowPeriods) {
      for (const target of targets) target.isAnomalous = target.isSuspect = false
    } else {
      this.#acquit(targets)
      this.#accuse(targets)
    }
    const floor = this.#floor(targets)
    let isChanged = false
    for (const [name, target] of this.#watched) {
      const weight = this.#isMitigating ? this.#nextWeight(target, floor) : 1
      if (weight !== target.weight) isChanged = true
      target.weight = weight
      target.window.turn()
      const isKnown = target.isAnomalous || target.isSuspect || weight < 1 || target.window.requests > 0
      if (!isKnown) this.#watched.delete(name)
    }
    return isChanged
  }

  #watch(name: string): Watched {
    let target = this.#watched.get(name)
    if (target === undefined) {
      target = {
        window: new ErrorWindow(this.#settings.windowPeriods),
        isSuspect: false,
        isAnomalous: false,
        failingRate: 0,
        recovery: 0,
        weight: 1,
      }
      this.#watched.set(name, target)
    }
    return target
  }

  /**
   * Anomalous targets that are well again. What they did since is summed up as a likelihood ratio that never falls
   * below even odds (Page's test), so that it takes as many good requests as are needed, however few come per period.
   */
  #acquit(targets: readonly Watched[]): void {
    const { excessMin, acquittalOdds } = this.#settings
    const peers = sumOf(targets.filter(({ isAnomalous }) => !isAnomalous))
    const wellRate = clampedRate((peers.errors + 0.5) / (peers.requests + 1))
    for (const target of targets) {
      if (!target.isAnomalous) continue
      const { newestRequests: requests, newestErrors: errors } = target.window
      const failingRate = clampedRate(Math.max(target.failingRate, wellRate + excessMin))
      const ofErrors = errors * Math.log(wellRate / failingRate)
      const ofOthers = (requests - errors) * Math.log((1 - wellRate) / (1 - failingRate))
      target.recovery = Math.max(0, target.recovery + ofErrors + ofOthers)
      if (target.recovery < Math.log(acquittalOdds)) continue
      target.isAnomalous = false
      // Errors of before would accuse it again.
      target.window.clear()
    }
  }

  /**
   * Targets that fail more often than the others, the worst first: once it is accused it does not make the others look
   * better any more. Never more than half of the group, since what most targets do is no deviation.
   */
  #accuse(targets: readonly Watched[]): void {
    const normal = targets.filter(({ isAnomalous }) => !isAnomalous)
    const peers = new Pool(this.#settings.windowPeriods)
    for (const { window } of normal) peers.add(window, 1)
    let left = Math.floor(this.#healthy.size / 2) - (targets.length - normal.length)
    for (const target of normal.toSorted((a, b) => b.window.rate - a.window.rate)) {
      const { window } = target
      const wasSuspect = target.isSuspect
      peers.add(window, -1)
      target.isSuspect = left > 0 && this.#isWorse(window, peers)
      if (!target.isSuspect) {
        peers.add(window, 1)
        continue
      }
      left--
      // A fault that has passed by the second look is left alone.
      if (!wasSuspect || window.newestErrors === 0) continue
      const rate = Math.max(window.rate, window.newestErrors / window.newestRequests)
      target.isSuspect = false
      target.isAnomalous = true
      target.failingRate = (peers.rate + rate) / 2
      target.recovery = 0
    }
  }

  #isWorse(target: ErrorWindow, peers: Pool): boolean {
    const { requestsMin, excessMin, falseAlarmRate, windowPeriods } = this.#settings
    if (target.requests < requestsMin || peers.requests < requestsMin) return false
    if (target.rate - peers.rate < excessMin) return false
    const moments: Moment[] = []
    let moment = NO_MOMENT
    for (let age = 0; age < windowPeriods; age++) {
      const [ownRequests, ownErrors] = [target.requestsAt(age), target.errorsAt(age)]
      const requests = moment.requests + ownRequests
      const errors = moment.errors + ownErrors
      const allRequests = moment.allRequests + ownRequests + (peers.requestsByAge[age] ?? 0)
      const allErrors = moment.allErrors + ownErrors + (peers.errorsByAge[age] ?? 0)
      moment = { requests, errors, allRequests, allErrors }
      // With little traffic a moment is longer: one or two requests at a time would show nothing.
      if (requests < requestsMin) continue
      moments.push(moment)
      moment = NO_MOMENT
    }
    moments.push(moment)
    // Each target of the group gets its part of the false alarms.
    return chanceOfErrors(moments) <= falseAlarmRate / this.#healthy.size
  }

  #nextWeight({ isAnomalous, isSuspect, weight }: Watched, floor: number): number {
    const { windowPeriods, weightFactor, weightStep } = this.#settings
    // Nothing is known of the moment: a detection that goes on from an earlier one's weights waits for traffic.
    const isUnknown = this.#quietPeriods > 0 && this.#quietPeriods < windowPeriods
    if (isSuspect || isUnknown) return weight
    const next = isAnomalous ? Math.max(floor, weight * weightFactor) : Math.min(1, weight + weightStep)
    return Math.round(next * 10_000) / 10_000
  }

  /** The weight with which a target still gets about one request per period, so that its recovery can be seen. */
  #floor(targets: readonly Watched[]): number {
    const { weightFloor, weightFloorMax, windowPeriods } = this.#settings
    const full = targets.filter(({ weight }) => weight === 1)
    const perPeriod = sumOf(full).requests / (full.length * windowPeriods)
    return Math.min(weightFloorMax, Math.max(weightFloor, 1 / perPeriod || weightFloorMax))
  }
}

/** What several targets had together, by the age of periods. */
class Pool {
  readonly requestsByAge: Float64Array
  readonly errorsByAge: Float64Array
  requests = 0
  errors = 0

  constructor(periods: number) {
    this.requestsByAge = new Float64Array(periods)
    this.errorsByAge = new Float64Array(periods)
  }

  get rate(): number {
    return this.errors / this.requests
  }

  /** Adds a target (`sign` 1), or takes it out again (-1). */
  add(window: ErrorWindow, sign: 1 | -1): void {
    this.requests += sign * window.requests
    this.errors += sign * window.errors
    for (let age = 0; age < this.requestsByAge.length; age++) {
      this.requestsByAge[age] = (this.requestsByAge[age] ?? 0) + sign * window.requestsAt(age)
      this.errorsByAge[age] = (this.errorsByAge[age] ?? 0) + sign * window.errorsAt(age)
    }
  }
}

interface Sum {
  readonly requests: number
  readonly errors: number
}

function sumOf(targets: readonly Watched[]): Sum {
  let requests = 0
  let errors = 0
  for (const { window } of targets) {
    requests += window.requests
    errors += window.errors
  }
  return { requests, errors }
}

function clampedRate(rate: number): number {
  return Math.min(RATE_MAX, Math.max(RATE_MIN, rate))
}
