// The snapshot in force in this worker, as objects that live: target groups with their links, listeners with their
// compiled rules, and the bindings that accept connections. A change replaces what it names; connections of listeners
// that did not change are never touched.

import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../clock/clock.ts'
import { Binding, type ConnectionMakers } from '../listener/binding.ts'
import type { TicketKeys } from '../listener/tls/ticket-keys.ts'
import { AccessLog } from '../recording/application/access-log.ts'
import type { LoadBalancerCounters } from '../recording/application/counters.ts'
import { RequestCount } from '../recording/application/request-count.ts'
import type { RecordSink } from '../recording/sinks.ts'
import { SpoolLog } from '../recording/spool.ts'
import { outcomeSink } from '../recording/target-outcomes.ts'
import { compileRouter } from '../routing/compiled-router.ts'
import type { Router } from '../routing/router.ts'
import type { ListenerUnit, LoadBalancerUnit, NodeAddress } from '../snapshot/application-units.ts'
import { bindingAddress, bindingKey } from '../snapshot/binding-key.ts'
import type { TargetGroupUnit } from '../snapshot/target-group-units.ts'
import type { SnapshotUpdate } from '../snapshot/update.ts'
import type { SessionCookies } from '../targets/session-cookies.ts'
import { type GroupParts, ServedGroup } from './served-group.ts'
import { type ApplicationListener, applicationListener } from './served-listener.ts'

/** A router with the listener that it was made of. */
interface RouterOf {
  readonly listener: ListenerUnit
  readonly router: Router
}

export interface ServingParts extends GroupParts {
  readonly clock: Clock
  readonly cookies: SessionCookies
  readonly ticketKeys: TicketKeys
  readonly spoolFolder: string
  /** Connections by the protocol of their listener. */
  readonly makers: ConnectionMakers<ApplicationListener>
  /** A binding is gone with its last listener; its connections are to end. */
  readonly onBindingGone: (binding: Binding<ApplicationListener>) => void
  readonly onProblem: (message: string) => void
}

export class Serving {
  readonly groups = new Map<string, ServedGroup>()
  readonly bindings = new Map<string, Binding<ApplicationListener>>()
  readonly #parts: ServingParts
  readonly #loadBalancers = new Map<string, readonly [key: string, listener: ApplicationListener][]>()
  /** By load balancer and listener. */
  readonly #routers = new Map<string, ReadonlyMap<string, RouterOf>>()
  readonly #logs = new Map<string, SpoolLog>()
  readonly #usedLogs = new Map<string, Set<string>>()

  constructor(parts: ServingParts) {
    this.#parts = parts
  }

