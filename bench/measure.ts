// Measures cases in rounds. In a round every load balancer carries the same load, one after the other, so that what the
// machine's other tenants do meets all of them; ratios are taken within a round. Who is first changes from round to round.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { runBytesLoad } from './bytes-load.ts'
import type { BenchCase, BusyCase, IdleCase } from './cases.ts'
import { urlOf } from './contender.ts'
import type { Contender, ListenerName, StartContender } from './contender.ts'
import { measureIdle } from './idle.ts'
import { runLoad } from './load.ts'
import type { Load, LoadResult } from './load.ts'
import type { Sample } from './measured.ts'
import { cpuMicroseconds } from './process-usage.ts'
import type { Targets } from './targets.ts'

/** Where the half-load case takes its rate from. */
const PACE_MAKER = 'nginx'
/** The case that its rate is taken from. */
const PACE_CASE = 'small'
/** Connections that come and go are compiled to the end only after some seconds: a tenth of the first ones' time. */
const WARM_UP_SECONDS = 4
/** Memory differs little from start to start, and every round of it is a start. */
const IDLE_ROUNDS_MAX = 3

export interface Plan {
  readonly cases: readonly BenchCase[]
  readonly starters: readonly StartContender[]
  readonly rounds: number
  /** How often every load balancer is started afresh; the rounds are divided among the starts. */
  readonly starts: number
  /** Measured seconds of each load. */
  readonly seconds: number
  /** An empty folder. */
  readonly folder: string
  readonly targets: Targets
  /** Asked between any two measurements; ends them by an error. */
  readonly throwIfEnded: () => void
}

/** Every single measurement, and the versions of what was measured. */
export interface Measurements {
  readonly samples: readonly Sample[]
  readonly versions: readonly string[]
}

/** Those who take part in round `round`, from 0: each is as often before another as after it. */
export function orderOf<T>(all: readonly T[], round: number): T[] {
  const first = Math.floor(round / 2) % Math.max(1, all.length)
  const rotated = [...all.slice(first), ...all.slice(0, first)]
  return round % 2 === 0 ? rotated : rotated.toReversed()
}

export class Measuring {
  readonly #plan: Plan
  readonly #samples: Sample[] = []
  readonly #versions = new Set<string>()
  #folderCount = 0

  constructor(plan: Plan) {
    this.#plan = plan
  }

