// What a frame reader finds, as plain values that can be compared; and frames of any content, right or wrong.

import type { Http2Fault } from '../../src/wire/http2/faults.ts'
import { FrameReader } from '../../src/wire/http2/frame-reader.ts'
import type { FrameSink } from '../../src/wire/http2/frame-sink.ts'

export interface FrameMessage {
  readonly name: string
  readonly stream?: number
  readonly bytes?: string
  readonly flowBytes?: number
  readonly isEndStream?: boolean
  readonly values?: readonly number[]
}

export class MessageSink implements FrameSink {
  readonly messages: FrameMessage[] = []

  data(
    stream: number,
    buffer: Buffer,
    start: number,
    end: number,
    flowBytes: number,
    isEndStream: boolean,
  ): void {
    const bytes = buffer.toString('latin1', start, end)
    const last = this.messages.at(-1)
    // Where one DATA frame ends and the next begins means nothing, as long as the stream goes on.
    if (last?.name !== 'data' || last.stream !== stream || last.isEndStream === true)
      this.messages.push({ name: 'data', stream, bytes, flowBytes, isEndStream })
    else
      this.messages[this.messages.length - 1] = {
        name: 'data',
        stream,
        bytes: `${last.bytes}${bytes}`,
        flowBytes: (last.flowBytes ?? 0) + flowBytes,
        isEndStream,
      }
  }

  headers(stream: number, block: Buffer, start: number, end: number, isEndStream: boolean): void {
    this.messages.push({ name: 'headers', stream, bytes: block.toString('latin1', start, end), isEndStream })
  }

  priority(stream: number): void {
    this.messages.push({ name: 'priority', stream })
  }

  rstStream(stream: number, code: number): void {
    this.messages.push({ name: 'rstStream', stream, values: [code] })
  }

  settings(entries: readonly number[]): void {
    this.messages.push({ name: 'settings', values: [...entries] })
  }

  settingsAck(): void {
    this.messages.push({ name: 'settingsAck' })
  }

  ping(buffer: Buffer, start: number): void {
    this.messages.push({ name: 'ping', bytes: buffer.toString('latin1', start, start + 8) })
  }

  pingAck(buffer: Buffer, start: number): void {
    this.messages.push({ name: 'pingAck', bytes: buffer.toString('latin1', start, start + 8) })
  }

  goaway(lastStream: number, code: number): void {
    this.messages.push({ name: 'goaway', values: [lastStream, code] })
  }

  windowUpdate(stream: number, increment: number): void {
    this.messages.push({ name: 'windowUpdate', stream, values: [increment] })
  }

  unknownFrame(type: number): void {
    this.messages.push({ name: 'unknownFrame', values: [type] })
  }

  streamFault(stream: number, fault: Http2Fault): void {
    this.messages.push({ name: fault.reason, stream, values: [fault.code] })
  }
}

export interface ReadFrames {
  readonly messages: readonly FrameMessage[]
  readonly fault: Http2Fault | null
  readonly isMidFrame: boolean
}

/** Reads the pieces one after the other, each from another place of another buffer. */
export function readFrames(
  pieces: readonly Buffer[],
  side: 'server' | 'client' = 'client',
  blockBytesMax = 65_536,
): ReadFrames {
  const reader = new FrameReader({ side, blockBytesMax })
  const sink = new MessageSink()
  let fault: Http2Fault | null = null
  for (const [index, piece] of pieces.entries()) {
    const before = index % 3
    const buffer = Buffer.concat([Buffer.alloc(before, 0xff), piece, Buffer.alloc(2, 0xff)])
    fault = reader.read(buffer, before, before + piece.length, sink)
    // Whatever is kept beyond a call has to be a copy.
    buffer.fill(0xee)
  }
  return { messages: sink.messages, fault, isMidFrame: reader.isMidFrame }
}

/** A frame of any content; `length` is what its header says, where that is a lie. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Buffer | string = '',
  length = payload.length,
): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload])
}

/** A payload of numbers, each of so many bytes. */
export function numbers(...parts: readonly (readonly [value: number, bytes: number])[]): Buffer {
  return Buffer.concat(
    parts.map(([value, bytes]) => {
      const part = Buffer.alloc(bytes)
      part.writeUIntBE(value, 0, bytes)
      return part
    }),
  )
}
