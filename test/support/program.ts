// Starts the real program as a child process, with a data folder and node addresses of its own, breaks it where a test
// says so, and ends it again. Tests, chaos runs and benchmarks have no other way to start it.

import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

import { apiClient, SUBNET_C, SUBNETS } from './api-client.ts'
import { eventually } from './eventually.ts'
import { nodeNetwork } from './network.ts'
import { childrenOf, killProcess, roleOf } from './processes.ts'

const ROOT = resolve(import.meta.dirname, '../..')
/** Longer than requests that run may take, of which the configuration says five seconds. */
const STOP_MS = 30_000
/** For what it is to say, in real milliseconds. */
const DEADLINE_MS = 60_000

export interface ProgramOptions {
  /** Which of the programs that run at the same time for one file, from 0: each has node addresses of its own. */
  readonly index?: number
  /** More members of the configuration file. */
  readonly config?: Readonly<Record<string, unknown>>
  /** More arguments; the later of two wins. */
  readonly args?: readonly string[]
  readonly workers?: number
  /** How many times faster than real time durations run. */
  readonly timeScale?: number
  /** A folder that stays after the end; without it a new one that is removed. */
  readonly dataFolder?: string
  /** Script to run instead of the program's. */
  readonly main?: string
}

/** A process of the program that can be killed. */
export type ProcessName = 'control' | `worker ${number}`

/** What the command line says. */
export interface CommandOptions {
  readonly dataFolder: string
  /** 0 is any that is free. */
  readonly apiPort: number
  readonly workers: number
  readonly timeScale?: number
  readonly args?: readonly string[]
  readonly main?: string
}

/** Command and arguments that start the program, in whatever folder. */
export function programCommand(options: CommandOptions): [string, ...string[]] {
  const { dataFolder, apiPort, workers, timeScale = 1, args = [], main = 'bin/evenkeel.js' } = options
  return [
    process.execPath,
    join(ROOT, main),
    `--data=${dataFolder}`,
    `--api=127.0.0.1:${apiPort}`,
    `--workers=${workers}`,
    `--time-scale=${timeScale}`,
    ...args,
  ]
}

/** Resolves when the API answers. Rejects, with what it said, if the program ends before. */
export async function startProgram(options: ProgramOptions = {}): Promise<Program> {
  const { index = 0, workers = 2, timeScale = 1, args = [], main = 'bin/evenkeel.js' } = options
  const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), 'evenkeel-')))
  await mkdir(dataFolder, { recursive: true })
  const configFile = join(dataFolder, 'config.json')
  const zones = [...SUBNETS, SUBNET_C].map((subnet, zone) => {
    return { letter: 'abc'.charAt(zone), subnet, pool: `${nodeNetwork(zone, index)}.0/22` }
  })
  await writeFile(configFile, JSON.stringify({ zones, drainTimeoutSeconds: 5, ...options.config }))
  const more = ['--dns=127.0.0.1:0', `--config=${configFile}`, '--log-level=info', ...args]
  const command = { dataFolder, apiPort: 0, workers, timeScale, args: more, main }
  const program = new Program(command, options.dataFolder === undefined)
  await program.ready()
  return program
}

/** Starts the program with these arguments alone; for starts that fail. */
export function runProgram(args: readonly string[], main = 'bin/evenkeel.js'): ChildProcess {
  return spawnCommand([process.execPath, join(ROOT, main), ...args])
}

function spawnCommand([file, ...args]: readonly [string, ...string[]]): ChildProcess {
  const env = { ...process.env }
  delete env['NODE_TEST_CONTEXT']
  return spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
}

/** Exit code and output of a program that is expected to end by itself. */
export async function failingProgram(
  args: readonly string[],
  main?: string,
): Promise<{ code: number | null; output: string; errors: string }> {
  const child = runProgram(args, main)
  let output = ''
  let errors = ''
  child.stdout?.on('data', (bytes) => (output += String(bytes)))
  child.stderr?.on('data', (bytes) => (errors += String(bytes)))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output, errors }
}

/** A program that runs. */
export class Program extends EventEmitter {
  readonly dataFolder: string
  /** IDs of the running processes. */
  readonly pids = new Map<'supervisor' | ProcessName, number>()
  /** URL of the API; the same for all the life of this object. */
  endpoint = ''
  readonly #command: CommandOptions
  readonly #removeFolder: boolean
  #child: ChildProcess
  #client: ElasticLoadBalancingV2Client | null = null
  #end: Promise<number | NodeJS.Signals | null>
  #hasEnded = false
  #output = ''
  #errors = ''

  constructor(command: CommandOptions, removeFolder: boolean) {
    super()
    this.setMaxListeners(0)
    this.dataFolder = command.dataFolder
    this.#command = command
    this.#removeFolder = removeFolder
    this.#child = spawnCommand(programCommand(command))
    this.#end = this.#follow(this.#child)
  }

  /** Resolves when it has said where its API is, which then answers. */
  async ready(): Promise<void> {
    const match = await this.outputMatching(/API endpoint +(\S+)/)
    this.endpoint = match[1] ?? ''
  }

  get supervisorPid(): number {
    return this.#child.pid ?? 0
  }

