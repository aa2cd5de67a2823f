// Reads HTTP/2 frames from the bytes of a connection, cut anywhere: bytes in, messages out. Checks all that a frame says by
// itself (RFC 9113 sections 3.4, 4, 6); what it means for streams and windows is its sink's. Bodies are never copied, and
// header blocks only where they came in pieces.

import { BlockCollector } from './block-collector.ts'
import { frameFaults, type Http2Fault } from './faults.ts'
import { headerFault, prefixBytes } from './frame-header.ts'
import {
  FRAME_BYTES_MAX_LEAST,
  FRAME_HEADER_BYTES,
  FrameFlag,
  FrameType,
  PREFACE,
  SETTING_BYTES,
  SettingId,
  STREAM_MAX,
} from './frames.ts'
import type { FrameSink } from './frame-sink.ts'
import { settingFault } from './settings.ts'

/** What a header block may come in, behind its HEADERS frame: five times what the longest needs in whole frames. */
const CONTINUATIONS_MAX = 20
/** What a small part of a frame is put together in: a frame header is the longest. */
const PART_BYTES_MAX = FRAME_HEADER_BYTES
const PREFACE_BYTES = Buffer.from(PREFACE, 'latin1')

export interface FrameReaderOptions {
  /** Whose bytes are read: a server expects the preface first. */
  readonly side: 'server' | 'client'
  /** The longest header block, compressed, in all its frames. */
  readonly blockBytesMax: number
}

/** What the next bytes are. */
type Expected =
  | 'preface'
  | 'header' // of a frame
  | 'part' // a few bytes that only mean something together
  | 'data'
  | 'block'
  | 'skipped'

export class FrameReader {
  readonly #side: FrameReaderOptions['side']
  readonly #block: BlockCollector
  #expected: Expected
  #fault: Http2Fault | null = null
  #isStopped = false
  /** Bytes of the preface that have come. */
  #prefaceBytes = 0
  /** Whether the first SETTINGS frame has begun. */
  #hasSettings = false
  readonly #part = Buffer.alloc(PART_BYTES_MAX)
  #partBytes = 0
  #partWanted = 0
  // The present frame.
  #type = 0
  #flags = 0
  #stream = 0
  /** Payload bytes that are still to come, padding not included. */
  #left = 0
  #padding = 0
  /** The byte that says how much padding there is counts against the windows, too. */
  #uncounted = 0
  readonly #settings: number[] = []
  /** Stream whose header block goes on in the next frame; 0: none. */
  #openBlockStream = 0
  #isBlockEndStream = false
  #continuations = 0

  constructor({ side, blockBytesMax }: FrameReaderOptions) {
    this.#side = side
    this.#block = new BlockCollector(blockBytesMax)
    this.#expected = side === 'server' ? 'preface' : 'header'
  }

  /** Whether a frame or a header block has begun and is not complete. */
  get isMidFrame(): boolean {
    return this.#expected !== 'header' || this.#partBytes > 0 || this.#openBlockStream !== 0
  }

  /** Whether a header block has begun and is not complete. */
  get isMidBlock(): boolean {
    return this.#openBlockStream !== 0 || this.#expected === 'block'
  }

  /** Nothing more is read, not even of the bytes that are being read. */
  stop(): void {
    this.#isStopped = true
    this.#block.clear()
  }

  /**
   * Takes all bytes from `start` to `end`, unless they are wrong: the result is the fault that ends the connection, the
   * same from then on.
   */
  read(buffer: Buffer, start: number, end: number, sink: FrameSink): Http2Fault | null {
    let at = start
    while (at < end && this.#fault === null && !this.#isStopped) {
      switch (this.#expected) {
        case 'header':
          at = this.#readHeader(buffer, at, end, sink)
          break
        case 'data':
          at = this.#readData(buffer, at, end, sink)
          break
        case 'block':
          at = this.#readBlock(buffer, at, end, sink)
          break
        case 'part':
          at = this.#readPart(buffer, at, end, sink)
          break
        case 'skipped':
          at = this.#skip(at, end)
          break
        case 'preface':
          at = this.#readPreface(buffer, at, end)
      }
    }
    return this.#fault
  }

  #readPreface(buffer: Buffer, start: number, end: number): number {
    const length = Math.min(PREFACE_BYTES.length - this.#prefaceBytes, end - start)
    const from = this.#prefaceBytes
    this.#prefaceBytes += length
    if (buffer.compare(PREFACE_BYTES, from, from + length, start, start + length) !== 0)
      this.#refuse(frameFaults.prefaceInvalid)
    else if (this.#prefaceBytes === PREFACE_BYTES.length) this.#expected = 'header'
    return start + length
  }

  #readHeader(buffer: Buffer, start: number, end: number, sink: FrameSink): number {
    if (this.#partBytes === 0 && end - start >= FRAME_HEADER_BYTES) {
      this.#begin(buffer, start, sink)
      return start + FRAME_HEADER_BYTES
    }
    const at = this.#collect(buffer, start, end, FRAME_HEADER_BYTES)
    if (this.#partBytes === FRAME_HEADER_BYTES) {
      this.#partBytes = 0
      this.#begin(this.#part, 0, sink)
    }
    return at
  }

