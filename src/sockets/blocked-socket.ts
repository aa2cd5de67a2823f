// A socket to where no packet gets: it goes on connecting until it is destroyed.

import type { SocketEvents } from './handle-socket.ts'
import type { TargetSocket } from './target-socket.ts'

export class BlockedSocket implements TargetSocket {
  readonly connecting = true
  readonly writable = true
  /** Nothing of it will ever leave. */
  writableLength = 0
  #events: SocketEvents | null

  constructor(events: SocketEvents) {
    this.#events = events
  }

  write(data: string | Buffer): void {
    this.writableLength += data.length
  }

  pause(): void {}

  resume(): void {}

  end(): void {}

  destroy(): void {
    const events = this.#events
    this.#events = null
    if (events !== null) setImmediate(() => events.onClose(false))
  }
}
