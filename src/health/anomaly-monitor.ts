// Automatic Target Weights for all target groups: takes what the workers counted, looks at every group once per period,
// and says which targets are anomalous and what weights they have.

import type { Clock } from '../clock/clock.ts'
import { targetKey } from '../model/target-key.ts'
import type { CounterDelta, TargetOutcomes } from '../snapshot/messages.ts'
import type { TargetGroupUnit, TargetUnit } from '../snapshot/target-group-units.ts'
import { AnomalyDetection, type TargetAnomaly } from './anomaly-detection.ts'

/** ALB-TG-121. */
const PERIOD_MS = 5000

export interface AnomalyMonitorOptions {
  readonly clock: Clock
  /** Told when weights of a group changed. */
  readonly onChange: (targetGroup: string) => void
}

/** A group as it is built now. */
export interface WatchedGroup {
  readonly arn: string
  /** Null while the group is not in use. */
  readonly loadBalancer: string | null
  /** Whether `load_balancing.algorithm.anomaly_mitigation` is in force. */
  readonly isMitigating: boolean
}

interface Group {
  loadBalancer: string | null
  targets: readonly TargetUnit[]
  readonly detection: AnomalyDetection
}

export class AnomalyMonitor {
  readonly #clock: Clock
  readonly #onChange: AnomalyMonitorOptions['onChange']
  readonly #groups = new Map<string, Group>()
  #timer: NodeJS.Timeout | null = null

  constructor({ clock, onChange }: AnomalyMonitorOptions) {
    this.#clock = clock
    this.#onChange = onChange
  }

  /** Evaluates by itself from now on; without it `evaluate` has to be called. */
  start(): void {
    this.#timer = setInterval(() => this.evaluate(), this.#clock.realMs(PERIOD_MS))
    this.#timer.unref()
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  /** Goes on with the weights of a snapshot in force. */
  seed(groups: readonly TargetGroupUnit[]): void {
    for (const { arn, targets } of groups) {
      for (const { id, port, weight } of targets) {
        if (weight !== undefined) this.#group(arn).detection.seed(targetKey(id, port), weight)
      }
    }
  }

  /** The targets of a new version of a group, with their weights. */
  apply(watched: WatchedGroup, targets: readonly TargetUnit[]): readonly TargetUnit[] {
    const group = this.#group(watched.arn)
    group.loadBalancer = watched.loadBalancer
    group.targets = targets
    const healthy = targets.filter(({ state }) => state === 'healthy')
    group.detection.setHealthy(new Set(healthy.map(keyOf)))
    group.detection.setMitigating(watched.isMitigating)
    return targets.map((target) => {
      const { weight } = group.detection.of(keyOf(target))
      return weight === 1 ? target : { ...target, weight }
    })
  }

  forget(targetGroup: string): void {
    this.#groups.delete(targetGroup)
  }

  /** What a worker counted since its last report. */
  count(outcomes: readonly TargetOutcomes[]): void {
    for (const { targetGroup, target, requests, errors } of outcomes)
      this.#groups.get(targetGroup)?.detection.count(target, requests, errors)
  }

  /** Ends a period. */
  evaluate(): void {
    for (const [arn, { detection }] of this.#groups)
      if (!detection.isIdle && detection.evaluate()) this.#onChange(arn)
  }

  /** What is known of a registered target; `key` is its `targetKey`. */
  anomalyOf(targetGroup: string, key: string): TargetAnomaly | undefined {
    return this.#groups.get(targetGroup)?.detection.of(key)
  }

  /** AnomalousHostCount and MitigatedHostCount of every group in use, by zone (ALB-OBS-033, 039). */
  gauges(): CounterDelta[] {
    const gauges: CounterDelta[] = []
    for (const [targetGroup, { loadBalancer, targets, detection }] of this.#groups) {
      if (loadBalancer === null) continue
      for (const [zone, ofZone] of Map.groupBy(targets, (target) => target.zone)) {
        const anomalies = ofZone.map((target) => detection.of(keyOf(target)))
        const metrics = {
          AnomalousHostCount: anomalies.filter(({ isAnomalous }) => isAnomalous).length,
          MitigatedHostCount: anomalies.filter(({ weight }) => weight < 1).length,
        }
        gauges.push({ loadBalancer, targetGroup, zone, metrics })
      }
    }
    return gauges
  }

  #group(arn: string): Group {
    let group = this.#groups.get(arn)
    if (group === undefined) {
      group = { loadBalancer: null, targets: [], detection: new AnomalyDetection() }
      this.#groups.set(arn, group)
    }
    return group
  }
}

function keyOf({ id, port }: TargetUnit): string {
  return targetKey(id, port)
}
