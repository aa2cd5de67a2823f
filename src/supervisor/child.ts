// One child process that is started again whenever it ends: at once the first time, later and later if it keeps ending
// right after its start. Knows nothing of what the process does.

import { fork, type ChildProcess, type SendHandle } from 'node:child_process'
import type { ListeningSocket } from './listening-socket.ts'

/** A process that lived this long counts as started well. */
const STABLE_MS = 5000
const DELAY_FIRST_MS = 250
const DELAY_MAX_MS = 10_000

export interface ChildOptions {
  /** Script to run. */
  readonly script: string
  /** Which part of the program the process is: the value of its environment variable EVENKEEL_PROCESS. */
  readonly role: string
  /** A process of that role that was started already and is taken at the first start. */
  readonly first?: ChildProcess
  /** Told right after each start, before anything the process says. */
  readonly onStart: (child: Child) => void
  readonly onMessage: (child: Child, message: unknown) => void
  /** Told when the process is gone; `delayMs` is the time until the next start, or null if there is none. */
  readonly onEnd: (child: Child, how: string, delayMs: number | null) => void
}

/** Starts a process that runs a part of the program. What it says is kept until somebody listens. */
export function forkProcess(script: string, role: string, args: readonly string[] = []): ChildProcess {
  const child = fork(script, args, {
    env: { ...process.env, EVENKEEL_PROCESS: role },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  // Whoever takes the process over looks whether it runs; what cannot be sent to it needs no word.
  child.on('error', () => undefined)
  return child
}

export class Child {
  readonly #options: ChildOptions
  #first: ChildProcess | null
  #process: ChildProcess | null = null
  #timer: NodeJS.Timeout | null = null
  #startedAt = 0
  #earlyEnds = 0
  #ending = false

  constructor(options: ChildOptions) {
    this.#options = options
    this.#first = options.first ?? null
  }

  /** Whether a process runs now. */
  get isRunning(): boolean {
    return this.#process !== null
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  start(): void {
    this.#timer = null
    this.#startedAt = performance.now()
    const child = this.#takeFirst() ?? forkProcess(this.#options.script, this.#options.role)
    this.#process = child
    let ended = false
    const end = (how: string): void => {
      if (ended) return
      ended = true
      this.#process = null
      this.#restart(how)
    }
    child.on('message', (message) => {
      if (!ended) this.#options.onMessage(this, message)
    })
    child.on('error', (error) => {
      // Without a process ID it never ran, and no exit follows; otherwise it was a message that could not be sent.
      if (child.pid === undefined) end(error.message)
    })
    child.on('exit', (code, signal) => end(signal ?? `exit code ${code}`))
    this.#options.onStart(this)
  }

  /** Sends a message, with a socket that stays open here. A process that is going down misses it. */
  send(message: unknown, socket?: ListeningSocket): void {
    const child = this.#process
    if (child === null || !child.connected) return
    child.send(message as object, socket as SendHandle | undefined, { keepOpen: true }, () => undefined)
  }

  /** No more restarts; the process is expected to end by itself. */
  expectEnd(): void {
    this.#ending = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  kill(): void {
    this.expectEnd()
    this.#process?.kill('SIGKILL')
  }

  /** The process that was started already, if it still runs. */
  #takeFirst(): ChildProcess | null {
    const first = this.#first
    this.#first = null
    const runs = first?.pid !== undefined && first.exitCode === null && first.signalCode === null
    return runs ? first : null
  }

  #restart(how: string): void {
    if (this.#ending) {
      this.#options.onEnd(this, how, null)
      return
    }
    const isEarly = performance.now() - this.#startedAt < STABLE_MS
    this.#earlyEnds = isEarly ? this.#earlyEnds + 1 : 0
    const delayMs =
      this.#earlyEnds < 2 ? 0 : Math.min(DELAY_MAX_MS, DELAY_FIRST_MS * 2 ** (this.#earlyEnds - 2))
    // A timer even for no delay: the caller hears of the end before it hears of the next start.
    this.#timer = setTimeout(() => this.start(), delayMs)
    this.#options.onEnd(this, how, delayMs)
  }
}
