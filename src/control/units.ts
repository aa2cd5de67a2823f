// From stored resources to what crosses to the workers and to the health checker: units of the snapshot and health
// check plans, with defaults filled in and settings in the units that traffic uses.

import { isDeepStrictEqual } from 'node:util'
import type { TargetHealthReader } from '../api/environment.ts'
import type { AnomalyMonitor } from '../health/anomaly-monitor.ts'
import type { InboundRule } from '../directory/directory.ts'
import { loadBalancerId } from '../model/arns.ts'
import { effectiveAttributes, loadBalancerAttributes, targetGroupAttributes } from '../model/attributes.ts'
import { responseHeaderValues, SERVER_ENABLED } from '../model/listener-attributes.ts'
import type {
  Action,
  Listener,
  Rule,
  RuleCondition,
  RuleTransform,
  Target,
  TargetGroupUse,
} from '../model/resources.ts'
import type { HealthCheckPlan } from '../model/target-health.ts'
import { type HealthyMinimum, ONE_HEALTHY } from '../model/target-group-health.ts'
import type { ZoneSettings } from '../model/settings.ts'
import { targetKey } from '../model/target-key.ts'
import { isProbed, targetStatus } from '../model/target-status.ts'
import type {
  AccessLogTarget,
  ActionUnit,
  ConditionUnit,
  DefaultRuleUnit,
  ListenerUnit,
  LoadBalancerUnit,
  RewriteUnit,
  RuleUnit,
  SnapshotUpdate,
  TargetGroupUnit,
  TargetState,
  TargetUnit,
  TrafficAttributes,
  TransformsUnit,
} from '../snapshot/snapshot.ts'
import type { RowReader, Store, StoreChange } from '../store/store.ts'
import { stickinessOf } from './stickiness-unit.ts'
import { admittedBlocks, type InboundRules } from './admission.ts'
import { nodeAddresses } from './node-addresses.ts'
import type { SlowStarts } from './slow-starts.ts'
import type { ZoneHealth } from './zone-health.ts'

export interface UnitOptions {
  readonly health: TargetHealthReader
  /** Added to the port of a listener to get the port its sockets are bound to; 0 unless low ports are out of reach. */
  readonly portOffset: number
  /** Where the zones' IPv6 addresses are. Missing: they have none of their own. */
  readonly zones?: readonly ZoneSettings[]
  /** What security groups let in; load balancers that are not named admit everyone. */
  readonly inbound?: InboundRules
  /** Missing: every target has its full share as soon as it is healthy. */
  readonly slowStarts?: SlowStarts
  /** Missing: every target has a full weight. */
  readonly anomalies?: AnomalyMonitor
  /** Is told what zones there are and who is healthy in them. */
  readonly zoneHealth?: ZoneHealth
  /** Zones that traffic of a load balancer is shifted away from. Missing: none. */
  readonly shiftedZones?: (loadBalancerArn: string) => ReadonlySet<string>
}

/** The part of an update that depends on resources. */
export type Units = Omit<SnapshotUpdate, 'version' | 'full'>

/** Rows that are read at a time. */
const BATCH = 500

/** Units of the named resources as stored now; those that no longer exist are listed as removed. */
export async function buildUnits(store: Store, change: StoreChange, options: UnitOptions): Promise<Units> {
  return await store.read(async (rows) => {
    const loadBalancers: LoadBalancerUnit[] = []
    const targetGroups: TargetGroupUnit[] = []
    const removedLoadBalancers: string[] = []
    const removedTargetGroups: string[] = []
    for (const arn of change.loadBalancers) {
      const unit = await loadBalancerUnit(rows, arn, options)
      if (unit === undefined) {
        options.zoneHealth?.removeLoadBalancer(arn)
        removedLoadBalancers.push(arn)
        continue
      }
      options.zoneHealth?.putLoadBalancer(arn, [...new Set(unit.nodes.map(({ zone }) => zone))])
      loadBalancers.push(unit)
    }
    for (const arn of change.targetGroups) {
      const unit = await targetGroupUnit(rows, arn, options)
      if (unit === undefined) {
        options.slowStarts?.forget(arn)
        options.anomalies?.forget(arn)
        options.zoneHealth?.removeGroup(arn)
        removedTargetGroups.push(arn)
      } else targetGroups.push(unit)
    }
    return { loadBalancers, targetGroups, removedLoadBalancers, removedTargetGroups }
  })
}

