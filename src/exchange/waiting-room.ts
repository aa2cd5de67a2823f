// Where a request waits that cannot go on yet: it takes the request's body in place of a target, up to a bound, and gives
// it to whoever comes next. One room per wait, left once and for all.

import { Timed, type TimerWheel } from '../clock/timer-wheel.ts'
import type { HeaderFields } from '../wire/header-fields.ts'
import type { Exchange, OwnAnswer } from './exchange.ts'
import type { Failure } from './failure.ts'
import { Verdict } from './verdict.ts'
import type { TargetSide } from './target-side.ts'

/** Body bytes that are kept; then the client has to wait. One read of the client's socket may go beyond it. */
export const WAITING_BYTES_MAX = 64 * 1024

/** How long a request may wait, and what happens where it does not go on. */
export interface Wait {
  readonly timeoutMs: number
  /** What the request fails with when the time is over. */
  readonly onTimeout: Failure
  /** Called when nobody waits any more: the client has gone or the time is over. What was begun should be cancelled. */
  readonly cancel: () => void
}

export class WaitingRoom extends Timed implements TargetSide {
  readonly #wheel: TimerWheel
  readonly #continue: () => Verdict
  #exchange: Exchange | null
  #wait: Wait | null = null
  #pieces: Buffer[] = []
  #bytes = 0
  #hasEnded = false
  #trailers: HeaderFields | null = null
  #isResumeOwed = false

  /** `goOn` has the pipeline take up the request behind the phase that waits, and says how far it came. */
  constructor(exchange: Exchange, wheel: TimerWheel, goOn: () => Verdict) {
    super()
    this.#exchange = exchange
    this.#wheel = wheel
    this.#continue = goOn
  }

  /** Begins to wait. */
  open(wait: Wait): void {
    if (this.#exchange === null) return
    this.#wait = wait
    this.#exchange.target = this
    this.#wheel.arm(this, wait.timeoutMs)
  }

  /** Whether somebody still waits. What comes too late for that may be thrown away. */
  get isOpen(): boolean {
    return this.#exchange !== null
  }

  /** The request goes on; whoever becomes its target gets the body as it came. Does nothing if nobody waits any more. */
  goOn(): void {
    const exchange = this.#leave()
    if (exchange === null) return
    exchange.target = null
    // With its answer the exchange is somebody else's.
    if (this.#continue() !== Verdict.answered) this.#replay(exchange)
  }

  /** The request gets an answer and goes no further. Does nothing if nobody waits any more. */
  answer(answer: OwnAnswer): void {
    this.#leave()?.respondWith(answer)
  }

  /** The request fails. Does nothing if nobody waits any more. */
  fail(failure: Failure): void {
    this.#leave()?.fail(failure)
  }

  // ---- the client's side calls ----

  sendBody(buffer: Buffer, start: number, end: number): boolean {
    this.#pieces.push(Buffer.from(buffer.subarray(start, end)))
    this.#bytes += end - start
    if (this.#bytes < WAITING_BYTES_MAX) return true
    this.#isResumeOwed = true
    return false
  }

  endBody(trailers: HeaderFields | null): void {
    this.#hasEnded = true
    this.#trailers = trailers
  }

  flush(): void {}

  resumeResponse(): void {}

  abort(): void {
    const wait = this.#wait
    if (this.#leave() !== null) wait?.cancel()
  }

  override onTimeout(): void {
    const wait = this.#wait
    const exchange = this.#leave()
    if (exchange === null || wait === null) return
    wait.cancel()
    exchange.fail(wait.onTimeout)
  }

  #leave(): Exchange | null {
    const exchange = this.#exchange
    this.#exchange = null
    this.#wait = null
    this.#wheel.remove(this)
    return exchange
  }

  /** Gives what was kept to the target, or to the next room. */
  #replay(exchange: Exchange): void {
    const { target } = exchange
    if (target === null) return
    let mayGoOn = true
    for (const piece of this.#pieces) {
      if (!target.sendBody(piece, 0, piece.length, false)) mayGoOn = false
    }
    this.#pieces = []
    if (this.#hasEnded) target.endBody(this.#trailers)
    target.flush()
    if (mayGoOn && this.#isResumeOwed) exchange.resumeRequest()
  }
}
