// The real program as tests and the benchmark start it: its command line, its processes as the kernel shows them, the
// addresses it listens on, and an SDK client for its API. Linux only, because it looks into /proc.

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'

/** IDs of the built-in directory. */
export const VPC = 'vpc-0598c7d356EXAMPLE'
export const SUBNETS: readonly string[] = ['subnet-0e3f5cac72EXAMPLE', 'subnet-081ec835f3EXAMPLE']

const START_TIMEOUT_MS = 20_000
const POLL_MS = 20
const FIELD_PARENT = 4
const FIRST_FIELD_AFTER_NAME = 3
const TCP_ESTABLISHED = '01'
const TCP_LISTEN = '0A'

export interface ProgramOptions {
  readonly dataFolder: string
  readonly apiPort: number
  readonly workers: number
  /** How many times faster than real time durations run. */
  readonly timeScale?: number
  /** Path of a configuration file. */
  readonly config?: string
}

/** Command and arguments that start the program in the root of the project. */
export function programCommand({
  dataFolder,
  apiPort,
  workers,
  timeScale = 1,
  config,
}: ProgramOptions): string[] {
  return [
    process.execPath,
    'src/main.ts',
    `--data=${dataFolder}`,
    `--api=127.0.0.1:${apiPort}`,
    `--workers=${workers}`,
    `--time-scale=${timeScale}`,
    '--port-offset=0',
    '--dns=off',
    '--log-level=warn',
    ...(config === undefined ? [] : [`--config=${config}`]),
  ]
}

/** A client that sends every call once, so that the caller knows which calls were answered. */
export function apiClient(apiPort: number): ElasticLoadBalancingV2Client {
  return new ElasticLoadBalancingV2Client({
    region: 'us-east-2',
    endpoint: `http://127.0.0.1:${apiPort}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
}

/** A program that runs. */
export class RunningProgram {
  readonly options: ProgramOptions
  readonly client: ElasticLoadBalancingV2Client
  #child: ChildProcess
  #output: string[] = []

  private constructor(options: ProgramOptions) {
    this.options = options
    this.client = apiClient(options.apiPort)
    this.#child = this.#spawn()
  }

  /** Resolves when the API accepts connections. */
  static async start(options: ProgramOptions): Promise<RunningProgram> {
    const program = new RunningProgram(options)
    await program.untilApiAnswers()
    return program
  }

  /** Last lines that the program wrote. */
  get output(): string {
    return this.#output.join('')
  }

  get supervisorPid(): number {
    return this.#child.pid ?? 0
  }

  /** Starts it again after `killAll`. */
  async startAgain(): Promise<void> {
    this.#child = this.#spawn()
    await this.untilApiAnswers()
  }

  pidsOf(role: 'control' | 'worker'): number[] {
    return childrenOf(this.supervisorPid).filter((pid) => roleOf(pid).startsWith(role))
  }

  async untilApiAnswers(): Promise<void> {
    const deadline = performance.now() + START_TIMEOUT_MS
    while (!(await canConnect(this.options.apiPort))) {
      if (this.#child.exitCode !== null) throw new Error(`The program ended:\n${this.output}`)
      if (performance.now() > deadline) throw new Error(`The API does not answer:\n${this.output}`)
      await pause(POLL_MS)
    }
  }

  /** SIGKILL for every process, the supervisor first, so that nothing is started again. */
  async killAll(): Promise<void> {
    const child = this.#child
    const children = childrenOf(this.supervisorPid)
    const ended = untilExit(child)
    child.kill('SIGKILL')
    await Promise.all(children.map(killProcess))
    await ended
  }

  /** SIGTERM, and SIGKILL for all after ten seconds. */
  async stop(): Promise<void> {
    this.client.destroy()
    const ended = untilExit(this.#child)
    const timer = setTimeout(() => void this.killAll(), 10_000)
    this.#child.kill('SIGTERM')
    await ended
    clearTimeout(timer)
  }

  #spawn(): ChildProcess {
    const [command = '', ...args] = programCommand(this.options)
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output.push(text)
        if (this.#output.length > 200) this.#output.shift()
      })
    }
    return child
  }
}

/** Ports that were given out: the system may offer one again before it is in use. */
const givenPorts = new Set<number>()

/** A TCP port that was free on 127.0.0.1 a moment ago; never the same one twice. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('Cannot find a free port')
  if (givenPorts.has(address.port)) return await freePort()
  givenPorts.add(address.port)
  return address.port
}

/** Processes whose parent is `pid`, by ascending ID. */
export function childrenOf(pid: number): number[] {
  const children: number[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const text = readIfThere(`/proc/${name}/stat`)
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    if (Number(fields[FIELD_PARENT - FIRST_FIELD_AFTER_NAME]) === pid) children.push(Number(name))
  }
  return children.toSorted((a, b) => a - b)
}

/** Which part of the program a process is, from its environment: `control`, `worker`; empty for any other process. */
export function roleOf(pid: number): string {
  const environment = readIfThere(`/proc/${pid}/environ`).split('\0')
  const name = 'EVENKEEL_PROCESS='
  return environment.find((each) => each.startsWith(name))?.slice(name.length) ?? ''
}

/** SIGKILL for one process; resolves when it is gone, with its sockets. */
export async function killProcess(pid: number): Promise<void> {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself when its supervisor did.
  }
  while (isAlive(pid)) await pause(1)
}

/** IPv4 addresses on which something listens on this port. */
export function listeningAddresses(port: number): string[] {
  const sockets = tcpSockets().filter((socket) => socket.state === TCP_LISTEN && socket.localPort === port)
  return [...new Set(sockets.map((socket) => socket.localAddress))].toSorted()
}

/** Accepted connections on a local port that a process has open. */
export function connectionCount(pid: number, localPort: number): number {
  const inodes = new Set<string>()
  for (const name of readdirSync(`/proc/${pid}/fd`)) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${name}`))?.[1]
      if (inode !== undefined) inodes.add(inode)
    } catch {
      // Closed since the folder was read.
    }
  }
  return tcpSockets().filter(
    ({ state, localPort: port, inode }) =>
      state === TCP_ESTABLISHED && port === localPort && inodes.has(inode),
  ).length
}

interface TcpSocket {
  readonly localAddress: string
  readonly localPort: number
  readonly state: string
  readonly inode: string
}

function tcpSockets(): TcpSocket[] {
  return readFileSync('/proc/net/tcp', 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [, local = '', , state = '', , , , , , inode = ''] = line.trim().split(/\s+/)
      const [address = '', port = ''] = local.split(':')
      const bytes = address.match(/../g) ?? []
      const localAddress = bytes
        .map((byte) => parseInt(byte, 16))
        .toReversed()
        .join('.')
      return { localAddress, localPort: parseInt(port, 16), state, inode }
    })
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/**
 * A process that has ended and was not yet waited for counts as gone, but only with its last thread: until then its
 * sockets are open.
 */
function isAlive(pid: number): boolean {
  const text = readIfThere(`/proc/${pid}/stat`)
  if (text === '') return false
  if (text.charAt(text.lastIndexOf(')') + 2) !== 'Z') return true
  try {
    return readdirSync(`/proc/${pid}/task`).length > 1
  } catch {
    return false
  }
}

async function untilExit(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise((resolve) => child.once('exit', resolve))
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
