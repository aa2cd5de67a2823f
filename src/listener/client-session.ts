// A client and the listener that it is served by: the same for all protocols that clients speak. The listener may change
// from request to request, with the configuration or, where load balancers share an address, with the host.

import type { ClientFacts, TlsFacts } from '../exchange/client-facts.ts'
import type { Forwarding } from '../exchange/target-link.ts'
import { addressAndPort, plainAddress, type Socket } from '../sockets/socket.ts'
import { Tier } from '../wire/classification.ts'
import type { RequestHead } from '../wire/request-head.ts'
import type { Binding, ServedListener } from './binding.ts'
import { forwardingOf } from './forwarding.ts'

export class ClientSession<Served extends ServedListener> {
  readonly client: ClientFacts
  /** The listener of the last request, or of the next one; null where there is none. */
  served: Served | null
  readonly #binding: Binding<Served>
  /** When the connection ends, told by the listener of its beginning (ALB-LB-239). */
  readonly #endsAt: number
  #forwarding: Forwarding | null = null

  /** `now` is the clock's, in milliseconds, as for `mayGoOn`. */
  constructor(socket: Socket, binding: Binding<Served>, tls: TlsFacts | null, now: number) {
    const address = plainAddress(socket.remoteAddress)
    const text = addressAndPort(address, socket.remotePort ?? 0)
    this.client = { address, text, localAddress: binding.address, tls }
    this.served = binding.select('')
    this.#binding = binding
    this.#endsAt = now + (this.served?.traffic.clientKeepAliveMs ?? 0)
  }

  /** 0 where no listener was ever there. */
  get idleTimeoutMs(): number {
    return this.served?.traffic.idleTimeoutMs ?? 0
  }

  /** The listener for a request for this host, in lower case (empty: for none); null where none is left, and then `served` stays the last one. */
  select(host: string): Served | null {
    const served = this.#binding.select(host)
    if (served !== null && served !== this.served) {
      this.served = served
      this.#forwarding = null
    }
    return served
  }

  /** What requests to this listener get on their way to a target. */
  forwarding(served: Served): Forwarding {
    this.#forwarding ??= forwardingOf(served, this.client)
    return this.#forwarding
  }

  /** Whether the client may use this listener; where load balancers share an address, only a request tells. */
  isAdmitted(served: Served): boolean {
    return served.admits === null || !this.#binding.isShared || served.admits(this.client.address)
  }

  /** Whether the connection goes on after this request; `hasMore`: others wait behind it. */
  mayGoOn(head: RequestHead, { traffic }: Served, hasMore: boolean, now: number): boolean {
    if (!head.keepAlive || (this.#binding.isDraining && !hasMore)) return false
    // Ambiguous requests in defensive mode end both connections (ALB-LB-275).
    if (head.tier === Tier.ambiguous && traffic.desyncMitigationMode === 'defensive') return false
    return now < this.#endsAt
  }
}
