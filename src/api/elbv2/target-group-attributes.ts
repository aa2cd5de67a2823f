// Attributes of target groups: describe and modify, which of them a target type has, and how they depend on each other.

import type { Directory } from '../../directory/directory.ts'
import {
  effectiveAttributes,
  foreignStickinessTypes,
  foreignTargetGroupAttributes,
  functionGroupAttributes,
  targetGroupAttributes,
  type AttributeDefinition,
} from '../../model/attributes.ts'
import { ALL_ZONES, type TargetGroup } from '../../model/resources.ts'
import type { RowReader } from '../../store/store.ts'
import type { ApiEnvironment } from '../environment.ts'
import { validationError } from '../errors.ts'
import { listOf, mergeAttributes, readChange, type AttributeMap } from '../load-balancing/attributes.ts'
import { invalidConfiguration } from '../load-balancing/errors.ts'
import { zoneTypeOfLoadBalancer } from '../load-balancing/network.ts'
import type { Elbv2Handlers } from '../operations.ts'
import { theTargetGroup } from './resources.ts'

export function targetGroupAttributeHandlers({
  store,
  directory,
  zonalShifts,
}: ApiEnvironment): Pick<Elbv2Handlers, 'DescribeTargetGroupAttributes' | 'ModifyTargetGroupAttributes'> {
  return {
    async DescribeTargetGroupAttributes(input) {
      return await store.read(async (rows) => {
        const group = await theTargetGroup(rows, input.TargetGroupArn)
        return { Attributes: listOf(definitionsOf(group), await rows.attributes.of(group.arn)) }
      })
    },
    async ModifyTargetGroupAttributes(input) {
      return await store.write(async (rows) => {
        const group = await theTargetGroup(rows, input.TargetGroupArn)
        const { arn } = group
        const change = readChange('Target group', definitionsOf(group), input.Attributes, (key, value) =>
          foreignToGroup(group, key, value),
        )
        if (group.targetType === 'lambda') {
          await rows.attributes.set(arn, change)
          return {
            Attributes: listOf(
              functionGroupAttributes,
              mergeAttributes(await rows.attributes.of(arn), change),
            ),
          }
        }
        const set = new Map(mergeAttributes(await rows.attributes.of(arn), change))
        const algorithm = set.get('load_balancing.algorithm.type')
        // ALB-TG OQ-17: leaving weighted random turns mitigation off, unless the same call asks for it.
        if (algorithm !== 'weighted_random' && !change.has('load_balancing.algorithm.anomaly_mitigation')) {
          if (set.has('load_balancing.algorithm.anomaly_mitigation')) {
            set.set('load_balancing.algorithm.anomaly_mitigation', 'off')
          }
        }
        const values = effectiveAttributes(targetGroupAttributes, set)
        checkTargetGroupAttributes(values, set)
        if (values.get('stickiness.enabled') === 'true') {
          await checkGroupStickiness(rows, arn)
          await checkZonesForStickiness(rows, directory, arn)
        }
        if (change.get('load_balancing.cross_zone.enabled') === 'false') await checkTargetZones(rows, arn)
        const crossZone = change.get('load_balancing.cross_zone.enabled')
        if (crossZone !== undefined && crossZone !== 'false') await checkZonalShift(rows, zonalShifts, arn)
        await rows.attributes.set(arn, set)
        return { Attributes: listOf(targetGroupAttributes, values) }
      })
    },
  }
}

function definitionsOf({ targetType }: TargetGroup): readonly AttributeDefinition[] {
  return targetType === 'lambda' ? functionGroupAttributes : targetGroupAttributes
}

/** ALB-TG-074, 090, 268, 374: attributes of other target types and of other types of load balancers. */
function foreignToGroup(group: TargetGroup, key: string, value: string): string | undefined {
  const others = group.targetType === 'lambda' ? targetGroupAttributes : functionGroupAttributes
  if (foreignTargetGroupAttributes.includes(key) || others.some((other) => other.key === key)) {
    return `The provided target group attribute is not supported: '${key}' on a group with target type '${group.targetType}'`
  }
  if (group.targetType === 'lambda' || key !== 'stickiness.type') return undefined
  if (!foreignStickinessTypes.includes(value)) return undefined
  return `Stickiness type '${value}' is not supported for target groups with the ${group.protocol} protocol`
}

