// What the benchmark asks of everything it measures, and how it starts and ends the programs it needs.

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** Core of the load balancer's worker. */
export const WORKER_CORE = 0
/** Core of everything else: targets, load generator, and evenkeel's other processes. */
export const OTHER_CORE = 1

const READY_TIMEOUT_MS = 15_000
const READY_POLL_MS = 25
const STOP_TIMEOUT_MS = 5_000

/**
 * Which of a load balancer's listeners a case uses: no rules but the default, 1 rule, or 100 of which the last matches;
 * or no rules and another algorithm than round robin; or clients that stay with their target by a cookie of the load
 * balancer, by one of the application, or by one for the group and one for the target.
 */
export const LISTENER_NAMES = [
  'default',
  'rules1',
  'rules100',
  'leastOutstanding',
  'weightedRandom',
  'stickyTarget',
  'stickyApplication',
  'stickyGroup',
] as const

export type ListenerName = (typeof LISTENER_NAMES)[number]

/** A load balancer that runs, configured alike. */
export interface Contender {
  readonly name: string
  readonly version: string
  /** `http://address:port` of each listener that it was asked for. */
  readonly urls: ReadonlyMap<ListenerName, string>
  /** Processes that carry traffic. */
  readonly workerPids: readonly number[]
  /** All others that belong to it. */
  readonly otherPids: readonly number[]
  stop(): Promise<void>
}

/** `http://address:port` of a listener. */
export function urlOf(contender: Contender, listener: ListenerName): string {
  const url = contender.urls.get(listener)
  if (url === undefined) throw new Error(`${contender.name} has no listener ${listener}`)
  return url
}

/** What a contender is configured with. */
export interface Setup {
  /** Own empty folder for configuration, logs and data. */
  readonly folder: string
  /** Ports of the targets on 127.0.0.1. */
  readonly targetPorts: readonly number[]
  /** Listeners that are going to be used. */
  readonly listeners: ReadonlySet<ListenerName>
}

export type StartContender = (setup: Setup) => Promise<Contender>

/** A program that was started for the benchmark; its output goes to a file in `folder`. */
export interface Program {
  readonly child: ChildProcess
  readonly pid: number
  readonly outputFile: string
  stop(): Promise<void>
}

/** Starts a program on one core; it runs in `root`, the current folder unless told. */
export function startProgram(
  folder: string,
  name: string,
  core: number,
  command: readonly string[],
  root = process.cwd(),
): Program {
  const outputFile = join(folder, `${name}.out`)
  const output = openSync(outputFile, 'a')
  const child = spawn('taskset', ['-c', String(core), ...command], {
    cwd: root,
    stdio: ['ignore', output, output],
  })
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  return {
    child,
    pid: child.pid ?? 0,
    outputFile,
    async stop() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
      await ended
      clearTimeout(timer)
    },
  }
}

/** Waits until a program accepts connections; fails with its output when it ended or after 15 s. */
export async function waitForPort(program: Program, host: string, port: number): Promise<void> {
  const { child, outputFile } = program
  try {
    await waitFor(
      async () => {
        if (child.exitCode !== null) throw new Error(`${child.spawnargs.join(' ')} ended`)
        return canConnect(host, port)
      },
      `${child.spawnargs.join(' ')} does not accept connections on ${host}:${port}`,
    )
  } catch (error) {
    await program.stop()
    throw new Error(`Cannot start, its output:\n${readFileSync(outputFile, 'utf8')}`, { cause: error })
  }
}

/** Asks again and again until the answer is true; fails with `problem` when `timeoutMs` are over. */
export async function waitFor(
  isTrue: () => boolean | Promise<boolean>,
  problem: string,
  timeoutMs = READY_TIMEOUT_MS,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`${problem} after ${timeoutMs / 1000} s`)
    await pause(READY_POLL_MS)
  }
}

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host)
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
