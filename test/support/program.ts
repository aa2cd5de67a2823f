// Starts the real program as a child process, with a data folder of its own, and ends it again.

import { spawn, type ChildProcess } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const ROOT = resolve(import.meta.dirname, '../..')

export interface ProgramOptions {
  /**
   * Node addresses are taken from 127.N.0.0/16: a number from 4 to 254 that no other test file has, so that files may
   * run at the same time.
   */
  readonly network: number
  /** More members of the configuration file. */
  readonly config?: Readonly<Record<string, unknown>>
  /** More arguments. */
  readonly args?: readonly string[]
  readonly workers?: number
  readonly timeScale?: number
  /** A folder of an earlier start, which then stays after the end; without it a new one that is removed. */
  readonly dataFolder?: string
  /** Script to run instead of the program's. */
  readonly main?: string
}

/** A process of the program that can be killed. */
export type ProcessName = 'control' | `worker ${number}`

export interface Program {
  readonly endpoint: string
  readonly dataFolder: string
  /** IDs of the running processes. */
  readonly pids: ReadonlyMap<'supervisor' | ProcessName, number>
  /** All that it wrote to stdout so far. */
  output(): string
  /** All that it wrote to stderr so far. */
  errors(): string
  /** Resolves when stdout matches. */
  outputMatching(pattern: RegExp): Promise<RegExpExecArray>
  /** Resolves when stderr matches. */
  errorsMatching(pattern: RegExp): Promise<RegExpExecArray>
  /** Kills a process with SIGKILL; resolves when its replacement was started. */
  kill(which: ProcessName): Promise<void>
  /** Has the workers' log files delivered. */
  flush(): void
  signal(name: NodeJS.Signals): void
  /** Resolves with the exit code, or the signal, of a program that ends by itself. */
  ended(): Promise<number | NodeJS.Signals | null>
  /** Ends it in good order; resolves with the exit code. May be called twice. */
  stop(): Promise<number | NodeJS.Signals | null>
}

/** First three numbers of node addresses in a zone. They depend on this process: another suite may run beside it. */
export function nodeNetwork(network: number, zone: number): string {
  return `127.${network}.${zone * 64 + (process.pid % 16) * 4}`
}

/** Resolves when the API answers. Rejects, with what it said, if the program ends before. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { network } = options
  const folder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), 'evenkeel-')))
  const configFile = join(folder, 'config.json')
  const config = {
    zones: ['a', 'b', 'c'].map((letter, index) => ({
      letter,
      subnet: ['subnet-0e3f5cac72EXAMPLE', 'subnet-081ec835f3EXAMPLE', 'subnet-0c92d4b61aEXAMPLE'][index],
      pool: `${nodeNetwork(network, index)}.0/22`,
    })),
    drainTimeoutSeconds: 5,
    ...options.config,
  }
  await writeFile(configFile, JSON.stringify(config))
  const child = runProgram(
    [
      `--data=${folder}`,
      '--api=127.0.0.1:0',
      '--dns=127.0.0.1:0',
      `--config=${configFile}`,
      '--log-level=info',
      `--workers=${options.workers ?? 2}`,
      `--time-scale=${options.timeScale ?? 1}`,
      ...(options.args ?? []),
    ],
    options.main,
  )
  const program = new RunningProgram(child, folder, options.dataFolder === undefined)
  await program.ready()
  return program
}

/** Starts the program with these arguments alone; for starts that fail. */
export function runProgram(args: readonly string[], main = 'src/main.ts'): ChildProcess {
  const env = { ...process.env }
  delete env['NODE_TEST_CONTEXT']
  return spawn(process.execPath, [join(ROOT, main), ...args], { stdio: ['ignore', 'pipe', 'pipe'], env })
}

/** Exit code and output of a program that is expected to end by itself. */
export async function failingProgram(
  args: readonly string[],
): Promise<{ code: number | null; output: string; errors: string }> {
  const child = runProgram(args)
  let output = ''
  let errors = ''
  child.stdout?.on('data', (bytes) => (output += String(bytes)))
  child.stderr?.on('data', (bytes) => (errors += String(bytes)))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output, errors }
}

class RunningProgram extends EventEmitter implements Program {
  readonly dataFolder: string
  readonly pids = new Map<'supervisor' | ProcessName, number>()
  endpoint = ''
  readonly #child: ChildProcess
  readonly #removeFolder: boolean
  readonly #end: Promise<number | NodeJS.Signals | null>
  #hasEnded = false
  #output = ''
  #errors = ''

  constructor(child: ChildProcess, dataFolder: string, removeFolder: boolean) {
    super()
    this.setMaxListeners(0)
    this.#child = child
    this.dataFolder = dataFolder
    this.#removeFolder = removeFolder
    this.pids.set('supervisor', child.pid ?? 0)
    const { promise, resolve: resolveEnd } = Promise.withResolvers<number | NodeJS.Signals | null>()
    this.#end = promise
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
  }

  async ready(): Promise<void> {
    const match = await this.outputMatching(/API endpoint +(\S+)/)
    this.endpoint = match[1] ?? ''
  }

  output(): string {
    return this.#output
  }

  errors(): string {
    return this.#errors
  }

  async outputMatching(pattern: RegExp): Promise<RegExpExecArray> {
    return await this.#until(() => pattern.exec(this.#output) ?? undefined)
  }

  async errorsMatching(pattern: RegExp): Promise<RegExpExecArray> {
    return await this.#until(() => pattern.exec(this.#errors) ?? undefined)
  }

  async kill(which: ProcessName): Promise<void> {
    const pid = this.pids.get(which)
    if (pid === undefined) throw new Error(`There is no process ${which}`)
    process.kill(pid, 'SIGKILL')
    await this.#until(() => (this.pids.get(which) === pid ? undefined : true))
  }

  flush(): void {
    this.signal('SIGUSR2')
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  async ended(): Promise<number | NodeJS.Signals | null> {
    return await this.#end
  }

  async stop(): Promise<number | NodeJS.Signals | null> {
    if (!this.#hasEnded) this.signal('SIGTERM')
    const code = await this.#end
    if (this.#removeFolder) await rm(this.dataFolder, { recursive: true, force: true })
    return code
  }

  /** What `look` finds, now or after something happened. */
  async #until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      if (this.#hasEnded) throw new Error(`The program ended:\n${this.#output}\n${this.#errors}`)
      await once(this, 'change')
    }
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