/** What to probe in a target group now, or null when nothing is: not in use, gone, or no target to probe. */
export async function healthPlanOf(store: Store, targetGroupArn: string): Promise<HealthCheckPlan | null> {
  return await store.read(async (rows) => {
    const group = await rows.targetGroup(targetGroupArn)
    const use = await rows.targetGroupUse(targetGroupArn)
    if (group === undefined || use === undefined || group.targetType === 'lambda') return null
    const { healthCheck } = group
    const probed = (await rows.targets(targetGroupArn)).filter((target) => isProbed(target, use))
    if (probed.length === 0) return null
    return {
      targetGroup: targetGroupArn,
      protocol: healthCheck.protocol,
      path: healthCheck.path,
      intervalMs: healthCheck.intervalSeconds * 1000,
      timeoutMs: healthCheck.timeoutSeconds * 1000,
      healthyThreshold: healthCheck.healthyThreshold,
      unhealthyThreshold: healthCheck.unhealthyThreshold,
      matcher: healthCheck.matcher,
      targets: probed.map(({ id, port, address }) => ({
        key: targetKey(id, port),
        address,
        port: healthCheck.port === 'traffic-port' ? port : Number(healthCheck.port),
      })),
    }
  })
}

/** The plans of several groups; null where nothing is to be probed. */
export async function buildHealthPlans(
  store: Store,
  targetGroupArns: Iterable<string>,
): Promise<ReadonlyMap<string, HealthCheckPlan | null>> {
  const plans = new Map<string, HealthCheckPlan | null>()
  for (const arn of targetGroupArns) plans.set(arn, await healthPlanOf(store, arn))
  return plans
}

async function loadBalancerUnit(
  rows: RowReader,
  arn: string,
  { portOffset, inbound, zones = [] }: UnitOptions,
): Promise<LoadBalancerUnit | undefined> {
  const loadBalancer = await rows.loadBalancer(arn)
  if (loadBalancer === undefined) return undefined
  const attributes = effectiveAttributes(loadBalancerAttributes, await rows.attributes(arn))
  const listeners: ListenerUnit[] = []
  for (let after: number | null = 0; after !== null;) {
    const page = await rows.listeners(arn, { after, limit: BATCH })
    for (const listener of page.items) {
      // HTTPS listeners carry no traffic yet: their port stays closed rather than open in clear text.
      if (listener.protocol !== 'HTTP') continue
      const rules = await allRules(rows, listener.arn)
      const headers = responseHeaders(await rows.attributes(listener.arn))
      const admitted = admittedBy(inbound?.get(arn), listener.port)
      listeners.push({ ...listenerUnit(listener, rules, portOffset), ...headers, ...admitted })
    }
    after = page.next
  }
  return {
    arn,
    id: loadBalancerId(arn),
    dnsName: loadBalancer.dnsName,
    accountId: loadBalancer.accountId,
    region: loadBalancer.region,
    traffic: trafficAttributes(attributes),
    accessLog: accessLog(attributes),
    nodes: nodeAddresses(loadBalancer, zones),
    listeners,
  }
}

async function allRules(rows: RowReader, listenerArn: string): Promise<readonly Rule[]> {
  const rules: Rule[] = []
  for (let after: number | null = 0; after !== null;) {
    const page = await rows.rules(listenerArn, { after, limit: BATCH })
    rules.push(...page.items)
    after = page.next
  }
  return rules
}

function trafficAttributes(attributes: ReadonlyMap<string, string>): TrafficAttributes {
  const text = (key: string): string => attributes.get(key) ?? ''
  const seconds = (key: string): number => Number(text(key)) * 1000
  return {
    idleTimeoutMs: seconds('idle_timeout.timeout_seconds'),
    clientKeepAliveMs: seconds('client_keep_alive.seconds'),
    desyncMitigationMode: text(
      'routing.http.desync_mitigation_mode',
    ) as TrafficAttributes['desyncMitigationMode'],
    dropInvalidHeaderFields: text('routing.http.drop_invalid_header_fields.enabled') === 'true',
    preserveHostHeader: text('routing.http.preserve_host_header.enabled') === 'true',
    xffHeaderProcessingMode: text(
      'routing.http.xff_header_processing.mode',
    ) as TrafficAttributes['xffHeaderProcessingMode'],
    xffClientPort: text('routing.http.xff_client_port.enabled') === 'true',
  }
}

function accessLog(attributes: ReadonlyMap<string, string>): AccessLogTarget | null {
  const bucket = attributes.get('access_logs.s3.bucket') ?? ''
  if (attributes.get('access_logs.s3.enabled') !== 'true' || bucket === '') return null
  return { bucket, prefix: attributes.get('access_logs.s3.prefix') ?? '' }
}

