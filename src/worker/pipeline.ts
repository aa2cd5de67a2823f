// The way of a request, top to bottom: rules, action, target, and at the end the record. The one place that puts
// routing, actions, targets, connections and recording together.

import type { Clock } from '../clock/clock.ts'
import { eventNow } from '../clock/event-time.ts'
import { errorPage } from '../actions/generated-response.ts'
import { fixedResponse } from '../actions/fixed-response.ts'
import { redirectLocation } from '../actions/redirect.ts'
import { type Failure, failures } from '../exchange/failure.ts'
import type { Http1Connection } from '../listener/http1/connection.ts'
import type { RequestHandler } from '../listener/serving.ts'
import { type Counters, countRequest, type LoadBalancerCounters } from '../recording/application/counters.ts'
import type { MatchedRule } from '../routing/router.ts'
import type { FixedResponseUnit, ForwardUnit, RedirectUnit } from '../snapshot/application-units.ts'
import type { TargetGroupUnit, TargetUnit } from '../snapshot/target-group-units.ts'
import type { SessionCookies } from '../targets/session-cookies.ts'
import type { StickyGroup } from '../targets/sticky-group.ts'
import { StickyRequest } from '../targets/sticky-request.ts'
import type { TargetChoice } from '../targets/target-group.ts'
import { chooseTargetGroup } from '../targets/weighted-groups.ts'
import { Tier } from '../wire/classification.ts'
import { forwardedTrace, writeRequestHead } from '../wire/http1/request-writer.ts'
import { TraceIds } from '../wire/trace-id.ts'
import type { ListenerRuntime, Runtime } from './serving.ts'

export type Connection = Http1Connection<ListenerRuntime>

export class Pipeline implements RequestHandler<ListenerRuntime> {
  readonly #runtime: Runtime
  readonly #counters: Counters
  readonly #clock: Clock
  readonly #cookies: SessionCookies
  readonly #traceIds = new TraceIds()
  /** Open connections with the counters that they were opened under. */
  readonly #connections = new Map<Connection, LoadBalancerCounters | undefined>()
  #onEmpty: (() => void) | null = null

  constructor(runtime: Runtime, counters: Counters, clock: Clock, cookies: SessionCookies) {
    this.#runtime = runtime
    this.#counters = counters
    this.#clock = clock
    this.#cookies = cookies
  }

  /** An admitted request. */
  handle(connection: Connection, served: ListenerRuntime): void {
    const { head, record } = connection
    const rule = served.router.match(connection)
    record.rulePriority = rule.priority
    record.traceValue = forwardedTrace(head, this.#traceIds, record.createdDate)
    const action = rule.actions[rule.actions.length - 1]
    switch (action?.type) {
      case 'forward':
        this.#forward(connection, served, action, rule.transforms)
        return
      case 'redirect':
        this.#redirect(connection, served, action)
        return
      case 'fixed-response':
        this.#respondFixed(connection, action)
        return
      case undefined:
        connection.fail(failures.internal)
    }
  }

  #forward(
    connection: Connection,
    served: ListenerRuntime,
    action: ForwardUnit,
    transforms: MatchedRule['transforms'],
  ): void {
    const { head, record } = connection
    record.action = 'forward'
    const rewritten = transforms === null ? null : transforms.rewrite(head, head.originForm)
    if (rewritten === 'failed') {
      connection.fail(failures.transformFailed)
      return
    }
    const sticky = action.groupStickiness === undefined ? null : this.#stickyRequest(connection, served)
    const arn =
      sticky === null
        ? chooseTargetGroup(action.targetGroups, Math.random)
        : this.#stickyGroup(connection, action, sticky)
    const group = arn === null ? undefined : this.#runtime.groups.get(arn)
    if (arn === null || group === undefined) {
      connection.fail(failures.noTarget)
      return
    }
    record.targetGroupArn = arn
    if (group.unit.protocolVersion !== 'HTTP1') {
      connection.fail(failures.protocolMismatch)
      return
    }
    if (group.unit.protocol !== 'HTTP') {
      connection.fail(failures.targetProtocolUnsupported)
      return
    }
    const choice = group.group.choiceOf(served.zone)
    if (choice === null) {
      connection.fail(failures.noTarget)
      return
    }
    const target =
      group.sticky === null
        ? choice.pick()
        : this.#stickyTarget(connection, served, action, group.sticky, choice, sticky)
    if (target === null || connection.forwarding === null) {
      this.#failWithoutTarget(connection, group.unit)
      return
    }
    if (choice.isFailedOver) {
      group.counters(this.#counters, served.loadBalancer.arn, target.zone).UnhealthyRoutingRequestCount++
    }
    const runtime = group.of(target)
    record.target = runtime.text
    record.targetZone = target.zone
    record.outcome = runtime.outcome
    if (head.hasInvalidName) {
      if (served.traffic.dropInvalidHeaderFields) record.droppedInvalidHeader = true
      else record.forwardedInvalidHeader = true
    }
    const text = writeRequestHead(
      head,
      connection.forwarding,
      connection.own,
      record.traceValue ?? '',
      rewritten,
    )
    record.dispatchedAt = eventNow()
    // After anything that parsers may read in two ways no connection to a target is used twice.
    const isOneShot = head.tier >= Tier.ambiguous
    connection.target = runtime.pool.send(connection, text, served.traffic.idleTimeoutMs, isOneShot)
  }

  #failWithoutTarget(connection: Connection, { functionArn = null }: TargetGroupUnit): void {
    if (functionArn === null) {
      connection.fail(failures.noTarget)
      return
    }
    connection.fail(failures.functionUnreachable)
  }

