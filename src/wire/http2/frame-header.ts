// What is wrong with a frame by its header alone: a stream that it cannot be on, or a length that it cannot have (RFC 9113
// section 6).

import { frameFaults, type Http2Fault } from './faults.ts'
import { FrameFlag, FrameType, SETTING_BYTES } from './frames.ts'

/** The fault, or null. A CONTINUATION frame is one here, since it may only follow a header block that goes on. */
export function headerFault(length: number, type: number, flags: number, stream: number): Http2Fault | null {
  return (
    streamFault(type, stream) ?? (isLengthPossible(length, type, flags) ? null : frameFaults.lengthInvalid)
  )
}

function streamFault(type: number, stream: number): Http2Fault | null {
  switch (type) {
    case FrameType.data:
    case FrameType.headers:
    case FrameType.rstStream:
      if (stream === 0) return frameFaults.streamMissing
      return (stream & 1) === 0 ? frameFaults.streamEven : null
    case FrameType.windowUpdate:
      return stream !== 0 && (stream & 1) === 0 ? frameFaults.streamEven : null
    case FrameType.priority:
      return stream === 0 ? frameFaults.streamMissing : null
    case FrameType.settings:
    case FrameType.ping:
    case FrameType.goaway:
      return stream === 0 ? null : frameFaults.streamUnwanted
    case FrameType.pushPromise:
      return frameFaults.pushPromise
    case FrameType.continuation:
      return frameFaults.continuationUnexpected
    default:
      return null
  }
}

function isLengthPossible(length: number, type: number, flags: number): boolean {
  switch (type) {
    case FrameType.data:
    case FrameType.headers:
      return length >= prefixBytes(type, flags)
    case FrameType.rstStream:
    case FrameType.windowUpdate:
      return length === 4
    case FrameType.ping:
      return length === 8
    case FrameType.goaway:
      return length >= 8
    case FrameType.settings:
      return (flags & FrameFlag.ack) === 0 ? length % SETTING_BYTES === 0 : length === 0
    default:
      return true
  }
}

/** Bytes of a DATA or HEADERS frame before its data or block. */
export function prefixBytes(type: number, flags: number): number {
  const padding = (flags & FrameFlag.padded) === 0 ? 0 : 1
  const priority = type === FrameType.headers && (flags & FrameFlag.priority) !== 0 ? 5 : 0
  return padding + priority
}
