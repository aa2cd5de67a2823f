// The control process: puts store, directory, API, health checks, metrics and log delivery together, and speaks with
// the supervisor. Traffic never waits for it: it may end and start again at any time.

import { randomBytes } from 'node:crypto'
import { pino, type Logger } from 'pino'
import type { ApiEnvironment } from '../api/environment.ts'
import { listenForApi } from '../api/listening.ts'
import { createApiServer, type ApiServer } from '../api/server.ts'
import { CookieKeys } from '../caretakers/cookie-keys.ts'
import { Deregistrations } from '../caretakers/deregistrations.ts'
import { HealthHook } from '../caretakers/health-hook.ts'
import { Renewals } from '../caretakers/renewals.ts'
import { scaledClock, type Clock } from '../clock/clock.ts'
import { AuditTrail } from '../delivery/audit-trail.ts'
import { readObject } from '../delivery/buckets.ts'
import { Delivery, writeToBucket } from '../delivery/delivery.ts'
import { AwsDirectory } from '../directory/aws-directory.ts'
import type { Directory } from '../directory/directory.ts'
import { builtInSettings, directoryFor, servicesElsewhere } from '../directory/from-settings.ts'
import { Networks } from '../directory/networks.ts'
import { listenForDns } from '../dns/listening.ts'
import { DnsNames } from '../dns/load-balancer-names.ts'
import { DnsServer } from '../dns/server.ts'
import { AnomalyMonitor } from '../health/anomaly-monitor.ts'
import { HealthMonitor, type SeededTarget } from '../health/monitor.ts'
import { Counters } from '../metrics/counters.ts'
import type { ControlSettings } from '../model/settings.ts'
import { StartError } from '../model/start-error.ts'
import { Publisher } from '../publishing/publisher.ts'
import { ServingStates } from '../publishing/serving-states.ts'
import { SlowStarts } from '../publishing/slow-starts.ts'
import { SnapshotBuilder } from '../publishing/snapshot-builder.ts'
import type { LoadBalancerUnit } from '../snapshot/application-units.ts'
import { targetKey } from '../snapshot/messages.ts'
import type { ControlToSupervisor, SupervisorToControl } from '../snapshot/messages.ts'
import type { SnapshotUpdate } from '../snapshot/update.ts'
import { openStore } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'
import { ZonalShifts } from '../zones/zonal-shifts.ts'
import { ZoneHealth } from '../zones/zone-health.ts'

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

/** The members are in the order in which they are made; they are closed in the opposite order. */
export class Control {
  readonly #settings: ControlSettings
  readonly #send: SendMessage
  readonly #log: Logger
  readonly #clock: Clock
  readonly #store: Store
  readonly #networks: Networks
  readonly #directory: Directory
  readonly #health: HealthMonitor
  readonly #counters = new Counters()
  readonly #states = new ServingStates()
  readonly #slowStarts: SlowStarts
  readonly #anomalies: AnomalyMonitor
  readonly #zoneHealth: ZoneHealth
  readonly #zonalShifts: ZonalShifts
  readonly #names: DnsNames
  readonly #dns: DnsServer
  readonly #cookieKeys: CookieKeys
  readonly #publisher: Publisher
  readonly #deregistrations: Deregistrations
  readonly #renewals: Renewals
  readonly #delivery: Delivery
  /** Null: calls are not recorded. */
  readonly #audit: AuditTrail | null
  /** Nodes by load balancer, as they are bound. */
  readonly #nodes = new Map<string, LoadBalancerUnit['nodes']>()
  /** Load balancers that were there at the start. */
  #known = new Set<string>()
  readonly #server: ApiServer

