// One client connection that speaks HTTP/2: its socket's events, its time-outs, and how it ends. What frames mean is its
// streams' affair.

import { beginEvent, endEvent } from '../../clock/event-time.ts'
import { Timed } from '../../clock/timer-wheel.ts'
import type { TlsFacts } from '../../exchange/client-facts.ts'
import { failures } from '../../exchange/failure.ts'
import { acceptedBuffer } from '../../sockets/accept.ts'
import { SocketWriter, type WriterEvents } from '../../sockets/socket-writer.ts'
import type { Socket, SocketEvents } from '../../sockets/socket.ts'
import type { Http2Fault } from '../../wire/http2/faults.ts'
import { FrameReader } from '../../wire/http2/frame-reader.ts'
import { ErrorCode, HEADER_TABLE_BYTES_AT_FIRST, SettingId } from '../../wire/http2/frames.ts'
import type { Binding, ServedListener } from '../binding.ts'
import { ClientSession } from '../client-session.ts'
import type { LedgerEntry } from '../ledger.ts'
import { closeLingering } from '../lingering-close.ts'
import { ClientFrames, HEADER_LIST_BYTES_MAX } from './client-frames.ts'
import { type Http2Parts, STREAM_WINDOW_BYTES } from './exchange.ts'
import { connectionFaults } from './faults.ts'
import { Outlet } from './outlet.ts'
import { STREAMS_MAX, Streams, type StreamsOwner } from './streams.ts'

/** A header block may take this long, or the idle time-out where that is longer; and so may the client's settings. */
const HEAD_MS = 60_000
/** A block is shorter than the fields that it stands for, but for the few that Huffman's code makes longer. */
const BLOCK_BYTES_MAX = HEADER_LIST_BYTES_MAX

const SETTINGS = [
  SettingId.headerTableSize,
  HEADER_TABLE_BYTES_AT_FIRST,
  SettingId.maxConcurrentStreams,
  STREAMS_MAX,
  SettingId.initialWindowSize,
  STREAM_WINDOW_BYTES,
  SettingId.maxHeaderListSize,
  HEADER_LIST_BYTES_MAX,
]

/** What makes the connections of clients that agreed on HTTP/2. */
export function http2Maker<Served extends ServedListener, Passage>(
  parts: Http2Parts<Served, Passage>,
): (socket: Socket, binding: Binding<Served>, tls: TlsFacts | null) => Http2Connection<Served, Passage> {
  return (socket, binding, tls) => new Http2Connection(socket, binding, tls, parts)
}

type State =
  | 'open'
  | 'ending' // the client was told to open no more streams; those that run go on
  | 'left' // the socket is on its way to be closed

