// How far a request has come through the pipeline, and what was decided on the way. One object for each exchange, used
// for all of its requests.

import type { Exchange } from '../exchange/exchange.ts'
import type { Forwarding } from '../exchange/target-link.ts'
import type { MatchedRule } from '../routing/router.ts'
import type { ForwardUnit } from '../snapshot/application-units.ts'
import type { TargetUnit } from '../snapshot/target-group-units.ts'
import type { StickyRequest } from '../targets/sticky-request.ts'
import type { RewrittenParts } from '../wire/http1/request-writer.ts'
import type { ServedGroup } from './served-group.ts'
import type { ApplicationListener } from './served-listener.ts'

export type PassingExchange = Exchange<Passage>

export class Passage {
  served: ApplicationListener | null = null
  forwarding: Forwarding | null = null
  /** Index of the phase that comes next. */
  phase = 0
  /** Within a phase that is a list itself: what of it comes next. */
  step = 0
  rule: MatchedRule | null = null
  forward: ForwardUnit | null = null
  group: ServedGroup | null = null
  target: TargetUnit | null = null
  sticky: StickyRequest | null = null
  rewritten: RewrittenParts | null = null

  begin(served: ApplicationListener, forwarding: Forwarding): void {
    this.served = served
    this.forwarding = forwarding
    this.phase = 0
    this.step = 0
    this.rule = null
    this.forward = null
    this.group = null
    this.target = null
    this.sticky = null
    this.rewritten = null
  }
}
