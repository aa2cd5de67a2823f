// The data plane's process: takes the snapshot and bound sockets from the supervisor, carries traffic, and reports what
// it counted. It needs nobody while it runs; without its supervisor it ends.

import { getSystemErrorName } from 'node:util'

import { scaledClock } from '../clock/clock.ts'
import { HttpDate } from '../clock/http-date.ts'
import { TimerWheel } from '../clock/timer-wheel.ts'
import type { ClientProtocol, ConnectionMaker } from '../listener/binding.ts'
import { Http1Connection } from '../listener/http1/connection.ts'
import { Http1Exchange } from '../listener/http1/exchange.ts'
import { ExchangePool } from '../listener/exchange-pool.ts'
import { http2Maker } from '../listener/http2/connection.ts'
import { Http2Exchange } from '../listener/http2/exchange.ts'
import { Ledger } from '../listener/ledger.ts'
import { Contexts } from '../listener/tls/contexts.ts'
import { type GateParts, TlsGate } from '../listener/tls/gate.ts'
import { TicketKeys } from '../listener/tls/ticket-keys.ts'
import { Counters } from '../recording/application/counters.ts'
import { OutcomeTally } from '../recording/target-outcomes.ts'
import type { SupervisorToWorker, WorkerSettings, WorkerToSupervisor } from '../snapshot/messages.ts'
import type { ListeningHandle } from '../sockets/accept.ts'
import { SessionCookies } from '../targets/session-cookies.ts'
import { Http1Pool } from '../upstream/http1/pool.ts'
import { TargetSecurity } from '../upstream/target-security.ts'
import { TraceIds } from '../wire/trace-id.ts'
import { ApplicationPipeline } from './application-pipeline.ts'
import { Descriptors } from './descriptors.ts'
import type { ApplicationListener } from './served-listener.ts'
import type { Passage } from './passage.ts'
import { Serving } from './serving.ts'

/** Waiting connections that the kernel keeps per socket. */
const BACKLOG = 4096
/** How often counters are reported and log lines leave the process. */
const REPORT_INTERVAL_MS = 1000
/** However fast time runs. */
const REPORT_REAL_MIN_MS = 50
/** What connections get that are cut at the end, to be closed. */
const LAST_WORD_REAL_MS = 200

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
  readonly #httpDate = new HttpDate()
  readonly #counters = new Counters()
  readonly #outcomes = new OutcomeTally()
  readonly #ledger = new Ledger()
  readonly #descriptors: Descriptors
  readonly #serving: Serving

  constructor(settings: WorkerSettings) {
    this.#settings = settings
    this.#descriptors = new Descriptors(settings.openFilesMax ?? Infinity, (message) =>
      send({ type: 'problem', message }),
    )
    const clock = scaledClock(settings.timeScale)
    const wheel = new TimerWheel(clock)
    wheel.start()
    this.#clock = clock
    const cookies = new SessionCookies(clock)
    const ticketKeys = new TicketKeys()
    const random = Math.random
    const tools = { clock, wheel, httpDate: this.#httpDate, ledger: this.#ledger }
    const { connectsFromNodes } = settings
    this.#serving = new Serving({
      clock,
      random,
      counters: this.#counters,
      outcomes: this.#outcomes,
      cookies,
      spoolFolder: settings.spoolFolder,
      workerIndex: settings.index,
      newLink: ({ protocol }, { address, port }, onIdle) => {
        const parts = { wheel, address, port, connectsFromNodes, onIdle }
        return new Http1Pool(protocol === 'HTTPS' ? { ...parts, security: new TargetSecurity(null) } : parts)
      },
      ticketKeys,
      makers: new Map<ClientProtocol, ConnectionMaker<ApplicationListener>>([
        ['http', (socket, binding) => new Http1Connection(socket, binding, null, parts)],
        ['https', (socket, binding) => new TlsGate(socket, binding, gateParts)],
      ]),
      onBindingGone: (binding) => this.#ledger.drainBinding(binding),
      onTargetIdle: (targetGroup, target) => send({ type: 'target-idle', targetGroup, target }),
      onProblem: (message) => send({ type: 'problem', message }),
    })
    const { groups } = this.#serving
    const traceIds = new TraceIds()
    const handler = new ApplicationPipeline({ groups, cookies, traceIds, random, filters: [] }, wheel)
    const http1Exchanges = new ExchangePool(() => new Http1Exchange(handler.newPassage(), tools))
    const http2Exchanges = new ExchangePool(
      () => new Http2Exchange<ApplicationListener, Passage>(handler.newPassage(), tools),
    )
    const parts = { handler, exchanges: http1Exchanges, tools }
    const gateParts: GateParts<ApplicationListener> = {
      tools,
      contexts: new Contexts(),
      ticketKeys,
      http1: (socket, binding, tls) => new Http1Connection(socket, binding, tls, parts),
      http2: http2Maker({ handler, exchanges: http2Exchanges, tools }),
      onUnusable: ({ loadBalancer, listenerPort }, certificate, reason) =>
        send({
          type: 'problem',
          message: `Certificate ${certificate} of ${loadBalancer.arn}, port ${listenerPort}, cannot be presented: ${reason}`,
        }),
    }
    const intervalMs = Math.max(REPORT_REAL_MIN_MS, this.#clock.realMs(REPORT_INTERVAL_MS))
    setInterval(() => this.#report(), intervalMs).unref()
  }

  take(message: SupervisorToWorker, handle: unknown): void {
    switch (message.type) {
      case 'start':
        return
      case 'snapshot':
        this.#serving.apply(message.update)
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
    const { bindings } = this.#serving
    const error = this.#serving
      .binding(key)
      .listen(handle, BACKLOG, (descriptor) =>
        this.#descriptors.admits(this.#ledger.size, bindings.size, descriptor),
      )
    if (error === 0) send({ type: 'listening', key })
    else send({ type: 'listen-failed', key, reason: getSystemErrorName(error) })
  }

  #unlisten(key: string): void {
    this.#serving.bindings.get(key)?.unlisten()
    this.#serving.dropUnused(key)
  }

  #report(): void {
    const now = this.#clock.date()
    for (const log of this.#serving.logs) log.tick(now)
    const counters = this.#counters.take()
    const outcomes = this.#outcomes.take()
    if (counters.length > 0 || outcomes.length > 0) send({ type: 'counters', counters, outcomes })
  }

  #flush(onDone: () => void): void {
    this.#report()
    let open = 1
    const closed = (): void => {
      if (--open > 0) return
      // What was lost at the end counts too.
      this.#report()
      onDone()
    }
    for (const log of this.#serving.logs) {
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
    for (const binding of this.#serving.bindings.values()) {
      binding.unlisten()
      binding.isDraining = true
    }
    this.#ledger.drain(end)
    const cut = (): void => {
      // What still runs has to be recorded before the last lines leave.
      this.#ledger.cut()
      setTimeout(end, LAST_WORD_REAL_MS).unref()
    }
    setTimeout(cut, this.#clock.realMs(this.#settings.drainTimeoutMs)).unref()
  }
}
