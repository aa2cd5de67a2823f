// Targets of target groups: register, deregister, and their health.

import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2'
import { targetObstacle } from '../../directory/target-obstacles.ts'
import type { Quotas } from '../../model/quotas.ts'
import { fixedQuotas } from '../../model/quotas.ts'
import { ALL_ZONES, type Target, type TargetGroup } from '../../model/resources.ts'
import type { TargetHealth } from '../../model/target-health.ts'
import { targetKey } from '../../model/target-key.ts'
import { IP_UNUSABLE, NOT_REGISTERED, targetStatus } from '../../model/target-status.ts'
import type { RowReader } from '../../store/store.ts'
import type { AnomalyReader, ApiEnvironment } from '../environment.ts'
import { ApiError, validationError } from '../errors.ts'
import { deregister } from '../load-balancing/deregistration.ts'
import type { Elbv2Handlers } from '../operations.ts'
import { theTargetGroup } from './resources.ts'
import { checkInstances, placeTarget } from './target-places.ts'

export function targetHandlers(
  environment: ApiEnvironment,
): Pick<Elbv2Handlers, 'RegisterTargets' | 'DeregisterTargets' | 'DescribeTargetHealth'> {
  const { store, directory, health, anomalies, clock, settings } = environment
  return {
    async RegisterTargets(input, call) {
      if (input.Targets.length === 0) throw validationError('At least one target must be specified')
      const instances = input.Targets.map(({ Id }) => Id).filter((id) => id.startsWith('i-'))
      await directory.expectInstances(call.region, instances)
      await store.write(async (rows) => {
        const group = await theTargetGroup(rows, input.TargetGroupArn)
        await checkInstances(directory, call.region, group, instances)
        const isCrossZone =
          (await rows.attributes.of(group.arn)).get('load_balancing.cross_zone.enabled') !== 'false'
        for (const description of input.Targets) {
          if (description.QuicServerId !== undefined) {
            throw validationError('A QUIC server ID cannot be specified for this target group')
          }
          const { Id: id } = description
          const port = portOf(group, description.Port)
          const place = await placeTarget(directory, call.region, group, id, description.AvailabilityZone)
          if (!isCrossZone && place.zone === ALL_ZONES) throw zoneNeeded(id)
          const existing = await rows.targets.find(group.arn, id, port)
          if (existing !== undefined && existing.drainsUntil === null) continue
          // ALB-TG-294: an address comes back only after its delay; an instance may come back at once (OQ-27).
          if (existing !== undefined && group.targetType === 'ip') {
            throw new ApiError(
              'InvalidTarget',
              `The IP address '${id}' is being deregistered and cannot be registered until its deregistration delay has elapsed`,
            )
          }
          const target: Target = { targetGroupArn: group.arn, id, port, ...place, drainsUntil: null }
          const obstacle = await targetObstacle(rows, directory, group, target)
          if (obstacle?.reason === IP_UNUSABLE.reason) {
            throw new ApiError('InvalidTarget', `'${id}': ${IP_UNUSABLE.description}`)
          }
          await rows.targets.put(target)
        }
        await checkTargetQuotas(rows, group, settings.quotas)
      })
      return {}
    },

    async DeregisterTargets(input) {
      if (input.Targets.length === 0) throw validationError('At least one target must be specified')
      await store.write(async (rows) => {
        const group = await theTargetGroup(rows, input.TargetGroupArn)
        const targets: Target[] = []
        for (const { Id: id, Port } of input.Targets) {
          const target = await rows.targets.find(group.arn, id, portOf(group, Port))
          // ALB-TG OQ-26: what is not registered is passed over.
          if (target !== undefined) targets.push(target)
        }
        await deregister(rows, clock, group, targets)
      })
      return {}
    },

    async DescribeTargetHealth(input) {
      return await store.read(async (rows) => {
        const group = await theTargetGroup(rows, input.TargetGroupArn)
        const use = await rows.targetGroups.use(group.arn)
        const withAnomaly = (input.Include ?? []).length > 0
        const now = clock.date()
        const describeTarget = async (target: Target): Promise<TargetHealthDescription> => {
          const key = targetKey(target.id, target.port)
          const found = health.healthOf(group.arn, key)
          const anomaly = withAnomaly ? anomalyOutput(anomalies?.anomalyOf(group.arn, key)) : undefined
          const obstacle = await targetObstacle(rows, directory, group, target)
          return describe(group, target, targetStatus(target, use, found, obstacle), anomaly)
        }
        const isPresent = (target: Target): boolean => target.drainsUntil === null || target.drainsUntil > now
        const TargetHealthDescriptions = []
        if (input.Targets === undefined || input.Targets.length === 0) {
          for (const target of (await rows.targets.list(group.arn)).filter(isPresent)) {
            TargetHealthDescriptions.push(await describeTarget(target))
          }
          return { TargetHealthDescriptions }
        }
        for (const { Id: id, Port } of input.Targets) {
          const port = portOf(group, Port)
          const target = await rows.targets.find(group.arn, id, port)
          TargetHealthDescriptions.push(
            target !== undefined && isPresent(target)
              ? await describeTarget(target)
              : { Target: targetName(group, id, port), TargetHealth: healthOutput(NOT_REGISTERED) },
          )
        }
        return { TargetHealthDescriptions }
      })
    },
  }
}

