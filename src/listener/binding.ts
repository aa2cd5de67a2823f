// A bound socket and the listeners behind it: one, except where load balancers share an address. It accepts connections
// and makes them, by the protocol of its listeners; it outlives changes of the configuration.

import { acceptConnections, type ListeningHandle } from '../sockets/accept.ts'
import { plainAddress, type Socket, type SocketEvents } from '../sockets/socket.ts'
import type { SessionHeadersUnit, TrafficAttributes } from '../snapshot/application-units.ts'
import type { ResponseHeaderChanges } from '../wire/http1/response-writer.ts'
import type { ServedTls } from './tls/served-tls.ts'

/** The protocol that clients of a listener speak. */
export type ClientProtocol = 'http' | 'https'

/** What is counted of a listener's connections. */
export interface ConnectionCounts {
  NewConnectionCount: number
  /** Opened minus closed. */
  ActiveConnectionCount: number
  /** Refused because there was no room. */
  RejectedConnectionCount: number
  /** Handshakes that failed. */
  ClientTLSNegotiationErrorCount: number
}

/** Whether there is room for one more client, whose socket has this descriptor (-1 where it has no number). */
export type HasRoom = (descriptor: number) => boolean

/** What a connection has to know of the listener it serves at present. */
export interface ServedListener {
  readonly listenerPort: number
  readonly protocol: ClientProtocol
  /** Name of its load balancer, by which clients tell those apart that share an address. */
  readonly dnsName: string
  readonly traffic: TrafficAttributes
  /** Null where targets are told nothing of the client's session. */
  readonly sessionHeaders: SessionHeadersUnit | null
  /** Security policy of connections to targets that want TLS (ALB-OBS-536). */
  readonly targetPolicy: string
  /** Null where clients speak in clear text. */
  readonly tls: ServedTls | null
  /** Whether a client at this address may connect; null: everyone may. */
  readonly admits: ((address: string) => boolean) | null
  /** Null where responses go as they came. */
  readonly responseHeaders: ResponseHeaderChanges | null
  readonly counters: ConnectionCounts
}

/** Makes the connection that serves an accepted socket. */
export type ConnectionMaker<Served extends ServedListener> = (
  socket: Socket,
  binding: Binding<Served>,
) => SocketEvents

/** One for each protocol that can be served; connections of others are refused. */
export type ConnectionMakers<Served extends ServedListener> = ReadonlyMap<
  ClientProtocol,
  ConnectionMaker<Served>
>

export class Binding<Served extends ServedListener> {
  /** Address that clients connect to. */
  readonly address: string
  isDraining = false
  readonly #makers: ConnectionMakers<Served>
  /** By lower-case DNS name of the load balancer. */
  readonly #listeners = new Map<string, Served>()
  /** The only one, or the one for names that no load balancer has. */
  #first: Served | null = null
  #handle: ListeningHandle | null = null

  constructor(address: string, makers: ConnectionMakers<Served>) {
    this.address = address
    this.#makers = makers
  }

  /** The listener for a request for this host, in lower case (empty: for none), or `null` once there is none. */
  select(host: string): Served | null {
    return this.#listeners.size <= 1 ? this.#first : (this.#listeners.get(host) ?? this.#first)
  }

  /** Whether several load balancers are behind it, so that only a request tells which one is meant. */
  get isShared(): boolean {
    return this.#listeners.size > 1
  }

  get isUnused(): boolean {
    return this.#first === null && this.#handle === null
  }

  add(listener: Served): void {
    this.#listeners.set(listener.dnsName.toLowerCase(), listener)
    this.#first ??= listener
  }

  remove(listener: Served): void {
    const name = listener.dnsName.toLowerCase()
    if (this.#listeners.get(name) === listener) this.#listeners.delete(name)
    if (this.#first === listener) this.#first = this.#listeners.values().next().value ?? null
  }

  /** Accepts on a bound socket from now on. Returns 0 or the negative number of the system's error. */
  listen(handle: ListeningHandle, backlog: number, hasRoom: HasRoom): number {
    this.#handle?.close()
    this.#handle = handle
    this.isDraining = false
    return acceptConnections(handle, backlog, (socket, descriptor) =>
      this.#serve(socket, descriptor, hasRoom),
    )
  }

  /** Accepts nothing more. Connections go on. */
  unlisten(): void {
    this.#handle?.close()
    this.#handle = null
  }

  #serve(socket: Socket, descriptor: number, hasRoom: HasRoom): SocketEvents | null {
    if (!this.#admits(socket)) return null
    if (!hasRoom(descriptor)) {
      if (this.#first !== null) this.#first.counters.RejectedConnectionCount++
      return null
    }
    const make = this.#makers.get(this.#first?.protocol ?? 'http')
    return make === undefined ? null : make(socket, this)
  }

  /** Whether a new connection is let in. Where load balancers share the address, the first request decides. */
  #admits(socket: Socket): boolean {
    const admits = this.isShared ? null : (this.#first?.admits ?? null)
    return admits === null || admits(plainAddress(socket.remoteAddress))
  }
}
