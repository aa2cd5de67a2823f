// The way of a request through an Application Load Balancer, phase by phase: admit, route, inspect, act, choose,
// forward. Each phase decides one thing, writes it into the passage, and says whether the request goes on.

import { fixedResponse } from '../actions/fixed-response.ts'
import { errorPage } from '../actions/generated-response.ts'
import { redirectLocation } from '../actions/redirect.ts'
import { eventNow } from '../clock/event-time.ts'
import { type Failure, failures } from '../exchange/failure.ts'
import type { Filter } from '../exchange/filter.ts'
import { Verdict } from '../exchange/verdict.ts'
import type { WaitingRoom } from '../exchange/waiting-room.ts'
import { refusal } from '../listener/admission.ts'
import type { RedirectUnit } from '../snapshot/application-units.ts'
import type { TargetUnit } from '../snapshot/target-group-units.ts'
import type { SessionCookies } from '../targets/session-cookies.ts'
import { StickyRequest } from '../targets/sticky-request.ts'
import { chooseTargetGroup, type RandomSource } from '../targets/weighted-groups.ts'
import { Tier } from '../wire/classification.ts'
import { forwardedTrace } from '../wire/http1/request-writer.ts'
import type { TraceIds } from '../wire/trace-id.ts'
import type { PassingExchange } from './passage.ts'
import type { ServedGroup } from './served-group.ts'
import type { ApplicationListener } from './served-listener.ts'

/** Decides one thing about a request on a listener. After `answered` the exchange must not be touched. */
export type Phase = (exchange: PassingExchange, served: ApplicationListener) => Verdict

export interface PhaseParts {
  /** Target groups in force, by ARN. */
  readonly groups: ReadonlyMap<string, ServedGroup>
  readonly cookies: SessionCookies
  readonly traceIds: TraceIds
  readonly random: RandomSource
  /** What looks at requests between their rule and its actions, in this order. */
  readonly filters: readonly Filter[]
  /** A room for a request that has to wait. */
  readonly newRoom: (exchange: PassingExchange) => WaitingRoom
}

/** The phases in their order. */
export function applicationPhases(parts: PhaseParts): readonly Phase[] {
  return [admit, route(parts), inspect(parts), act, choose(parts), forward]
}

function fail(exchange: PassingExchange, failure: Failure): Verdict {
  exchange.fail(failure)
  return Verdict.answered
}

/** Whether the request may be served at all, whatever the rules say. */
function admit(exchange: PassingExchange, { traffic, protocol }: ApplicationListener): Verdict {
  const { head, client } = exchange
  if (protocol === 'https' && client.tls === null) return fail(exchange, failures.plainOnTls)
  const refused = refusal(head, traffic)
  if (refused !== null) return fail(exchange, refused)
  // A protocol can be switched to only where no body comes first, and WebSocket is the only one (ALB-LSN-011).
  if (head.upgrade !== null && (head.hasBody || head.upgrade.toLowerCase() !== 'websocket'))
    head.upgrade = null
  return Verdict.goOn
}

/** The rule. */
function route({ traceIds }: PhaseParts): Phase {
  return (exchange, served) => {
    const { record, passage, head } = exchange
    const rule = served.router.match(exchange)
    passage.rule = rule
    record.rulePriority = rule.priority
    record.traceValue = forwardedTrace(head, traceIds, record.createdDate)
    return Verdict.goOn
  }
}

/** What filters say, one after the other. One that waits is not asked again. */
function inspect({ filters, newRoom }: PhaseParts): Phase {
  return (exchange) => {
    const { passage } = exchange
    while (passage.step < filters.length) {
      const filter = filters[passage.step++]
      const verdict = filter?.check(exchange, () => newRoom(exchange)) ?? Verdict.goOn
      if (verdict !== Verdict.goOn) return verdict
    }
    passage.step = 0
    return Verdict.goOn
  }
}

/** The rule's actions in their order. Those that answer are the last; one that forwards leaves the rest to later phases. */
function act(exchange: PassingExchange, served: ApplicationListener): Verdict {
  const { passage, record } = exchange
  const actions = passage.rule?.actions ?? []
  while (passage.step < actions.length) {
    const action = actions[passage.step++]
    switch (action?.type) {
      case 'forward':
        passage.forward = action
        record.action = 'forward'
        break
      case 'redirect':
        return redirect(exchange, served, action)
      case 'fixed-response':
        record.action = 'fixed-response'
        exchange.respondWith(fixedResponse(action))
        return Verdict.answered
      case 'unoffered':
        return fail(exchange, failures.actionUnoffered)
      case undefined:
    }
  }
  return passage.forward === null ? fail(exchange, failures.internal) : Verdict.goOn
}