export class Http2Connection<Served extends ServedListener, Passage>
  extends Timed
  implements SocketEvents, WriterEvents, LedgerEntry, StreamsOwner
{
  readonly binding: Binding<Served>
  readonly #socket: Socket
  readonly #writer: SocketWriter
  readonly #outlet: Outlet
  readonly #reader = new FrameReader({ side: 'server', blockBytesMax: BLOCK_BYTES_MAX })
  readonly #streams: Streams<Served, Passage>
  readonly #frames: ClientFrames<Served, Passage>
  readonly #session: ClientSession<Served>
  readonly #parts: Http2Parts<Served, Passage>
  #state: State = 'open'
  #isReading = false
  // When the client is late, on the wheel's clock; Infinity where it is not waited for.
  #idleUntil: number
  #blockUntil = Infinity
  #settledUntil: number
  #takenUntil = Infinity

  /** `tls`: what was agreed in the handshake, null for clear text. */
  constructor(
    socket: Socket,
    binding: Binding<Served>,
    tls: TlsFacts | null,
    parts: Http2Parts<Served, Passage>,
  ) {
    super()
    this.#socket = socket
    this.binding = binding
    this.#parts = parts
    const { ledger, wheel } = parts.tools
    this.#writer = new SocketWriter(socket, this)
    this.#session = new ClientSession(socket, binding, tls, wheel.now)
    this.#outlet = new Outlet(this.#writer, () => this.#blocked())
    this.#streams = new Streams(this, this.#outlet, this.#session, parts)
    this.#frames = new ClientFrames(this.#streams, parts)
    this.#idleUntil = wheel.now + this.#session.idleTimeoutMs
    this.#settledUntil = wheel.now + this.#headMs
    this.#armNext()
    ledger.opened(this, this.#session.served?.counters ?? null)
    this.#outlet.frames.settings(SETTINGS)
    this.#streams.openWindow()
    this.#outlet.touch()
  }

  // ---- events of the socket ----

  onRead(length: number): undefined {
    this.receive(acceptedBuffer, 0, length)
  }

  /** Bytes that the client has sent; for whoever has read them already. */
  receive(buffer: Buffer, start: number, end: number): void {
    if (this.#state === 'left') return
    beginEvent()
    this.#isReading = true
    const fault = this.#reader.read(buffer, start, end, this.#frames)
    this.#isReading = false
    this.#frames.batchEnded()
    if (fault !== null) this.fault(fault)
    else this.#heedBlock()
    if (this.#isOver) this.#close()
    endEvent()
  }

  /** The client's FIN: it opens no more streams, and may still take answers. */
  onEnd(): void {
    if (this.#state === 'left') return
    this.goAway(this.#streams.last)
    this.#streams.clientEnded()
    if (this.#isOver) this.#close()
  }

  onClose(): void {
    this.#leave()
    this.#streams.abandon()
    this.#outlet.close()
    this.#parts.tools.ledger.closed(this)
  }

  onDrained(): void {
    this.#takenUntil = Infinity
    this.#outlet.drained()
    if (this.#isOver) this.#close()
  }

  onWriteFailed(error: Error): void {
    this.#socket.destroy(error)
  }

  // ---- time ----

  override onTimeout(): void {
    const { now } = this.#parts.tools.wheel
    if (now >= this.#takenUntil) {
      // A client that is slow, and takes what is sent to it, is waited for.
      if (!this.#writer.hasMoved()) {
        this.#cutSocket()
        return
      }
      this.#takenUntil = now + this.#session.idleTimeoutMs
    }
    const isIdle = now >= this.#idleUntil
    if (now >= this.#blockUntil || (isIdle && this.#reader.isMidBlock))
      this.fault(connectionFaults.headTimeout)
    else if (now >= this.#settledUntil) this.fault(connectionFaults.settingsTimeout)
    else if (isIdle) this.#goAwayAndClose()
    else this.#armNext()
  }

  /** Has the wheel call when the first of the deadlines is over. */
  #armNext(): void {
    const next = Math.min(this.#idleUntil, this.#blockUntil, this.#settledUntil, this.#takenUntil)
    const { wheel } = this.#parts.tools
    if (next !== Infinity) wheel.arm(this, next - wheel.now)
  }

  get #headMs(): number {
    return Math.max(HEAD_MS, this.#session.idleTimeoutMs)
  }

  #heedBlock(): void {
    if (!this.#reader.isMidBlock) this.#blockUntil = Infinity
    else if (this.#blockUntil === Infinity) {
      this.#blockUntil = this.#parts.tools.wheel.now + this.#headMs
      this.#armNext()
    }
  }

  #blocked(): void {
    this.#takenUntil = this.#parts.tools.wheel.now + this.#session.idleTimeoutMs
    this.#armNext()
  }

  // ---- the streams call ----

  busyChanged(): void {
    if (this.#streams.count > 0) this.#idleUntil = Infinity
    else {
      this.#idleUntil = this.#parts.tools.wheel.now + this.#session.idleTimeoutMs
      this.#armNext()
      if (this.#isOver && !this.#isReading) this.#close()
    }
  }

  settled(): void {
    this.#settledUntil = Infinity
  }

  goAway(lastStream: number): void {
    if (this.#state !== 'open') return
    this.#state = 'ending'
    this.#streams.lastServed = lastStream
    this.#outlet.frames.goaway(lastStream, ErrorCode.noError)
    this.#outlet.touch()
  }

  fault({ code }: Http2Fault): void {
    if (this.#state === 'left') return
    this.#reader.stop()
    this.#streams.abandon()
    this.#streams.recordFault(
      code === ErrorCode.enhanceYourCalm ? failures.clientFlood : failures.malformedRequest,
    )
    this.#outlet.frames.goaway(this.#streams.last, code)
    this.#close()
  }

  // ---- its end ----

  /** Ends the connection as soon as its streams have ended; the client opens no more. */
  drain(): void {
    if (this.#state !== 'open') return
    if (this.#streams.count === 0) this.#goAwayAndClose()
    else this.goAway(this.#streams.last)
  }

  cut(): void {
    if (this.#state === 'left') return
    this.#streams.failAll(failures.listenerGone)
    this.#streams.abandon()
    this.#goAwayAndClose()
  }

  /** Whether nothing is to be done any more. */
  get #isOver(): boolean {
    return this.#state === 'ending' && this.#streams.count === 0
  }

  #goAwayAndClose(): void {
    this.goAway(this.#streams.last)
    this.#close()
  }

  /** Sends what there is and our FIN, and reads on for a while, so that it arrives. */
  #close(): void {
    if (this.#state === 'left') return
    this.#leave()
    this.#outlet.flushLast()
    closeLingering({
      socket: this.#socket,
      writer: this.#writer,
      wheel: this.#parts.tools.wheel,
      idleTimeoutMs: this.#session.idleTimeoutMs,
      onClosed: () => this.onClose(),
    })
  }

  /** Ends the connection at once. */
  #cutSocket(): void {
    this.#leave()
    this.#socket.destroy()
  }

  /** Nothing more is read. */
  #leave(): void {
    this.#state = 'left'
    this.#reader.stop()
    this.#parts.tools.wheel.remove(this)
  }
}
