// What keeps a registered target from being used or checked, whatever the health checker says: an instance that does
// not run, an address that is a load balancer's own, a function that is not to be checked.

import { isLoopbackAddress } from '../model/ip.ts'
import type { Target, TargetGroup } from '../model/resources.ts'
import type { TargetHealth } from '../model/target-health.ts'
import { HEALTH_CHECK_DISABLED, invalidState, IP_UNUSABLE } from '../model/target-status.ts'
import type { RowReader } from '../store/store.ts'
import type { Directory } from './directory.ts'

/** Undefined where nothing is in the way (ALB-TG-071, 219, 221, 231, 232). */
export async function targetObstacle(
  rows: RowReader,
  directory: Directory,
  group: TargetGroup,
  target: Target,
): Promise<TargetHealth | undefined> {
  if (group.targetType === 'lambda') return group.healthCheck.enabled ? undefined : HEALTH_CHECK_DISABLED
  if (group.targetType === 'instance') {
    const instance = await directory.instance(group.region, target.id)
    if (instance === undefined) return invalidState(null)
    const { state } = instance
    return state === 'stopped' || state === 'terminated' ? invalidState(state) : undefined
  }
  // Loopback addresses are shared by targets and load balancers on one machine (ALB-TG OQ-24).
  if (isLoopbackAddress(target.address)) return undefined
  // ALB-TG-072: a load balancer in another network may be a target of this one.
  return (await rows.nodeAddresses.vpcOf(target.address)) === group.vpcId ? IP_UNUSABLE : undefined
}
