// Part one of the chaos run: what configuration changes, deregistrations and the death of processes cost the clients.
// Changes and the death of control may cost nothing; the death of a worker, its requests in flight and no more.

import { setTimeout as pause } from 'node:timers/promises'
import { ElasticLoadBalancingV2ServiceException } from '@aws-sdk/client-elastic-load-balancing-v2'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { connectionCount, killProcess, listeningAddresses } from '../support/processes.ts'
import { type Program, startProgram } from '../support/program.ts'
import { Configuration } from './configuration.ts'
import { startEchoTargets } from './echo-targets.ts'
import type { Random } from '../support/random.ts'
import { Traffic } from './traffic.ts'
import { verdict } from './verdict.ts'
import type { Verdict } from './verdict.ts'

const TARGETS = 8
const WORKERS = 2
/** Requests that must be answered before and after each blow. */
const CALM_REQUESTS = 500
const TIME_SCALE = 20

export interface LostRequestsOptions {
  readonly dataFolder: string
  readonly random: Random
  readonly changes: number
  readonly controlKills: number
  readonly workerKills: number
}

/** Runs it and tells what was lost, each part as soon as it is known. */
export async function* runLostRequests(options: LostRequestsOptions): AsyncGenerator<Verdict> {
  const { random, dataFolder } = options
  const targets = await startEchoTargets(TARGETS)
  const program = await startProgram({ dataFolder, workers: WORKERS, timeScale: TIME_SCALE })
  try {
    const port = await freePort()
    const configuration = new Configuration(program.client, random, targets.ports)
    await configuration.create(port)
    const traffic = new Traffic({ addresses: listeningAddresses(port), port })
    traffic.start()
    try {
      await traffic.answeredMore(CALM_REQUESTS)
      yield await changesCost(options, configuration, traffic)
      yield await controlDeathCosts(options, program, configuration, traffic)
      yield await workerDeathCosts(options, program, port, traffic)
    } finally {
      await traffic.stop()
    }
  } catch (error) {
    throw new Error(`The program said:\n${program.output()}\n${program.errors()}`, { cause: error })
  } finally {
    await program.stop()
    await targets.close()
  }
}

async function changesCost(
  { changes }: LostRequestsOptions,
  configuration: Configuration,
  traffic: Traffic,
): Promise<Verdict> {
  const before = traffic.count
  for (let index = 0; index < changes; index++) await configuration.change()
  await traffic.answeredMore(CALM_REQUESTS)
  const lost = traffic.count.failed - before.failed
  const requests = traffic.count.answered - before.answered
  return verdict(
    lost === 0,
    `${changes} configuration changes during ${requests} requests lost ${lost}`,
    traffic.failures,
  )
}

async function controlDeathCosts(
  { controlKills, random }: LostRequestsOptions,
  program: Program,
  configuration: Configuration,
  traffic: Traffic,
): Promise<Verdict> {
  const before = traffic.count
  for (let kill = 0; kill < controlKills; kill++) {
    const changing = changeUntilItFails(configuration)
    await pause(random.whole(0, 100))
    await Promise.all(program.pidsOf('control').map(killProcess))
    await changing
    await traffic.answeredMore(CALM_REQUESTS)
    await program.untilApiAnswers()
    await configuration.refresh()
  }
  await traffic.answeredMore(CALM_REQUESTS)
  const lost = traffic.count.failed - before.failed
  const requests = traffic.count.answered - before.answered
  return verdict(
    lost === 0,
    `${controlKills} SIGKILLs of control during ${requests} requests lost ${lost}`,
    traffic.failures,
  )
}

/** The death of control ends a change; what the change has become is the business of the other part. */
async function changeUntilItFails(configuration: Configuration): Promise<void> {
  try {
    for (;;) await configuration.change()
  } catch (error) {
    // A refusal is an answer, and no change here gives reason for one.
    if (error instanceof ElasticLoadBalancingV2ServiceException) throw error
  }
}

async function workerDeathCosts(
  { workerKills, random }: LostRequestsOptions,
  program: Program,
  port: number,
  traffic: Traffic,
): Promise<Verdict> {
  const before = traffic.count
  let allowed = 0
  for (let kill = 0; kill < workerKills; kill++) {
    const pid = random.pick(program.pidsOf('worker'))
    // Stopped first, so that the number of its connections stands still while it is counted.
    process.kill(pid, 'SIGSTOP')
    allowed += connectionCount(pid, port)
    await killProcess(pid)
    await traffic.answeredMore(CALM_REQUESTS)
    await eventually('the dead worker has a successor', () => program.pidsOf('worker').length === WORKERS)
    await traffic.answeredMore(CALM_REQUESTS)
  }
  const lost = traffic.count.failed - before.failed
  const requests = traffic.count.answered - before.answered
  return verdict(
    lost <= allowed,
    `${workerKills} SIGKILLs of a worker during ${requests} requests lost ${lost}, with ${allowed} connections on the dead workers`,
    traffic.failures,
  )
}
