// The numbers of HTTP/2 frames (RFC 9113 sections 4, 6, 7 and 11): types, flags, error codes, settings, limits.

/** Frame types (RFC 9113 section 6). */
export const FrameType = {
  data: 0x0,
  headers: 0x1,
  priority: 0x2,
  rstStream: 0x3,
  settings: 0x4,
  pushPromise: 0x5,
  ping: 0x6,
  goaway: 0x7,
  windowUpdate: 0x8,
  continuation: 0x9,
} as const

/** Flags; which of them a frame may have depends on its type, and others are ignored. */
export const FrameFlag = {
  ack: 0x1,
  endStream: 0x1,
  endHeaders: 0x4,
  padded: 0x8,
  priority: 0x20,
} as const

/** Error codes (RFC 9113 section 7). */
export const ErrorCode = {
  noError: 0x0,
  protocolError: 0x1,
  internalError: 0x2,
  flowControlError: 0x3,
  settingsTimeout: 0x4,
  streamClosed: 0x5,
  frameSizeError: 0x6,
  refusedStream: 0x7,
  cancel: 0x8,
  compressionError: 0x9,
  connectError: 0xa,
  enhanceYourCalm: 0xb,
  inadequateSecurity: 0xc,
  http11Required: 0xd,
} as const
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode]

/** Settings (RFC 9113 section 6.5.2; the last one RFC 8441). */
export const SettingId = {
  headerTableSize: 0x1,
  enablePush: 0x2,
  maxConcurrentStreams: 0x3,
  initialWindowSize: 0x4,
  maxFrameSize: 0x5,
  maxHeaderListSize: 0x6,
  enableConnectProtocol: 0x8,
} as const

/** What a client sends first (RFC 9113 section 3.4). */
export const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'

export const FRAME_HEADER_BYTES = 9
/** Of one setting: its identifier and its value. */
export const SETTING_BYTES = 6
/** The smallest and the largest value of SETTINGS_MAX_FRAME_SIZE; the smallest is the value at the beginning. */
export const FRAME_BYTES_MAX_LEAST = 16_384
export const FRAME_BYTES_MAX_MOST = 2 ** 24 - 1
/** A window at the beginning, and the largest there may be (RFC 9113 section 6.9.1). */
export const WINDOW_AT_FIRST = 65_535
export const WINDOW_MAX = 2 ** 31 - 1
export const STREAM_MAX = 2 ** 31 - 1
/** SETTINGS_HEADER_TABLE_SIZE at the beginning. */
export const HEADER_TABLE_BYTES_AT_FIRST = 4096
