// A target group as traffic and health checks see it: which of its targets take part, and with which settings.

import { isDeepStrictEqual } from 'node:util'
import { effectiveAttributes, targetGroupAttributes } from '../../model/attributes.ts'
import type { FunctionTargetGroup, Target, TargetGroupUse } from '../../model/resources.ts'
import { sourceAddress } from '../../model/source-address.ts'
import { DEFAULT_SSL_POLICY, targetPolicy } from '../../model/ssl-policies.ts'
import { type HealthyMinimum, ONE_HEALTHY } from '../../model/target-group-health.ts'
import type { HealthCheckPlan, TargetHealth, TargetHealthReader } from '../../model/target-health.ts'
import { targetKey } from '../../model/target-key.ts'
import { isProbed, targetStatus } from '../../model/target-status.ts'
import type { TargetGroupUnit, TargetState, TargetUnit } from '../../snapshot/target-group-units.ts'
import type { RowReader, Store } from '../../store/store.ts'
import type { Obstacles, UnitOptions } from './options.ts'
import { stickinessOf } from './stickiness.ts'

const NO_OBSTACLES: Obstacles = async () => undefined

/** A target group as it is stored: every target that is healthy has its full share. */
export interface BuiltTargetGroup {
  readonly unit: TargetGroupUnit
  /** What else it says of its targets; null for a group of a function, which has none. */
  readonly policy: TargetPolicy | null
}

/** What of a group's settings decides about its targets and zones as time goes by. */
export interface TargetPolicy {
  /** Null while the group is not in use. */
  readonly loadBalancer: string | null
  readonly isCrossZone: boolean
  readonly dnsMinimum: HealthyMinimum
  readonly routingMinimum: HealthyMinimum
  /** 0 while slow start is off. */
  readonly slowStartMs: number
  /** Whether `load_balancing.algorithm.anomaly_mitigation` is in force. */
  readonly isMitigating: boolean
}

export async function builtTargetGroup(
  rows: RowReader,
  arn: string,
  { health, obstacles = NO_OBSTACLES, outbound, shiftedZones }: UnitOptions,
): Promise<BuiltTargetGroup | undefined> {
  const group = await rows.targetGroups.find(arn)
  if (group === undefined) return undefined
  if (group.targetType === 'lambda') return { unit: await functionGroupUnit(rows, group), policy: null }
  const use = await rows.targetGroups.use(arn)
  const loadBalancer = use?.loadBalancerArn ?? null
  const set = await rows.attributes.of(arn)
  const attributes = effectiveAttributes(targetGroupAttributes, set)
  // A load balancer's own setting is always on (ALB-TG-246).
  const isCrossZone = attributes.get('load_balancing.cross_zone.enabled') !== 'false'
  const shifted =
    (isCrossZone && loadBalancer !== null ? shiftedZones?.(loadBalancer) : undefined) ?? NO_ZONES
  const targets: TargetUnit[] = []
  for (const target of await rows.targets.list(arn)) {
    const { id, address, port, zone } = target
    const state = targetState(target, use, health, await obstacles(rows, group, target))
    const isBlocked = loadBalancer !== null && outbound?.permits(loadBalancer, address, port) === false
    targets.push({
      id,
      address,
      port,
      zone,
      state,
      ...(shifted.has(zone) ? AWAY : {}),
      ...(isBlocked ? BLOCKED : {}),
    })
  }
  const routingMinimum = healthyMinimum(attributes, 'unhealthy_state_routing')
  const dnsMinimum = healthyMinimum(attributes, 'dns_failover')
  const unit = {
    arn,
    name: group.name,
    protocol: group.protocol,
    protocolVersion: group.protocolVersion,
    ...algorithmOf(attributes),
    ...(isCrossZone ? {} : { isCrossZone }),
    ...(isDeepStrictEqual(routingMinimum, ONE_HEALTHY) ? {} : { routingMinimum }),
    ...stickinessOf(set),
    targets,
  }
  const slowStartMs = Number(attributes.get('slow_start.duration_seconds')) * 1000
  const isMitigating = attributes.get('load_balancing.algorithm.anomaly_mitigation') === 'on'
  return {
    unit,
    policy: { loadBalancer, isCrossZone, dnsMinimum, routingMinimum, slowStartMs, isMitigating },
  }
}

