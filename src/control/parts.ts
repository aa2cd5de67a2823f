// The parts of the control process and who tells whom of what. Nothing runs yet: the order of starting and ending is
// control's.

import type { Logger } from 'pino'
import { CookieKeys } from '../caretakers/cookie-keys.ts'
import { Deregistrations } from '../caretakers/deregistrations.ts'
import { HealthHook } from '../caretakers/health-hook.ts'
import { Renewals } from '../caretakers/renewals.ts'
import { StoredStates } from '../caretakers/stored-states.ts'
import { scaledClock, type Clock } from '../clock/clock.ts'
import type { AuditTrail } from '../delivery/audit-trail.ts'
import type { Delivery } from '../delivery/delivery.ts'
import { LostLines } from '../delivery/lost-lines.ts'
import type { AwsDirectory } from '../directory/aws-directory.ts'
import type { Directory } from '../directory/directory.ts'
import { directoryFor } from '../directory/from-settings.ts'
import type { Networks } from '../directory/networks.ts'
import { DnsNames } from '../dns/load-balancer-names.ts'
import { DnsServer } from '../dns/server.ts'
import { AnomalyMonitor } from '../health/anomaly-monitor.ts'
import { HealthMonitor } from '../health/monitor.ts'
import { Counters } from '../metrics/counters.ts'
import type { ControlSettings } from '../model/settings.ts'
import { AddressClaims } from '../publishing/address-claims.ts'
import { Introductions } from '../publishing/introductions.ts'
import { Publisher } from '../publishing/publisher.ts'
import { withTargetGroups } from '../publishing/reached.ts'
import { Serving } from '../publishing/serving.ts'
import { SlowStarts } from '../publishing/slow-starts.ts'
import { SnapshotBuilder } from '../publishing/snapshot-builder.ts'
import type { SnapshotUpdate } from '../snapshot/update.ts'
import type { Store } from '../store/store.ts'
import { StoreUnavailable } from '../store/unavailable.ts'
import { ZonalShifts } from '../zones/zonal-shifts.ts'
import { ZoneHealth } from '../zones/zone-health.ts'
import { auditOf, deliveryOf } from './log-parts.ts'

/** What the parts are made of. */
export interface Given {
  readonly settings: ControlSettings
  readonly log: Logger
  readonly store: Store
  readonly networks: Networks
  /** Version of the snapshot in force; 0 if none is. */
  readonly version: number
  /** Resolves when the update has left this process. */
  readonly send: (update: SnapshotUpdate) => Promise<void>
}

export interface Parts extends Pick<Given, 'settings' | 'log' | 'store' | 'networks'> {
  readonly clock: Clock
  /** For the process log: what nobody waits for any more. */
  readonly reportError: (error: unknown) => void
  readonly directory: Directory | AwsDirectory
  readonly health: HealthMonitor
  readonly counters: Counters
  readonly slowStarts: SlowStarts
  readonly anomalies: AnomalyMonitor
  readonly zoneHealth: ZoneHealth
  readonly zonalShifts: ZonalShifts
  readonly names: DnsNames
  readonly dns: DnsServer
  /** Null: all load balancers share an address. */
  readonly claims: AddressClaims | null
  readonly introductions: Introductions
  readonly serving: Serving
  readonly storedStates: StoredStates
  readonly cookieKeys: CookieKeys
  readonly publisher: Publisher
  readonly deregistrations: Deregistrations
  readonly renewals: Renewals
  readonly delivery: Delivery
  readonly lostLines: LostLines
  /** Null: calls are not recorded. */
  readonly audit: AuditTrail | null
}

const NONE: ReadonlySet<string> = new Set()

export function makeParts({ settings, log, store, networks, version, send }: Given): Parts {
  const clock = scaledClock(settings.timeScale)
  const reportError = (error: unknown): void => {
    // The store tells of it by itself, once.
    if (!(error instanceof StoreUnavailable)) log.error({ err: error }, 'error')
  }
  const warn = (message: string): void => log.warn(message)
  const publishGroup = (arn: string): void =>
    publisher.changed({ loadBalancers: NONE, targetGroups: new Set([arn]) })
  const directory = directoryFor({
    settings,
    store,
    networks,
    clock,
    onChange: (change) => publisher.changed(change),
    warn,
    reportError,
  })
  const { targetHealthHook } = settings
  const hook =
    targetHealthHook === null
      ? null
      : new HealthHook({ url: targetHealthHook, store, now: () => clock.date(), warn, reportError })
  const health = new HealthMonitor({
    clock,
    onChange: (arn, key) => {
      publishGroup(arn)
      const found = health.healthOf(arn, key)
      if (found !== undefined) hook?.changed(arn, key, found)
    },
  })
  const slowStarts = new SlowStarts(clock)
  const anomalies = new AnomalyMonitor({ clock, onChange: publishGroup })
  const zoneHealth = new ZoneHealth()
  const zonalShifts = new ZonalShifts({
    store,
    clock,
    // Traffic goes elsewhere, though nothing about it was stored.
    onExpiry: (arn) => {
      const reached = store.read(async (rows) => await withTargetGroups(rows, [arn]))
      reached.then((change) => publisher.changed(change)).catch(reportError)
    },
  })
  const names = new DnsNames({
    suffix: settings.dnsSuffix,
    region: settings.region,
    aliases: settings.dns?.aliases ?? {},
    awayZones: (arn) => zoneHealth.unhealthyZones(arn).union(zonalShifts.shiftedZones(arn)),
    hasHealthyTargets: (arn) => zoneHealth.hasHealthyTargets(arn),
  })
  const claims = settings.sharedAddress === null ? new AddressClaims() : null
  const introductions = new Introductions((line) => process.stdout.write(`${line}\n`))
  const storedStates = new StoredStates(store, reportError)
  const serving = new Serving({
    states: storedStates,
    names,
    introductions,
    warn: (facts, message) => log.warn(facts, message),
  })
  const cookieKeys = new CookieKeys({
    store,
    clock,
    onChange: () => publisher.changed({ loadBalancers: NONE, targetGroups: NONE }),
    reportError,
  })
  const builder = new SnapshotBuilder({
    settings,
    store,
    directory,
    health,
    slowStarts,
    anomalies,
    zoneHealth,
    shiftedZones: (arn) => zonalShifts.shiftedZones(arn),
  })
  const publisher = new Publisher({
    build: async (change) => ({ ...(await builder.build(change)), cookieKeys: cookieKeys.keys }),
    send: async (update) => {
      serving.sent(update)
      claims?.sent(update)
      for (const arn of update.removedLoadBalancers) zonalShifts.forget(arn)
      await send(update)
    },
    reportError,
    version,
  })
  return {
    settings,
    log,
    store,
    networks,
    clock,
    reportError,
    directory,
    health,
    counters: new Counters(),
    slowStarts,
    anomalies,
    zoneHealth,
    zonalShifts,
    names,
    dns: new DnsServer({ names, reportError, openFilesMax: settings.openFilesMax }),
    claims,
    introductions,
    serving,
    storedStates,
    cookieKeys,
    publisher,
    deregistrations: new Deregistrations(store, clock, reportError),
    renewals: new Renewals({ store, clock, reportError }),
    delivery: deliveryOf(settings, { clock, tell: warn, reportError }),
    lostLines: new LostLines({ spoolFolder: settings.spoolFolder, tell: warn }),
    audit: auditOf(settings, { clock, tell: warn, reportError }),
  }
}
