// Which sockets the snapshot asks for, one per node address, bound port and worker, and how far each has come.

import { bindingKey } from '../snapshot/binding-key.ts'
import type { LoadBalancerUnit } from '../snapshot/application-units.ts'
import type { SnapshotUpdate } from '../snapshot/update.ts'
import { bindProblem, bindShared, type BindResult, type ListeningSocket } from './listening-socket.ts'

/** How sockets are made; set by tests. */
export interface Binder {
  bindProblem(address: string, port: number): string | null
  bindShared(address: string, port: number): BindResult
}

/** A socket of one worker. */
interface WorkerSocket {
  readonly socket: ListeningSocket
  isListening: boolean
}

interface Binding {
  readonly address: string
  readonly port: number
  /** Listeners that need it: more than one only where load balancers share an address. */
  users: number
  /** By worker index. */
  readonly sockets: Map<number, WorkerSocket>
}

interface Place {
  readonly key: string
  readonly address: string
  readonly port: number
}

export class Bindings {
  readonly #workers: number
  readonly #binder: Binder
  readonly #bindings = new Map<string, Binding>()
  /** What each load balancer needs, by ARN. */
  readonly #places = new Map<string, readonly Place[]>()
  /** Sockets that do not listen yet, by worker. */
  readonly #waiting: number[]
  /** Why a binding cannot serve, by key. */
  readonly #failures = new Map<string, string>()

  constructor(workers: number, binder: Binder = { bindProblem, bindShared }) {
    this.#workers = workers
    this.#binder = binder
    this.#waiting = Array.from({ length: workers }, () => 0)
  }

  /** Takes over what changed load balancers need now; returns what the workers have to be told. */
  update(change: SnapshotUpdate): { added: string[]; removed: string[] } {
    const added: string[] = []
    const given: (readonly Place[])[] = []
    for (const unit of change.loadBalancers) {
      given.push(this.#places.get(unit.arn) ?? [])
      const places = placesOf(unit)
      this.#places.set(unit.arn, places)
      for (const place of places) if (this.#use(place)) added.push(place.key)
    }
    for (const arn of this.#goneIn(change)) {
      given.push(this.#places.get(arn) ?? [])
      this.#places.delete(arn)
    }
    // Only now: what moves from one load balancer to another stays open.
    const removed = given.flatMap((places) => places.filter((place) => this.#release(place)))
    return { added, removed: removed.map(({ key }) => key) }
  }

  /** Tries the failed ones once more; returns those that could be bound now. */
  retryFailed(): string[] {
    const bound: string[] = []
    const failed = [...this.#failures.keys()]
    for (const key of failed) {
      const binding = this.#bindings.get(key)
      if (binding !== undefined && this.#bind(key, binding)) bound.push(key)
    }
    return bound
  }

  /** The worker's socket of a binding, as it is to be sent to it now, or undefined if the binding failed. */
  socketFor(key: string, worker: number): ListeningSocket | undefined {
    const socket = this.#bindings.get(key)?.sockets.get(worker)
    if (socket === undefined) return undefined
    this.#setListening(socket, worker, false)
    return socket.socket
  }

  listening(key: string, worker: number): void {
    const socket = this.#bindings.get(key)?.sockets.get(worker)
    if (socket !== undefined) this.#setListening(socket, worker, true)
  }

  listenFailed(key: string, reason: string): void {
    const binding = this.#bindings.get(key)
    if (binding !== undefined) this.#fail(key, binding, reason)
  }

  keys(): Iterable<string> {
    return this.#bindings.keys()
  }

  /** Whether all sockets of these workers listen, or their bindings failed. */
  isSettled(workers: readonly number[]): boolean {
    return workers.every((worker) => this.#waiting[worker] === 0)
  }

  /** Reason by binding key. */
  failures(): Record<string, string> {
    return Object.fromEntries(this.#failures)
  }

  /** Closes all sockets that are held here. */
  close(): void {
    for (const [key, binding] of this.#bindings) this.#drop(key, binding)
    this.#places.clear()
  }

  #goneIn({ full, loadBalancers, removedLoadBalancers }: SnapshotUpdate): readonly string[] {
    if (!full) return removedLoadBalancers
    const kept = new Set(loadBalancers.map(({ arn }) => arn))
    return [...this.#places.keys()].filter((arn) => !kept.has(arn))
  }

  /** Whether workers have to be given a socket. */
  #use({ key, address, port }: Place): boolean {
    const known = this.#bindings.get(key)
    if (known !== undefined) {
      known.users++
      return false
    }
    const binding: Binding = { address, port, users: 1, sockets: new Map() }
    this.#bindings.set(key, binding)
    return this.#bind(key, binding)
  }

  /** Whether nobody needs it any more. */
  #release({ key }: Place): boolean {
    const binding = this.#bindings.get(key)
    if (binding === undefined || --binding.users > 0) return false
    this.#drop(key, binding)
    return true
  }

  #bind(key: string, binding: Binding): boolean {
    const { address, port } = binding
    this.#failures.delete(key)
    // Sharing a port works only among sockets that all ask for it, but another program of the same user may do so too
    // and would then get a part of the connections: the first try is for the port alone.
    const problem = this.#binder.bindProblem(address, port)
    if (problem !== null) return this.#fail(key, binding, wording(address, port, problem))
    for (let worker = 0; worker < this.#workers; worker++) {
      const result = this.#binder.bindShared(address, port)
      if (!result.ok) return this.#fail(key, binding, wording(address, port, result.code))
      const socket = { socket: result.socket, isListening: true }
      binding.sockets.set(worker, socket)
      this.#setListening(socket, worker, false)
    }
    return true
  }

  #fail(key: string, binding: Binding, reason: string): false {
    this.#closeSockets(binding)
    this.#failures.set(key, reason)
    return false
  }

  #drop(key: string, binding: Binding): void {
    this.#closeSockets(binding)
    this.#failures.delete(key)
    this.#bindings.delete(key)
  }

  #closeSockets(binding: Binding): void {
    for (const [worker, socket] of binding.sockets) {
      this.#setListening(socket, worker, true)
      socket.socket.close()
    }
    binding.sockets.clear()
  }

  #setListening(socket: WorkerSocket, worker: number, isListening: boolean): void {
    if (socket.isListening === isListening) return
    socket.isListening = isListening
    this.#waiting[worker] = (this.#waiting[worker] ?? 0) + (isListening ? -1 : 1)
  }
}

function placesOf({ nodes, listeners }: LoadBalancerUnit): readonly Place[] {
  const places = new Map<string, Place>()
  for (const { address } of nodes) {
    for (const { bindPort: port } of listeners) {
      const key = bindingKey(address, port)
      places.set(key, { key, address, port })
    }
  }
  return [...places.values()]
}

/** Words for what the system says; the reason is shown in the state of the load balancer. */
function wording(address: string, port: number, code: string): string {
  const place = `Cannot bind ${bindingKey(address, port)}`
  switch (code) {
    case 'EADDRINUSE':
      return `${place}: another program listens there`
    case 'EACCES':
      return `${place}: permission denied; run with --port-offset or grant CAP_NET_BIND_SERVICE`
    case 'EADDRNOTAVAIL':
      return `${place}: this machine does not have the address`
    case 'EMFILE':
    case 'ENFILE':
      return `${place}: too many open files; raise the limit (ulimit -n) or let load balancers share an address`
    case 'ERANGE':
      return `${place}: with the port offset it is above 65535`
    default:
      return `${place}: ${code}`
  }
}
