// The settings of a peer (RFC 9113 section 6.5.2): which values there may be, and what is in force.

import { frameFaults, type Http2Fault } from './faults.ts'
import {
  FRAME_BYTES_MAX_LEAST,
  FRAME_BYTES_MAX_MOST,
  HEADER_TABLE_BYTES_AT_FIRST,
  SettingId,
  WINDOW_AT_FIRST,
  WINDOW_MAX,
} from './frames.ts'

/** What is wrong with a value, or null; identifiers that are not known may have any. */
export function settingFault(id: number, value: number): Http2Fault | null {
  switch (id) {
    case SettingId.enablePush:
    case SettingId.enableConnectProtocol:
      return value > 1 ? frameFaults.switchInvalid : null
    case SettingId.initialWindowSize:
      return value > WINDOW_MAX ? frameFaults.initialWindowTooLarge : null
    case SettingId.maxFrameSize:
      return value < FRAME_BYTES_MAX_LEAST || value > FRAME_BYTES_MAX_MOST
        ? frameFaults.maxFrameSizeInvalid
        : null
    default:
      return null
  }
}

/** What a peer has set; at first what RFC 9113 says. */
export class PeerSettings {
  headerTableBytes = HEADER_TABLE_BYTES_AT_FIRST
  /** Infinity: any number. */
  concurrentStreamsMax = Infinity
  initialWindow = WINDOW_AT_FIRST
  frameBytesMax = FRAME_BYTES_MAX_LEAST
  /** Infinity: any length. */
  headerListBytesMax = Infinity

  /** Takes over the pairs of a SETTINGS frame, in their order. */
  apply(entries: readonly number[]): void {
    for (let at = 0; at + 1 < entries.length; at += 2) {
      const value = entries[at + 1] as number
      switch (entries[at] as number) {
        case SettingId.headerTableSize:
          this.headerTableBytes = value
          break
        case SettingId.maxConcurrentStreams:
          this.concurrentStreamsMax = value
          break
        case SettingId.initialWindowSize:
          this.initialWindow = value
          break
        case SettingId.maxFrameSize:
          this.frameBytesMax = value
          break
        case SettingId.maxHeaderListSize:
          this.headerListBytesMax = value
      }
    }
  }
}
