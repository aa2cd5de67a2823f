// The control process: puts store, directory, API, health checks, metrics and log delivery together, and speaks with
// the supervisor. Traffic never waits for it: it may end and start again at any time.

import { listenForApi } from '../api/listening.ts'
import { createApiServer, type ApiServer } from '../api/server.ts'
import { AwsDirectory } from '../directory/aws-directory.ts'
import { builtInSettings } from '../directory/from-settings.ts'
import { Networks } from '../directory/networks.ts'
import { listenForDns } from '../dns/listening.ts'
import { seedsOf } from '../health/seeds.ts'
import { sumOf } from '../metrics/counters.ts'
import type { ControlSettings } from '../model/settings.ts'
import { StartError } from '../model/start-error.ts'
import type { ControlToSupervisor, SupervisorToControl } from '../snapshot/messages.ts'
import type { SnapshotUpdate } from '../snapshot/update.ts'
import { openStore } from '../store/sqlite/sqlite-store.ts'
import { apiEnvironment } from './environment.ts'
import { makeParts, type Parts } from './parts.ts'
import { processLog } from './process-log.ts'

/** Runs this process as control: everything else comes by message. */
export function runControl(): void {
  let control: Promise<Control> | null = null
  process.on('message', (message: SupervisorToControl) => {
    if (message.type === 'start') {
      control = Control.start(message.settings as ControlSettings, message.snapshot, send)
      control.catch((error: unknown) => fatal(error))
    } else {
      void control?.then((running) => running.take(message))
    }
  })
}

/** Sends a message to the supervisor; `onSent` is called when it has left this process. */
type SendMessage = (message: ControlToSupervisor, onSent?: () => void) => void

function send(message: ControlToSupervisor, onSent?: () => void): void {
  if (process.connected) process.send?.(message, undefined, {}, () => onSent?.())
  else onSent?.()
}

/** The supervisor decides what follows; this process ends when it has been told. */
function fatal(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  const text =
    error instanceof StartError ? message : `Cannot start: ${message}; this is a fault of the program`
  send({ type: 'fatal', message: text }, () => process.exit(1))
}

class Control {
  readonly #parts: Parts
  readonly #server: ApiServer
  readonly #send: SendMessage

  private constructor(parts: Parts, sendMessage: SendMessage) {
    this.#parts = parts
    this.#server = createApiServer(apiEnvironment(parts))
    this.#send = sendMessage
  }

  /** Opens the store, takes up traffic as stored, then answers the API. Throws a StartError. */
  static async start(
    settings: ControlSettings,
    snapshot: SnapshotUpdate | null,
    sendMessage: SendMessage,
  ): Promise<Control> {
    const log = processLog(settings.logLevel)
    const store = await openStore({
      folder: settings.dataFolder,
      forgetSecrets: settings.forgetSecrets,
      reportError: (error) => log.error({ err: error }, 'error'),
      tell: (message) => log.warn(message),
    })
    const parts = makeParts({
      settings,
      log,
      store,
      networks: await Networks.load(builtInSettings(settings), store),
      version: snapshot?.version ?? 0,
      send: async (update) => {
        await new Promise<void>((resolve) => sendMessage({ type: 'snapshot', update }, resolve))
      },
    })
    const control = new Control(parts, sendMessage)
    await control.#start(snapshot)
    return control
  }

  take(message: SupervisorToControl): void {
    const { serving, delivery, audit, counters, lostLines, anomalies, deregistrations } = this.#parts
    switch (message.type) {
      case 'start':
        break
      case 'applied':
        serving.applied(message.version, message.failedBindings)
        break
      case 'flushed':
        void delivery.deliver(true)
        void audit?.deliver()
        break
      case 'counters':
        counters.add(message.counters)
        lostLines.count(sumOf(message.counters, 'AccessLogDroppedLines'))
        anomalies.count(message.outcomes)
        break
      case 'target-idle':
        void deregistrations.idle(message.targetGroup, message.target)
        break
      case 'drain':
        void this.#drain()
        break
    }
  }

  async #start(snapshot: SnapshotUpdate | null): Promise<void> {
    const { settings, store, directory, health, publisher, deregistrations } = this.#parts
    // Before the first snapshot no worker writes to the spool, so whatever is open there was left behind.
    if (snapshot === null) await this.#parts.delivery.recover(true)
    if (directory instanceof AwsDirectory) await directory.load()
    const inForce = snapshot ?? { loadBalancers: [], targetGroups: [] }
    health.seed(seedsOf(inForce.targetGroups))
    this.#parts.slowStarts.seed(inForce.targetGroups)
    this.#parts.anomalies.seed(inForce.targetGroups)
    store.changes.follow((change) => {
      publisher.changed(change)
      void deregistrations.check()
    })
    await this.#parts.cookieKeys.start()
    await this.#parts.zonalShifts.load()
    const everything = await store.everything()
    this.#parts.introductions.knows(everything.loadBalancers)
    // What the snapshot in force has and the store has not was deleted without being told.
    publisher.changed({
      loadBalancers: everything.loadBalancers.union(arnsOf(inForce.loadBalancers)),
      targetGroups: everything.targetGroups.union(arnsOf(inForce.targetGroups)),
    })
    if (directory instanceof AwsDirectory) directory.start()
    // Checks of thousands of targets would keep a machine from taking up traffic.
    void publisher.settled().then(() => health.start())
    this.#parts.anomalies.start()
    this.#parts.delivery.start()
    this.#parts.renewals.start()
    void deregistrations.check()
    await this.#parts.audit?.start()
    const dns = await listenForDns(this.#parts.dns, this.#parts.names, settings.dns)
    const endpoint = await listenForApi(this.#server, settings.api)
    this.#send({ type: 'ready', endpoint, dns })
    // Not awaited: it takes part in what begins only after the start.
    if (settings.demo) void this.#showDemo(endpoint)
  }

  async #showDemo(endpoint: string): Promise<void> {
    const { settings, introductions } = this.#parts
    // Loads a client of the API, which is as large as all the rest.
    const { showDemo } = await import('../demo/demo.ts')
    await showDemo({ endpoint, settings, nodeAddress: (arn) => introductions.nodeAddress(arn) })
  }

  /** All workers have ended: delivers what they left, then ends this process. */
  async #drain(): Promise<void> {
    const { dns, directory, zonalShifts, audit, delivery, store } = this.#parts
    await this.#server.close()
    await dns.close()
    if (directory instanceof AwsDirectory) await directory.close()
    zonalShifts.close()
    await audit?.close()
    await this.#parts.renewals.close()
    await this.#parts.deregistrations.close()
    await this.#parts.storedStates.close()
    this.#parts.publisher.close()
    this.#parts.claims?.close()
    this.#parts.anomalies.close()
    await this.#parts.cookieKeys.close()
    this.#parts.health.close()
    await delivery.recover(true)
    await delivery.deliver(true)
    await delivery.close()
    this.#parts.lostLines.close()
    await store.close()
    process.exit(0)
  }
}

function arnsOf(units: readonly { readonly arn: string }[]): Set<string> {
  return new Set(units.map(({ arn }) => arn))
}
