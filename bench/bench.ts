// npm run bench: nginx, HAProxy and evenkeel side by side on one machine, in interleaved rounds. Writes a Markdown table
// to standard output and bench/results/latest.md, and every single measurement to bench/results/latest.json.
//
//   --rounds N     rounds per case, 3 unless told
//   --seconds N    measured seconds per load, 5 unless told
//   --cases a,b    only these cases (names in cases.ts)
//   --only a,b     only these load balancers: nginx, haproxy, evenkeel
//   --readme       writes the short table into README.md as well, between its bench marks

import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CASES } from './cases.ts'
import type { BenchCase, IdleCase } from './cases.ts'
import type { Contender, StartContender } from './contender.ts'
import { startEvenkeel } from './evenkeel.ts'
import { measureIdle } from './idle.ts'
import { runLoad } from './load.ts'
import type { Load } from './load.ts'
import { startHaproxy, startNginx } from './peers.ts'
import { cpuMicroseconds } from './process-usage.ts'
import { details, summary } from './report.ts'
import type { Report, Sample } from './report.ts'
import { startTargets } from './targets.ts'

const STARTERS: ReadonlyMap<string, StartContender> = new Map([
  ['nginx', startNginx],
  ['haproxy', startHaproxy],
  ['evenkeel', startEvenkeel],
])
/** Where the half-load case takes its rate from. */
const PACE_MAKER = 'nginx'
const WARM_UP_SECONDS = 2
const RESULTS_FOLDER = 'bench/results'
const DEBIAN_PACKAGES: Readonly<Record<string, string>> = {
  nginx: 'nginx-light',
  haproxy: 'haproxy',
  wrk: 'wrk',
  taskset: 'util-linux',
}

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    cases: { type: 'string' },
    only: { type: 'string' },
    readme: { type: 'boolean', default: false },
  },
})
const rounds = wholeNumber('rounds', options.rounds)
const seconds = wholeNumber('seconds', options.seconds)
const cases = chosen('cases', options.cases, CASES, (each) => each.name)
const starters = chosen('only', options.only, [...STARTERS], ([name]) => name)

checkPrograms()
const folder = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'))
// Workers of nginx give up root and still read the files in it.
chmodSync(folder, 0o755)
const targets = await startTargets(folder)
const samples: Sample[] = []
const versions = new Set<string>()
let folderCount = 0

try {
  await measureLoads(cases.filter((each) => each.kind !== 'idle'))
  for (const each of cases) if (each.kind === 'idle') await measureIdles(each)
} finally {
  await targets.program.stop()
  rmSync(folder, { recursive: true, force: true })
}

const report: Report = {
  date: new Date().toISOString().slice(0, 10),
  machine: `${cpus()[0]?.model ?? 'an unknown processor'}, ${availableParallelism()} cores`,
  versions: [...versions],
  rounds,
  seconds,
  command: ['npm run bench', ...(process.argv.length > 2 ? ['--'] : []), ...process.argv.slice(2)].join(' '),
  samples,
}
const text = `${summary(report, cases)}\n${details(report, cases)}`
mkdirSync(RESULTS_FOLDER, { recursive: true })
writeFileSync(join(RESULTS_FOLDER, 'latest.md'), text)
writeFileSync(join(RESULTS_FOLDER, 'latest.json'), `${JSON.stringify(report, null, 2)}\n`)
process.stdout.write(text)
if (options.readme) writeIntoReadme(summary(report, cases))
const failed = samples.filter(({ load }) => load !== null && load.badStatus + load.socketErrors > 0)
if (failed.length > 0) {
  console.error(`${failed.length} measurements had failed requests; their figures mean nothing`)
  process.exitCode = 1
}

/** All load cases on one start of each load balancer. */
async function measureLoads(loadCases: readonly Exclude<BenchCase, IdleCase>[]): Promise<void> {
  if (loadCases.length === 0) return
  const contenders: Contender[] = []
  try {
    for (const [, start] of starters) contenders.push(await startOne(start))
    // Whole rounds: cases are compared with each other as well, and the machine changes with the minutes.
    for (let round = 1; round <= rounds; round++) {
      for (const each of loadCases) {
        for (const contender of contenders) {
          const load = await withCookies(each, loadOf(each, contender, round))
          await runLoad({ ...load, seconds: WARM_UP_SECONDS })
          samples.push(await measureLoad(contender, each.name, round, load))
        }
      }
    }
  } finally {
    await Promise.all(contenders.map((contender) => contender.stop()))
  }
}

