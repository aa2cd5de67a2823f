// What the actions of a rule need of the target groups that they forward to: that they exist and fit the listener and
// the load balancer, and that quotas are kept.

import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Directory } from '../../directory/directory.ts'
import type { Quotas } from '../../model/quotas.ts'
import { fixedQuotas } from '../../model/quotas.ts'
import type {
  AddressTargetGroup,
  ListenerProtocol,
  LoadBalancer,
  TargetGroup,
} from '../../model/resources.ts'
import type { RowReader } from '../../store/store.ts'
import { ApiError } from '../errors.ts'
import { invalidConfiguration } from '../load-balancing/errors.ts'
import { zoneTypeOfLoadBalancer } from '../load-balancing/network.ts'
import { badAction, forwardedGroups } from './actions.ts'
import { theTargetGroup } from './resources.ts'

/** Refuses actions that forward to groups which this load balancer cannot use. */
export async function checkForwarding(
  rows: RowReader,
  directory: Directory,
  loadBalancer: LoadBalancer,
  protocol: ListenerProtocol,
  actions: readonly Action[],
): Promise<void> {
  const arns = forwardedGroups(actions)
  const zoneType = await zoneTypeOfLoadBalancer(directory, loadBalancer)
  // ALB-LB-136
  if (zoneType === 'outpost' && actions.some(({ Type }) => Type?.startsWith('authenticate') === true)) {
    throw invalidConfiguration('Load balancers on an Outpost cannot authenticate users')
  }
  for (const arn of arns) {
    const group = await theTargetGroup(rows, arn)
    if (zoneType !== 'availability-zone') await checkLimitedZone(rows, group)
    if (group.targetType !== 'lambda') {
      checkProtocolVersion(protocol, group, actions)
      await checkNetwork(directory, loadBalancer, group)
    }
    const use = await rows.targetGroups.use(arn)
    if (use !== undefined && use.loadBalancerArn !== loadBalancer.arn) {
      throw new ApiError(
        'TargetGroupAssociationLimit',
        `The following target groups cannot be associated with more than one load balancer: ${arn}`,
      )
    }
    await checkStickiness(rows, arn, actions)
  }
}

async function checkNetwork(
  directory: Directory,
  loadBalancer: LoadBalancer,
  { arn, region, vpcId, ipAddressType }: AddressTargetGroup,
): Promise<void> {
  if (ipAddressType === 'ipv6' && loadBalancer.ipAddressType === 'ipv4') {
    throw invalidConfiguration(`The IPv6 target group '${arn}' can only be used by a dualstack load balancer`)
  }
  const vpc = await directory.vpc(region, vpcId)
  if (vpc?.declared === true && vpcId !== loadBalancer.vpcId) {
    throw invalidConfiguration(
      `Target group '${arn}' is not in VPC '${loadBalancer.vpcId}' of the load balancer`,
    )
  }
}

/** ALB-LB-127, 128, 136: what load balancers in Local Zones and on Outposts cannot use. */
async function checkLimitedZone(rows: RowReader, { arn, targetType }: TargetGroup): Promise<void> {
  if (targetType === 'lambda') {
    throw invalidConfiguration(
      `Target group '${arn}' has a Lambda function as its target, which the zones do not support`,
    )
  }
  if ((await rows.attributes.of(arn)).get('stickiness.enabled') === 'true') {
    throw invalidConfiguration(`Target group '${arn}' has stickiness enabled, which the zones do not support`)
  }
}

/** Groups that speak HTTP/2 or gRPC need clients that do, and take no action beside `forward` (ALB-LSN-047). */
export function checkProtocolVersion(
  protocol: ListenerProtocol,
  group: TargetGroup,
  actions: readonly Action[],
): void {
  if (group.targetType === 'lambda' || group.protocolVersion === 'HTTP1') return
  const version = group.protocolVersion
  if (protocol === 'HTTP') {
    throw badAction(
      `Listener protocol '${protocol}' is not supported with a target group with the protocol-version '${version}'`,
    )
  }
  if (actions.length > 1) {
    throw badAction(
      `Only actions of type 'forward' are supported with a target group with the protocol-version '${version}'`,
    )
  }
}

/** To be called when the rule is stored: what the load balancer uses now must be within its quotas. */
export async function checkUse(rows: RowReader, loadBalancerArn: string, quotas: Quotas): Promise<void> {
  if (
    (await rows.targetGroups.ofLoadBalancer(loadBalancerArn)).length > fixedQuotas.targetGroupsPerLoadBalancer
  ) {
    throw new ApiError(
      'TooManyUniqueTargetGroupsPerLoadBalancer',
      `The maximum number of target groups per load balancer is '${fixedQuotas.targetGroupsPerLoadBalancer}'`,
    )
  }
  if ((await rows.targets.countOfLoadBalancer(loadBalancerArn)) > quotas.targetsPerLoadBalancer) {
    throw new ApiError(
      'TooManyTargets',
      `The maximum number of targets per load balancer is '${quotas.targetsPerLoadBalancer}'`,
    )
  }
}

/** ALB-LSN Q41: several groups of which one is sticky need group stickiness. */
async function checkStickiness(rows: RowReader, arn: string, actions: readonly Action[]): Promise<void> {
  const forward = actions.find(({ Type }) => Type === 'forward')?.ForwardConfig
  const isGroupSticky = forward?.TargetGroupStickinessConfig?.Enabled === true
  if (isGroupSticky || (forward?.TargetGroups?.length ?? 0) < 2) return
  if ((await rows.attributes.of(arn)).get('stickiness.enabled') === 'true') {
    throw badAction(
      'You must enable group stickiness on a rule if you enabled stickiness on one of its target groups',
    )
  }
}
