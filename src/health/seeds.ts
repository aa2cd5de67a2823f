// Where a checker that starts anew goes on from: target states of the snapshot in force.

import { targetKey } from '../model/target-key.ts'
import type { TargetGroupUnit } from '../snapshot/target-group-units.ts'
import type { SeededTarget } from './monitor.ts'

export function seedsOf(groups: readonly TargetGroupUnit[]): SeededTarget[] {
  return groups.flatMap(({ arn, targets }) =>
    targets.flatMap(({ id, port, state }) =>
      state === 'initial' || state === 'healthy' || state === 'unhealthy'
        ? [{ targetGroup: arn, key: targetKey(id, port), state }]
        : [],
    ),
  )
}