/** What the attributes of a listener want of responses; nothing where they are as at first. */
function responseHeaders(set: ReadonlyMap<string, string>): Pick<ListenerUnit, 'responseHeaders'> {
  const values = responseHeaderValues(set)
  const hasServer = set.get(SERVER_ENABLED) !== 'false'
  return values.length === 0 && hasServer ? {} : { responseHeaders: { hasServer, values } }
}

function admittedBy(rules: readonly InboundRule[] | undefined, port: number): Pick<ListenerUnit, 'admitted'> {
  const admitted = rules === undefined ? null : admittedBlocks(rules, port)
  return admitted === null ? {} : { admitted }
}

/** A listener with its rules, which come by ascending priority and end with the default rule. */
export function listenerUnit(listener: Listener, rules: readonly Rule[], portOffset: number): ListenerUnit {
  const compiled: RuleUnit[] = []
  let defaultRule: DefaultRuleUnit | undefined
  for (const { arn, priority, conditions, actions, transforms } of rules) {
    const unit = { arn, actions: actions.map(actionUnit) }
    if (priority === null) defaultRule = unit
    else {
      const rewriting = transforms.length === 0 ? {} : { transforms: transformsUnit(transforms) }
      compiled.push({ ...unit, priority, conditions: conditions.map(conditionUnit), ...rewriting })
    }
  }
  if (defaultRule === undefined) throw new Error(`Listener ${listener.arn} has no default rule`)
  return {
    arn: listener.arn,
    protocol: 'HTTP',
    port: listener.port,
    bindPort: listener.port + portOffset,
    rules: compiled,
    defaultRule,
  }
}

function transformsUnit(transforms: Rule['transforms']): TransformsUnit {
  const rewriteOf = (type: RuleTransform['Type']): RewriteUnit | null => {
    const transform = transforms.find(({ Type }) => Type === type)
    const [rewrite] = (transform?.HostHeaderRewriteConfig ?? transform?.UrlRewriteConfig)?.Rewrites ?? []
    if (rewrite?.Regex === undefined) return null
    return { expression: rewrite.Regex, replacement: rewrite.Replace ?? '' }
  }
  return { host: rewriteOf('host-header-rewrite'), url: rewriteOf('url-rewrite') }
}

/** An action as kept by the API: checked, and with the parts of a redirect filled in. */
function actionUnit({ Type, ForwardConfig, RedirectConfig, FixedResponseConfig }: Action): ActionUnit {
  if (Type === 'forward') {
    const { Enabled, DurationSeconds = 0 } = ForwardConfig?.TargetGroupStickinessConfig ?? {}
    return {
      type: 'forward',
      ...(Enabled === true ? { groupStickiness: { durationMs: DurationSeconds * 1000 } } : {}),
      targetGroups: (ForwardConfig?.TargetGroups ?? []).map(({ TargetGroupArn = '', Weight = 1 }) => ({
        arn: TargetGroupArn,
        weight: Weight,
      })),
    }
  }
  if (Type === 'redirect') {
    return {
      type: 'redirect',
      statusCode: RedirectConfig?.StatusCode === 'HTTP_301' ? 301 : 302,
      protocol: RedirectConfig?.Protocol ?? '#{protocol}',
      host: RedirectConfig?.Host ?? '#{host}',
      port: RedirectConfig?.Port ?? '#{port}',
      path: RedirectConfig?.Path ?? '/#{path}',
      query: RedirectConfig?.Query ?? '#{query}',
    }
  }
  if (Type === 'fixed-response') {
    const messageBody = FixedResponseConfig?.MessageBody ?? ''
    return {
      type: 'fixed-response',
      statusCode: Number(FixedResponseConfig?.StatusCode),
      // ALB-LSN Q35: a body without a type is plain text.
      contentType: FixedResponseConfig?.ContentType ?? (messageBody === '' ? null : 'text/plain'),
      messageBody,
    }
  }
  throw new Error(`Action type ${Type} has no unit`)
}

