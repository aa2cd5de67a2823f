// The Markdown tables of a benchmark: a summary with ratios and their intervals, and everything that was measured.

import type { BenchCase } from './cases.ts'
import { Figures, OURS, busy, cpu, errors, otherCpu, p50, p99, pss, rate, rss } from './measured.ts'
import type { Measure, Sample } from './measured.ts'
import type { Ratio } from './statistics.ts'

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

/** One line per case: CPU time and p99 of all, ratios to the peers and between cases. */
export function summary(report: Report, cases: readonly BenchCase[]): string {
  const figures = new Figures(report.samples)
  const { contenders, peers } = figures
  const loads = cases.filter((each) => each.kind !== 'idle')
  const lines = [
    `Measured ${report.date} on ${report.machine}, by \`${report.command}\`: medians of ${report.rounds} interleaved rounds of ${report.seconds} s.`,
    `${report.versions.join(', ')}, Node ${process.version}. A ratio is the median of the ratios within a round; in brackets the interval that holds the true one with 95 % (sign test).`,
  ]
  if (loads.length > 0) {
    const hasBase = loads.some((each) => each.kind === 'load' && each.against !== undefined)
    const ofPeers = peers.map((peer) => `× ${peer}`)
    const all = contenders.join(', ')
    const rows = loads.map((each) => [
      each.title,
      ...[cpu, p99].flatMap((measure) => [
        contenders
          .map((name) => fixed(figures.of(name, each.name, measure), measure === cpu ? 1 : 0))
          .filter((text) => text !== '')
          .join(', '),
        ...peers.map((peer) => ratioText(figures.ratio([OURS, each.name], [peer, each.name], measure))),
      ]),
      ...(hasBase ? [baseText(figures, each)] : []),
    ])
    const head = ['case', `CPU µs: ${all}`, ...ofPeers, `p99 µs: ${all}`, ...ofPeers]
    lines.push('', table(hasBase ? [...head, '× base'] : head, rows))
    if (hasBase) {
      lines.push('')
      lines.push(
        `The last column compares CPU time of ${OURS} with its own: with round robin, and with 1 rule.`,
      )
    }
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
      else if (value(cpu) !== null)
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
    'Times of cases of many small pieces are those of a whole connection.',
    '',
    table(loadHead, loadRows),
    ...(idleRows.length === 0
      ? []
      : ['', table(['case', '', 'PSS bytes/connection', 'RSS bytes/connection'], idleRows)]),
    '',
  ].join('\n')
}

function baseText(figures: Figures, each: BenchCase): string {
  if (each.kind !== 'load' || each.against === undefined) return ''
  return ratioText(figures.ratio([OURS, each.name], [OURS, each.against], cpu))
}

/** `1.04 (1.01-1.08)`. */
function ratioText(ratio: Ratio | null): string {
  if (ratio === null) return ''
  const { median, interval } = ratio
  if (interval === null) return fixed(median, 2)
  return `${fixed(median, 2)} (${fixed(interval.low, 2)}-${fixed(interval.high, 2)})`
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