async function checkTargetQuotas(rows: RowReader, group: TargetGroup, quotas: Quotas): Promise<void> {
  const ofGroup =
    group.targetType === 'lambda' ? fixedQuotas.functionsPerTargetGroup : quotas.targetsPerTargetGroup
  if ((await rows.targets.count(group.arn)) > ofGroup) throw tooMany(`target group '${group.arn}'`, ofGroup)
  const use = await rows.targetGroups.use(group.arn)
  if (use === undefined) return
  if ((await rows.targets.countOfLoadBalancer(use.loadBalancerArn)) > quotas.targetsPerLoadBalancer) {
    throw tooMany(`load balancer '${use.loadBalancerArn}'`, quotas.targetsPerLoadBalancer)
  }
}

/** ALB-TG-251, 252: no node could use such a target. */
function zoneNeeded(id: string): ApiError {
  return new ApiError(
    'InvalidTarget',
    `The target '${id}' must be registered with a specific Availability Zone, not '${ALL_ZONES}', while cross-zone load balancing is turned off`,
  )
}

function tooMany(what: string, max: number): ApiError {
  return new ApiError('TooManyTargets', `The maximum number of targets of ${what} is '${max}'`)
}

function describe(
  group: TargetGroup,
  target: Target,
  status: TargetHealth,
  anomaly: TargetHealthDescription['AnomalyDetection'],
): TargetHealthDescription {
  // ALB-TG OQ-28, ALB-TG-110: a function has no port, and no anomalies are looked for in it.
  if (group.targetType === 'lambda') {
    return { Target: targetName(group, target.id, target.port), TargetHealth: healthOutput(status) }
  }
  const zone = target.zone === '' ? ALL_ZONES : target.zone
  const checkPort = group.healthCheck.port
  return {
    Target: {
      ...targetName(group, target.id, target.port),
      ...(group.targetType === 'ip' ? { AvailabilityZone: zone } : {}),
    },
    HealthCheckPort: checkPort === 'traffic-port' ? String(target.port) : checkPort,
    TargetHealth: healthOutput(status),
    ...(anomaly === undefined ? {} : { AnomalyDetection: anomaly }),
  }
}

/** ALB-TG-114, 131; normal where nothing is known (OQ-29). */
function anomalyOutput(
  anomaly: ReturnType<AnomalyReader['anomalyOf']>,
): TargetHealthDescription['AnomalyDetection'] {
  const { isAnomalous, weight } = anomaly ?? { isAnomalous: false, weight: 1 }
  return { Result: isAnomalous ? 'anomalous' : 'normal', MitigationInEffect: weight < 1 ? 'yes' : 'no' }
}

/** ALB-TG-011, and AWS's model: the port of a function is not used. */
function portOf(group: TargetGroup, given: number | undefined): number {
  return group.targetType === 'lambda' ? 0 : (given ?? group.port)
}

function targetName(group: TargetGroup, id: string, port: number): { Id: string; Port?: number } {
  return group.targetType === 'lambda' ? { Id: id } : { Id: id, Port: port }
}

function healthOutput({ state, reason, description }: TargetHealth): TargetHealthDescription['TargetHealth'] {
  return {
    State: state,
    ...(reason === undefined
      ? {}
      : { Reason: reason as NonNullable<TargetHealthDescription['TargetHealth']>['Reason'] }),
    ...(description === undefined ? {} : { Description: description }),
  }
}