  async run(): Promise<Measurements> {
    const { cases, rounds, starts } = this.#plan
    const busyCases = cases.filter((each) => each.kind !== 'idle')
    for (let start = 0; start < starts && busyCases.length > 0; start++) {
      const firstRound = Math.round((rounds * start) / starts)
      await this.#measureBusy(busyCases, firstRound, Math.round((rounds * (start + 1)) / starts))
    }
    for (const each of cases) if (each.kind === 'idle') await this.#measureIdles(each)
    return { samples: this.#samples, versions: [...this.#versions] }
  }

  /** Some rounds of all cases on one start of each load balancer. */
  async #measureBusy(cases: readonly BusyCase[], firstRound: number, roundsEnd: number): Promise<void> {
    const contenders: Contender[] = []
    const { starters, seconds } = this.#plan
    try {
      for (const start of orderOf(starters, firstRound))
        contenders.push(await this.#start(start, listenersOf(cases)))
      for (const each of cases)
        for (const contender of rivals(each, contenders)) {
          if (each.kind === 'paced') continue
          await this.#load(each, contender, WARM_UP_SECONDS, 0)
        }
      for (let round = firstRound; round < roundsEnd; round++)
        for (const each of cases) {
          const paceRate = each.kind === 'paced' ? await this.#paceRate(contenders, round) : 0
          for (const contender of orderOf(rivals(each, contenders), round))
            await this.#measure(each, contender, round, () => this.#load(each, contender, seconds, paceRate))
        }
    } finally {
      await Promise.all(contenders.map((contender) => contender.stop()))
    }
  }

  async #measure(
    each: BusyCase,
    contender: Contender,
    round: number,
    load: () => Promise<LoadResult>,
  ): Promise<void> {
    const cpuBefore = cpuMicroseconds(contender.workerPids)
    const otherBefore = cpuMicroseconds(contender.otherPids)
    const started = performance.now()
    const result = await load()
    const elapsedUs = (performance.now() - started) * 1000
    const cpuUs = cpuMicroseconds(contender.workerPids) - cpuBefore
    const otherUs = cpuMicroseconds(contender.otherPids) - otherBefore
    this.#samples.push({
      contender: contender.name,
      caseName: each.name,
      round,
      cpuUsPerRequest: cpuUs / result.requests,
      otherCpuUsPerRequest: otherUs / result.requests,
      workerBusy: cpuUs / elapsedUs,
      load: result,
      idle: null,
    })
    console.error(
      `${each.name} ${round + 1}/${this.#plan.rounds} ${contender.name}: ${(cpuUs / result.requests).toFixed(1)} us, ` +
        `${(result.requests / (result.durationUs / 1e6)).toFixed(0)}/s, p99 ${result.p99Us} us, ` +
        `${result.badStatus + result.socketErrors + result.timeouts} errors`,
    )
  }

  async #load(each: BusyCase, contender: Contender, seconds: number, paceRate: number): Promise<LoadResult> {
    this.#plan.throwIfEnded()
    switch (each.kind) {
      case 'bytes': {
        const path = each.bytes === 'tinyChunks' ? '/upload' : '/small'
        return await runBytesLoad(each.bytes, urlOf(contender, 'default') + path, seconds)
      }
      case 'paced':
        return await runLoad(pacedLoad(urlOf(contender, 'default'), seconds, paceRate, each.thinkTimeMaxMs))
      case 'load': {
        const url = urlOf(contender, each.listener) + each.path
        return await runLoad(
          await withCookies({ ...each, url, seconds, thinkTimeMaxMs: 0 }, each.cookiesFrom),
        )
      }
    }
  }

  /** Requests per second that nginx, or the first load balancer without it, had in this round at full load. */
  async #paceRate(contenders: readonly Contender[], round: number): Promise<number> {
    const paceMaker = contenders.find(({ name }) => name === PACE_MAKER) ?? contenders[0]
    if (paceMaker === undefined) throw new Error('There is no load balancer to measure')
    const measured = this.#samples.find(
      (sample) =>
        sample.caseName === PACE_CASE && sample.round === round && sample.contender === paceMaker.name,
    )
    const load = measured?.load ?? (await runLoad(fullLoad(urlOf(paceMaker, 'default'), 1)))
    return load.requests / (load.durationUs / 1e6)
  }

  /** Each measurement on a fresh start: what earlier load left behind would hide what the connections take. */
  async #measureIdles(each: IdleCase): Promise<void> {
    const rounds = Math.min(this.#plan.rounds, IDLE_ROUNDS_MAX)
    for (let round = 0; round < rounds; round++) {
      for (const start of orderOf(this.#plan.starters, round)) {
        this.#plan.throwIfEnded()
        const contender = await this.#start(start, new Set(['default']))
        try {
          const idle = await measureIdle(contender, each.connections)
          this.#samples.push({
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
            `${each.name} ${round + 1}/${rounds} ${contender.name}: ${idle.pssBytesPerConnection.toFixed(0)} bytes each`,
          )
        } finally {
          await contender.stop()
        }
      }
    }
  }

  async #start(start: StartContender, listeners: ReadonlySet<ListenerName>): Promise<Contender> {
    this.#plan.throwIfEnded()
    const folder = join(this.#plan.folder, `start-${++this.#folderCount}`)
    mkdirSync(folder)
    const contender = await start({ folder, targetPorts: this.#plan.targets.ports, listeners })
    this.#versions.add(contender.version)
    return contender
  }
}

function listenersOf(cases: readonly BusyCase[]): ReadonlySet<ListenerName> {
  return new Set(cases.map((each) => (each.kind === 'load' ? each.listener : 'default')))
}

function rivals(each: BusyCase, contenders: readonly Contender[]): Contender[] {
  if (each.kind !== 'bytes') return [...contenders]
  return contenders.filter(({ name }) => !each.without.includes(name))
}

function fullLoad(listenerUrl: string, seconds: number): Load {
  return {
    url: `${listenerUrl}/small`,
    connections: 64,
    seconds,
    method: 'GET',
    bodyBytes: 0,
    thinkTimeMaxMs: 0,
    headers: {},
  }
}

/** Half of a rate: as many connections as it takes when each waits before every request. */
function pacedLoad(listenerUrl: string, seconds: number, rate: number, thinkTimeMaxMs: number): Load {
  const meanThinkTimeS = (thinkTimeMaxMs * 2) / 3 / 1000
  const connections = Math.max(1, Math.round((rate / 2) * meanThinkTimeS))
  return { ...fullLoad(listenerUrl, seconds), connections, thinkTimeMaxMs }
}

/**
 * The load of clients that were there before. All send the same cookies, since wrk's scripts see only one of several
 * Set-Cookie fields; a client that takes every new cookie costs a load balancer no more.
 */
async function withCookies(load: Load, path: string | undefined): Promise<Load> {
  if (path === undefined) return load
  const answer = await fetch(new URL(path, load.url))
  await answer.arrayBuffer()
  const pairs = answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0])
  return pairs.length === 0 ? load : { ...load, headers: { ...load.headers, Cookie: pairs.join('; ') } }
}
