// The data plane's process: takes the snapshot and bound sockets from the supervisor, carries traffic, and reports what
// it counted. It needs nobody while it runs; without its supervisor it ends.

import { getSystemErrorName } from 'node:util'

import { scaledClock } from '../clock/clock.ts'
import { HttpDate } from '../clock/http-date.ts'
import { TimerWheel } from '../clock/timer-wheel.ts'
import { acceptConnections, type ListeningHandle } from '../sockets/accept.ts'
import { Http1Connection } from '../listener/http1/connection.ts'
import { Counters } from '../recording/application/counters.ts'
import { OutcomeTally } from '../recording/target-outcomes.ts'
import type { SupervisorToWorker, WorkerSettings, WorkerToSupervisor } from '../snapshot/messages.ts'
import { SessionCookies } from '../targets/session-cookies.ts'
import { Pipeline } from './pipeline.ts'
import { type ListenerRuntime, Runtime } from './serving.ts'

/** Waiting connections that the kernel keeps per socket. */
const BACKLOG = 4096
/** How often counters are reported and log lines leave the process. */
const REPORT_INTERVAL_MS = 1000
/** However fast time runs. */
const REPORT_REAL_MIN_MS = 50

/** Runs this process as a worker: everything else comes by message. */
export function runWorker(): void {
  process.title = 'evenkeel worker'
  // A terminal sends SIGINT to all processes; the supervisor says when to end.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => {})
  process.on('disconnect', () => process.exit(0))
  let worker: Worker | null = null
  process.on('message', (message: SupervisorToWorker, handle: unknown) => {
    if (message.type === 'start') worker = new Worker(message.settings)
    else worker?.take(message, handle)
  })
  send({ type: 'ready' })
}

function send(message: WorkerToSupervisor): void {
  if (process.connected) process.send?.(message)
}

class Worker {
  readonly #settings: WorkerSettings
  readonly #clock
  readonly #wheel: TimerWheel
  readonly #httpDate = new HttpDate()
  readonly #counters = new Counters()
  readonly #outcomes = new OutcomeTally()
  readonly #runtime: Runtime
  readonly #pipeline: Pipeline

  constructor(settings: WorkerSettings) {
    this.#settings = settings
    this.#clock = scaledClock(settings.timeScale)
    this.#wheel = new TimerWheel(this.#clock)
    this.#wheel.start()
    const cookies = new SessionCookies(this.#clock)
    this.#runtime = new Runtime({
      clock: this.#clock,
      random: Math.random,
      wheel: this.#wheel,
      counters: this.#counters,
      outcomes: this.#outcomes,
      cookies,
      spoolFolder: settings.spoolFolder,
      workerIndex: settings.index,
      connectsFromNodes: settings.connectsFromNodes,
      onBindingGone: (binding) => this.#pipeline.drainBinding(binding),
      onTargetIdle: (targetGroup, target) => send({ type: 'target-idle', targetGroup, target }),
      onProblem: (message) => send({ type: 'problem', message }),
    })
    this.#pipeline = new Pipeline(this.#runtime, this.#counters, this.#clock, cookies)
    const intervalMs = Math.max(REPORT_REAL_MIN_MS, this.#clock.realMs(REPORT_INTERVAL_MS))
    setInterval(() => this.#report(), intervalMs).unref()
  }

  take(message: SupervisorToWorker, handle: unknown): void {
    switch (message.type) {
      case 'start':
        return
      case 'snapshot':
        this.#runtime.apply(message.update)
        send({ type: 'applied', version: message.update.version })
        return
      case 'listen':
        this.#listen(message.key, handle as ListeningHandle)
        return
      case 'unlisten':
        this.#unlisten(message.key)
        return
      case 'flush':
        this.#flush(() => send({ type: 'flushed', request: message.request }))
        return
      case 'drain':
        this.#drain()
    }
  }

  #listen(key: string, handle: ListeningHandle): void {
    const binding = this.#runtime.binding(key)
    binding.handle?.close()
    const tools = { clock: this.#clock, wheel: this.#wheel, httpDate: this.#httpDate }
    const error = acceptConnections(handle, BACKLOG, (socket) => {
      if (!binding.admits(socket)) return null
      return new Http1Connection<ListenerRuntime>(socket, binding, this.#pipeline, tools)
    })
    binding.handle = handle
    binding.isDraining = false
    if (error === 0) send({ type: 'listening', key })
    else send({ type: 'listen-failed', key, reason: getSystemErrorName(error) })
  }

  #unlisten(key: string): void {
    const binding = this.#runtime.bindings.get(key)
    if (binding === undefined) return
    binding.handle?.close()
    binding.handle = null
    this.#runtime.dropUnused(key)
  }

  #report(): void {
    const now = this.#clock.date()
    for (const log of this.#runtime.logs) log.tick(now)
    const counters = this.#counters.take()
    const outcomes = this.#outcomes.take()
    if (counters.length > 0 || outcomes.length > 0) send({ type: 'counters', counters, outcomes })
  }

  #flush(onDone: () => void): void {
    this.#report()
    let open = 1
    const closed = (): void => {
      if (--open === 0) onDone()
    }
    for (const log of this.#runtime.logs) {
      open++
      log.complete(closed)
    }
    closed()
  }

  #drain(): void {
    let isEnding = false
    const end = (): void => {
      if (isEnding) return
      isEnding = true
      this.#flush(() => process.exit(0))
    }
    for (const binding of this.#runtime.bindings.values()) {
      binding.handle?.close()
      binding.handle = null
      binding.isDraining = true
    }
    this.#pipeline.drain(end)
    setTimeout(end, this.#clock.realMs(this.#settings.drainTimeoutMs)).unref()
  }
}