function redirect(exchange: PassingExchange, served: ApplicationListener, action: RedirectUnit): Verdict {
  const { head, record } = exchange
  record.action = 'redirect'
  const location = redirectLocation(action, {
    protocol: served.protocol,
    port: served.listenerPort,
    host: head.host.name === '' ? served.dnsName : head.host.name,
    path: head.path,
    query: head.query,
  })
  if (location === null) return fail(exchange, failures.redirectTooLong)
  record.redirectUrl = location
  const { reason, body } = errorPage(action.statusCode)
  const lines = 'Content-Type: text/html\r\n'
  exchange.respondWith({ status: action.statusCode, reason, lines, location, body })
  return Verdict.answered
}

/** The target group and the target. */
function choose(parts: PhaseParts): Phase {
  return (exchange, served) => {
    const { passage, head, record } = exchange
    const rewritten = passage.rule?.transforms?.rewrite(head, head.originForm) ?? null
    if (rewritten === 'failed') return fail(exchange, failures.transformFailed)
    passage.rewritten = rewritten
    const arn = chooseGroup(exchange, served, parts)
    const group = arn === null ? undefined : parts.groups.get(arn)
    if (arn === null || group === undefined) return fail(exchange, failures.noTarget)
    passage.group = group
    record.targetGroupArn = arn
    const { protocolVersion, functionArn = null } = group.unit
    if (protocolVersion !== 'HTTP1') return fail(exchange, failures.protocolMismatch)
    const choice = group.group.choiceOf(served.zone)
    if (choice === null) return fail(exchange, failures.noTarget)
    const target = chooseTarget(exchange, served, group, parts)
    if (target === null)
      return fail(exchange, functionArn === null ? failures.noTarget : failures.functionUnreachable)
    if (choice.isFailedOver)
      group.counters(served.loadBalancer.arn, target.zone).UnhealthyRoutingRequestCount++
    passage.target = target
    return Verdict.goOn
  }
}

/** The group that the client's cookie names, or else one drawn by weight. */
function chooseGroup(
  exchange: PassingExchange,
  served: ApplicationListener,
  parts: PhaseParts,
): string | null {
  const { forward: action } = exchange.passage
  if (action === null) return null
  if (action.groupStickiness === undefined) return chooseTargetGroup(action.targetGroups, parts.random)
  const sticky = stickyRequest(exchange, served, parts)
  const arn = sticky.chooseGroup(action, exchange.head.fields, parts.random)
  if (sticky.hasInvalidGroupCookie) exchange.record.errorReason = 'AWSALBTGCookieInvalid'
  return arn
}

/** The target that the client's cookie names, or else the one that the algorithm picks. */
function chooseTarget(
  exchange: PassingExchange,
  served: ApplicationListener,
  { group, sticky: sessions }: ServedGroup,
  parts: PhaseParts,
): TargetUnit | null {
  const choice = group.choiceOf(served.zone)
  if (choice === null) return null
  // ALB-TG-325: among several groups the application's cookie counts for nothing.
  const groups = exchange.passage.forward?.targetGroups.length ?? 0
  if (sessions === null || (sessions.unit.type === 'app_cookie' && groups > 1)) return choice.pick()
  const sticky = stickyRequest(exchange, served, parts)
  const target = sticky.chooseTarget(sessions, choice, exchange.head.fields)
  if (sticky.isNewSession) served.counters.NonStickyRequestCount++
  return target
}

function stickyRequest(
  exchange: PassingExchange,
  served: ApplicationListener,
  { cookies }: PhaseParts,
): StickyRequest {
  const { passage } = exchange
  if (passage.sticky === null) {
    passage.sticky = new StickyRequest(cookies, served.protocol === 'https')
    exchange.addLines(passage.sticky)
  }
  return passage.sticky
}

/** On its way. */
function forward(exchange: PassingExchange, { traffic }: ApplicationListener): Verdict {
  const { passage, head, record } = exchange
  const { group, target, forwarding, rewritten } = passage
  if (group === null || target === null || forwarding === null) return fail(exchange, failures.internal)
  const { link, text, outcome } = group.of(target)
  record.target = text
  record.targetZone = target.zone
  record.outcome = outcome
  if (head.hasInvalidName) {
    if (traffic.dropInvalidHeaderFields) record.droppedInvalidHeader = true
    else record.forwardedInvalidHeader = true
  }
  record.dispatchedAt = eventNow()
  exchange.target = link.begin(exchange, {
    forwarding,
    trace: record.traceValue ?? '',
    rewritten,
    // After anything that parsers may read in two ways no connection to a target is used twice.
    isOneShot: head.tier >= Tier.ambiguous,
    idleTimeoutMs: traffic.idleTimeoutMs,
  })
  return Verdict.goOn
}
