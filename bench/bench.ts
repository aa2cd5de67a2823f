// npm run bench: nginx, HAProxy and evenkeel side by side on one machine, in interleaved rounds. Writes a Markdown table
// to standard output and bench/results/latest.md, and every single measurement to bench/results/latest.json.
//
//   --cases a,b    only these cases (names in cases.ts)
//   --only a,b     only these load balancers: nginx, haproxy, evenkeel
//   --compare REV  this checkout, as it lies there, beside another revision of it, and no other load balancer but those
//                  of --only
//   --rounds N     rounds of each case, 9 unless told, 15 with --compare; fewer than 6 give no interval
//   --seconds N    measured seconds of each load, 1 unless told
//   --starts N     how often everything is started afresh in between, once unless told, twice with --compare: of two
//                  processes of the same program one may be faster all its life
//   --readme       writes the short table into README.md as well, between its bench marks

import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CASES } from './cases.ts'
import { checkOut, commitOf } from './checkout.ts'
import { OTHER_CORE } from './contender.ts'
import type { StartContender } from './contender.ts'
import { startEvenkeel } from './evenkeel.ts'
import { Measuring } from './measure.ts'
import { OURS } from './measured.ts'
import { startHaproxy, startNginx } from './peers.ts'
import { pinToCore } from './process-usage.ts'
import { details, summary } from './report.ts'
import type { Report } from './report.ts'
import { startTargets } from './targets.ts'

const STARTERS: ReadonlyMap<string, StartContender> = new Map([
  ['nginx', startNginx],
  ['haproxy', startHaproxy],
  [OURS, (setup) => startEvenkeel(setup)],
])
const RESULTS_FOLDER = 'bench/results'
const DEBIAN_PACKAGES: Readonly<Record<string, string>> = {
  nginx: 'nginx-light',
  haproxy: 'haproxy',
  wrk: 'wrk',
  taskset: 'util-linux',
}

const { values: options } = parseArgs({
  options: {
    cases: { type: 'string' },
    only: { type: 'string' },
    compare: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string', default: '1' },
    starts: { type: 'string' },
    readme: { type: 'boolean', default: false },
  },
})
const { compare } = options
const rounds = wholeNumber('rounds', options.rounds ?? (compare === undefined ? '9' : '15'))
const starts = wholeNumber('starts', options.starts ?? (compare === undefined ? '1' : '2'))
const seconds = wholeNumber('seconds', options.seconds)
const cases = chosen('cases', options.cases, CASES, (each) => each.name)
const only = options.only ?? (compare === undefined ? undefined : OURS)
const starters = chosen('only', only, [...STARTERS], ([name]) => name).map(([, start]) => start)
const commit = compare === undefined ? null : commitOf(compare)
if (compare !== undefined && commit === null) refuse(`--compare is ${compare}, which names no commit`)
if (compare !== undefined && options.readme)
  refuse('--readme writes what nginx and HAProxy are compared with')
if (starts > rounds) refuse(`--starts is ${starts}; there are ${rounds} rounds`)

checkPrograms()
const machine = `${cpus()[0]?.model ?? 'an unknown processor'}, ${availableParallelism()} cores`
// Loads that this process makes itself are to leave the worker's core alone, as all others do.
pinToCore(process.pid, OTHER_CORE)
let signal: NodeJS.Signals | null = null
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => (signal = name))

const folder = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'))
// Workers of nginx give up root and still read the files in it.
chmodSync(folder, 0o755)
try {
  await measureAll()
} catch (error) {
  if (signal === null) throw error
  console.error(`Ended by ${String(signal)}`)
  process.exitCode = 130
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function measureAll(): Promise<void> {
  if (compare !== undefined && commit !== null) {
    const checkout = checkOut(compare, commit, join(folder, 'checkout'))
    starters.push((setup) => startEvenkeel(setup, checkout))
  }
  const targets = await startTargets(folder)
  try {
    const plan = { cases, starters, rounds, starts, seconds, folder, targets, throwIfEnded }
    const { samples, versions } = await new Measuring(plan).run()
    writeReport({
      date: new Date().toISOString().slice(0, 10),
      machine,
      versions,
      rounds,
      seconds,
      command: ['npm run bench', ...(process.argv.length > 2 ? ['--'] : []), ...process.argv.slice(2)].join(
        ' ',
      ),
      samples,
    })
  } finally {
    await targets.program.stop()
  }
}

function throwIfEnded(): void {
  if (signal !== null) throw new Error(`Ended by ${signal}`)
}

function writeReport(report: Report): void {
  const short = summary(report, cases)
  const text = `${short}\n${details(report, cases)}`
  mkdirSync(RESULTS_FOLDER, { recursive: true })
  writeFileSync(join(RESULTS_FOLDER, 'latest.md'), text)
  writeFileSync(join(RESULTS_FOLDER, 'latest.json'), `${JSON.stringify(report, null, 2)}\n`)
  process.stdout.write(text)
  if (options.readme) writeIntoReadme(short)
  const failed = report.samples.filter(({ load }) => load !== null && load.badStatus + load.socketErrors > 0)
  if (failed.length > 0) {
    console.error(`${failed.length} measurements had failed requests; their figures mean nothing`)
    process.exitCode = 1
  }
}

function writeIntoReadme(table: string): void {
  const readme = readFileSync('README.md', 'utf8')
  const written = readme.replace(/(<!-- bench -->\n)[^]*(<!-- \/bench -->)/, `$1${table}$2`)
  writeFileSync('README.md', written)
}

function checkPrograms(): void {
  const missing = Object.keys(DEBIAN_PACKAGES).filter((command) => {
    try {
      execFileSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' })
      return false
    } catch {
      return true
    }
  })
  if (missing.length > 0) {
    const packages = missing.map((command) => DEBIAN_PACKAGES[command]).join(' ')
    console.error(
      `Missing: ${missing.join(', ')}. On Debian: apt-get install --no-install-recommends ${packages}`,
    )
    process.exit(69)
  }
  if (availableParallelism() < 2) {
    console.error('The benchmark needs two cores: one for the load balancer, one for load and targets')
    process.exit(69)
  }
}

function wholeNumber(name: string, value: string): number {
  if (!/^[1-9]\d*$/.test(value)) refuse(`--${name} is ${value}; it must be a whole number from 1`)
  return Number(value)
}

function chosen<T>(
  name: string,
  list: string | undefined,
  all: readonly T[],
  nameOf: (each: T) => string,
): T[] {
  if (list === undefined) return [...all]
  const names = list.split(',')
  const unknown = names.filter((each) => !all.some((one) => nameOf(one) === each))
  if (unknown.length > 0)
    refuse(`--${name} has ${unknown.join(', ')}; it takes ${all.map(nameOf).join(', ')}`)
  return all.filter((each) => names.includes(nameOf(each)))
}

function refuse(problem: string): never {
  console.error(problem)
  process.exit(64)
}
