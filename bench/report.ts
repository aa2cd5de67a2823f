// From single measurements to medians, ratios and the Markdown table.

import type { BenchCase } from './cases.ts'
import type { IdleResult } from './idle.ts'
import type { LoadResult } from './load.ts'

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

export interface Report {
  readonly date: string
  readonly machine: string
  readonly versions: readonly string[]
  readonly rounds: number
  readonly seconds: number
  readonly samples: readonly Sample[]
}

type Measure = (sample: Sample) => number | null

const cpu: Measure = (sample) => sample.cpuUsPerRequest
const otherCpu: Measure = (sample) => sample.otherCpuUsPerRequest
const busy: Measure = (sample) => sample.workerBusy
const rate: Measure = ({ load }) => (load === null ? null : load.requests / (load.durationUs / 1e6))
const p50: Measure = ({ load }) => (load === null ? null : load.p50Us)
const p99: Measure = ({ load }) => (load === null ? null : load.p99Us)
const errors: Measure = ({ load }) =>
  load === null ? null : load.badStatus + load.socketErrors + load.timeouts
const pss: Measure = ({ idle }) => (idle === null ? null : idle.pssBytesPerConnection)
const rss: Measure = ({ idle }) => (idle === null ? null : idle.rssBytesPerConnection)

/** Middle value, or the mean of the two in the middle; `null` of none. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.floor((sorted.length - 1) / 2)]
  return upper === undefined || lower === undefined ? null : (upper + lower) / 2
}

/** The whole report as Markdown. */
export function markdown(report: Report, cases: readonly BenchCase[]): string {
  const contenders = [...new Set(report.samples.map((sample) => sample.contender))]
  const peers = contenders.filter((name) => name !== 'evenkeel')
  const of = (contender: string, caseName: string, measure: Measure) =>
    median(
      report.samples
        .filter((sample) => sample.contender === contender && sample.caseName === caseName)
        .flatMap((sample) => measure(sample) ?? []),
    )
  const ratios = (contender: string, caseName: string, measure: Measure) =>
    peers.map((peer) =>
      contender === 'evenkeel' ? ratio(of(contender, caseName, measure), of(peer, caseName, measure)) : '',
    )
  const ratioNames = peers.map((peer) => `x ${peer}`)

  const loadRows: string[][] = []
  const idleRows: string[][] = []
  for (const each of cases) {
    for (const name of contenders) {
      const value = (measure: Measure) => of(name, each.name, measure)
      if (each.kind === 'idle') {
        idleRows.push([
          each.title,
          name,
          fixed(value(pss), 0),
          fixed(value(rss), 0),
          ...ratios(name, each.name, pss),
        ])
      } else {
        loadRows.push([
          each.title,
          name,
          fixed(value(cpu), 1),
          ...ratios(name, each.name, cpu),
          fixed(value(otherCpu), 1),
          fixed(value(rate), 0),
          fixed(value(p50), 0),
          fixed(value(p99), 0),
          fixed(value(busy), 2),
          fixed(value(errors), 0),
        ])
      }
    }
  }
  const rules = ratio(of('evenkeel', 'rules-100', cpu), of('evenkeel', 'rules-1', cpu))
  return [
    `Measured ${report.date} on ${report.machine}. ${report.rounds} rounds of ${report.seconds} s, interleaved; medians.`,
    '',
    ...report.versions.map((version) => `- ${version}`),
    '',
    'CPU is user and system time of the worker process per request, from the kernel. Every load balancer has one',
    'worker on one core, upstream keep-alive, the same added headers, and an access log with the fields of an ALB',
    'line (nginx: file, 64 KiB buffer; HAProxy: standard output into a file, one write per line). Load generator',
    'and targets share the other core, and so do the processes of a load balancer that carry no traffic (`other CPU`).',
    'Where `busy` is well below 1 the other core was the limit: read the CPU time, not the requests per second.',
    '',
    table(
      [
        'case',
        '',
        'CPU us/request',
        ...ratioNames,
        'other CPU us/request',
        'requests/s',
        'p50 us',
        'p99 us',
        'busy',
        'errors',
      ],
      loadRows,
    ),
    ...(idleRows.length === 0
      ? []
      : ['', table(['case', '', 'PSS bytes/connection', 'RSS bytes/connection', ...ratioNames], idleRows)]),
    ...(rules === '' ? [] : ['', `evenkeel with 100 rules against 1 rule: ${rules} of the CPU time.`]),
    '',
  ].join('\n')
}

function ratio(value: number | null, base: number | null): string {
  return value === null || base === null || base === 0 ? '' : (value / base).toFixed(2)
}

function fixed(value: number | null, digits: number): string {
  return value === null ? '' : value.toFixed(digits)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [tableLine(head), tableLine(head.map(() => '---')), ...rows.map(tableLine)].join('\n')
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