  #stickyRequest(connection: Connection, served: ListenerRuntime): StickyRequest {
    const sticky = new StickyRequest(this.#cookies, served.protocol === 'https')
    connection.addToAnswer(sticky)
    return sticky
  }

  /** The group that the client's cookie names, or else one drawn by weight. */
  #stickyGroup({ head, record }: Connection, action: ForwardUnit, sticky: StickyRequest): string | null {
    const arn = sticky.chooseGroup(action, head.fields, Math.random)
    if (sticky.hasInvalidGroupCookie) record.errorReason = 'AWSALBTGCookieInvalid'
    return arn
  }

  /** The target that the client's cookie names, or else the one that the algorithm picks. */
  #stickyTarget(
    connection: Connection,
    served: ListenerRuntime,
    action: ForwardUnit,
    sessions: StickyGroup,
    choice: TargetChoice,
    begun: StickyRequest | null,
  ): TargetUnit | null {
    // ALB-TG-325: among several groups the application's cookie counts for nothing.
    if (sessions.unit.type === 'app_cookie' && action.targetGroups.length > 1) return choice.pick()
    const sticky = begun ?? this.#stickyRequest(connection, served)
    let target = sticky.findTarget(sessions, connection.head.fields)
    if (target === null) {
      served.counters.NonStickyRequestCount++
      target = choice.pick()
    }
    if (target !== null) sticky.took(sessions, target)
    return target
  }

  #redirect(connection: Connection, served: ListenerRuntime, action: RedirectUnit): void {
    const { head, record } = connection
    record.action = 'redirect'
    const location = redirectLocation(action, {
      protocol: served.protocol,
      port: served.listenerPort,
      host: head.host.name === '' ? served.loadBalancer.dnsName : head.host.name,
      path: head.path,
      query: head.query,
    })
    if (location === null) {
      connection.fail(failures.redirectTooLong)
      return
    }
    record.redirectUrl = location
    const page = errorPage(action.statusCode)
    connection.respondWith(
      action.statusCode,
      page.reason,
      `Location: ${location}\r\nContent-Type: text/html\r\n`,
      page.body,
    )
  }

  #respondFixed(connection: Connection, action: FixedResponseUnit): void {
    connection.record.action = 'fixed-response'
    const answer = fixedResponse(action)
    connection.respondWith(answer.status, answer.reason, answer.lines, answer.body)
  }

  /** The answer to a request that failed. */
  answer(connection: Connection, failure: Failure): void {
    const { record } = connection
    if (failure.retry === 'unsent') record.dispatchedAt = -1
    const page = errorPage(failure.status)
    const lines = page.body === '' ? '' : 'Content-Type: text/html\r\n'
    connection.respondWith(failure.status, page.reason, lines, page.body)
  }

  /** A finished request, whatever became of it. */
  record(connection: Connection, served: ListenerRuntime | null): void {
    if (served === null) return
    const { record } = connection
    const arn = record.targetGroupArn
    const zone = record.targetZone === '' ? served.zone : record.targetZone
    const group = arn === null ? undefined : this.#runtime.groups.get(arn)
    const counters = group?.counters(this.#counters, served.loadBalancer.arn, zone) ?? null
    countRequest(record, served.counters, counters)
    record.outcome?.ended(record)
    if (served.log === null) return
    const isLate = record.respondedAt === -1 || record.type !== 'http'
    const now = isLate ? performance.now() : record.respondedAt
    const line = served.lines.line(record, connection.head, connection.clientText, now)
    served.log.append(line, this.#clock.dateAt(now))
  }

  opened(connection: Connection): void {
    const counters = connection.binding.select('')?.counters
    this.#connections.set(connection, counters)
    if (counters === undefined) return
    counters.NewConnectionCount++
    counters.ActiveConnectionCount++
  }

  closed(connection: Connection): void {
    const counters = this.#connections.get(connection)
    if (counters !== undefined) counters.ActiveConnectionCount--
    this.#connections.delete(connection)
    if (this.#connections.size === 0) this.#onEmpty?.()
  }

  /** Closes idle connections now and the others after their present answer; calls `onEmpty` when none is left. */
  drain(onEmpty: () => void): void {
    this.#onEmpty = onEmpty
    for (const connection of this.#connections.keys()) connection.drain()
    if (this.#connections.size === 0) onEmpty()
  }

  /** Closes the idle connections of one binding. */
  drainBinding(binding: Connection['binding']): void {
    for (const connection of this.#connections.keys()) if (connection.binding === binding) connection.drain()
  }
}