  /** Copies into the part what it has not yet, up to `wanted` bytes in all. */
  #collect(buffer: Buffer, start: number, end: number, wanted: number): number {
    const length = Math.min(wanted - this.#partBytes, end - start)
    buffer.copy(this.#part, this.#partBytes, start, start + length)
    this.#partBytes += length
    return start + length
  }

  #refuse(fault: Http2Fault): void {
    this.#fault = fault
    this.#block.clear()
  }

  /** Begins with the frame whose header is at `at`. */
  #begin(bytes: Buffer, at: number, sink: FrameSink): void {
    const length = bytes.readUIntBE(at, 3)
    const type = bytes.readUInt8(at + 3)
    this.#type = type
    this.#flags = bytes.readUInt8(at + 4)
    this.#stream = bytes.readUInt32BE(at + 5) & STREAM_MAX
    this.#left = length
    this.#padding = 0
    const fault = this.#faultOfHeader(length, type)
    if (fault !== null) this.#refuse(fault)
    else this.#enter(length, type, sink)
  }

  /** What is wrong already with the header of a frame. */
  #faultOfHeader(length: number, type: number): Http2Fault | null {
    if (!this.#hasSettings) {
      if (type !== FrameType.settings || (this.#flags & FrameFlag.ack) !== 0)
        return frameFaults.settingsExpected
      this.#hasSettings = true
    }
    if (length > FRAME_BYTES_MAX_LEAST) return frameFaults.frameTooLong
    if (this.#openBlockStream !== 0) {
      if (type !== FrameType.continuation || this.#stream !== this.#openBlockStream)
        return frameFaults.blockInterrupted
      return ++this.#continuations > CONTINUATIONS_MAX ? frameFaults.tooManyContinuations : null
    }
    return headerFault(length, type, this.#flags, this.#stream)
  }

  #enter(length: number, type: number, sink: FrameSink): void {
    switch (type) {
      case FrameType.data:
        this.#uncounted = 0
        if ((this.#flags & FrameFlag.padded) !== 0) this.#expectPart(1)
        else this.#enterData(sink)
        return
      case FrameType.headers: {
        this.#isBlockEndStream = (this.#flags & FrameFlag.endStream) !== 0
        this.#continuations = 0
        const prefix = prefixBytes(type, this.#flags)
        if (prefix > 0) this.#expectPart(prefix)
        else this.#enterBlock(sink)
        return
      }
      case FrameType.continuation:
        this.#enterBlock(sink)
        return
      case FrameType.settings:
        this.#settings.length = 0
        if ((this.#flags & FrameFlag.ack) !== 0) {
          this.#expected = 'header'
          sink.settingsAck()
        } else this.#expectSetting(sink)
        return
      case FrameType.priority:
        if (length === 5) this.#expectPart(5)
        else {
          this.#enterSkipped()
          sink.streamFault(this.#stream, frameFaults.priorityLengthInvalid)
        }
        return
      case FrameType.rstStream:
      case FrameType.windowUpdate:
        this.#expectPart(4)
        return
      case FrameType.ping:
      case FrameType.goaway:
        this.#expectPart(8)
        return
      default:
        this.#enterSkipped()
        sink.unknownFrame(type)
    }
  }

  #expectPart(bytes: number): void {
    this.#expected = 'part'
    this.#partBytes = 0
    this.#partWanted = bytes
  }

  #readPart(buffer: Buffer, start: number, end: number, sink: FrameSink): number {
    const wanted = this.#partWanted
    if (this.#partBytes === 0 && end - start >= wanted) {
      this.#left -= wanted
      this.#takePart(buffer, start, sink)
      return start + wanted
    }
    const at = this.#collect(buffer, start, end, wanted)
    if (this.#partBytes === wanted) {
      this.#partBytes = 0
      this.#left -= wanted
      this.#takePart(this.#part, 0, sink)
    }
    return at
  }

  /** The part that was expected is at `at`. */
  #takePart(bytes: Buffer, at: number, sink: FrameSink): void {
    const stream = this.#stream
    this.#expected = 'header'
    switch (this.#type) {
      case FrameType.data:
        this.#uncounted = 1
        if (this.#takePadding(bytes.readUInt8(at))) this.#enterData(sink)
        return
      case FrameType.headers:
        if ((this.#flags & FrameFlag.padded) === 0 || this.#takePadding(bytes.readUInt8(at)))
          this.#enterBlock(sink)
        return
      case FrameType.settings:
        this.#takeSetting(bytes, at, sink)
        return
      case FrameType.priority:
        sink.priority(stream)
        return
      case FrameType.rstStream:
        sink.rstStream(stream, bytes.readUInt32BE(at))
        return
      case FrameType.ping:
        if ((this.#flags & FrameFlag.ack) === 0) sink.ping(bytes, at)
        else sink.pingAck(bytes, at)
        return
      case FrameType.goaway:
        this.#enterSkipped()
        sink.goaway(bytes.readUInt32BE(at) & STREAM_MAX, bytes.readUInt32BE(at + 4))
        return
      case FrameType.windowUpdate: {
        const increment = bytes.readUInt32BE(at) & STREAM_MAX
        if (increment !== 0) sink.windowUpdate(stream, increment)
        else if (stream === 0) this.#refuse(frameFaults.incrementZero)
        else sink.streamFault(stream, frameFaults.streamIncrementZero)
      }
    }
  }

  #takePadding(bytes: number): boolean {
    if (bytes > this.#left) {
      this.#refuse(frameFaults.paddingTooLong)
      return false
    }
    this.#padding = bytes
    this.#left -= bytes
    return true
  }

  #expectSetting(sink: FrameSink): void {
    if (this.#left > 0) {
      this.#expectPart(SETTING_BYTES)
      return
    }
    this.#expected = 'header'
    sink.settings(this.#settings)
  }

  #takeSetting(bytes: Buffer, at: number, sink: FrameSink): void {
    const id = bytes.readUInt16BE(at)
    const value = bytes.readUInt32BE(at + 2)
    const fault = settingFault(id, value)
    if (fault !== null) this.#refuse(fault)
    else if (id === SettingId.enablePush && value !== 0 && this.#side === 'client')
      this.#refuse(frameFaults.pushEnabled)
    else {
      this.#settings.push(id, value)
      this.#expectSetting(sink)
    }
  }

  #enterData(sink: FrameSink): void {
    this.#expected = 'data'
    // What has no bytes behind its header is over with it.
    if (this.#left === 0 && this.#padding === 0) this.#readData(this.#part, 0, 0, sink)
  }

  #readData(buffer: Buffer, start: number, end: number, sink: FrameSink): number {
    const available = end - start
    const length = Math.min(this.#left, available)
    const padding = Math.min(this.#padding, available - length)
    this.#left -= length
    this.#padding -= padding
    const isOver = this.#left === 0 && this.#padding === 0
    const flowBytes = this.#uncounted + length + padding
    this.#uncounted = 0
    if (isOver) this.#expected = 'header'
    const isEndStream = isOver && (this.#flags & FrameFlag.endStream) !== 0
    sink.data(this.#stream, buffer, start, start + length, flowBytes, isEndStream)
    return start + length + padding
  }

  #enterBlock(sink: FrameSink): void {
    if (this.#block.length + this.#left > this.#block.bytesMax) {
      this.#refuse(frameFaults.blockTooLong)
      return
    }
    this.#expected = 'block'
    if (this.#left === 0) this.#readBlock(this.#part, 0, 0, sink)
  }

  #readBlock(buffer: Buffer, start: number, end: number, sink: FrameSink): number {
    const length = Math.min(this.#left, end - start)
    const isLast = length === this.#left && (this.#flags & FrameFlag.endHeaders) !== 0
    this.#left -= length
    if (isLast && this.#block.length === 0) {
      this.#endBlock()
      sink.headers(this.#stream, buffer, start, start + length, this.#isBlockEndStream)
      return start + length
    }
    this.#block.add(buffer, start, start + length)
    if (isLast) {
      const { bytes, length: blockBytes } = this.#block
      this.#block.clear()
      this.#endBlock()
      sink.headers(this.#stream, bytes, 0, blockBytes, this.#isBlockEndStream)
    } else if (this.#left === 0) {
      this.#openBlockStream = this.#stream
      this.#enterSkipped()
    }
    return start + length
  }

  #endBlock(): void {
    this.#openBlockStream = 0
    this.#enterSkipped()
  }

  /** What is left of the frame is nobody's. */
  #enterSkipped(): void {
    this.#left += this.#padding
    this.#padding = 0
    this.#expected = this.#left === 0 ? 'header' : 'skipped'
  }

  #skip(start: number, end: number): number {
    const length = Math.min(this.#left, end - start)
    this.#left -= length
    if (this.#left === 0) this.#expected = 'header'
    return start + length
  }
}
