// The socket of a client connection: reads, pauses, ends. Over the handle itself where Node has it, which makes a new
// connection a third cheaper and an idle one half as large as with `net.Socket`; else over `net.Socket`.

import { Socket, type SocketConstructorOpts } from 'node:net'

import type { WritableSocket } from './socket-writer.ts'
import { HandleSocket, type SocketEvents } from './handle-socket.ts'
import { hasStreamHandles, type StreamHandle } from './stream-handle.ts'

/** A connected client. After `end` it still reads; it closes when both sides have ended. */
export interface ClientSocket extends WritableSocket {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
  pause(): unknown
  resume(): unknown
  /** Sends our FIN after all that was written. */
  end(): unknown
}

/** Every client connection reads into this buffer: what has to outlive `onRead` is copied there. */
export const clientBuffer = Buffer.allocUnsafeSlow(128 * 1024)

/** Says who takes the events of a new connection; null for one that is refused. */
export type Serve = (socket: ClientSocket) => SocketEvents | null

/** Opens an accepted handle. A connection that nobody serves is cut before anything is read or sent. */
export function openClientSocket(handle: unknown, serve: Serve): void {
  if (hasStreamHandles) openHandle(handle as StreamHandle, serve)
  else openNetSocket(handle, serve)
}

function openHandle(handle: StreamHandle, serve: Serve): void {
  const name: { address?: string; port?: number } = {}
  // A client that is gone already has no address any more, and nobody to answer.
  if (handle.getpeername(name) !== 0) {
    handle.close(() => {})
    return
  }
  const socket = new HandleSocket(handle, clientBuffer, null)
  socket.remoteAddress = name.address
  socket.remotePort = name.port
  const events = serve(socket)
  if (events === null) {
    socket.reset()
    return
  }
  socket.serve(events)
  socket.resume()
}

function openNetSocket(handle: unknown, serve: Serve): void {
  let events: SocketEvents | null = null
  const options: Omit<SocketConstructorOpts, 'handle'> & { handle: unknown } = {
    handle,
    allowHalfOpen: true,
    onread: {
      buffer: clientBuffer,
      callback(length) {
        events?.onRead(length)
        return true
      },
    },
  }
  const socket = new Socket(options as SocketConstructorOpts)
  // The 'close' event that always follows says whether there was an error.
  socket.on('error', () => {})
  if (socket.remoteAddress === undefined) {
    socket.destroy()
    return
  }
  const served = serve(socket)
  if (served === null) {
    socket.resetAndDestroy()
    return
  }
  events = served
  socket.on('end', () => served.onEnd())
  socket.on('close', (hadError) => served.onClose(hadError))
}

/** The client's address; an IPv4 one that came in on an IPv6 socket (`::ffff:192.0.2.1`) as IPv4. */
export function addressOf({ remoteAddress = '' }: Pick<ClientSocket, 'remoteAddress'>): string {
  const isMapped = remoteAddress.startsWith('::ffff:') && remoteAddress.includes('.')
  return isMapped ? remoteAddress.slice('::ffff:'.length) : remoteAddress
}

/** As logs and headers show it: `192.0.2.1:80`, `[::1]:80`. */
export function addressAndPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
