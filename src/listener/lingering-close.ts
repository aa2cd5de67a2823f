// The end of a socket on which something was just sent: our FIN goes out behind it, and what still comes is read and
// dropped for a while. A socket that is closed with bytes unread answers them with a reset, which can overtake what was
// sent.

import { Timed, type TimerWheel } from '../clock/timer-wheel.ts'
import type { Socket, SocketEvents } from '../sockets/socket.ts'
import type { SocketWriter, WriterEvents } from '../sockets/socket-writer.ts'

/** Once everything is sent: how long the other side's FIN is waited for without a byte, and in all. */
const IDLE_MS = 2000
const TOTAL_MS = 30_000

export interface LingeringCloseParts {
  readonly socket: Socket
  readonly writer: SocketWriter
  readonly wheel: TimerWheel
  /** How long the other side may take nothing of what is still to be sent. */
  readonly idleTimeoutMs: number
  /** The socket is closed. */
  readonly onClosed: (hadError: boolean) => void
}

/** Ends a socket in good order, and takes over its events for that. */
export function closeLingering(parts: LingeringCloseParts): void {
  parts.socket.serve(new LingeringClose(parts))
}

class LingeringClose extends Timed implements SocketEvents, WriterEvents {
  readonly #parts: LingeringCloseParts
  #finalDeadline = Infinity

  constructor(parts: LingeringCloseParts) {
    super()
    this.#parts = parts
    const { socket, writer, wheel, idleTimeoutMs } = parts
    writer.events = this
    if (writer.isPending()) wheel.arm(this, idleTimeoutMs)
    else this.#linger()
    socket.end()
    socket.resume()
  }

  onRead(): undefined {
    const { wheel } = this.#parts
    if (this.#finalDeadline !== Infinity) {
      wheel.arm(this, Math.min(IDLE_MS, this.#finalDeadline - wheel.now))
    }
  }

  onEnd(): void {}

  onClose(hadError: boolean): void {
    this.#parts.wheel.remove(this)
    this.#parts.onClosed(hadError)
  }

  onDrained(): void {
    this.#linger()
  }

  onWriteFailed(error: Error): void {
    this.#parts.socket.destroy(error)
  }

  override onTimeout(): void {
    const { socket, writer, wheel, idleTimeoutMs } = this.#parts
    if (this.#finalDeadline === Infinity && writer.hasMoved()) wheel.arm(this, idleTimeoutMs)
    else socket.destroy()
  }

  #linger(): void {
    const { wheel } = this.#parts
    this.#finalDeadline = wheel.now + TOTAL_MS
    wheel.arm(this, IDLE_MS)
  }
}
