// Who hears what a frame reader finds.

import type { Http2Fault } from './faults.ts'

/** Stream numbers are odd, but for those of `priority`, and 0 in `windowUpdate`, which is the connection. */
export interface FrameSink {
  /**
   * Bytes of a body, `start` to `end` of `buffer`, valid during the call only. One frame may come in several calls; the
   * span may be empty. `flowBytes` is what counts against the windows, padding included; `isEndStream` is true in the
   * last call of a frame that ends its stream.
   */
  data(
    stream: number,
    buffer: Buffer,
    start: number,
    end: number,
    flowBytes: number,
    isEndStream: boolean,
  ): void
  /** A whole header block, in as many frames as it came; `block` is valid during the call only. */
  headers(stream: number, block: Buffer, start: number, end: number, isEndStream: boolean): void
  priority(stream: number): void
  rstStream(stream: number, code: number): void
  /** Pairs of identifier and value in the order they came, unknown identifiers too; valid during the call only. */
  settings(entries: readonly number[]): void
  settingsAck(): void
  /** Eight bytes from `start` on, valid during the call only. */
  ping(buffer: Buffer, start: number): void
  pingAck(buffer: Buffer, start: number): void
  goaway(lastStream: number, code: number): void
  /** `increment` is not 0. */
  windowUpdate(stream: number, increment: number): void
  /** A frame of a type that is not known begins; it is skipped (RFC 9113 section 4.1). */
  unknownFrame(type: number): void
  /** A fault that ends this stream alone; reading goes on. */
  streamFault(stream: number, fault: Http2Fault): void
}
