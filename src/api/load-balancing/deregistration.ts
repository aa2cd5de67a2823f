// How targets leave their group: they get nothing new at once, and are gone when the delay is over.

import type { Clock } from '../../clock/clock.ts'
import { effectiveAttributes, targetGroupAttributes } from '../../model/attributes.ts'
import type { Target, TargetGroup } from '../../model/resources.ts'
import type { RowWriter } from '../../store/store.ts'

/** Those that already leave keep their time (ALB-TG OQ-26). */
export async function deregister(
  rows: RowWriter,
  clock: Clock,
  group: TargetGroup,
  targets: readonly Target[],
): Promise<void> {
  const attributes = effectiveAttributes(targetGroupAttributes, await rows.attributes.of(group.arn))
  // ALB-TG-429: nothing waits for a function.
  const delaySeconds =
    group.targetType === 'lambda' ? 0 : Number(attributes.get('deregistration_delay.timeout_seconds'))
  const drainsUntil = Math.ceil(clock.date() + clock.realMs(delaySeconds * 1000))
  for (const target of targets) {
    if (target.drainsUntil !== null) continue
    if (delaySeconds === 0) await rows.targets.remove(group.arn, target.id, target.port)
    else await rows.targets.put({ ...target, drainsUntil })
  }
}