  /** A client that sends every call once; closed with the program. */
  get client(): ElasticLoadBalancingV2Client {
    this.#client ??= apiClient(this.endpoint)
    return this.#client
  }

  /** All that it wrote to stdout since it was started. */
  output(): string {
    return this.#output
  }

  /** All that it wrote to stderr since it was started. */
  errors(): string {
    return this.#errors
  }

  /** Resolves when stdout matches. */
  async outputMatching(pattern: RegExp): Promise<RegExpExecArray> {
    return await this.#until(() => pattern.exec(this.#output) ?? undefined)
  }

  /** Resolves when stderr matches. */
  async errorsMatching(pattern: RegExp): Promise<RegExpExecArray> {
    return await this.#until(() => pattern.exec(this.#errors) ?? undefined)
  }

  /** Running processes of a kind, as the kernel knows them. */
  pidsOf(role: 'control' | 'worker'): number[] {
    return childrenOf(this.supervisorPid).filter((pid) => roleOf(pid).startsWith(role))
  }

  /** Resolves when the API accepts connections, which it does not while control is started again. */
  async untilApiAnswers(): Promise<void> {
    const { hostname, port } = new URL(this.endpoint)
    await eventually('the API accepts connections', async () => {
      if (this.#hasEnded) throw this.#unexpected('The program ended')
      return await canConnect(hostname, Number(port))
    })
  }

  /** Kills a process with SIGKILL; resolves when its replacement was started. */
  async kill(which: ProcessName): Promise<void> {
    const pid = this.pids.get(which)
    if (pid === undefined) throw new Error(`There is no process ${which}`)
    process.kill(pid, 'SIGKILL')
    await this.#until(() => (this.pids.get(which) === pid ? undefined : true))
  }

  /** SIGKILL for every process, the supervisor first, so that nothing is started again. */
  async killAll(): Promise<void> {
    const children = childrenOf(this.supervisorPid)
    this.signal('SIGKILL')
    await Promise.all(children.map(killProcess))
    await this.#end
  }

  /** Starts it again with the same data folder and endpoint; resolves when the API answers. */
  async startAgain(): Promise<void> {
    if (!this.#hasEnded) throw new Error('It still runs')
    this.#hasEnded = false
    this.#output = ''
    this.#errors = ''
    this.pids.clear()
    this.#child = spawnCommand(
      programCommand({ ...this.#command, apiPort: Number(new URL(this.endpoint).port) }),
    )
    this.#end = this.#follow(this.#child)
    await this.ready()
  }

  /** Has the workers' log files delivered. */
  flush(): void {
    this.signal('SIGUSR2')
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Resolves with the exit code, or the signal, of a program that ends by itself. */
  async ended(): Promise<number | NodeJS.Signals | null> {
    return await this.#end
  }

  /** Ends it in good order; resolves with the exit code, and rejects if it has to be killed. May be called twice. */
  async stop(): Promise<number | NodeJS.Signals | null> {
    this.#client?.destroy()
    this.#client = null
    let wasKilled = false
    const timer = setTimeout(() => {
      wasKilled = true
      void this.killAll()
    }, STOP_MS)
    if (!this.#hasEnded) this.signal('SIGTERM')
    const code = await this.#end
    clearTimeout(timer)
    if (this.#removeFolder) await rm(this.dataFolder, { recursive: true, force: true })
    if (wasKilled) throw new Error(`The program did not end within ${STOP_MS} ms:\n${this.#errors}`)
    return code
  }

  #follow(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
    this.pids.set('supervisor', child.pid ?? 0)
    const { promise, resolve: resolveEnd } = Promise.withResolvers<number | NodeJS.Signals | null>()
    child.on('close', (code, signal) => {
      this.#hasEnded = true
      resolveEnd(code ?? signal)
      this.emit('change')
    })
    child.stdout?.on('data', (bytes) => {
      this.#output += String(bytes)
      this.emit('change')
    })
    if (child.stderr !== null) createInterface(child.stderr).on('line', (line) => this.#takeLogLine(line))
    return promise
  }

  /** What `look` finds, now or after something happened. */
  async #until<T>(look: () => T | undefined): Promise<T> {
    const signal = AbortSignal.timeout(DEADLINE_MS)
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      if (this.#hasEnded) throw this.#unexpected('The program ended')
      if (signal.aborted) throw this.#unexpected(`The program did not say it within ${DEADLINE_MS} ms`)
      await once(this, 'change', { signal }).catch(() => undefined)
    }
  }

  #unexpected(what: string): Error {
    return new Error(`${what}:\n${this.#output}\n${this.#errors}`)
  }

  #takeLogLine(line: string): void {
    this.#errors += `${line}\n`
    const started = /"process":"(control|worker)"(?:,"index":(\d+))?,"childPid":(\d+),"msg":"started"/.exec(
      line,
    )
    if (started !== null) {
      const name: ProcessName = started[1] === 'control' ? 'control' : `worker ${Number(started[2])}`
      this.pids.set(name, Number(started[3]))
    }
    this.emit('change')
  }
}

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((resolveAnswer) => {
    const socket = connect(port, host)
    socket.once('error', () => resolveAnswer(false))
    socket.once('connect', () => {
      socket.destroy()
      resolveAnswer(true)
    })
  })
}
