// The parent of all processes: starts control and workers and starts again what dies, passes messages between them,
// keeps the snapshot in force and the listening sockets. Small on purpose: it must outlive everything else.

import type { ChildProcess } from 'node:child_process'
import type { ControlSettings } from '../model/settings.ts'
import { targetKey } from '../model/target-key.ts'
import type {
  DnsPlace,
  ControlToSupervisor,
  SupervisorToControl,
  SupervisorToWorker,
  WorkerToSupervisor,
} from '../snapshot/messages.ts'
import type { SnapshotUpdate } from '../snapshot/update.ts'
import { Bindings } from './bindings.ts'
import { Handover } from './handover.ts'
import { Child } from './child.ts'
import { IdleTargets } from './idle-targets.ts'
import type { Log } from './log.ts'
import { MergedSnapshot } from './merged-snapshot.ts'

/** How often ports that could not be bound are tried again. */
const RETRY_MS = 2000
/** What processes get on top of the drain timeout to end by themselves. */
const END_GRACE_MS = 2000
/** How often control may end before its API has ever answered. */
const STARTS_MAX = 3

export interface SupervisorOptions {
  readonly settings: ControlSettings
  /** Script that every process runs. */
  readonly script: string
  /** Control's first process, which was started already. */
  readonly control: ChildProcess
  readonly log: Log
  /** Told once, when the API answers. */
  readonly onReady: (endpoint: string, dns: DnsPlace | null) => void
  /** Told once, if the start cannot go on; `message` is for the operator. Everything has been stopped. */
  readonly onFatal: (message: string) => void
}

