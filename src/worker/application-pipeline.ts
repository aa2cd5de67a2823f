// Takes the requests of Application Load Balancers through their phases, and gives the records of those that are over to
// the sinks of their listener. The one loop that every request passes.

import { errorPage, plainOnTlsPage } from '../actions/generated-response.ts'
import type { TimerWheel } from '../clock/timer-wheel.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { type Failure, failures } from '../exchange/failure.ts'
import { Verdict } from '../exchange/verdict.ts'
import type { Forwarding } from '../exchange/target-link.ts'
import { WaitingRoom } from '../exchange/waiting-room.ts'
import type { RequestHandler } from '../listener/handler.ts'
import { type PassingExchange, Passage } from './passage.ts'
import { applicationPhases, type Phase, type PhaseParts } from './phases.ts'
import type { ApplicationListener } from './served-listener.ts'

export class ApplicationPipeline implements RequestHandler<ApplicationListener, Passage> {
  readonly #phases: readonly Phase[]

  /** `wheel` times the requests that wait. */
  constructor(parts: Omit<PhaseParts, 'newRoom'>, wheel: TimerWheel) {
    const newRoom = (exchange: PassingExchange): WaitingRoom =>
      new WaitingRoom(exchange, wheel, () => this.#continue(exchange))
    this.#phases = applicationPhases({ ...parts, newRoom })
  }

  newPassage(): Passage {
    return new Passage()
  }

  handle(exchange: PassingExchange, served: ApplicationListener, forwarding: Forwarding): void {
    exchange.passage.begin(served, forwarding)
    exchange.record.kind = served.loadBalancer.kind
    this.#continue(exchange)
  }

  /** From the phase that comes next to the first that does not let the request go on. */
  #continue(exchange: PassingExchange): Verdict {
    const { passage } = exchange
    const { served } = passage
    if (served === null) {
      exchange.fail(failures.internal)
      return Verdict.answered
    }
    for (;;) {
      const phase = this.#phases[passage.phase]
      if (phase === undefined) return Verdict.goOn
      const verdict = phase(exchange, served)
      if (verdict !== Verdict.goOn) return verdict
      passage.phase++
    }
  }

  answer(exchange: PassingExchange, failure: Failure): void {
    if (failure.retry === 'unsent') exchange.record.dispatchedAt = -1
    const userAgent = exchange.head.fields.first('user-agent')
    const { reason, body } =
      failure === failures.plainOnTls ? plainOnTlsPage(userAgent) : errorPage(failure.status, userAgent)
    const lines = body === '' ? '' : 'Content-Type: text/html\r\n'
    exchange.respondWith({ status: failure.status, reason, lines, body })
  }

  record(exchange: Exchange<Passage>, served: ApplicationListener | null): void {
    if (served === null) return
    for (const sink of served.sinks) sink.add(exchange)
  }
}