  private constructor(
    settings: ControlSettings,
    snapshot: SnapshotUpdate | null,
    store: Store,
    networks: Networks,
    sendMessage: SendMessage,
  ) {
    this.#settings = settings
    this.#send = sendMessage
    const destination = pino.destination({ dest: 2, sync: true })
    // A reader of the output that goes away is no reason to end.
    for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined)
    destination.on('error', () => undefined)
    this.#log = pino({ level: settings.logLevel }, destination)
    this.#clock = scaledClock(settings.timeScale)
    this.#store = store
    this.#networks = networks
    this.#directory = directoryFor({
      settings,
      store,
      networks,
      clock: this.#clock,
      onChange: (change) => this.#publisher.changed(change),
      warn: (message) => this.#log.warn(message),
      reportError: (error) => this.#report(error),
    })
    const hook =
      settings.targetHealthHook === null
        ? null
        : new HealthHook({
            url: settings.targetHealthHook,
            store,
            now: () => this.#clock.date(),
            warn: (message) => this.#log.warn(message),
            reportError: (error) => this.#report(error),
          })
    this.#health = new HealthMonitor({
      clock: this.#clock,
      onChange: (arn, key) => {
        this.#publisher.changed({ loadBalancers: new Set(), targetGroups: new Set([arn]) })
        const health = this.#health.healthOf(arn, key)
        if (health !== undefined) hook?.changed(arn, key, health)
      },
    })
    this.#slowStarts = new SlowStarts(this.#clock)
    this.#anomalies = new AnomalyMonitor({
      clock: this.#clock,
      onChange: (arn) => this.#publisher.changed({ loadBalancers: new Set(), targetGroups: new Set([arn]) }),
    })
    this.#zoneHealth = new ZoneHealth()
    this.#zonalShifts = new ZonalShifts({
      store,
      clock: this.#clock,
      onExpiry: (arn) => void this.#republish(arn),
    })
    this.#names = new DnsNames({
      suffix: settings.dnsSuffix,
      region: settings.region,
      aliases: settings.dns?.aliases ?? {},
      awayZones: (arn) => this.#zoneHealth.unhealthyZones(arn).union(this.#zonalShifts.shiftedZones(arn)),
      hasHealthyTargets: (arn) => this.#zoneHealth.hasHealthyTargets(arn),
    })
    this.#dns = new DnsServer({ names: this.#names, reportError: (error) => this.#report(error) })
    this.#cookieKeys = new CookieKeys({
      store,
      clock: this.#clock,
      onChange: () => this.#publisher.changed({ loadBalancers: new Set(), targetGroups: new Set() }),
      reportError: (error) => this.#report(error),
    })
    const builder = new SnapshotBuilder({
      settings,
      store,
      directory: this.#directory,
      health: this.#health,
      slowStarts: this.#slowStarts,
      anomalies: this.#anomalies,
      zoneHealth: this.#zoneHealth,
      shiftedZones: (arn) => this.#zonalShifts.shiftedZones(arn),
    })
    this.#publisher = new Publisher({
      build: async (change) => ({ ...(await builder.build(change)), cookieKeys: this.#cookieKeys.keys }),
      send: async (update) => await this.#publish(update),
      reportError: (error) => this.#report(error),
      version: snapshot?.version ?? 0,
    })
    this.#deregistrations = new Deregistrations(store, this.#clock, (error) => this.#report(error))
    this.#renewals = new Renewals({ store, clock: this.#clock, reportError: (error) => this.#report(error) })
    this.#delivery = new Delivery({
      spoolFolder: settings.spoolFolder,
      logRoot: settings.logRoot,
      clock: this.#clock,
      retentionMs: settings.logRetentionMs,
      reportError: (error) => this.#report(error),
    })
    this.#audit =
      settings.auditBucket === null
        ? null
        : new AuditTrail({
            spoolFolder: settings.auditFolder,
            logRoot: settings.logRoot,
            bucket: settings.auditBucket,
            clock: this.#clock,
            reportError: (error) => this.#report(error),
          })
    this.#server = createApiServer(this.#environment())
  }

  /** Opens the store, takes up traffic as stored, then answers the API. Throws a StartError. */
  static async start(
    settings: ControlSettings,
    snapshot: SnapshotUpdate | null,
    sendMessage: SendMessage,
  ): Promise<Control> {
    const store = await openStore({ folder: settings.dataFolder })
    const networks = await Networks.load(builtInSettings(settings), store)
    const control = new Control(settings, snapshot, store, networks, sendMessage)
    await control.#start(snapshot)
    return control
  }

  take(message: SupervisorToControl): void {
    switch (message.type) {
      case 'start':
        break
      case 'applied':
        void this.#applied(message.version, message.failedBindings)
        break
      case 'flushed':
        void this.#delivery.deliver(true)
        void this.#audit?.deliver()
        break
      case 'counters':
        this.#counters.add(message.counters)
        this.#anomalies.count(message.outcomes)
        break
      case 'target-idle':
        void this.#deregistrations.idle(message.targetGroup, message.target)
        break
      case 'drain':
        void this.#drain()
        break
    }
  }

  async #start(snapshot: SnapshotUpdate | null): Promise<void> {
    // Before the first snapshot no worker writes to the spool, so whatever is open there was left behind.
    if (snapshot === null) await this.#delivery.recover(true)
    if (this.#directory instanceof AwsDirectory) await this.#directory.load()
    this.#health.seed(snapshot === null ? [] : seedsOf(snapshot))
    this.#slowStarts.seed(snapshot?.targetGroups ?? [])
    this.#anomalies.seed(snapshot?.targetGroups ?? [])
    this.#store.onChange((change) => {
      this.#publisher.changed(change)
      void this.#deregistrations.check()
    })
    await this.#cookieKeys.start()
    await this.#zonalShifts.load()
    const everything = await this.#store.everything()
    this.#known = new Set(everything.loadBalancers)
    // What the snapshot in force has and the store has not was deleted without being told.
    const inForce = snapshot ?? { loadBalancers: [], targetGroups: [] }
    this.#publisher.changed({
      loadBalancers: everything.loadBalancers.union(arnsOf(inForce.loadBalancers)),
      targetGroups: everything.targetGroups.union(arnsOf(inForce.targetGroups)),
    })
    if (this.#directory instanceof AwsDirectory) this.#directory.start()
    // Checks of thousands of targets would keep a machine from taking up traffic.
    void this.#publisher.settled().then(() => this.#health.start())
    this.#anomalies.start()
    this.#delivery.start()
    this.#renewals.start()
    void this.#deregistrations.check()
    await this.#audit?.start()
    const dns = await listenForDns(this.#dns, this.#names, this.#settings.dns)
    const endpoint = await listenForApi(this.#server, this.#settings.api)
    this.#send({ type: 'ready', endpoint, dns })
    // Not awaited: it takes part in what begins only after the start.
    if (this.#settings.demo) void this.#showDemo(endpoint)
  }

  #environment(): ApiEnvironment {
    const { accountId, region, dnsSuffix, accessKeys, valuesPerConditionMax, quotas, logRoot } =
      this.#settings
    return {
      store: this.#store,
      directory: this.#directory,
      networks: this.#settings.directory.ec2 === null ? this.#networks : null,
      zonalShifts: this.#zonalShifts,
      health: this.#health,
      anomalies: this.#anomalies,
      clock: this.#clock,
      settings: {
        accountId,
        region,
        dnsSuffix,
        accessKeys: accessKeys === null ? null : new Map(Object.entries(accessKeys)),
        openMetrics: this.#settings.openMetrics,
        valuesPerConditionMax,
        quotas,
        certificateValidationMs: this.#settings.certificateValidationMs,
        elsewhere: servicesElsewhere(this.#settings),
      },
      metricsText: () => this.#counters.render([...this.#anomalies.gauges(), ...this.#zoneHealth.gauges()]),
      reportError: (error) => this.#report(error),
      audit: (record) => this.#audit?.record(record),
      linkKey: randomBytes(32),
      readObject: async (bucket, key, bytesMax) => await readObject(logRoot, bucket, key, bytesMax),
      writeTestFile: async (bucket, key, text) => await writeToBucket(logRoot, bucket, key, text),
    }
  }

  async #publish(update: SnapshotUpdate): Promise<void> {
    this.#states.sent(update)
    for (const unit of update.loadBalancers) {
      this.#nodes.set(unit.arn, unit.nodes)
      this.#names.put(unit)
    }
    for (const arn of update.removedLoadBalancers) {
      this.#nodes.delete(arn)
      this.#names.remove(arn)
      this.#zonalShifts.forget(arn)
    }
    await new Promise<void>((resolve) => this.#send({ type: 'snapshot', update }, resolve))
  }

  /** A load balancer's traffic goes elsewhere, though nothing about it was stored. */
  async #republish(arn: string): Promise<void> {
    try {
      const groups = await this.#store.read(async (rows) => await rows.targetGroupsOf(arn))
      this.#publisher.changed({ loadBalancers: new Set([arn]), targetGroups: new Set(groups) })
    } catch (error) {
      this.#report(error)
    }
  }

  async #applied(version: number, failedBindings: Readonly<Record<string, string>>): Promise<void> {
    const changes = this.#states.applied(version, failedBindings)
    for (const { arn, failedAddresses } of changes) this.#names.serves(arn, failedAddresses)
    try {
      await this.#store.markApplied(changes.filter(({ code }) => code === 'active').map(({ arn }) => arn))
      for (const { arn, code, reason, failedAddresses } of changes) {
        if (code !== 'failed') this.#introduce(arn, failedAddresses)
        if (code === 'active') continue
        this.#log.warn({ loadBalancer: arn, state: code }, reason ?? code)
        if (code === 'failed') await this.#store.markFailed(arn, reason ?? '')
        else await this.#store.markImpaired(arn, reason ?? '')
      }
    } catch (error) {
      this.#report(error)
    }
  }

  /** Says where a new load balancer is: its DNS name is not known to this machine's resolver. */
  #introduce(arn: string, failedAddresses: ReadonlySet<string>): void {
    if (this.#known.has(arn)) return
    this.#known.add(arn)
    const nodes = (this.#nodes.get(arn) ?? []).flatMap(({ address, zone }) =>
      failedAddresses.has(address) ? [] : [`${address} (${zone})`],
    )
    const name = arn.split('/').at(-2) ?? arn
    process.stdout.write(`The load balancer ${name} serves at ${nodes.join(', ')}\n`)
  }

  async #showDemo(endpoint: string): Promise<void> {
    // Loads a client of the API, which is as large as all the rest.
    const { showDemo } = await import('../demo/demo.ts')
    const nodeAddress = (arn: string): string | undefined => this.#nodes.get(arn)?.[0]?.address
    await showDemo({ endpoint, settings: this.#settings, nodeAddress })
  }

  /** All workers have ended: delivers what they left, then ends this process. */
  async #drain(): Promise<void> {
    await this.#server.close()
    await this.#dns.close()
    if (this.#directory instanceof AwsDirectory) await this.#directory.close()
    this.#zonalShifts.close()
    await this.#audit?.close()
    await this.#renewals.close()
    this.#deregistrations.close()
    this.#publisher.close()
    this.#anomalies.close()
    await this.#cookieKeys.close()
    this.#health.close()
    await this.#delivery.recover(true)
    await this.#delivery.deliver(true)
    await this.#delivery.close()
    await this.#store.close()
    process.exit(0)
  }

  #report(error: unknown): void {
    this.#log.error({ err: error }, 'error')
  }
}

function arnsOf(units: readonly { readonly arn: string }[]): Set<string> {
  return new Set(units.map(({ arn }) => arn))
}

/** Target states of the snapshot in force, for a checker that starts anew. */
function seedsOf(snapshot: SnapshotUpdate): SeededTarget[] {
  return snapshot.targetGroups.flatMap((group) =>
    group.targets.flatMap(({ id, port, state }) =>
      state === 'initial' || state === 'healthy' || state === 'unhealthy'
        ? [{ targetGroup: group.arn, key: targetKey(id, port), state }]
        : [],
    ),
  )
}