async function measureLoad(
  contender: Contender,
  caseName: string,
  round: number,
  load: Load,
): Promise<Sample> {
  const cpuBefore = cpuMicroseconds(contender.workerPids)
  const otherBefore = cpuMicroseconds(contender.otherPids)
  const started = performance.now()
  const result = await runLoad(load)
  const elapsedUs = (performance.now() - started) * 1000
  const cpuUs = cpuMicroseconds(contender.workerPids) - cpuBefore
  const otherUs = cpuMicroseconds(contender.otherPids) - otherBefore
  const sample: Sample = {
    contender: contender.name,
    caseName,
    round,
    cpuUsPerRequest: cpuUs / result.requests,
    otherCpuUsPerRequest: otherUs / result.requests,
    workerBusy: cpuUs / elapsedUs,
    load: result,
    idle: null,
  }
  console.error(
    `${caseName} ${round}/${rounds} ${contender.name}: ${(cpuUs / result.requests).toFixed(1)} us, ` +
      `${(result.requests / (result.durationUs / 1e6)).toFixed(0)}/s, p99 ${result.p99Us} us, ` +
      `${result.badStatus + result.socketErrors + result.timeouts} errors`,
  )
  return sample
}

function loadOf(each: Exclude<BenchCase, IdleCase>, contender: Contender, round: number): Load {
  if (each.kind === 'load') {
    const url = contender.urls[each.listener] + each.path
    return { ...each, url, seconds, thinkTimeMaxMs: 0 }
  }
  const meanThinkTimeS = (each.thinkTimeMaxMs * 2) / 3 / 1000
  return {
    url: `${contender.urls.default}/small`,
    connections: Math.max(1, Math.round((peakRate(round) / 2) * meanThinkTimeS)),
    seconds,
    method: 'GET',
    bodyBytes: 0,
    thinkTimeMaxMs: each.thinkTimeMaxMs,
    headers: {},
  }
}

/**
 * The load of clients that were there before. All send the same cookies, since wrk's scripts see only one of several
 * Set-Cookie fields; a client that takes every new cookie costs a load balancer no more.
 */
async function withCookies(each: Exclude<BenchCase, IdleCase>, load: Load): Promise<Load> {
  if (each.kind !== 'load' || each.cookiesFrom === undefined) return load
  const answer = await fetch(new URL(each.cookiesFrom, load.url))
  await answer.arrayBuffer()
  const pairs = answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0])
  return pairs.length === 0 ? load : { ...load, headers: { ...load.headers, Cookie: pairs.join('; ') } }
}

/** Requests per second of the small case of this round: nginx's, or the first load balancer's where nginx is left out. */
function peakRate(round: number): number {
  const small = samples.filter((sample) => sample.caseName === 'small' && sample.round === round)
  const load = (small.find((sample) => sample.contender === PACE_MAKER) ?? small[0])?.load
  if (load === undefined || load === null)
    throw new Error('The case half-load needs the case small before it')
  return load.requests / (load.durationUs / 1e6)
}

/** Each measurement on a fresh start: what earlier load left behind would hide what the connections take. */
async function measureIdles(each: IdleCase): Promise<void> {
  for (let round = 1; round <= rounds; round++) {
    for (const [, start] of starters) {
      const contender = await startOne(start)
      try {
        const idle = await measureIdle(contender, each.connections)
        samples.push({
          contender: contender.name,
          caseName: each.name,
          round,
          cpuUsPerRequest: null,
          otherCpuUsPerRequest: null,
          workerBusy: null,
          load: null,
          idle,
        })
        console.error(
          `${each.name} ${round}/${rounds} ${contender.name}: ${idle.pssBytesPerConnection.toFixed(0)} bytes each`,
        )
      } finally {
        await contender.stop()
      }
    }
  }
}

async function startOne(start: StartContender): Promise<Contender> {
  const ownFolder = join(folder, String(++folderCount))
  mkdirSync(ownFolder)
  const contender = await start({ folder: ownFolder, targetPorts: targets.ports })
  versions.add(contender.version)
  return contender
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
  if (!/^[1-9]\d*$/.test(value)) {
    console.error(`--${name} is ${value}; it must be a whole number from 1`)
    process.exit(64)
  }
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
  if (unknown.length > 0) {
    console.error(`--${name} has ${unknown.join(', ')}; it takes ${all.map(nameOf).join(', ')}`)
    process.exit(64)
  }
  return all.filter((each) => names.includes(nameOf(each)))
}
