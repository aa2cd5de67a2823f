// The connections of one worker to one target. Free ones are used again, the latest first, so that the rest can time
// out; there is no upper bound but that of the clients, since each exchange needs one.

import type { TimerWheel } from '../../clock/timer-wheel.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import type { Forwarded, TargetLink } from '../../exchange/target-link.ts'
import type { TargetSide } from '../../exchange/target-side.ts'
import { failures } from '../../exchange/failure.ts'
import { sourceAddress } from '../../model/source-address.ts'
import type { TargetSecurity } from '../target-security.ts'
import { type ConnectionOwner, TargetConnection } from './connection.ts'

export interface Http1PoolOptions {
  readonly wheel: TimerWheel
  readonly address: string
  readonly port: number
  /** Missing: connections are in clear text. */
  readonly security?: TargetSecurity
  /** Whether connections come from the address that the client connected to. */
  readonly connectsFromNodes: boolean
  /** Called when the pool drains and nothing is left on it. */
  readonly onIdle: () => void
}

export class Http1Pool implements TargetLink, ConnectionOwner {
  readonly wheel: TimerWheel
  /** Security groups let no new connection through; those that are there go on. */
  isBlocked = false
  readonly #address: string
  readonly #port: number
  readonly #all = new Set<TargetConnection>()
  /** By security policy; in clear text there is one list, under the empty name. */
  readonly #free = new Map<string, TargetConnection[]>()
  #freeCount = 0
  readonly #security: TargetSecurity | null
  readonly #connectsFromNodes: boolean
  readonly #onIdle: () => void
  #isDraining = false

  constructor({ wheel, address, port, security, connectsFromNodes, onIdle }: Http1PoolOptions) {
    this.#security = security ?? null
    this.wheel = wheel
    this.#address = address
    this.#port = port
    this.#connectsFromNodes = connectsFromNodes
    this.#onIdle = onIdle
  }

  /** Requests in progress and upgraded connections: each has a connection for itself. */
  get outstanding(): number {
    return this.#all.size - this.#freeCount
  }

  /** Sends a request over a free connection or a new one. Failures come back through the exchange. */
  begin(exchange: Exchange, forwarded: Forwarded): TargetSide {
    const policy = this.#security === null ? '' : forwarded.forwarding.targetPolicy
    let connection = this.#free.get(policy)?.pop()
    if (connection === undefined) connection = this.#newConnection(exchange, policy)
    else this.#freeCount--
    connection.begin(exchange, forwarded)
    return connection
  }

  #newConnection({ client }: Exchange, policy: string): TargetConnection {
    const address = this.#address
    const source = this.#connectsFromNodes ? sourceAddress(client.localAddress, address) : null
    const security = this.#security
    const place = { address, port: this.#port, source, isBlocked: this.isBlocked, security, policy }
    const connection = new TargetConnection(this, place)
    this.#all.add(connection)
    return connection
  }

  /** Takes no connection into reserve any more; says `onIdle` when nothing runs. */
  drain(): void {
    this.#isDraining = true
    for (const connections of this.#free.values())
      for (const connection of connections.slice()) connection.close(failures.targetDeregistered)
    this.#tellIfIdle()
  }

  /** Takes connections into reserve again, after `drain`. */
  resume(): void {
    this.#isDraining = false
  }

  /** Ends everything now; what runs fails as the end of a deregistration delay does (ALB-OBS-503). */
  close(): void {
    this.#isDraining = true
    for (const connection of this.#all) connection.close(failures.targetDeregistered)
  }

  released(connection: TargetConnection): void {
    if (this.#isDraining) connection.close(failures.targetDeregistered)
    else {
      this.#freeCount++
      const known = this.#free.get(connection.policy)
      if (known === undefined) this.#free.set(connection.policy, [connection])
      else known.push(connection)
    }
  }

  gone(connection: TargetConnection): void {
    this.#all.delete(connection)
    const free = this.#free.get(connection.policy) ?? []
    const index = free.indexOf(connection)
    if (index !== -1) {
      free.splice(index, 1)
      this.#freeCount--
    }
    this.#tellIfIdle()
  }

  #tellIfIdle(): void {
    if (this.#isDraining && this.#all.size === 0) this.#onIdle()
  }
}
