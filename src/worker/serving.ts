// The snapshot in force in this worker, as objects that live: target groups with their connections, listeners with
// their compiled rules, and the bindings that accept connections. A change replaces what it names; connections of
// listeners that did not change are never touched.

import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../clock/clock.ts'
import type { TimerWheel } from '../clock/timer-wheel.ts'
import type { ListeningHandle } from '../sockets/accept.ts'
import { plainAddress, type Socket } from '../sockets/socket.ts'
import type { Binding, ServedListener } from '../listener/serving.ts'
import { AccessLogLines } from '../recording/application/access-log-line.ts'
import type {
  Counters,
  LoadBalancerCounters,
  TargetGroupCounters,
} from '../recording/application/counters.ts'
import { addressSet } from '../model/ip.ts'
import { SpoolLog } from '../recording/spool.ts'
import { type OutcomeTally, TargetTally } from '../recording/target-outcomes.ts'
import { compileRouter } from '../routing/compiled-router.ts'
import type { Router } from '../routing/router.ts'
import { targetKey } from '../model/target-key.ts'
import type {
  ListenerUnit,
  LoadBalancerUnit,
  NodeAddress,
  TrafficAttributes,
} from '../snapshot/application-units.ts'
import { bindingAddress, bindingKey } from '../snapshot/binding-key.ts'
import type { TargetGroupUnit, TargetUnit } from '../snapshot/target-group-units.ts'
import type { SnapshotUpdate } from '../snapshot/update.ts'
import type { SessionCookies } from '../targets/session-cookies.ts'
import { StickyGroup } from '../targets/sticky-group.ts'
import { eligibleTargets, TargetGroup } from '../targets/target-group.ts'
import type { TargetLoad } from '../targets/target-picker.ts'
import type { RandomSource } from '../targets/weighted-groups.ts'
import type { ResponseHeaderChanges } from '../wire/http1/response-writer.ts'
import { TargetPool } from '../upstream/http1/pool.ts'

/** A target with its connections. */
export interface TargetRuntime {
  readonly pool: TargetPool
  readonly outcome: TargetTally
  /** `address:port`, as logs show it. */
  readonly text: string
}

/** A target group with its present choice of targets. */
export class GroupRuntime {
  readonly group: TargetGroup
  unit: TargetGroupUnit
  /** Null while sticky sessions are off. */
  sticky: StickyGroup | null = null
  readonly #targets = new Map<string, TargetRuntime>()
  /** The same by the unit's own objects, for the way of a request. */
  #byUnit = new Map<TargetUnit, TargetRuntime>()
  readonly #countersByZone = new Map<string, TargetGroupCounters>()
  readonly #settings: RuntimeSettings

  constructor(unit: TargetGroupUnit, settings: RuntimeSettings) {
    this.unit = unit
    this.#settings = settings
    const { clock, random, workerIndex } = settings
    const loadOf = (target: TargetUnit): TargetLoad => this.#runtime(target).pool
    this.group = new TargetGroup(unit, { clock, random, workerIndex, loadOf })
    this.update(unit)
  }

  update(unit: TargetGroupUnit): void {
    this.unit = unit
    this.group.update(unit)
    this.#updateSticky(unit)
    this.#byUnit = new Map()
    const present = new Set<string>()
    for (const target of unit.targets) {
      const key = runtimeKey(target)
      present.add(key)
      const known = this.#targets.get(key)
      if (known !== undefined) known.pool.isBlocked = target.isBlocked === true
      if (target.state === 'draining') this.#runtime(target).pool.drain()
      else if (known !== undefined) known.pool.resume()
    }
    for (const [key, runtime] of this.#targets) {
      if (present.has(key)) continue
      this.#targets.delete(key)
      runtime.pool.close()
    }
  }

