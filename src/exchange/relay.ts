// Bytes both ways between two sockets: after an upgrade, and on listeners that know no requests. Each end gives what it
// receives to the other one, which says when it has had enough.

import { beginEvent, endEvent } from '../clock/event-time.ts'
import { Timed, type TimerWheel } from '../clock/timer-wheel.ts'
import type { Socket, SocketEvents } from '../sockets/socket.ts'
import { type SocketWriter, TEXT_BYTES_MAX, type WriterEvents } from '../sockets/socket-writer.ts'

/** How long the other side's FIN is waited for when there is nobody any more who would get what it sends. */
const LINGER_MS = 2000

/** One end as the other one sees it. */
export interface RelayEnd {
  /** Same rules as `Exchange.respondData`; `false`: nothing more before `resume` of the other end. */
  send(buffer: Buffer, start: number, end: number, headroom: number, isOwned: boolean): boolean
  /** Everything given so far should leave now. */
  flush(): void
  /** The other side has sent its FIN: nothing more will come. A second time: it is closed, and takes nothing any more. */
  end(): void
  /** The other side is gone: what has not arrived is lost. */
  cut(): void
  /** The other end takes bytes again. */
  resume(): void
  /** Whether its socket has taken some of what waits for it since somebody asked last. */
  hasMoved(): boolean
  /** Something passed: its idle time-out begins anew. */
  touch(): void
}

/** Whose socket the end was, and who is told what becomes of it. */
export interface RelayOwner {
  /** Its socket is closed; the last call. */
  relayClosed(end: SocketEnd): void
}

export interface SocketEndParts {
  readonly socket: Socket
  readonly writer: SocketWriter
  readonly wheel: TimerWheel
  /** What the socket reads into, and where in it a read begins. */
  readonly buffer: Buffer
  readonly headroom: number
  /** Time without a byte in either direction after which both ends are cut. */
  readonly idleTimeoutMs: number
  readonly owner: RelayOwner
}

/** The end of a relay that is a socket. Takes over the socket's events when it is made. */
export class SocketEnd extends Timed implements RelayEnd, SocketEvents, WriterEvents {
  /** Bytes of this socket that were passed on, and bytes that were sent to it. */
  received = 0
  sent = 0
  readonly #parts: SocketEndParts
  #peer: RelayEnd | null = null
  #isPaused = false
  #isResumeOwed = false
  /** Its FIN has come. */
  #hasEnded = false
  /** Our FIN was sent. */
  #isEnding = false
  /** The peer is closed: what still comes is nobody's, and stretches no time. */
  #isAlone = false
  #isClosed = false

  constructor(parts: SocketEndParts) {
    super()
    this.#parts = parts
    parts.socket.serve(this)
    parts.writer.events = this
  }

  /** Names the other end; from now on bytes pass. */
  join(peer: RelayEnd): void {
    this.#peer = peer
    this.touch()
  }

  /** Bytes that were read before the relay began. */
  receive(buffer: Buffer, start: number, end: number): void {
    if (start === end || this.#peer === null) return
    this.received += end - start
    if (this.#isAlone) return
    this.touch()
    const mayGoOn = this.#peer.send(buffer, start, end, 0, false)
    this.#peer.flush()
    if (mayGoOn || this.#isPaused) return
    this.#isPaused = true
    this.#parts.socket.pause()
  }

  // ---- the other end calls ----

  send(buffer: Buffer, start: number, end: number, headroom: number, isOwned: boolean): boolean {
    const { writer } = this.#parts
    if (this.#isClosed) return true
    this.touch()
    this.sent += end - start
    if (end - start <= TEXT_BYTES_MAX) writer.writeText(buffer.toString('latin1', start, end))
    else writer.write('', buffer, start, end, headroom, isOwned)
    if (!writer.isPending()) return true
    this.#isResumeOwed = true
    return false
  }

  flush(): void {}

  end(): void {
    if (this.#isClosed) return
    if (this.#isEnding) this.#remain()
    this.#isEnding = true
    this.#parts.socket.end()
  }

  /** The peer is closed after its FIN: what it gave before may still arrive, and what comes is read for the FIN in it. */
  #remain(): void {
    const { wheel, writer, idleTimeoutMs } = this.#parts
    this.#isAlone = true
    this.resume()
    wheel.arm(this, writer.isPending() ? idleTimeoutMs : LINGER_MS)
  }

  cut(): void {
    this.#parts.socket.destroy()
  }

  resume(): void {
    if (!this.#isPaused || this.#isClosed) return
    this.#isPaused = false
    this.touch()
    this.#parts.socket.resume()
  }

  hasMoved(): boolean {
    return !this.#isClosed && this.#parts.writer.hasMoved()
  }

  touch(): void {
    if (!this.#isClosed) this.#parts.wheel.arm(this, this.#parts.idleTimeoutMs)
  }

  // ---- events ----

  onRead(length: number): undefined {
    beginEvent()
    const { buffer, headroom } = this.#parts
    this.receive(buffer, headroom, headroom + length)
    endEvent()
  }

  onEnd(): void {
    this.#hasEnded = true
    this.#peer?.end()
  }

  onClose(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#parts.wheel.remove(this)
    this.#parts.owner.relayClosed(this)
    if (this.#hasEnded) this.#peer?.end()
    else this.#peer?.cut()
  }

  onDrained(): void {
    if (!this.#isResumeOwed) return
    this.#isResumeOwed = false
    this.#peer?.resume()
  }

  onWriteFailed(error: Error): void {
    this.#parts.socket.destroy(error)
  }

  override onTimeout(): void {
    // Bytes that a side takes slowly pass all the same, in whichever direction. Each end is asked, for it forgets then.
    const moves = [this.hasMoved(), this.#peer?.hasMoved() === true]
    if (!moves.includes(true)) {
      this.cutBoth()
      return
    }
    this.touch()
    this.#peer?.touch()
  }

  /** Ends the relay at once, on both sides. */
  cutBoth(): void {
    this.#peer?.cut()
    this.cut()
  }
}
