// Builds what the workers get of changed resources: out of the store, the directory, and what is known of targets.

import type { Directory } from '../directory/directory.ts'
import { knownNow } from '../directory/lookups.ts'
import { targetObstacle } from '../directory/target-obstacles.ts'
import type { HealthMonitor } from '../health/monitor.ts'
import type { ControlSettings } from '../model/settings.ts'
import type { Store, StoreChange } from '../store/store.ts'
import { withTargetGroups } from './reached.ts'
import { OutboundRules, securityRules, type SecurityRules } from './security-rules.ts'
import { atSharedAddress } from './shared-address.ts'
import type { Obstacles, UnitOptions } from './units/options.ts'
import { buildHealthPlans } from './units/target-groups.ts'
import { buildUnits, type Units } from './units/units.ts'

export interface SnapshotSources extends Pick<
  UnitOptions,
  'slowStarts' | 'anomalies' | 'zoneHealth' | 'shiftedZones'
> {
  readonly settings: Pick<ControlSettings, 'bindOffset' | 'zones' | 'sharedAddress' | 'connectsFromNodes'>
  readonly store: Store
  readonly directory: Directory
  readonly health: HealthMonitor
}

export class SnapshotBuilder {
  readonly #sources: SnapshotSources
  readonly #outbound = new OutboundRules()

  constructor(sources: SnapshotSources) {
    this.#sources = sources
  }

  async build(changed: StoreChange): Promise<Units> {
    const { settings, store, directory, health, ...others } = this.#sources
    const security = await securityRules(store, directory, changed.loadBalancers)
    const change = await this.#withReached(changed, security)
    const obstacles: Obstacles = async (rows, group, target) => {
      return await knownNow(async () => await targetObstacle(rows, directory, group, target))
    }
    const outbound = this.#outbound
    // Plans before units: a target that is new then has a state when its unit is built.
    const { bindOffset: portOffset, zones, sharedAddress } = settings
    const connectsFromNodes = settings.connectsFromNodes && sharedAddress === null
    const plans = await buildHealthPlans(store, change.targetGroups, {
      obstacles,
      outbound,
      connectsFromNodes,
    })
    for (const [arn, plan] of plans) health.setPlan(arn, plan)
    const options = { health, portOffset, zones, security, outbound, obstacles, ...others }
    return atSharedAddress(await buildUnits(store, change, options), sharedAddress)
  }

  /** Adds the target groups of load balancers whose security groups let other connections out than before. */
  async #withReached(
    change: StoreChange,
    security: ReadonlyMap<string, SecurityRules>,
  ): Promise<StoreChange> {
    const others: string[] = []
    for (const [arn, { outbound }] of security) if (this.#outbound.put(arn, outbound)) others.push(arn)
    if (others.length === 0) return change
    const reached = await this.#sources.store.read(async (rows) => await withTargetGroups(rows, others))
    return { ...change, targetGroups: change.targetGroups.union(reached.targetGroups) }
  }
}
