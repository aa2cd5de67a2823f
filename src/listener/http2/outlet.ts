// What a connection sends: frames of all its streams, collected for one write at the end of the turn, and bodies as far as
// the connection's window and the client's socket let them out. Whoever has to wait gets its turn, one after the other.

import type { SocketWriter } from '../../sockets/socket-writer.ts'
import { SendWindow } from '../../wire/http2/flow-window.ts'
import { FrameWriter } from '../../wire/http2/frame-writer.ts'
import { WINDOW_AT_FIRST } from '../../wire/http2/frames.ts'
import { HpackEncoder } from '../../wire/http2/hpack-encoder.ts'
import { PeerSettings } from '../../wire/http2/settings.ts'
import { outputBuffers } from './output-buffers.ts'
import { type AtTurnEnd, atTurnEnd } from './turn-end.ts'

/** Bytes that are collected before they leave, at most: more is written at once, in the middle of a turn. */
const COLLECTED_BYTES_MAX = 128 * 1024
/** Bytes that one stream sends before others have their turn. */
const SHARE_BYTES = 32 * 1024

/** A body that waits to be let out. */
export interface Waiting {
  isQueued: boolean
  /** Sends up to so many bytes, as far as its own window goes; whether it could send more right now. */
  sendShare(bytesMax: number): boolean
}

export class Outlet implements AtTurnEnd {
  readonly frames = new FrameWriter(outputBuffers)
  readonly encoder = new HpackEncoder()
  readonly peer = new PeerSettings()
  /** The connection's. */
  readonly window = new SendWindow(WINDOW_AT_FIRST)
  /** Streams that ended in this turn, or in what has not left yet. */
  unsentEnds = 0
  /** DATA frames since somebody last asked. */
  #dataFrames = 0
  /** The client does not take what was sent. */
  isBlocked = false
  readonly #writer: SocketWriter
  readonly #onBlocked: () => void
  readonly #waiting: Waiting[] = []
  /** Buffers that the socket still has. */
  readonly #inFlight: Buffer[] = []
  #isDue = false
  #isClosed = false

  /** `onBlocked` is called whenever the client begins not to take what is sent. */
  constructor(writer: SocketWriter, onBlocked: () => void) {
    this.#writer = writer
    this.#onBlocked = onBlocked
  }

  /** How many bytes of a body may be sent now, as far as the connection goes. */
  get room(): number {
    return this.isBlocked || this.#isClosed ? 0 : Math.max(0, this.window.available)
  }

  /** So many bytes of a body became a frame. */
  sent(bytes: number): void {
    this.window.consume(bytes)
    this.#dataFrames++
  }

  /** DATA frames since the last call. */
  takeDataFrames(): number {
    const frames = this.#dataFrames
    this.#dataFrames = 0
    return frames
  }

  /** Something was written: it leaves at the end of the turn, or at once where it is much. */
  touch(): void {
    if (this.frames.length > COLLECTED_BYTES_MAX) this.flush()
    if (this.frames.length > 0) this.#callAtTurnEnd()
  }

  turnEnds(): void {
    this.#isDue = false
    if (this.frames.length === 0) this.unsentEnds = 0
    this.flush()
  }

  /** A stream ended without a word: it counts until this turn is over. */
  endedSilently(): void {
    this.unsentEnds++
    this.#callAtTurnEnd()
  }

  #callAtTurnEnd(): void {
    if (this.#isDue) return
    this.#isDue = true
    atTurnEnd(this)
  }

  flush(): void {
    const { frames } = this
    const { length } = frames
    if (length === 0 || this.isBlocked || this.#isClosed) return
    const buffer = frames.take()
    this.unsentEnds = 0
    this.#writer.write('', buffer, 0, length, 0, true)
    if (!this.#writer.isPending()) {
      outputBuffers.giveBack(buffer)
      return
    }
    this.#inFlight.push(buffer)
    this.isBlocked = true
    this.#onBlocked()
  }

  /** What there is leaves, whatever waits before it. */
  flushLast(): void {
    const { frames } = this
    const { length } = frames
    // The socket may have it for long: the buffer is left to it.
    if (length > 0) this.#writer.write('', frames.take(), 0, length, 0, true)
  }

  /** Everything has left: the others may go on. */
  drained(): void {
    for (const buffer of this.#inFlight) outputBuffers.giveBack(buffer)
    this.#inFlight.length = 0
    this.isBlocked = false
    this.flush()
    this.pump()
  }

  /** Gets a turn when there is room. */
  wait(waiting: Waiting): void {
    if (waiting.isQueued) return
    waiting.isQueued = true
    this.#waiting.push(waiting)
  }

  /** Waits no more. Its place stays, so that nobody else's moves. */
  forget(waiting: Waiting): void {
    if (!waiting.isQueued) return
    waiting.isQueued = false
    const at = this.#waiting.indexOf(waiting)
    if (at !== -1) this.#waiting[at] = NOBODY
  }

  /** There is more room: everybody who waits sends, in turns. */
  pump(): void {
    const waiting = this.#waiting
    let at = 0
    while (at < waiting.length && this.room > 0) {
      const next = waiting[at++] as Waiting
      next.isQueued = false
      if (next.sendShare(SHARE_BYTES)) this.wait(next)
      // What was passed over is thrown away now and then, not for each.
      if (at > 64) {
        waiting.splice(0, at)
        at = 0
      }
    }
    waiting.splice(0, at)
    this.touch()
  }

  /** Nothing is sent any more, and nobody waits. */
  close(): void {
    this.#isClosed = true
    this.#waiting.length = 0
    // What the socket still has is left to it.
    this.#inFlight.length = 0
    this.frames.clear()
  }
}

const NOBODY: Waiting = { isQueued: false, sendShare: () => false }
