// Builds what the workers get of changed resources, out of the store, the directory, and what is known of targets; then
// tells those who follow it.

import type { Directory } from '../directory/directory.ts'
import { knownNow } from '../directory/lookups.ts'
import { targetObstacle } from '../directory/target-obstacles.ts'
import type { HealthMonitor } from '../health/monitor.ts'
import type { ControlSettings } from '../model/settings.ts'
import type { StoreChange } from '../store/changes.ts'
import type { Store } from '../store/store.ts'
import { tell, type Followers, type Units } from './followers.ts'
import { withTargetGroups } from './reached.ts'
import { OutboundRules, securityRules, type SecurityRules } from './security-rules.ts'
import { atSharedAddress } from './shared-address.ts'
import type { Obstacles } from './units/options.ts'
import { buildHealthPlans } from './units/target-groups.ts'
import { buildUnits } from './units/units.ts'

export interface SnapshotSources extends Omit<Followers, 'outbound'> {
  readonly settings: Pick<ControlSettings, 'bindOffset' | 'zones' | 'sharedAddress' | 'connectsFromNodes'>
  readonly store: Store
  readonly directory: Directory
  readonly health: HealthMonitor
  /** Zones that traffic of a load balancer is shifted away from. */
  readonly shiftedZones: (loadBalancerArn: string) => ReadonlySet<string>
}

export class SnapshotBuilder {
  readonly #sources: SnapshotSources
  readonly #followers: Followers

  constructor(sources: SnapshotSources) {
    this.#sources = sources
    this.#followers = { ...sources, outbound: new OutboundRules() }
  }

  async build(changed: StoreChange): Promise<Units> {
    const { settings, store, directory, health, shiftedZones } = this.#sources
    const { bindOffset: portOffset, zones, sharedAddress } = settings
    const { outbound } = this.#followers
    const security = await securityRules(store, directory, changed.loadBalancers)
    const change = await this.#withReached(changed, security)
    const obstacles: Obstacles = async (rows, group, target) => {
      return await knownNow(async () => await targetObstacle(rows, directory, group, target))
    }
    const connectsFromNodes = settings.connectsFromNodes && sharedAddress === null
    const plans = await buildHealthPlans(store, change.targetGroups, {
      obstacles,
      outbound,
      connectsFromNodes,
    })
    // Told before units are built: a target that is new then has a state.
    for (const [arn, plan] of plans) health.setPlan(arn, plan)
    const options = { health, portOffset, zones, security, outbound, obstacles, shiftedZones }
    const built = await buildUnits(store, change, options)
    return atSharedAddress(tell(built, this.#followers), sharedAddress)
  }

  /** Adds the target groups of load balancers whose security groups let other connections out than before. */
  async #withReached(
    change: StoreChange,
    security: ReadonlyMap<string, SecurityRules>,
  ): Promise<StoreChange> {
    const others: string[] = []
    for (const [arn, { outbound }] of security)
      if (this.#followers.outbound.put(arn, outbound)) others.push(arn)
    if (others.length === 0) return change
    const reached = await this.#sources.store.read(async (rows) => await withTargetGroups(rows, others))
    return { ...change, targetGroups: change.targetGroups.union(reached.targetGroups) }
  }
}
