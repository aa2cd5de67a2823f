// What a connected TCP socket offers to whoever owns it, over Node's handle itself or over `net.Socket`. No protocol is
// known here, and nothing of clients and targets.

import type { WritableSocket } from './socket-writer.ts'

/** What gets the events of a socket. */
export interface SocketEvents {
  /** Bytes were read into the buffer. The result, if any, is the buffer for the next ones. */
  onRead(length: number): Buffer | undefined
  /** The other side's FIN. */
  onEnd(): void
  /** The last event. `hadError`: by a reset or another fault. */
  onClose(hadError: boolean): void
}

/** After `end` it still reads; it closes when both sides have ended. */
export interface Socket extends WritableSocket {
  /** Of the other side; undefined where it has gone. */
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  /** Names who gets the events from now on. */
  serve(events: SocketEvents): void
  pause(): void
  resume(): void
  /** Sends our FIN after all that was written. */
  end(): void
  destroy(error?: Error): void
  /** Closes with a reset, so that the other side sees no regular end. */
  reset(): void
}

/** An address as logs and rules show it: an IPv4 one that came in on an IPv6 socket (`::ffff:192.0.2.1`) as IPv4. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return ''
  const isMapped = address.startsWith('::ffff:') && address.includes('.')
  return isMapped ? address.slice('::ffff:'.length) : address
}

/** As logs and headers show it: `192.0.2.1:80`, `[::1]:80`. */
export function addressAndPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