  #updateSticky({ arn, stickiness, targets, routingMinimum }: TargetGroupUnit): void {
    if (stickiness === undefined) this.sticky = null
    else {
      this.sticky ??= new StickyGroup(arn, stickiness)
      this.sticky.update(stickiness, targets, eligibleTargets(targets, routingMinimum).targets)
    }
  }

  /** The connections of a target of the present unit. */
  of(target: TargetUnit): TargetRuntime {
    const known = this.#byUnit.get(target)
    if (known !== undefined) return known
    const runtime = this.#runtime(target)
    this.#byUnit.set(target, runtime)
    return runtime
  }

  /** Counters of this group behind one load balancer, which a group never leaves for another. */
  counters(all: Counters, loadBalancerArn: string, zone: string): TargetGroupCounters {
    let counters = this.#countersByZone.get(zone)
    if (counters === undefined) {
      counters = all.targetGroup(loadBalancerArn, this.unit.arn, zone)
      this.#countersByZone.set(zone, counters)
    }
    return counters
  }

  close(): void {
    for (const runtime of this.#targets.values()) runtime.pool.close()
    this.#targets.clear()
  }

  #runtime(target: TargetUnit): TargetRuntime {
    const key = runtimeKey(target)
    const known = this.#targets.get(key)
    if (known !== undefined) return known
    const host = target.address.includes(':') ? `[${target.address}]` : target.address
    const name = targetKey(target.id, target.port)
    const { wheel, connectsFromNodes, outcomes, onTargetIdle } = this.#settings
    const { address, port } = target
    const onIdle = (): void => onTargetIdle(this.unit.arn, name)
    const pool = new TargetPool({ wheel, address, port, connectsFromNodes, onIdle })
    pool.isBlocked = target.isBlocked === true
    const outcome = new TargetTally(outcomes, this.unit.arn, name)
    const runtime = { pool, outcome, text: `${host}:${target.port}` }
    this.#targets.set(key, runtime)
    return runtime
  }
}

function runtimeKey(target: TargetUnit): string {
  return `${target.id}|${target.port}|${target.address}`
}

/** One listener at one node address: what a request needs to be served. Replaced when its load balancer changes. */
export interface ListenerRuntime extends ServedListener {
  readonly loadBalancer: LoadBalancerUnit
  readonly traffic: TrafficAttributes
  readonly zone: string
  readonly router: Router
  readonly lines: AccessLogLines
  readonly log: SpoolLog | null
  readonly counters: LoadBalancerCounters
}

/** A socket that connections come in on, and the listeners behind it: one, except where load balancers share it. */
export class BindingRuntime implements Binding<ListenerRuntime> {
  /** By lower-case DNS name of the load balancer. */
  readonly #listeners = new Map<string, ListenerRuntime>()
  /** The only one, or the one for names that no load balancer has. */
  #first: ListenerRuntime | null = null
  handle: ListeningHandle | null = null
  readonly address: string

  constructor(address: string) {
    this.address = address
  }

  isDraining = false

  select(host: string): ListenerRuntime | null {
    return this.#listeners.size <= 1 ? this.#first : (this.#listeners.get(host) ?? this.#first)
  }

  get isShared(): boolean {
    return this.#listeners.size > 1
  }

