// A client on its way into an HTTPS listener: what it says first decides which certificate it gets, then the handshake
// runs, and then the connection for the protocol that was agreed takes over. Knows time-outs and bytes; no HTTP.

import { beginEvent, endEvent, eventNow } from '../../clock/event-time.ts'
import { Timed } from '../../clock/timer-wheel.ts'
import type { TlsFacts } from '../../exchange/client-facts.ts'
import { acceptedBuffer } from '../../sockets/accept.ts'
import { secureAccepted } from '../../sockets/open.ts'
import type { Socket, SocketEvents } from '../../sockets/socket.ts'
import { alpnList } from '../../sockets/tls-handle.ts'
import type { HandshakeEvents, TlsSocket } from '../../sockets/tls-socket.ts'
import { type ClientHello, HELLO_BYTES_MAX, readClientHello } from '../../wire/client-hello.ts'
import type { Binding, ServedListener } from '../binding.ts'
import type { ConnectionTools } from '../handler.ts'
import type { LedgerEntry } from '../ledger.ts'
import type { Choice } from './certificate-choice.ts'
import type { Contexts } from './contexts.ts'
import { keyExchange } from './key-exchange.ts'
import type { ServedPolicy } from './policy.ts'
import type { TicketKeys } from './ticket-keys.ts'

/** From the connection until both sides have keys (ALB-OBS OQ-37). */
const HANDSHAKE_MS = 10_000
const HANDSHAKE_RECORD = 22
/** A fatal alert `handshake_failure` (RFC 8446 section 6), for a client that no certificate can be shown to. */
const NO_CERTIFICATE_ALERT = '\x15\x03\x03\x00\x02\x02\x28'
const BOTH = alpnList(['h2', 'http/1.1'])
const HTTP1_ALONE = alpnList(['http/1.1'])

/** Makes the connection for a client whose handshake is done, or which speaks in clear text (`tls` null). */
export type SecureMaker<Served extends ServedListener> = (
  socket: Socket,
  binding: Binding<Served>,
  tls: TlsFacts | null,
) => SocketEvents

export interface GateParts<Served extends ServedListener> {
  readonly tools: ConnectionTools
  readonly contexts: Contexts
  readonly ticketKeys: TicketKeys
  readonly http1: SecureMaker<Served>
  readonly http2: SecureMaker<Served>
  /** A listener has a certificate that OpenSSL does not take. */
  readonly onUnusable: (served: Served, certificateArn: string, reason: string) => void
}

