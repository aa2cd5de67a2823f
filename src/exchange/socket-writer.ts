// Writing to a socket with the knowledge of when bytes have left the process, which decides who may reuse a buffer.
// The only file of the data plane that relies on how Node's sockets account for pending bytes.

import type { Socket } from 'node:net'

const NOTHING = Buffer.alloc(0)
/** Up to this size bytes travel as text, which is copied on the way and joins other text in one write. */
export const TEXT_BYTES_MAX = 4096

/** The writing half of a socket. `onDrained` is called once after each result of `isPending`, when all has left. */
export class SocketWriter {
  readonly #socket: Socket
  readonly #onDrained: () => void
  readonly #drained = (): void => {
    this.#isWaiting = false
    this.#onDrained()
  }
  #isWaiting = false

  constructor(socket: Socket, onDrained: () => void) {
    this.#socket = socket
    this.#onDrained = onDrained
  }

  writeText(text: string): void {
    this.#socket.write(text, 'latin1')
  }

  /** Writes `prefix` and then bytes of `buffer`, as one piece if up to `headroom` bytes before `start` can hold it. */
  write(
    prefix: string,
    buffer: Buffer,
    start: number,
    end: number,
    headroom: number,
    isOwned: boolean,
  ): void {
    let from = start
    if (prefix !== '') {
      if (prefix.length <= headroom) {
        from = start - prefix.length
        buffer.write(prefix, from, 'latin1')
      } else this.#socket.write(prefix, 'latin1')
    }
    const bytes = buffer.subarray(from, end)
    this.#socket.write(isOwned ? bytes : Buffer.from(bytes))
  }

  /** Whether bytes still wait in this process; then `onDrained` will be called. */
  isPending(): boolean {
    if (this.#socket.writableLength === 0) return false
    if (!this.#isWaiting) {
      this.#isWaiting = true
      this.#socket.write(NOTHING, this.#drained)
    }
    return true
  }
}