  /** Applies all of an update in one turn of the event loop. */
  apply(update: SnapshotUpdate): void {
    if (update.cookieKeys !== undefined) {
      this.#parts.cookies.setKeys(update.cookieKeys)
      this.#parts.ticketKeys.setSecrets(update.cookieKeys)
    }
    for (const unit of update.targetGroups) this.#putGroup(unit)
    for (const unit of update.loadBalancers) this.#putLoadBalancer(unit)
    const kept = new Set(update.loadBalancers.map((unit) => unit.arn))
    const keptGroups = new Set(update.targetGroups.map((unit) => unit.arn))
    const gone = update.full
      ? [...this.#loadBalancers.keys()].filter((arn) => !kept.has(arn))
      : update.removedLoadBalancers
    const goneGroups = update.full
      ? [...this.groups.keys()].filter((arn) => !keptGroups.has(arn))
      : update.removedTargetGroups
    for (const arn of gone) this.#removeLoadBalancer(arn)
    for (const arn of goneGroups) {
      this.groups.get(arn)?.close()
      this.groups.delete(arn)
    }
  }

  /** The binding of a key, made when it is first named: by a listener or by its socket, whichever comes first. */
  binding(key: string): Binding<ApplicationListener> {
    let binding = this.bindings.get(key)
    if (binding === undefined) {
      binding = new Binding<ApplicationListener>(bindingAddress(key), this.#parts.makers)
      this.bindings.set(key, binding)
    }
    return binding
  }

  get logs(): Iterable<SpoolLog> {
    return this.#logs.values()
  }

  #putGroup(unit: TargetGroupUnit): void {
    const known = this.groups.get(unit.arn)
    if (known !== undefined) known.update(unit)
    else this.groups.set(unit.arn, new ServedGroup(unit, this.#parts))
  }

  #putLoadBalancer(unit: LoadBalancerUnit): void {
    const before = this.#loadBalancers.get(unit.arn) ?? []
    const present: [string, ApplicationListener][] = []
    const routers = this.#routersOf(unit)
    const usedLogs = new Set<string>()
    for (const node of [...unit.nodes, ...(unit.closedNodes ?? [])]) {
      const log = this.#log(unit, node, usedLogs)
      for (const listener of unit.listeners) {
        const router = routers.get(listener.arn)?.router
        if (router === undefined) continue
        const counters = this.#parts.counters.loadBalancer(unit.arn, node.zone)
        const sinks = this.#sinks(unit, node, listener, counters, log)
        const served = applicationListener({ unit, node, listener, router, counters, sinks })
        const key = bindingKey(node.address, listener.bindPort)
        this.binding(key).add(served)
        present.push([key, served])
      }
    }
    this.#loadBalancers.set(unit.arn, present)
    // Only now: a binding that stays is never without a listener.
    this.#unbind(before)
    this.#dropUnusedLogs(unit.arn, usedLogs)
  }

  #sinks(
    unit: LoadBalancerUnit,
    { zone }: NodeAddress,
    { port, protocol }: ListenerUnit,
    counters: LoadBalancerCounters,
    log: SpoolLog | null,
  ): readonly RecordSink[] {
    const groupCounters = (arn: string, ofZone: string) =>
      this.groups.get(arn)?.counters(unit.arn, ofZone) ?? null
    const sinks: RecordSink[] = [new RequestCount(counters, zone, groupCounters), outcomeSink]
    if (log !== null) {
      const facts = {
        loadBalancerId: unit.id,
        dnsName: unit.dnsName,
        protocol: protocol === 'HTTPS' ? 'https' : 'http',
        listenerPort: port,
      } as const
      sinks.push(new AccessLog(facts, log, this.#parts.clock))
    }
    return sinks
  }

  /** Rules are compiled when they change, not whenever something else about their load balancer does. */
  #routersOf(unit: LoadBalancerUnit): ReadonlyMap<string, RouterOf> {
    const known = this.#routers.get(unit.arn)
    const routers = new Map<string, RouterOf>()
    for (const listener of unit.listeners) {
      const before = known?.get(listener.arn)
      const isSame = before !== undefined && isDeepStrictEqual(before.listener, listener)
      const router = isSame ? before.router : compileRouter(listener, this.#parts.onProblem)
      routers.set(listener.arn, { listener, router })
    }
    this.#routers.set(unit.arn, routers)
    return routers
  }

  #log(unit: LoadBalancerUnit, node: NodeAddress, used: Set<string>): SpoolLog | null {
    if (unit.accessLog === null) return null
    const { bucket, prefix } = unit.accessLog
    const key = `${unit.arn} ${node.address} ${bucket} ${prefix}`
    used.add(key)
    const known = this.#logs.get(key)
    if (known !== undefined) return known
    const { accountId, region, id } = unit
    const counters = this.#parts.counters.loadBalancer(unit.arn, node.zone)
    const target = { accountId, region, loadBalancerId: id, nodeAddress: node.address, bucket, prefix }
    const log = new SpoolLog(
      this.#parts.spoolFolder,
      target,
      this.#parts.workerIndex,
      (lines) => void (counters.AccessLogDroppedLines += lines),
    )
    this.#logs.set(key, log)
    return log
  }

  #dropUnusedLogs(arn: string, used: Set<string>): void {
    for (const key of this.#usedLogs.get(arn) ?? []) {
      if (used.has(key)) continue
      this.#logs.get(key)?.retire()
      this.#logs.delete(key)
    }
    this.#usedLogs.set(arn, used)
  }

  #removeLoadBalancer(arn: string): void {
    this.#unbind(this.#loadBalancers.get(arn) ?? [])
    this.#loadBalancers.delete(arn)
    this.#dropUnusedLogs(arn, new Set())
    this.#usedLogs.delete(arn)
    this.#routers.delete(arn)
  }

  /** Forgets a binding that has neither listeners nor a socket; its connections end. */
  dropUnused(key: string): void {
    const binding = this.bindings.get(key)
    if (binding === undefined || !binding.isUnused) return
    this.bindings.delete(key)
    binding.isDraining = true
    this.#parts.onBindingGone(binding)
  }

  #unbind(listeners: readonly (readonly [key: string, listener: ApplicationListener])[]): void {
    for (const [key, listener] of listeners) {
      this.bindings.get(key)?.remove(listener)
      this.dropUnused(key)
    }
  }
}
