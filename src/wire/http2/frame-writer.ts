// Writes HTTP/2 frames, one behind the other, into a buffer: all that a connection has to say in one turn of the event loop
// leaves in one write. Splits what is longer than the peer's largest frame; knows no windows.

import { FRAME_BYTES_MAX_LEAST, FRAME_HEADER_BYTES, FrameFlag, FrameType, PREFACE } from './frames.ts'

const NOTHING = Buffer.alloc(0)

/** Where buffers come from and go to. One that is asked for may be larger. */
export interface OutputBuffers {
  take(bytes: number): Buffer
  giveBack(buffer: Buffer): void
}

/** A buffer of just the size for every need, left to the garbage collector. */
const unpooled: OutputBuffers = {
  take: (bytes) => Buffer.allocUnsafe(bytes),
  giveBack() {},
}

/** Room for what a connection says in most turns. */
const FIRST_BYTES = 4096

export class FrameWriter {
  /** The peer's SETTINGS_MAX_FRAME_SIZE: no frame is longer, its header not included. */
  frameBytesMax = FRAME_BYTES_MAX_LEAST
  readonly #buffers: OutputBuffers
  #buffer: Buffer = NOTHING
  #length = 0

  constructor(buffers: OutputBuffers = unpooled) {
    this.#buffers = buffers
  }

  /** Bytes that wait to be taken. */
  get length(): number {
    return this.#length
  }

  /** What was written so far, of which the first `length` bytes count. It is the caller's, who may give it back to the pool. */
  take(): Buffer {
    const buffer = this.#buffer
    this.#buffer = NOTHING
    this.#length = 0
    return buffer
  }

  /** Forgets what was written so far. */
  clear(): void {
    if (this.#buffer.length > 0) this.#buffers.giveBack(this.take())
  }

  /** What a client sends first. */
  preface(): void {
    const at = this.#reserve(PREFACE.length)
    this.#buffer.write(PREFACE, at, 'latin1')
  }

  /** A header block, in as many frames as it takes. */
  headers(stream: number, block: Buffer, isEndStream: boolean): void {
    let type: number = FrameType.headers
    let flags = isEndStream ? FrameFlag.endStream : 0
    let from = 0
    do {
      const length = Math.min(block.length - from, this.frameBytesMax)
      if (from + length === block.length) flags |= FrameFlag.endHeaders
      const at = this.#frame(length, type, flags, stream)
      block.copy(this.#buffer, at, from, from + length)
      from += length
      type = FrameType.continuation
      flags = 0
    } while (from < block.length)
  }

  /** Bytes of a body, copied, in as many frames as they take; none make one empty frame. */
  data(stream: number, buffer: Buffer, start: number, end: number, isEndStream: boolean): void {
    let from = start
    do {
      const length = Math.min(end - from, this.frameBytesMax)
      const isLast = from + length === end
      const at = this.#frame(length, FrameType.data, isLast && isEndStream ? FrameFlag.endStream : 0, stream)
      buffer.copy(this.#buffer, at, from, from + length)
      from += length
    } while (from < end)
  }

  /** The same for latin1 text. */
  dataText(stream: number, text: string, isEndStream: boolean): void {
    let from = 0
    do {
      const length = Math.min(text.length - from, this.frameBytesMax)
      const isLast = from + length === text.length
      const at = this.#frame(length, FrameType.data, isLast && isEndStream ? FrameFlag.endStream : 0, stream)
      this.#buffer.write(length === text.length ? text : text.slice(from, from + length), at, 'latin1')
      from += length
    } while (from < text.length)
  }

  rstStream(stream: number, code: number): void {
    const at = this.#frame(4, FrameType.rstStream, 0, stream)
    this.#buffer.writeUInt32BE(code, at)
  }

  /** `entries`: pairs of identifier and value. */
  settings(entries: readonly number[]): void {
    let at = this.#frame(3 * entries.length, FrameType.settings, 0, 0)
    for (let index = 0; index + 1 < entries.length; index += 2) {
      this.#buffer.writeUInt16BE(entries[index] as number, at)
      this.#buffer.writeUInt32BE(entries[index + 1] as number, at + 2)
      at += 6
    }
  }

  settingsAck(): void {
    this.#frame(0, FrameType.settings, FrameFlag.ack, 0)
  }

  /** Eight bytes from `start` on. */
  ping(buffer: Buffer, start: number): void {
    this.#ping(buffer, start, 0)
  }

  pingAck(buffer: Buffer, start: number): void {
    this.#ping(buffer, start, FrameFlag.ack)
  }

  goaway(lastStream: number, code: number): void {
    const at = this.#frame(8, FrameType.goaway, 0, 0)
    this.#buffer.writeUInt32BE(lastStream, at)
    this.#buffer.writeUInt32BE(code, at + 4)
  }

  windowUpdate(stream: number, increment: number): void {
    const at = this.#frame(4, FrameType.windowUpdate, 0, stream)
    this.#buffer.writeUInt32BE(increment, at)
  }

  #ping(buffer: Buffer, start: number, flags: number): void {
    const at = this.#frame(8, FrameType.ping, flags, 0)
    buffer.copy(this.#buffer, at, start, start + 8)
  }

  /** Writes the header of a frame; returns where its payload goes. */
  #frame(length: number, type: number, flags: number, stream: number): number {
    const at = this.#reserve(FRAME_HEADER_BYTES + length)
    writeFrameHeader(this.#buffer, at, length, type, flags, stream)
    return at + FRAME_HEADER_BYTES
  }

  /** Makes room; returns where it begins. */
  #reserve(bytes: number): number {
    const at = this.#length
    this.#length = at + bytes
    if (this.#length > this.#buffer.length) this.#grow()
    return at
  }

  #grow(): void {
    const before = this.#buffer
    this.#buffer = this.#buffers.take(Math.max(this.#length, 2 * before.length, FIRST_BYTES))
    before.copy(this.#buffer)
    if (before.length > 0) this.#buffers.giveBack(before)
  }
}

/** Puts the header of a frame at `at`: its payload may be there already, behind it. */
export function writeFrameHeader(
  buffer: Buffer,
  at: number,
  length: number,
  type: number,
  flags: number,
  stream: number,
): void {
  buffer[at] = length >>> 16
  buffer[at + 1] = length >>> 8
  buffer[at + 2] = length
  buffer[at + 3] = type
  buffer[at + 4] = flags
  buffer[at + 5] = stream >>> 24
  buffer[at + 6] = stream >>> 16
  buffer[at + 7] = stream >>> 8
  buffer[at + 8] = stream
}
