// Runs the health checks of all target groups by their plans: each target at its own fixed cadence, spread over time,
// with a bound on checks that run at once. Tells of every change of a target's state.

import type { Clock } from '../clock/clock.ts'
import type { HealthCheckPlan, ProbedTarget, TargetHealth } from '../model/target-health.ts'
import { compileMatcher } from './matcher.ts'
import { probe, type Probe } from './probe.ts'
import { Schedule } from './schedule.ts'
import { TargetRecord } from './target-record.ts'

/** Checks that may run at once; more wait for their turn. */
const RUNNING_MAX = 1000
/** First checks come within this time (OQ-34), however many targets are new. */
const FIRST_WITHIN_MS = 900
/** Share of that time per new target: a few targets are checked at once. */
const SPREAD_PER_TARGET_MS = 1
/** Longest timer of the operating system. */
const TIMER_MAX_MS = 2 ** 31 - 1

export interface MonitorOptions {
  readonly clock: Clock
  /** Told when a target's state changed; not of changes of the reason alone. */
  readonly onChange: (targetGroup: string, key: string) => void
  /** How a check is done. */
  readonly probe?: Probe
  /** From 0 to below 1. */
  readonly random?: () => number
}

/** State that a target had under an earlier checker. */
export interface SeededTarget {
  readonly targetGroup: string
  readonly key: string
  readonly state: 'initial' | 'healthy' | 'unhealthy'
}

interface Group {
  plan: HealthCheckPlan
  matches: (code: number) => boolean
  readonly targets: Map<string, Check>
}

/** The checks of one target under one set of settings; replaced when these change. */
interface Check {
  dueAt: number
  readonly group: Group
  readonly target: ProbedTarget
  readonly record: TargetRecord
  isRunning: boolean
  isCancelled: boolean
}

export class HealthMonitor {
  readonly #clock: Clock
  readonly #onChange: MonitorOptions['onChange']
  readonly #probe: Probe
  readonly #random: () => number
  readonly #groups = new Map<string, Group>()
  readonly #seeds = new Map<string, SeededTarget['state']>()
  readonly #schedule = new Schedule<Check>()
  readonly #waiting: Check[] = []
  #running = 0
  #timer: NodeJS.Timeout | null = null
  #timerAt = Infinity
  #isStarted = false

  constructor(options: MonitorOptions) {
    this.#clock = options.clock
    this.#onChange = options.onChange
    this.#probe = options.probe ?? probe
    this.#random = options.random ?? Math.random
  }

  /** Runs checks when they are due; without it `advance` has to be called. */
  start(): void {
    this.#isStarted = true
    this.#setTimer()
  }

