// Which sockets the snapshot asks for, one per node address, bound port and worker, and how far each has come.

import { bindingKey } from '../snapshot/snapshot.ts'
import type { LoadBalancerUnit } from '../snapshot/snapshot.ts'
import { bindProblem, bindShared, type BindResult, type ListeningSocket } from './listening-socket.ts'

/** How sockets are made; set by tests. */
export interface Binder {
  bindProblem(address: string, port: number): string | null
  bindShared(address: string, port: number): BindResult
}

/** A socket of one worker. */
interface WorkerSocket {
  readonly socket: ListeningSocket
  state: 'sent' | 'listening'
}

interface Binding {
  readonly address: string
  readonly port: number
  /** By worker index. */
  readonly sockets: Map<number, WorkerSocket>
  /** Why it cannot serve, or null. */
  failure: string | null
}

export class Bindings {
  readonly #workers: number
  readonly #binder: Binder
  readonly #bindings = new Map<string, Binding>()

  constructor(workers: number, binder: Binder = { bindProblem, bindShared }) {
    this.#workers = workers
    this.#binder = binder
  }

  /** Takes over what the load balancers need now; returns what the workers have to be told. */
  update(loadBalancers: Iterable<LoadBalancerUnit>): { added: string[]; removed: string[] } {
    const wanted = wantedBindings(loadBalancers)
    const removed: string[] = []
    for (const [key, binding] of this.#bindings) {
      if (wanted.has(key)) continue
      this.#bindings.delete(key)
      for (const { socket } of binding.sockets.values()) socket.close()
      removed.push(key)
    }
    const added: string[] = []
    for (const [key, { address, port }] of wanted) {
      if (this.#bindings.has(key)) continue
      const binding: Binding = { address, port, sockets: new Map(), failure: null }
      this.#bindings.set(key, binding)
      this.#bind(binding)
      if (binding.failure === null) added.push(key)
    }
    return { added, removed }
  }

  /** Tries the failed ones once more; returns those that could be bound now. */
  retryFailed(): string[] {
    const bound: string[] = []
    for (const [key, binding] of this.#bindings) {
      if (binding.failure === null) continue
      binding.failure = null
      this.#bind(binding)
      if (binding.failure === null) bound.push(key)
    }
    return bound
  }

  /** The worker's socket of a binding, as it is to be sent to it now, or undefined if the binding failed. */
  socketFor(key: string, worker: number): ListeningSocket | undefined {
    const socket = this.#bindings.get(key)?.sockets.get(worker)
    if (socket === undefined) return undefined
    socket.state = 'sent'
    return socket.socket
  }

  listening(key: string, worker: number): void {
    const socket = this.#bindings.get(key)?.sockets.get(worker)
    if (socket !== undefined) socket.state = 'listening'
  }

  listenFailed(key: string, reason: string): void {
    const binding = this.#bindings.get(key)
    if (binding !== undefined) this.#fail(binding, reason)
  }

  keys(): Iterable<string> {
    return this.#bindings.keys()
  }

  /** Whether all sockets of these workers listen, or their bindings failed. */
  isSettled(workers: readonly number[]): boolean {
    for (const { sockets, failure } of this.#bindings.values()) {
      if (failure !== null) continue
      for (const worker of workers) if (sockets.get(worker)?.state !== 'listening') return false
    }
    return true
  }

  /** Reason by binding key. */
  failures(): Record<string, string> {
    const failures: Record<string, string> = {}
    for (const [key, { failure }] of this.#bindings) if (failure !== null) failures[key] = failure
    return failures
  }

  /** Closes all sockets that are held here. */
  close(): void {
    this.update([])
  }

  #bind(binding: Binding): void {
    const { address, port } = binding
    // Sharing a port works only among sockets that all ask for it, but another program of the same user may do so too
    // and would then get a part of the connections: the first try is for the port alone.
    const problem = this.#binder.bindProblem(address, port)
    if (problem !== null) return this.#fail(binding, wording(address, port, problem))
    for (let worker = 0; worker < this.#workers; worker++) {
      const result = this.#binder.bindShared(address, port)
      if (!result.ok) return this.#fail(binding, wording(address, port, result.code))
      binding.sockets.set(worker, { socket: result.socket, state: 'sent' })
    }
  }

  #fail(binding: Binding, reason: string): void {
    binding.failure = reason
    for (const { socket } of binding.sockets.values()) socket.close()
    binding.sockets.clear()
  }
}

function wantedBindings(
  loadBalancers: Iterable<LoadBalancerUnit>,
): Map<string, { address: string; port: number }> {
  const wanted = new Map<string, { address: string; port: number }>()
  for (const { nodes, listeners } of loadBalancers) {
    for (const { address } of nodes) {
      for (const { bindPort } of listeners)
        wanted.set(bindingKey(address, bindPort), { address, port: bindPort })
    }
  }
  return wanted
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
    case 'ERANGE':
      return `${place}: with the port offset it is above 65535`
    default:
      return `${place}: ${code}`
  }
}