  /** Whether a new connection is let in. Where load balancers share the address, the first request decides. */
  admits(socket: Pick<Socket, 'remoteAddress'>): boolean {
    const admits = this.isShared ? null : (this.#first?.admits ?? null)
    return admits === null || admits(plainAddress(socket.remoteAddress))
  }

  get isUnused(): boolean {
    return this.#first === null
  }

  add(listener: ListenerRuntime): void {
    this.#listeners.set(listener.loadBalancer.dnsName.toLowerCase(), listener)
    this.#first ??= listener
  }

  remove(listener: ListenerRuntime): void {
    const name = listener.loadBalancer.dnsName.toLowerCase()
    if (this.#listeners.get(name) === listener) this.#listeners.delete(name)
    if (this.#first === listener) this.#first = this.#listeners.values().next().value ?? null
  }
}

/** A router with the listener that it was made of. */
interface RouterOf {
  readonly listener: ListenerUnit
  readonly router: Router
}

export interface RuntimeSettings {
  readonly clock: Clock
  readonly wheel: TimerWheel
  readonly random: RandomSource
  readonly counters: Counters
  readonly outcomes: OutcomeTally
  readonly cookies: SessionCookies
  readonly spoolFolder: string
  readonly workerIndex: number
  /** Whether connections to targets come from the addresses of nodes. */
  readonly connectsFromNodes: boolean
  readonly onBindingGone: (binding: BindingRuntime) => void
  readonly onTargetIdle: (group: string, target: string) => void
  readonly onProblem: (message: string) => void
}

export class Runtime {
  readonly groups = new Map<string, GroupRuntime>()
  readonly bindings = new Map<string, BindingRuntime>()
  readonly #settings: RuntimeSettings
  readonly #loadBalancers = new Map<string, readonly [key: string, runtime: ListenerRuntime][]>()
  /** By load balancer and listener. */
  readonly #routers = new Map<string, ReadonlyMap<string, RouterOf>>()
  readonly #logs = new Map<string, SpoolLog>()
  readonly #usedLogs = new Map<string, Set<string>>()

  constructor(settings: RuntimeSettings) {
    this.#settings = settings
  }

  /** Applies all of an update in one turn of the event loop. */
  apply(update: SnapshotUpdate): void {
    if (update.cookieKeys !== undefined) this.#settings.cookies.setKeys(update.cookieKeys)
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
  binding(key: string): BindingRuntime {
    let binding = this.bindings.get(key)
    if (binding === undefined) {
      binding = new BindingRuntime(bindingAddress(key))
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
    else this.groups.set(unit.arn, new GroupRuntime(unit, this.#settings))
  }

  #putLoadBalancer(unit: LoadBalancerUnit): void {
    const before = this.#loadBalancers.get(unit.arn) ?? []
    const runtimes: [string, ListenerRuntime][] = []
    const routers = this.#routersOf(unit)
    const usedLogs = new Set<string>()
    for (const node of [...unit.nodes, ...(unit.closedNodes ?? [])]) {
      const log = this.#log(unit, node, usedLogs)
      for (const listener of unit.listeners) {
        const router = routers.get(listener.arn)?.router
        if (router === undefined) continue
        const runtime = this.#listenerRuntime(unit, node, listener, router, log)
        const key = bindingKey(node.address, listener.bindPort)
        this.binding(key).add(runtime)
        runtimes.push([key, runtime])
      }
    }
    this.#loadBalancers.set(unit.arn, runtimes)
    // Only now: a binding that stays is never without a listener.
    this.#unbind(before)
    this.#dropUnusedLogs(unit.arn, usedLogs)
  }

  #listenerRuntime(
    unit: LoadBalancerUnit,
    node: NodeAddress,
    listener: ListenerUnit,
    router: Router,
    log: SpoolLog | null,
  ): ListenerRuntime {
    return {
      loadBalancer: unit,
      traffic: unit.traffic,
      responseHeaders: responseHeaders(listener.responseHeaders),
      zone: node.zone,
      listenerPort: listener.port,
      protocol: 'http',
      admits: listener.admitted === undefined ? null : addressSet(listener.admitted),
      router,
      lines: new AccessLogLines({
        loadBalancerId: unit.id,
        dnsName: unit.dnsName,
        protocol: 'http',
        listenerPort: listener.port,
      }),
      log,
      counters: this.#settings.counters.loadBalancer(unit.arn, node.zone),
    }
  }

  /** Rules are compiled when they change, not whenever something else about their load balancer does. */
  #routersOf(unit: LoadBalancerUnit): ReadonlyMap<string, RouterOf> {
    const known = this.#routers.get(unit.arn)
    const routers = new Map<string, RouterOf>()
    for (const listener of unit.listeners) {
      const before = known?.get(listener.arn)
      const isSame = before !== undefined && isDeepStrictEqual(before.listener, listener)
      const router = isSame ? before.router : compileRouter(listener, this.#settings.onProblem)
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
    const target = { accountId, region, loadBalancerId: id, nodeAddress: node.address, bucket, prefix }
    const log = new SpoolLog(this.#settings.spoolFolder, target, this.#settings.workerIndex)
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
    if (binding === undefined || !binding.isUnused || binding.handle !== null) return
    this.bindings.delete(key)
    binding.isDraining = true
    this.#settings.onBindingGone(binding)
  }

  #unbind(runtimes: readonly (readonly [key: string, runtime: ListenerRuntime])[]): void {
    for (const [key, runtime] of runtimes) {
      this.bindings.get(key)?.remove(runtime)
      this.dropUnused(key)
    }
  }
}

function responseHeaders(unit: ListenerUnit['responseHeaders']): ResponseHeaderChanges | null {
  if (unit === undefined) return null
  const dropped = new Set(unit.values.map(([name]) => name.toLowerCase()))
  if (!unit.hasServer) dropped.add('server')
  return { dropped, lines: unit.values.map(([name, value]) => `${name}: ${value}\r\n`).join('') }
}
