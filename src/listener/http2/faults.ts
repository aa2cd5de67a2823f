// What ends a client's connection beyond the faults of single frames: frames that do not fit to their streams, and asking for
// too much.

import type { Http2Fault } from '../../wire/http2/faults.ts'
import { ErrorCode } from '../../wire/http2/frames.ts'

function connection(code: ErrorCode, reason: string): Http2Fault {
  return { code, scope: 'connection', reason }
}

export const connectionFaults = {
  idleStream: connection(ErrorCode.protocolError, 'a frame on a stream that was never opened'),
  windowExceeded: connection(ErrorCode.flowControlError, 'more DATA than the window of the connection'),
  windowTooLarge: connection(ErrorCode.flowControlError, 'a window beyond 2^31-1'),
  compression: connection(ErrorCode.compressionError, 'a header block that cannot be decoded'),
  tooManyResets: connection(ErrorCode.enhanceYourCalm, 'too many requests taken back'),
  tooManyIdleFrames: connection(ErrorCode.enhanceYourCalm, 'too many frames that ask for nothing'),
  headTimeout: connection(ErrorCode.enhanceYourCalm, 'a header block that does not end'),
  settingsTimeout: connection(ErrorCode.settingsTimeout, 'SETTINGS that are not acknowledged'),
} as const satisfies Record<string, Http2Fault>