function conditionUnit(condition: RuleCondition): ConditionUnit {
  const { Field: field } = condition
  const expressions =
    condition.HostHeaderConfig?.RegexValues ??
    condition.PathPatternConfig?.RegexValues ??
    condition.HttpHeaderConfig?.RegexValues
  if (expressions !== undefined) {
    if (field === 'host-header') return { field: 'host-header-regex', expressions }
    if (field === 'path-pattern') return { field: 'path-pattern-regex', expressions }
    const headerName = condition.HttpHeaderConfig?.HttpHeaderName ?? ''
    return { field: 'http-header-regex', headerName, expressions }
  }
  if (field === 'host-header') return { field, values: condition.HostHeaderConfig?.Values ?? [] }
  if (field === 'path-pattern') return { field, values: condition.PathPatternConfig?.Values ?? [] }
  if (field === 'http-request-method') {
    return { field, values: condition.HttpRequestMethodConfig?.Values ?? [] }
  }
  if (field === 'source-ip') return { field, values: condition.SourceIpConfig?.Values ?? [] }
  if (field === 'http-header') {
    const { HttpHeaderName = '', Values = [] } = condition.HttpHeaderConfig ?? {}
    return { field, headerName: HttpHeaderName, values: Values }
  }
  if (field === 'query-string') {
    const pairs = condition.QueryStringConfig?.Values ?? []
    return { field, values: pairs.map(({ Key, Value = '' }) => ({ key: Key ?? null, value: Value })) }
  }
  throw new Error(`Condition field ${field} has no unit`)
}

async function targetGroupUnit(
  rows: RowReader,
  arn: string,
  { health, slowStarts, anomalies, zoneHealth, shiftedZones }: UnitOptions,
): Promise<TargetGroupUnit | undefined> {
  const group = await rows.targetGroup(arn)
  // No rule can name a group of a function, so traffic need not know it.
  if (group === undefined || group.targetType === 'lambda') return undefined
  const use = await rows.targetGroupUse(arn)
  const loadBalancer = use?.loadBalancerArn ?? null
  const set = await rows.attributes(arn)
  const attributes = effectiveAttributes(targetGroupAttributes, set)
  // A load balancer's own setting is always on (ALB-TG-246).
  const isCrossZone = attributes.get('load_balancing.cross_zone.enabled') !== 'false'
  const shifted =
    (isCrossZone && loadBalancer !== null ? shiftedZones?.(loadBalancer) : undefined) ?? NO_ZONES
  const registered = (await rows.targets(arn)).map((target): TargetUnit => {
    const { id, address, port, zone } = target
    const away = shifted.has(zone) ? ({ isShiftedAway: true } as const) : {}
    return { id, address, port, zone, state: targetState(target, use, health), ...away }
  })
  const routingMinimum = healthyMinimum(attributes, 'unhealthy_state_routing')
  const dnsMinimum = healthyMinimum(attributes, 'dns_failover')
  zoneHealth?.putGroup({ arn, loadBalancer, isCrossZone, dnsMinimum, routingMinimum, targets: registered })
  const slowStartMs = Number(attributes.get('slow_start.duration_seconds')) * 1000
  const starting = slowStarts?.apply(arn, slowStartMs, registered) ?? registered
  const isMitigating = attributes.get('load_balancing.algorithm.anomaly_mitigation') === 'on'
  return {
    arn,
    name: group.name,
    protocol: group.protocol,
    protocolVersion: group.protocolVersion,
    ...algorithmOf(attributes),
    ...(isCrossZone ? {} : { isCrossZone }),
    ...(isDeepStrictEqual(routingMinimum, ONE_HEALTHY) ? {} : { routingMinimum }),
    ...stickinessOf(set),
    targets: anomalies?.apply({ arn, loadBalancer, isMitigating }, starting) ?? starting,
  }
}

const NO_ZONES: ReadonlySet<string> = new Set()

/** The thresholds of one action of target group health; `off` is never below (ALB-TG-085 … 089). */
function healthyMinimum(
  attributes: ReadonlyMap<string, string>,
  action: 'dns_failover' | 'unhealthy_state_routing',
): HealthyMinimum {
  const least = (unit: string): number => {
    const value = attributes.get(`target_group_health.${action}.minimum_healthy_targets.${unit}`)
    return value === 'off' ? 0 : Number(value)
  }
  return { count: least('count'), percentage: least('percentage') }
}

function algorithmOf(attributes: ReadonlyMap<string, string>): Pick<TargetGroupUnit, 'algorithm'> {
  const algorithm = attributes.get('load_balancing.algorithm.type')
  if (algorithm === 'least_outstanding_requests' || algorithm === 'weighted_random') return { algorithm }
  return {}
}

/** What routing may do with a target, out of the status that the API shows. */
export function targetState(
  target: Target,
  use: TargetGroupUse | undefined,
  health: TargetHealthReader,
): TargetState {
  const found = health.healthOf(target.targetGroupArn, targetKey(target.id, target.port))
  const { state } = targetStatus(target, use, found)
  // Health checks that are off count every target as well.
  return state === 'unavailable' ? 'healthy' : state
}