/** How attributes of a target group depend on each other (ALB-TG-077, 081, 155, 249, OQ-16 … 18 there). */
function checkTargetGroupAttributes(values: AttributeMap, set: AttributeMap): void {
  const algorithm = values.get('load_balancing.algorithm.type')
  if (values.get('slow_start.duration_seconds') !== '0' && algorithm !== 'round_robin') {
    const name = algorithm === 'weighted_random' ? 'weighted random' : 'least outstanding requests'
    throw invalidConfiguration(`You cannot enable both slow start and ${name} algorithm on a target group`)
  }
  if (values.get('load_balancing.algorithm.anomaly_mitigation') === 'on' && algorithm !== 'weighted_random') {
    throw invalidConfiguration(
      `You can enable anomaly mitigation only with the algorithm type 'weighted_random'`,
    )
  }
  const cookieName = values.get('stickiness.app_cookie.cookie_name') ?? ''
  if (cookieName.startsWith('AWSALB')) {
    throw validationError(`The application cookie name '${cookieName}' uses a reserved prefix`)
  }
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]*$/.test(cookieName)) {
    throw validationError(`The application cookie name '${cookieName}' is not valid`)
  }
  const isAppCookie = values.get('stickiness.type') === 'app_cookie'
  if (values.get('stickiness.enabled') === 'true' && isAppCookie && cookieName === '') {
    throw invalidConfiguration(
      `You must set an application cookie name to enable stickiness of type 'app_cookie'`,
    )
  }
  if (values.get('stickiness.enabled') === 'true' && algorithm === 'weighted_random') {
    throw invalidConfiguration(
      'You cannot have both stickiness and weighted random algorithm enabled on the same target group.',
    )
  }
  // ALB-TG-249, in both orders.
  if (
    values.get('stickiness.enabled') === 'true' &&
    values.get('load_balancing.cross_zone.enabled') === 'false'
  ) {
    throw invalidConfiguration(
      'You cannot enable stickiness on a target group with cross-zone load balancing turned off',
    )
  }
  for (const unit of ['count', 'percentage']) {
    const dns = Number(set.get(`target_group_health.dns_failover.minimum_healthy_targets.${unit}`))
    const routing = Number(
      set.get(`target_group_health.unhealthy_state_routing.minimum_healthy_targets.${unit}`),
    )
    if (dns < routing) {
      throw invalidConfiguration(
        `The DNS failover ${unit} must be greater than or equal to the routing failover ${unit}`,
      )
    }
  }
}

/** ALB-LB-128, 136: not in Local Zones and on Outposts. */
async function checkZonesForStickiness(rows: RowReader, directory: Directory, arn: string): Promise<void> {
  const use = await rows.targetGroups.use(arn)
  const loadBalancer = use === undefined ? undefined : await rows.loadBalancers.find(use.loadBalancerArn)
  if (loadBalancer === undefined) return
  if ((await zoneTypeOfLoadBalancer(directory, loadBalancer)) === 'availability-zone') return
  throw invalidConfiguration(
    `Stickiness is not supported in the zones of load balancer '${loadBalancer.arn}'`,
  )
}

/** ALB-LB OQ-68: nodes of other zones would go on using the zone that traffic is shifted away from. */
async function checkZonalShift(
  rows: RowReader,
  zonalShifts: ApiEnvironment['zonalShifts'],
  arn: string,
): Promise<void> {
  const loadBalancer = (await rows.targetGroups.use(arn))?.loadBalancerArn
  if (loadBalancer === undefined || zonalShifts.activeOf(loadBalancer) === undefined) return
  if ((await rows.attributes.of(loadBalancer)).get('zonal_shift.config.enabled') === 'true') return
  throw invalidConfiguration(
    `Cross-zone load balancing cannot be turned on while load balancer '${loadBalancer}' has an active zonal shift`,
  )
}

/** ALB-TG-251. */
async function checkTargetZones(rows: RowReader, arn: string): Promise<void> {
  const target = (await rows.targets.list(arn)).find(({ zone }) => zone === ALL_ZONES)
  if (target === undefined) return
  throw invalidConfiguration(
    `Cross-zone load balancing cannot be turned off while target '${target.id}' is registered with the Availability Zone '${ALL_ZONES}'`,
  )
}

/** ALB-LSN Q41: a sticky group among several needs group stickiness on the rule. */
async function checkGroupStickiness(rows: RowReader, arn: string): Promise<void> {
  for (const rule of await rows.rules.withTargetGroup(arn)) {
    const forward = rule.actions.find(({ Type }) => Type === 'forward')?.ForwardConfig
    const isWeighted = (forward?.TargetGroups?.length ?? 0) > 1
    if (isWeighted && forward?.TargetGroupStickinessConfig?.Enabled !== true) {
      throw invalidConfiguration(
        `This target group appears behind a rule with group stickiness disabled (${rule.arn}). You must enable group stickiness before enabling target stickiness`,
      )
    }
  }
}
