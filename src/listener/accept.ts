// Accepting client connections on a bound socket that was handed over, and feeding their bytes to whoever serves them.

import { createServer, type Server, type Socket } from 'node:net'

/** What gets the events of one accepted socket. */
export interface ConnectionEvents {
  onData(buffer: Buffer, start: number, end: number): void
  onEnd(): void
  onClose(hadError: boolean): void
}

/**
 * Listens on `handle` (a bound socket, or anything `Server.listen` takes) and calls `serve` for every connection.
 * Half-open: a client that has sent its FIN still gets its answer.
 */
export function acceptConnections(serve: (socket: Socket) => ConnectionEvents): Server {
  return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    // A client that is gone already has no address any more, and nobody to answer.
    if (socket.remoteAddress === undefined) {
      socket.on('error', () => {})
      socket.destroy()
      return
    }
    const events = serve(socket)
    socket.on('data', (chunk: Buffer) => events.onData(chunk, 0, chunk.length))
    socket.on('end', () => events.onEnd())
    // The 'close' event that always follows says whether there was an error.
    socket.on('error', () => {})
    socket.on('close', (hadError) => events.onClose(hadError))
  })
}
