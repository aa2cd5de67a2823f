// A socket to where no packet gets: it goes on connecting until it is destroyed.

import type { Socket, SocketEvents } from './socket.ts'

export class BlockedSocket implements Socket {
  readonly connecting = true
  readonly writable = true
  readonly remoteAddress = undefined
  readonly remotePort = undefined
  /** Nothing of it will ever leave. */
  writableLength = 0
  readonly unsentBytes = 0
  #events: SocketEvents | null

  constructor(events: SocketEvents) {
    this.#events = events
  }

  serve(events: SocketEvents): void {
    this.#events = events
  }

  write(data: string | Buffer): void {
    this.writableLength += data.length
  }

  pause(): void {}

  resume(): void {}

  end(): void {}

  reset(): void {
    this.destroy()
  }

  destroy(): void {
    const events = this.#events
    this.#events = null
    if (events !== null) setImmediate(() => events.onClose(false))
  }
}