async function functionGroupUnit(
  rows: RowReader,
  { arn, name }: FunctionTargetGroup,
): Promise<TargetGroupUnit> {
  const [registered] = await rows.targets.list(arn)
  const functionArn = registered?.id ?? null
  return { arn, name, protocol: 'HTTP', protocolVersion: 'HTTP1', functionArn, targets: [] }
}

const AWAY = { isShiftedAway: true } as const
const BLOCKED = { isBlocked: true } as const
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
function targetState(
  target: Target,
  use: TargetGroupUse | undefined,
  health: TargetHealthReader,
  obstacle: TargetHealth | undefined,
): TargetState {
  const found = health.healthOf(target.targetGroupArn, targetKey(target.id, target.port))
  const { state } = targetStatus(target, use, found, obstacle)
  // Health checks that are off count every target as well.
  return state === 'unavailable' ? 'healthy' : state
}

export interface PlanOptions extends Pick<UnitOptions, 'obstacles' | 'outbound'> {
  /** Whether checks come from the node in the target's zone, or from the first. */
  readonly connectsFromNodes?: boolean
}

/** What to probe in a target group now, or null when nothing is: not in use, gone, or no target to probe. */
export async function healthPlanOf(
  store: Store,
  targetGroupArn: string,
  { obstacles = NO_OBSTACLES, outbound, connectsFromNodes = false }: PlanOptions = {},
): Promise<HealthCheckPlan | null> {
  return await store.read(async (rows) => {
    const group = await rows.targetGroups.find(targetGroupArn)
    const use = await rows.targetGroups.use(targetGroupArn)
    if (group === undefined || use === undefined || group.targetType === 'lambda') return null
    const { healthCheck } = group
    const probed: Target[] = []
    for (const target of await rows.targets.list(targetGroupArn)) {
      if (!isProbed(target, use)) continue
      if ((await obstacles(rows, group, target)) === undefined) probed.push(target)
    }
    if (probed.length === 0) return null
    const loadBalancer = connectsFromNodes ? await rows.loadBalancers.find(use.loadBalancerArn) : undefined
    const nodes = loadBalancer?.zones ?? []
    return {
      targetGroup: targetGroupArn,
      protocol: healthCheck.protocol,
      protocolVersion: group.protocolVersion,
      ...(healthCheck.protocol === 'HTTPS'
        ? { securityPolicy: await checkPolicy(rows, targetGroupArn) }
        : {}),
      path: healthCheck.path,
      intervalMs: healthCheck.intervalSeconds * 1000,
      timeoutMs: healthCheck.timeoutSeconds * 1000,
      healthyThreshold: healthCheck.healthyThreshold,
      unhealthyThreshold: healthCheck.unhealthyThreshold,
      matcher: healthCheck.matcher,
      targets: probed.map(({ id, port: trafficPort, address, zone }) => {
        const port = healthCheck.port === 'traffic-port' ? trafficPort : Number(healthCheck.port)
        const isBlocked = outbound?.permits(use.loadBalancerArn, address, port) === false
        const node = nodes.find((each) => each.zone === zone) ?? nodes[0]
        const source = node === undefined ? null : sourceAddress(node.address, address)
        return {
          key: targetKey(id, trafficPort),
          address,
          port,
          ...(source === null ? {} : { source }),
          ...(isBlocked ? BLOCKED : {}),
        }
      }),
    }
  })
}

/** The security policy of checks over TLS: that of the listeners' traffic, the one with TLS 1.3 where they differ (OQ-09). */
async function checkPolicy(rows: RowReader, targetGroupArn: string): Promise<string> {
  const listeners = new Set(
    (await rows.rules.withTargetGroup(targetGroupArn)).map((rule) => rule.listenerArn),
  )
  for (const arn of listeners) {
    const policy = targetPolicy((await rows.listeners.find(arn))?.tls?.sslPolicy)
    if (policy !== DEFAULT_SSL_POLICY) return policy
  }
  return DEFAULT_SSL_POLICY
}

/** The plans of several groups; null where nothing is to be probed. */
export async function buildHealthPlans(
  store: Store,
  targetGroupArns: Iterable<string>,
  options: PlanOptions = {},
): Promise<ReadonlyMap<string, HealthCheckPlan | null>> {
  const plans = new Map<string, HealthCheckPlan | null>()
  for (const arn of targetGroupArns) plans.set(arn, await healthPlanOf(store, arn, options))
  return plans
}
