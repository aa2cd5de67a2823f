// A client that sends its body only when it is told to (Expect: 100-continue, RFC 9110 section 10.1.1). Its target is to
// tell it; where the target says nothing for a second, the load balancer does, as curl and others would go on by themselves.

import { Timed, type TimerWheel } from '../clock/timer-wheel.ts'

const PATIENCE_MS = 1000

export class Expectation extends Timed {
  readonly #wheel: TimerWheel
  readonly #continue: () => void

  constructor(wheel: TimerWheel, goOn: () => void) {
    super()
    this.#wheel = wheel
    this.#continue = goOn
    wheel.arm(this, PATIENCE_MS)
  }

  /** The client was told, or has begun by itself, or got another answer. */
  end(): void {
    this.#wheel.remove(this)
  }

  override onTimeout(): void {
    this.#continue()
  }
}
