// Flow control (RFC 9113 section 5.2 and 6.9): how much may be sent, and how much of what was received is given back when.

import { WINDOW_MAX } from './frames.ts'

/** What the peer lets be sent, on a stream or on the connection. */
export class SendWindow {
  /** Bytes that may be sent; below 0 after the peer made INITIAL_WINDOW_SIZE smaller. */
  available: number

  constructor(bytes: number) {
    this.available = bytes
  }

  reset(bytes: number): void {
    this.available = bytes
  }

  consume(bytes: number): void {
    this.available -= bytes
  }

  /** A WINDOW_UPDATE, or by how much INITIAL_WINDOW_SIZE changes; false: a FLOW_CONTROL_ERROR. */
  widen(bytes: number): boolean {
    this.available += bytes
    return this.available <= WINDOW_MAX
  }
}

/** What the peer may send, on a stream or on the connection. */
export class ReceiveWindow {
  /** The most that the peer may have sent and not been given back. */
  readonly #size: number
  /** What the peer may still send. */
  #available: number
  /** Dealt with, and not told to the peer yet. */
  #dealtWith = 0

  /** `size`: what is kept available; `atFirst`: what the peer believes to have. */
  constructor(size: number, atFirst = size) {
    this.#size = size
    this.#available = atFirst
  }

  reset(): void {
    this.#available = this.#size
    this.#dealtWith = 0
  }

  /** What the peer has to be told at the beginning, where it believes to have less; 0: nothing. */
  openFully(): number {
    const increment = this.#size - this.#available
    this.#available = this.#size
    return increment
  }

  /** Bytes have come, padding included; false: more than was allowed, a FLOW_CONTROL_ERROR. */
  receive(bytes: number): boolean {
    this.#available -= bytes
    return this.#available >= 0
  }

  /**
   * Bytes have been dealt with. Returns by how much the peer's window is to be made larger now, or 0: not for less than
   * half of it, so that there are few frames.
   */
  release(bytes: number): number {
    this.#dealtWith += bytes
    if (this.#dealtWith * 2 < this.#size) return 0
    const increment = this.#dealtWith
    this.#dealtWith = 0
    this.#available += increment
    return increment
  }
}