export class TlsGate<Served extends ServedListener>
  extends Timed
  implements SocketEvents, HandshakeEvents, LedgerEntry
{
  readonly binding: Binding<Served>
  readonly #parts: GateParts<Served>
  readonly #served: Served | null
  readonly #startedAt = eventNow()
  #socket: Socket
  #secure: TlsSocket | null = null
  /** What came before the hello was complete. */
  #early: Buffer | null = null
  #hello: ClientHello | null = null
  #choice: Choice | null = null
  #policy: ServedPolicy | null = null
  #isOver = false

  constructor(socket: Socket, binding: Binding<Served>, parts: GateParts<Served>) {
    super()
    this.#socket = socket
    this.binding = binding
    this.#parts = parts
    this.#served = binding.select('')
    const { ledger, wheel } = parts.tools
    ledger.opened(this, this.#served?.counters ?? null)
    wheel.arm(this, HANDSHAKE_MS)
  }

  // ---- events of the socket, until it is TLS's ----

  onRead(length: number): undefined {
    beginEvent()
    this.#take(acceptedBuffer.subarray(0, length))
    endEvent()
  }

  onEnd(): void {
    this.#socket.destroy()
  }

  onClose(): void {
    this.#failed()
  }

  override onTimeout(): void {
    this.#socket.destroy()
  }

  drain(): void {
    this.#socket.destroy()
  }

  cut(): void {
    this.#socket.destroy()
  }

  #take(piece: Buffer): void {
    if (this.#early === null && piece[0] !== HANDSHAKE_RECORD) {
      this.#serveClearText(piece.length)
      return
    }
    const bytes = this.#early === null ? piece : Buffer.concat([this.#early, piece])
    const hello = readClientHello(bytes)
    if (hello === 'more') {
      this.#early = this.#early === null ? Buffer.from(bytes) : bytes
      return
    }
    // What is no hello is for OpenSSL to refuse, with the alert that belongs to it.
    if (bytes.length > HELLO_BYTES_MAX) this.#socket.reset()
    else this.#begin(hello === 'bad' ? null : hello, bytes)
  }

  /** The client does not speak TLS: it is told so in the words that it knows. */
  #serveClearText(length: number): void {
    this.#isOver = true
    const { ledger, wheel } = this.#parts.tools
    wheel.remove(this)
    ledger.withdrawn(this)
    const connection = this.#parts.http1(this.#socket, this.binding, null)
    this.#socket.serve(connection)
    connection.onRead(length)
  }

  #begin(hello: ClientHello | null, bytes: Buffer): void {
    const { tools, contexts, ticketKeys } = this.#parts
    const tls = this.#served?.tls ?? null
    const date = tools.clock.date()
    const choice = tls === null ? null : tls.choice.choose(hello, tls.policy, date)
    if (tls === null || choice === null) {
      this.#refuse()
      return
    }
    const ticketKey = ticketKeys.keyFor(tls.scope, hello?.ticketKeyName ?? null, date)
    const { policy, scope } = tls
    const { certificate } = choice
    let context
    try {
      context = contexts.get({ scope, certificate, policy, ticketKey })
    } catch (error) {
      if (this.#served !== null) this.#parts.onUnusable(this.#served, certificate.arn, messageOf(error))
      this.#refuse()
      return
    }
    this.#hello = hello
    this.#choice = choice
    this.#policy = policy
    this.#early = null
    const alpn = tls.isHttp2Offered ? BOTH : HTTP1_ALONE
    const socket = secureAccepted(this.#socket, context, alpn, acceptedBuffer, this)
    if (socket === null) return
    this.#secure = socket
    this.#socket = socket
    socket.receive(bytes)
  }

  #refuse(): void {
    this.#socket.write(NO_CERTIFICATE_ALERT, 'latin1')
    this.#socket.end()
    this.#socket.destroy()
  }

  // ---- the handshake ----

  onSecure(): void {
    const socket = this.#secure
    if (socket === null || this.#isOver) return
    this.#isOver = true
    const { ledger, wheel } = this.#parts.tools
    wheel.remove(this)
    ledger.withdrawn(this)
    const facts = this.#facts(socket)
    const isHttp2 = socket.session.getALPNNegotiatedProtocol() === 'h2'
    const make = isHttp2 ? this.#parts.http2 : this.#parts.http1
    this.#record(facts)
    socket.serve(make(socket, this.binding, facts))
  }

  onHandshakeFailed(): void {
    this.#failed()
  }

  #facts(socket: TlsSocket): TlsFacts {
    const { session } = socket
    const isResumed = session.isSessionReused()
    return {
      protocol: session.getProtocol() ?? '-',
      cipher: session.getCipher()?.name ?? '-',
      domainName: this.#choice?.matchedName ?? null,
      certificate: isResumed ? 'session-reused' : (this.#choice?.certificate.arn ?? '-'),
    }
  }

  #failed(): void {
    if (this.#isOver) return
    this.#isOver = true
    const { ledger, wheel } = this.#parts.tools
    wheel.remove(this)
    ledger.closed(this)
    if (this.#served !== null) this.#served.counters.ClientTLSNegotiationErrorCount++
    this.#record(null)
  }

  /** Tells who is interested in connections; `facts` is null for a handshake that failed. */
  #record(facts: TlsFacts | null): void {
    const sinks = this.#served?.tls?.connectionSinks
    if (sinks === undefined || sinks.length === 0) return
    const { tools } = this.#parts
    const now = eventNow()
    const record = {
      date: tools.clock.dateAt(now),
      clientAddress: this.#socket.remoteAddress ?? '',
      clientPort: this.#socket.remotePort ?? 0,
      listenerPort: this.#served?.listenerPort ?? 0,
      tls: facts,
      keyExchange: facts === null ? null : keyExchange(this.#hello, this.#policy, facts),
      handshakeMs: facts === null ? null : now - this.#startedAt,
      verifyStatus: facts === null ? 'Failed:UnmappedConnectionError' : 'Success',
    }
    for (const sink of sinks) sink.connection(record)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
