// Accepting client connections on a bound socket that was handed over, and feeding their bytes to whoever serves them.
//
// Node reads accepted sockets into a fresh buffer for every read and passes it through a stream; for sockets that it
// opens itself it offers `onread`, one buffer for all reads and a plain callback. This file accepts on the socket's
// handle, so that accepted sockets get `onread` too: measured, a tenth of the cost of a small request.

import { Socket, type SocketConstructorOpts } from 'node:net'

/** What gets the events of one accepted socket. */
export interface ConnectionEvents {
  /** Bytes that are valid during the call only. */
  onData(buffer: Buffer, start: number, end: number): void
  onEnd(): void
  onClose(hadError: boolean): void
}

/** The part of Node's handle of a bound TCP socket that is used here; what `process.send` hands over. */
export interface ListeningHandle {
  onconnection: ((status: number, handle: unknown) => void) | undefined
  /** Returns 0 or a negative system error number. */
  listen(backlog: number): number
  setNoDelay(enable: boolean): number
  close(): void
}

/** Every connection of the process reads into this buffer: what has to outlive a callback is copied there. */
const readBuffer = Buffer.allocUnsafeSlow(128 * 1024)

/** Accepts on `handle` until it is closed. Returns 0 or the negative number of the system's error. */
export function acceptConnections(
  handle: ListeningHandle,
  backlog: number,
  serve: (socket: Socket) => ConnectionEvents,
): number {
  handle.onconnection = (status, accepted) => {
    // A client that was gone before it was accepted, or no file descriptor left: the next one may do better.
    if (status === 0) open(accepted, serve)
  }
  // Accepted sockets inherit it, which saves a system call for each.
  handle.setNoDelay(true)
  return handle.listen(backlog)
}

function open(handle: unknown, serve: (socket: Socket) => ConnectionEvents): void {
  let events: ConnectionEvents | null = null
  const options: Omit<SocketConstructorOpts, 'handle'> & { handle: unknown } = {
    handle,
    // A client that has sent its FIN still gets its answer.
    allowHalfOpen: true,
    onread: {
      buffer: readBuffer,
      callback(length) {
        events?.onData(readBuffer, 0, length)
        return true
      },
    },
  }
  const socket = new Socket(options as SocketConstructorOpts)
  // The 'close' event that always follows says whether there was an error.
  socket.on('error', () => {})
  // A client that is gone already has no address any more, and nobody to answer.
  if (socket.remoteAddress === undefined) {
    socket.destroy()
    return
  }
  const served = serve(socket)
  events = served
  socket.on('end', () => served.onEnd())
  socket.on('close', (hadError) => served.onClose(hadError))
}