export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #log: Log
  readonly #snapshot = new MergedSnapshot()
  readonly #bindings: Bindings
  readonly #idle = new IdleTargets()
  readonly #control: Child
  readonly #workers: readonly Child[]
  /** By worker index. */
  readonly #handovers: readonly Handover[]
  /** Latest version that each worker applied; 0 for one that is new. */
  readonly #applied: number[]
  /** What control was told last, so that it hears of changes only. */
  #told = ''
  #endpoint: string | null = null
  #failedStarts = 0
  #dns: DnsPlace | null = null
  #retry: NodeJS.Timeout | null = null
  #flush: { readonly request: number; readonly missing: Set<number> } | null = null
  #flushes = 0
  #drained: (() => void) | null = null

  constructor(options: SupervisorOptions) {
    const { settings, script } = options
    this.#options = options
    this.#log = options.log
    this.#bindings = new Bindings(settings.workers)
    this.#applied = Array.from({ length: settings.workers }, () => 0)
    this.#control = new Child({
      script,
      role: 'control',
      first: options.control,
      onStart: (child) => {
        this.#log.info({ process: 'control', childPid: child.pid }, 'started')
        this.#startControl()
      },
      onMessage: (_child, message) => this.#fromControl(message as ControlToSupervisor),
      onEnd: (_child, how, delayMs) => {
        if (delayMs !== null && this.#endpoint === null) this.#controlNeverServed(how)
        else this.#ended('control', how, delayMs)
      },
    })
    this.#workers = Array.from(
      { length: settings.workers },
      (_, index) =>
        new Child({
          script,
          role: 'worker',
          onStart: (child) => {
            this.#log.info({ process: 'worker', index, childPid: child.pid }, 'started')
            this.#startWorker(index)
          },
          onMessage: (_child, message) => this.#fromWorker(index, message as WorkerToSupervisor),
          onEnd: (_child, how, delayMs) => {
            this.#applied[index] = 0
            this.#idle.forgetWorker(index)
            this.#handovers[index]?.reset()
            this.#flushed(index)
            this.#ended(`worker ${index}`, how, delayMs)
            this.#tellApplied()
          },
        }),
    )
    this.#handovers = this.#workers.map((_, index) => new Handover((key) => this.#listen(index, key)))
  }

  start(): void {
    this.#control.start()
    for (const worker of this.#workers) worker.start()
    this.#retry = setInterval(() => this.#retryFailed(), RETRY_MS)
  }

  /** Has every worker close its open log files, and control deliver them. */
  flush(): void {
    const request = ++this.#flushes
    this.#flush = { request, missing: new Set(this.#running()) }
    for (const index of this.#running()) this.#toWorker(index, { type: 'flush', request })
    this.#flushed(-1)
  }

  /** Ends everything in good order: workers finish what runs, then control delivers what they logged. */
  async drain(): Promise<void> {
    if (this.#drained !== null) return
    this.#control.expectEnd()
    for (const worker of this.#workers) worker.expectEnd()
    const deadline = setTimeout(() => this.kill(), this.#options.settings.drainTimeoutMs + END_GRACE_MS)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#drained = resolve
    for (const index of this.#running()) this.#toWorker(index, { type: 'drain' })
    // While this process holds them the kernel goes on to accept connections that nobody will serve.
    this.#bindings.close()
    this.#proceedDrain()
    await promise
    clearTimeout(deadline)
    this.#close()
  }

  /** Ends everything at once. */
  kill(): void {
    for (const child of [...this.#workers, this.#control]) child.kill()
    this.#close()
  }

  #close(): void {
    if (this.#retry !== null) clearInterval(this.#retry)
    this.#bindings.close()
  }

  /** Control drains when no worker is left that might still log. */
  #proceedDrain(): void {
    if (this.#drained === null || this.#running().length > 0) return
    if (this.#control.isRunning) this.#toControl({ type: 'drain' })
    else this.#drained()
  }

  /** A process that cannot even start is no better for being started again and again. */
  #controlNeverServed(how: string): void {
    this.#log.warn({ process: 'control', how }, 'ended before the API answered')
    if (++this.#failedStarts < STARTS_MAX) return
    this.kill()
    const message = `Cannot start: the control process ended ${STARTS_MAX} times before the API answered (the last time with ${how}); what it wrote before says why`
    this.#options.onFatal(message)
  }

  #ended(name: string, how: string, delayMs: number | null): void {
    if (delayMs === null) {
      this.#log.info({ process: name, how }, 'ended')
      this.#proceedDrain()
    } else {
      this.#log.warn({ process: name, how, delayMs }, 'ended unexpectedly and is started again')
    }
  }

  #startControl(): void {
    const { settings } = this.#options
    // A port that the system chose is kept: clients go on with the endpoint they know.
    const port = this.#endpoint === null ? settings.api.port : Number(new URL(this.#endpoint).port || 80)
    const dns = settings.dns === null ? null : { ...settings.dns, ...this.#dns }
    // Asked for at the start; what is missing later was not meant.
    const forgetSecrets = settings.forgetSecrets && this.#endpoint === null
    this.#told = ''
    this.#toControl({
      type: 'start',
      settings: { ...settings, api: { ...settings.api, port }, dns, forgetSecrets } satisfies ControlSettings,
      snapshot: this.#snapshot.full(),
    })
  }

  #fromControl(message: ControlToSupervisor): void {
    switch (message.type) {
      case 'ready':
        if (this.#endpoint === null) this.#options.onReady(message.endpoint, message.dns)
        this.#endpoint = message.endpoint
        this.#dns = message.dns
        break
      case 'snapshot':
        this.#takeOver(message.update)
        break
      case 'fatal':
        if (this.#endpoint !== null) {
          // Traffic goes on with the snapshot in force; control is tried again until the cause is mended.
          this.#log.error({ process: 'control' }, message.message)
        } else {
          this.kill()
          this.#options.onFatal(message.message)
        }
        break
    }
  }

  #takeOver(update: SnapshotUpdate): void {
    if (this.#drained !== null) return
    this.#snapshot.apply(update)
    for (const group of update.targetGroups) {
      const draining = group.targets.filter(({ state }) => state === 'draining')
      this.#idle.keepOnly(group.arn, new Set(draining.map(({ id, port }) => targetKey(id, port))))
    }
    for (const arn of update.removedTargetGroups) this.#idle.keepOnly(arn, new Set())
    const { added, removed } = this.#bindings.update(update)
    for (const index of this.#running()) {
      // The snapshot comes first: a connection that is accepted finds its listener.
      this.#toWorker(index, { type: 'snapshot', update })
      for (const key of removed) this.#toWorker(index, { type: 'unlisten', key })
      for (const key of added) this.#handovers[index]?.add(key)
    }
    this.#tellApplied()
  }

  #startWorker(index: number): void {
    const { spoolFolder, timeScale, drainTimeoutMs, connectsFromNodes, openFilesMax } = this.#options.settings
    const settings = { index, spoolFolder, timeScale, drainTimeoutMs, connectsFromNodes, openFilesMax }
    this.#toWorker(index, { type: 'start', settings })
    const update = this.#snapshot.full()
    if (update === null) return
    this.#toWorker(index, { type: 'snapshot', update })
    for (const key of this.#bindings.keys()) this.#handovers[index]?.add(key)
  }

  #listen(index: number, key: string): boolean {
    const socket = this.#bindings.socketFor(key, index)
    if (socket === undefined) return false
    this.#workers[index]?.send({ type: 'listen', key }, socket)
    return true
  }

  #fromWorker(index: number, message: WorkerToSupervisor): void {
    switch (message.type) {
      case 'ready':
        break
      case 'applied':
        this.#applied[index] = message.version
        this.#tellApplied()
        break
      case 'listening':
        this.#bindings.listening(message.key, index)
        this.#handovers[index]?.answered()
        this.#tellApplied()
        break
      case 'listen-failed':
        this.#log.warn({ process: `worker ${index}`, key: message.key }, message.reason)
        this.#bindings.listenFailed(message.key, message.reason)
        this.#handovers[index]?.answered()
        for (const other of this.#running()) this.#toWorker(other, { type: 'unlisten', key: message.key })
        this.#tellApplied()
        break
      case 'flushed':
        if (message.request === this.#flush?.request) this.#flushed(index)
        break
      case 'counters':
        this.#toControl(message)
        break
      case 'target-idle':
        if (this.#idle.report(message.targetGroup, message.target, index, this.#running())) {
          this.#toControl(message)
        }
        break
      case 'problem':
        this.#log.error({ process: `worker ${index}` }, message.message)
        break
    }
  }

  /** Tells control what all workers serve, once they do. A worker that waits for its restart does not count. */
  #tellApplied(): void {
    const running = this.#running()
    const version = this.#snapshot.version
    if (version === 0 || running.length === 0) return
    if (!running.every((index) => this.#applied[index] === version)) return
    if (!this.#bindings.isSettled(running)) return
    const message = { type: 'applied', version, failedBindings: this.#bindings.failures() } as const
    const text = JSON.stringify(message)
    if (text === this.#told) return
    this.#told = text
    this.#toControl(message)
  }

  #retryFailed(): void {
    const bound = this.#bindings.retryFailed()
    for (const key of bound) for (const index of this.#running()) this.#handovers[index]?.add(key)
  }

  #flushed(index: number): void {
    const flush = this.#flush
    if (flush === null) return
    flush.missing.delete(index)
    if (flush.missing.size > 0) return
    this.#flush = null
    this.#toControl({ type: 'flushed' })
  }

  #running(): number[] {
    return [...this.#workers.keys()].filter((index) => this.#workers[index]?.isRunning === true)
  }

  #toWorker(index: number, message: SupervisorToWorker): void {
    this.#workers[index]?.send(message)
  }

  #toControl(message: SupervisorToControl): void {
    this.#control.send(message)
  }
}