  close(): void {
    this.#isStarted = false
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    for (const group of this.#groups.values())
      for (const check of group.targets.values()) check.isCancelled = true
    this.#groups.clear()
  }

  /** States to go on from, before the first plan of their group. */
  seed(targets: Iterable<SeededTarget>): void {
    for (const { targetGroup, key, state } of targets) this.#seeds.set(seedKey(targetGroup, key), state)
  }

  /** Checks the group by this plan from now on; null: no longer. */
  setPlan(targetGroup: string, plan: HealthCheckPlan | null): void {
    const old = this.#groups.get(targetGroup)
    if (plan === null) {
      for (const check of old?.targets.values() ?? []) check.isCancelled = true
      this.#groups.delete(targetGroup)
      return
    }
    const group: Group = { plan, matches: compileMatcher(plan.matcher), targets: new Map() }
    const isSame = old !== undefined && hasSameSettings(old.plan, plan)
    const isSeeded = this.#seeds.size > 0
    for (const target of plan.targets) {
      const known = old?.targets.get(target.key)
      if (known !== undefined && isSame && isReachedAlike(known.target, target)) {
        // The check stays where it is in the schedule, and finds its group through the old one.
        group.targets.set(target.key, known)
        continue
      }
      const record = known?.record ?? new TargetRecord()
      record.resetCounts()
      const seed = this.#seeds.get(seedKey(targetGroup, target.key))
      if (seed !== undefined) {
        record.seed(seed)
        this.#seeds.delete(seedKey(targetGroup, target.key))
      }
      const withinMs =
        isSeeded && seed !== undefined
          ? plan.intervalMs
          : Math.min(FIRST_WITHIN_MS, plan.targets.length * SPREAD_PER_TARGET_MS)
      const check: Check = {
        dueAt: this.#clock.now() + this.#random() * withinMs,
        group,
        target,
        record,
        isRunning: false,
        isCancelled: false,
      }
      group.targets.set(target.key, check)
      this.#schedule.add(check)
    }
    for (const [key, check] of old?.targets ?? []) {
      if (group.targets.get(key) !== check) check.isCancelled = true
    }
    this.#groups.set(targetGroup, group)
    this.#setTimer()
  }

  /** What is known of a target, if it is checked. */
  healthOf(targetGroup: string, key: string): TargetHealth | undefined {
    return this.#groups.get(targetGroup)?.targets.get(key)?.record.health
  }

  /** Begins all checks that are due now. */
  advance(): void {
    const now = this.#clock.now()
    for (;;) {
      const check = this.#schedule.takeDue(now)
      if (check === undefined) break
      if (check.isCancelled) continue
      const { intervalMs } = check.group.plan
      // From the time it was due, not from now: neither the target nor this process shifts the cadence. After a long
      // pause of the process what was missed is left out.
      check.dueAt += intervalMs * Math.max(1, Math.ceil((now - check.dueAt) / intervalMs))
      this.#schedule.add(check)
      if (check.isRunning) continue
      check.isRunning = true
      this.#waiting.push(check)
    }
    this.#runWaiting()
    this.#setTimer()
  }

  #runWaiting(): void {
    while (this.#running < RUNNING_MAX) {
      const check = this.#waiting.shift()
      if (check === undefined) return
      if (!check.isCancelled) this.#run(check)
    }
  }

  #run(check: Check): void {
    const { plan, matches } = check.group
    this.#running++
    check.record.checking()
    const request = {
      protocol: plan.protocol,
      protocolVersion: plan.protocolVersion,
      securityPolicy: plan.securityPolicy ?? '',
      address: check.target.address,
      port: check.target.port,
      path: plan.path,
      timeoutRealMs: this.#clock.realMs(plan.timeoutMs),
      source: check.target.source ?? null,
      isBlocked: check.target.isBlocked === true,
    }
    this.#probe(request, (result) => {
      this.#running--
      check.isRunning = false
      if (!check.isCancelled && check.record.record(result, { ...plan, matches })) {
        this.#onChange(plan.targetGroup, check.target.key)
      }
      this.#runWaiting()
    })
  }

  #setTimer(): void {
    const at = this.#schedule.nextAt
    if (!this.#isStarted || (this.#timer !== null && this.#timerAt <= at)) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#timerAt = at
    if (at === Infinity) return
    const delayMs = Math.min(TIMER_MAX_MS, Math.max(0, this.#clock.realMs(at - this.#clock.now())))
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.advance()
    }, delayMs)
  }
}

function seedKey(targetGroup: string, key: string): string {
  return `${targetGroup} ${key}`
}

function hasSameSettings(a: HealthCheckPlan, b: HealthCheckPlan): boolean {
  return (
    a.protocol === b.protocol &&
    a.protocolVersion === b.protocolVersion &&
    a.securityPolicy === b.securityPolicy &&
    a.path === b.path &&
    a.intervalMs === b.intervalMs &&
    a.timeoutMs === b.timeoutMs &&
    a.healthyThreshold === b.healthyThreshold &&
    a.unhealthyThreshold === b.unhealthyThreshold &&
    a.matcher === b.matcher
  )
}

function isReachedAlike(a: ProbedTarget, b: ProbedTarget): boolean {
  return a.address === b.address && a.port === b.port && a.isBlocked === b.isBlocked && a.source === b.source
}
