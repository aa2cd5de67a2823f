// The sums of what workers counted, and their exposition as Prometheus text. CloudWatch's names become
// `evenkeel_<name in snake case>_total`, and those that are a state of the moment are without `_total`.

import type { CounterDelta } from '../snapshot/messages.ts'

/** What workers count up and down: the sum is a state of the moment. */
const GAUGES: ReadonlySet<string> = new Set(['ActiveConnectionCount'])

export class Counters {
  /** By metric name as CloudWatch has it, then by rendered labels. */
  readonly #metrics = new Map<string, Map<string, number>>()

  add(deltas: readonly CounterDelta[]): void {
    for (const delta of deltas) {
      const labels = labelsOf(delta)
      for (const [name, value] of Object.entries(delta.metrics)) {
        let series = this.#metrics.get(name)
        if (series === undefined) this.#metrics.set(name, (series = new Map<string, number>()))
        series.set(labels, (series.get(labels) ?? 0) + value)
      }
    }
  }

  /** The text exposition format of Prometheus. `gauges`: states of the moment, which are not added up. */
  render(gauges: readonly CounterDelta[] = []): string {
    const lines: string[] = []
    for (const [name, series] of [...this.#metrics].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const isGauge = GAUGES.has(name)
      const metric = prometheusName(name, isGauge ? '' : '_total')
      lines.push(`# TYPE ${metric} ${isGauge ? 'gauge' : 'counter'}`)
      for (const [labels, value] of series) lines.push(`${metric}{${labels}} ${value}`)
    }
    for (const name of new Set(gauges.flatMap(({ metrics }) => Object.keys(metrics))).values()) {
      const metric = prometheusName(name, '')
      lines.push(`# TYPE ${metric} gauge`)
      for (const gauge of gauges) {
        const value = gauge.metrics[name]
        if (value !== undefined) lines.push(`${metric}{${labelsOf(gauge)}} ${value}`)
      }
    }
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`
  }
}

/** What was counted of a metric, over all dimensions. */
export function sumOf(deltas: readonly CounterDelta[], metric: string): number {
  return deltas.reduce((sum, { metrics }) => sum + (metrics[metric] ?? 0), 0)
}

/** `HTTPCode_ELB_5XX_Count` becomes `evenkeel_http_code_elb_5xx_count_total`. */
export function prometheusName(name: string, ending = '_total'): string {
  const snake = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/(\d)_(xx)/g, '$1$2')
    .replaceAll(/[^a-z0-9_]/g, '_')
  return `evenkeel_${snake}${ending}`
}

function labelsOf({ loadBalancer, targetGroup, zone }: CounterDelta): string {
  const labels = [`load_balancer="${escape(dimension(loadBalancer))}"`]
  if (targetGroup !== null) labels.push(`target_group="${escape(dimension(targetGroup))}"`)
  labels.push(`availability_zone="${escape(zone)}"`)
  return labels.join(',')
}

/** CloudWatch's value for an ARN: `app/NAME/ID`, `targetgroup/NAME/ID`. Other text stays as it is. */
function dimension(arn: string): string {
  return /:(?:loadbalancer\/)?([^:]+)$/.exec(arn)?.[1] ?? arn
}

function escape(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
