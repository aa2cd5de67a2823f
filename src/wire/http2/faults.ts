// What can be wrong with the frames of a peer, once: the error code that it is told, and whether a stream or the whole
// connection ends by it. Constant entries, so that nothing is made for a frame that is refused.

import { ErrorCode } from './frames.ts'

export interface Http2Fault {
  readonly code: ErrorCode
  /** What ends by it (RFC 9113 section 5.4). */
  readonly scope: 'connection' | 'stream'
  /** For logs and GOAWAY's debug data. */
  readonly reason: string
}

function connection(code: ErrorCode, reason: string): Http2Fault {
  return { code, scope: 'connection', reason }
}

function stream(code: ErrorCode, reason: string): Http2Fault {
  return { code, scope: 'stream', reason }
}

const { protocolError, frameSizeError, flowControlError, enhanceYourCalm } = ErrorCode

export const frameFaults = {
  prefaceInvalid: connection(protocolError, 'no HTTP/2 preface'),
  settingsExpected: connection(protocolError, 'the first frame is not SETTINGS'),
  frameTooLong: connection(frameSizeError, 'a frame longer than SETTINGS_MAX_FRAME_SIZE'),
  lengthInvalid: connection(frameSizeError, 'a frame of a length that its type cannot have'),
  priorityLengthInvalid: stream(frameSizeError, 'a PRIORITY frame that has not five bytes'),
  streamMissing: connection(protocolError, 'a frame of a stream on stream 0'),
  streamUnwanted: connection(protocolError, 'a frame of the connection on a stream'),
  streamEven: connection(protocolError, 'a stream that only a server may open'),
  paddingTooLong: connection(protocolError, 'more padding than frame'),
  pushPromise: connection(protocolError, 'PUSH_PROMISE'),
  continuationUnexpected: connection(protocolError, 'CONTINUATION without a header block'),
  blockInterrupted: connection(protocolError, 'a frame in the middle of a header block'),
  blockTooLong: connection(enhanceYourCalm, 'a header block that is too long'),
  tooManyContinuations: connection(enhanceYourCalm, 'a header block in too many frames'),
  switchInvalid: connection(protocolError, 'a setting that is neither 0 nor 1'),
  pushEnabled: connection(protocolError, 'a server that sets ENABLE_PUSH'),
  initialWindowTooLarge: connection(flowControlError, 'INITIAL_WINDOW_SIZE beyond 2^31-1'),
  maxFrameSizeInvalid: connection(protocolError, 'MAX_FRAME_SIZE out of its range'),
  incrementZero: connection(protocolError, 'WINDOW_UPDATE by 0'),
  streamIncrementZero: stream(protocolError, 'WINDOW_UPDATE of a stream by 0'),
} as const satisfies Record<string, Http2Fault>
