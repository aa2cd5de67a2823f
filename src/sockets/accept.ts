// Accepting client connections on a bound socket that was handed over.

import { openAccepted, type Serve } from './open.ts'

/** The part of Node's handle of a bound TCP socket that is used here; what `process.send` hands over. */
export interface ListeningHandle {
  onconnection: ((status: number, handle: unknown) => void) | undefined
  /** Returns 0 or a negative system error number. */
  listen(backlog: number): number
  setNoDelay(enable: boolean): number
  close(): void
}

/** Every accepted connection reads into this buffer: what has to outlive `onRead` is copied there. */
export const acceptedBuffer = Buffer.allocUnsafeSlow(128 * 1024)

/** Accepts on `handle` until it is closed. Returns 0 or the negative number of the system's error. */
export function acceptConnections(handle: ListeningHandle, backlog: number, serve: Serve): number {
  handle.onconnection = (status, accepted) => {
    // A client that was gone before it was accepted, or no file descriptor left: the next one may do better.
    if (status === 0) openAccepted(accepted, acceptedBuffer, serve)
  }
  // Accepted sockets inherit it, which saves a system call for each.
  handle.setNoDelay(true)
  return handle.listen(backlog)
}
