// From stored resources to what crosses to the workers and to the health checker: units of the snapshot and health
// check plans, with defaults filled in and placeholders written out.

import type { TargetHealthReader } from '../api/environment.ts'
import type { HealthCheckPlan } from '../model/target-health.ts'
import type { SnapshotUpdate } from '../snapshot/snapshot.ts'
import type { Store, StoreChange } from '../store/store.ts'

export interface UnitOptions {
  readonly health: TargetHealthReader
  /** Added to the port of a listener to get the port its sockets are bound to; 0 unless low ports are out of reach. */
  readonly portOffset: number
}

/** The part of an update that depends on resources. */
export type Units = Omit<SnapshotUpdate, 'version' | 'full'>

/** Units of the named resources as stored now; those that no longer exist are listed as removed. */
export async function buildUnits(_store: Store, _change: StoreChange, _options: UnitOptions): Promise<Units> {
  throw new Error('not built yet')
}

/** What to probe in a target group now, or null when nothing is: not in use, gone, or no target to probe. */
export async function healthPlanOf(_store: Store, _targetGroupArn: string): Promise<HealthCheckPlan | null> {
  throw new Error('not built yet')
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
