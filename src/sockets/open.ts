// How sockets come to be: from an accepted handle, or by connecting. The one place that knows both kinds of socket.

import { getSystemErrorName } from 'node:util'

import { HandleSocket } from './handle-socket.ts'
import { NetSocket } from './net-socket.ts'
import type { Socket, SocketEvents } from './socket.ts'
import { connectHandle, hasStreamHandles, type StreamHandle } from './stream-handle.ts'
import { type SecureContext, wrapTls } from './tls-handle.ts'
import { type HandshakeEvents, TlsSocket } from './tls-socket.ts'

/**
 * Says who takes the events of a new connection; null for one that is refused. `descriptor` is its number for the
 * system, -1 where there is none.
 */
export type Serve = (socket: Socket, descriptor: number) => SocketEvents | null

/** Opens an accepted handle, to read into `buffer`. A connection that nobody serves is cut before anything is read or sent. */
export function openAccepted(handle: unknown, buffer: Buffer, serve: Serve): void {
  const socket = hasStreamHandles
    ? acceptedSocket(handle as StreamHandle, buffer)
    : NetSocket.accepted(handle, buffer)
  // A client that is gone already has no address any more, and nobody to answer.
  if (socket.remoteAddress === undefined) {
    socket.destroy()
    return
  }
  const events = serve(socket, (handle as { readonly fd?: number }).fd ?? -1)
  if (events === null) {
    socket.reset()
    return
  }
  socket.serve(events)
  socket.resume()
}

function acceptedSocket(handle: StreamHandle, buffer: Buffer): Socket {
  const name: { address?: string; port?: number } = {}
  handle.getpeername(name)
  return new HandleSocket(handle, buffer, name.address, name.port)
}

/** Connects to an address, from `source` if it is given; bytes are read into `buffer` until `onRead` names another one. */
export function connectSocket(
  address: string,
  port: number,
  source: string | null,
  buffer: Buffer,
  events: SocketEvents,
  onConnect: () => void,
): Socket {
  return hasStreamHandles
    ? HandleSocket.connect(address, port, source, buffer, events, onConnect)
    : NetSocket.connect(address, port, source, buffer, events, onConnect)
}

/**
 * Takes an accepted socket over for TLS as its server; the other one is at its end. `alpn`: the protocols that are offered, in
 * wire form, the preferred one first. The result is to be given what was read already, by `receive`; null where the client
 * has gone meanwhile.
 */
export function secureAccepted(
  socket: Socket,
  context: SecureContext,
  alpn: Buffer,
  buffer: Buffer,
  events: HandshakeEvents,
): TlsSocket | null {
  const tcp = socket instanceof HandleSocket ? socket.release() : null
  if (tcp === null) return null
  const tls = wrapTls(tcp, context, true)
  tls.setALPNProtocols(alpn)
  const { remoteAddress, remotePort } = socket
  return new TlsSocket({ tcp, tls, buffer, handshake: events, remoteAddress, remotePort, isServer: true })
}

/** How a connection is secured. */
export interface ClientSecurity {
  readonly context: SecureContext
  /** The protocols that are offered, in wire form; null: none. */
  readonly alpn: Buffer | null
  /** Of an earlier connection to the same place, or null. */
  readonly session: Buffer | null
}

export interface SecureConnectEvents extends HandshakeEvents {
  /** The TCP connection is made; the handshake begins. */
  onConnected(): void
  /** A session with which a later connection can go on. */
  onSession(session: Buffer): void
}

/**
 * Connects to an address, from `source` if it is given, and begins a TLS session as a client, without a name (SNI) and
 * whatever certificate the server shows. What is written before the session is there waits for it.
 */
export function connectSecure(
  address: string,
  port: number,
  source: string | null,
  buffer: Buffer,
  events: SocketEvents,
  security: ClientSecurity,
  handshake: SecureConnectEvents,
): Socket {
  const { handle, error } = connectHandle(address, port, source, (status) => {
    if (status !== 0) socket.destroy(new Error(getSystemErrorName(status)))
    else if (socket.isOpen) {
      handshake.onConnected()
      socket.startAsClient()
    }
  })
  const tls = wrapTls(handle, security.context, false)
  // Whoever the target says it is: it is accepted (ALB-TG-016).
  tls.setVerifyMode(true, false)
  if (security.alpn !== null) tls.setALPNProtocols(security.alpn)
  tls.enableSessionCallbacks()
  tls.onnewsession = (_, session) => handshake.onSession(session)
  if (security.session !== null) tls.setSession(security.session)
  const socket = new TlsSocket({
    tcp: handle,
    tls,
    buffer,
    handshake,
    remoteAddress: address,
    remotePort: port,
    isServer: false,
  })
  socket.serve(events)
  if (error !== 0) setImmediate(() => socket.destroy(new Error(getSystemErrorName(error))))
  return socket
}
