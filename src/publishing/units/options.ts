// What units are built with beside the store: what is known of targets, zones and security groups.

import type { Target, TargetGroup } from '../../model/resources.ts'
import type { ZoneSettings } from '../../model/settings.ts'
import type { TargetHealth, TargetHealthReader } from '../../model/target-health.ts'
import type { RowReader } from '../../store/store.ts'
import type { OutboundRules, SecurityRules } from '../security-rules.ts'

/** What keeps a target from being used or checked; undefined where nothing does. */
export type Obstacles = (
  rows: RowReader,
  group: TargetGroup,
  target: Target,
) => Promise<TargetHealth | undefined>

export interface UnitOptions {
  readonly health: TargetHealthReader
  /** Added to the port of a listener to get the port its sockets are bound to; 0 unless low ports are out of reach. */
  readonly portOffset: number
  /** Where the zones' IPv6 addresses are. Missing: they have none of their own. */
  readonly zones?: readonly ZoneSettings[]
  /** What security groups let in; load balancers that are not named admit everyone. */
  readonly security?: ReadonlyMap<string, SecurityRules>
  /** What they let out. Missing: everything. */
  readonly outbound?: OutboundRules
  /** What keeps targets from being used. Missing: nothing does. */
  readonly obstacles?: Obstacles
  /** Zones that traffic of a load balancer is shifted away from. Missing: none. */
  readonly shiftedZones?: (loadBalancerArn: string) => ReadonlySet<string>
}
