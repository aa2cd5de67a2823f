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
  /** The command that measured it. */
  readonly command: string
  readonly samples: readonly Sample[]
}

/** The load balancer that the others are compared with. */
const OURS = 'evenkeel'

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

/** One line per case: CPU time and p99 of all, ratios to the peers and between cases. */
export function summary(report: Report, cases: readonly BenchCase[]): string {
  const figures = new Figures(report.samples)
  const { contenders, peers } = figures
  const loads = cases.filter((each) => each.kind !== 'idle')
  const lines = [
    `Measured ${report.date} on ${report.machine}, by \`${report.command}\`: medians of ${report.rounds} interleaved rounds of ${report.seconds} s.`,
    `${report.versions.join(', ')}. Rounds on a shared machine differ by more than a tenth, so ratios are medians of the ratios within a round.`,
  ]
  if (loads.length > 0) {
    const ofPeers = peers.map((peer) => `× ${peer}`)
    const all = contenders.join(', ')
    const rows = loads.map((each) => [
      each.title,
      ...[cpu, p99].flatMap((measure) => [
        contenders
          .map((name) => fixed(figures.of(name, each.name, measure), measure === cpu ? 1 : 0))
          .join(', '),
        ...peers.map((peer) => fixed(figures.ratio([OURS, each.name], [peer, each.name], measure), 2)),
      ]),
      each.kind === 'load' && each.against !== undefined
        ? fixed(figures.ratio([OURS, each.name], [OURS, each.against], cpu), 2)
        : '',
    ])
    const head = ['case', `CPU µs: ${all}`, ...ofPeers, `p99 µs: ${all}`, ...ofPeers, '× base']
    lines.push('', table(head, rows), '')
    lines.push(
      `The last column compares CPU time of ${OURS} with its own: with round robin, and with 1 rule.`,
    )
  }
  for (const { kind, name, title } of cases) {
    if (kind !== 'idle') continue
    const each = contenders.map(
      (contender) => `${contender} ${fixed((figures.of(contender, name, pss) ?? 0) / 1024, 1)} KiB`,
    )
    lines.push('', `${title} take, each: ${each.join(', ')}.`)
  }
  return `${lines.join('\n')}\n`
}

/** Everything that was measured, a line for each case and load balancer. */
export function details(report: Report, cases: readonly BenchCase[]): string {
  const figures = new Figures(report.samples)
  const loadRows: string[][] = []
  const idleRows: string[][] = []
  for (const each of cases) {
    for (const name of figures.contenders) {
      const value = (measure: Measure) => figures.of(name, each.name, measure)
      if (each.kind === 'idle') idleRows.push([each.title, name, fixed(value(pss), 0), fixed(value(rss), 0)])
      else
        loadRows.push([
          each.title,
          name,
          fixed(value(cpu), 1),
          fixed(value(otherCpu), 1),
          fixed(value(rate), 0),
          fixed(value(p50), 0),
          fixed(value(p99), 0),
          fixed(value(busy), 2),
          fixed(value(errors), 0),
        ])
    }
  }
  const loadHead = 'case,,CPU µs/request,other CPU µs/request,requests/s,p50 µs,p99 µs,busy,errors'.split(',')
  return [
    'CPU is user and system time of the worker process per request, from the kernel. Every load balancer has one',
    'worker on one core, upstream keep-alive, the same added headers, and an access log with the fields of an ALB',
    'line (nginx: file, 64 KiB buffer; HAProxy: standard output into a file, one write per line). For sticky cases',
    'nginx hashes the cookies, and both peers do the same in all three. The load generator',
    'and targets share the other core, and so do the processes of a load balancer that carry no traffic (`other CPU`).',
    'Where `busy` is well below 1 the other core was the limit: read the CPU time, not the requests per second.',
    '',
    table(loadHead, loadRows),
    ...(idleRows.length === 0
      ? []
      : ['', table(['case', '', 'PSS bytes/connection', 'RSS bytes/connection'], idleRows)]),
    '',
  ].join('\n')
}

/** Medians of the samples, and ratios. */
class Figures {
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

  /** Median of the rounds' ratios between two pairs of load balancer and case. */
  ratio(value: readonly [string, string], base: readonly [string, string], measure: Measure): number | null {
    const bases = this.#byRound(...base, measure)
    const values = [...this.#byRound(...value, measure)]
    return median(values.map(([round, each]) => each / (bases.get(round) ?? NaN)).filter(Number.isFinite))
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

function fixed(value: number | null, digits: number): string {
  return value === null ? '' : value.toFixed(digits)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [tableLine(head), tableLine(head.map(() => '---')), ...rows.map(tableLine)].join('\n')
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
