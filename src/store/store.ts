// The store of resources as the API and the control process see it: units of work over rows, and a feed of what they
// changed. Knows nothing of how or where rows are kept.

import type { AttributeReader, AttributeWriter } from './attributes.ts'
import type { CertificateReader, CertificateWriter } from './certificates.ts'
import type { ChangeFeed, StoreChange } from './changes.ts'
import type { CookieKeyWriter } from './cookie-keys.ts'
import type { ListenerReader, ListenerWriter } from './listeners.ts'
import type { LoadBalancerReader, LoadBalancerWriter } from './load-balancers.ts'
import type { NetworkReader, NetworkWriter } from './networks.ts'
import type { NodeAddressReader, NodeAddressWriter } from './node-addresses.ts'
import type { RuleReader, RuleWriter } from './rules.ts'
import type { TagReader, TagWriter } from './tags.ts'
import type { TargetGroupReader, TargetGroupWriter } from './target-groups.ts'
import type { DrainingTarget, TargetReader, TargetWriter } from './targets.ts'
import type { TrustStoreReader, TrustStoreWriter } from './trust-stores.ts'
import type { ZonalShiftReader, ZonalShiftWriter } from './zonal-shifts.ts'

export interface Store {
  /** Told of each unit of work that was committed. */
  readonly changes: Pick<ChangeFeed, 'follow'>

  /** Runs `work` on one consistent state. */
  read<T>(work: (rows: RowReader) => Promise<T>): Promise<T>
  /**
   * Runs a unit of work: everything it wrote is kept when the promise resolves, and nothing when it rejects. When the
   * promise resolves the change is on disk and who follows the feed was told.
   *
   * A unit of work may be run more than once, the earlier tries undone: it changes nothing but rows and what it returns.
   * Rejects with a StoreUnavailable where the store cannot be written to for the time being.
   */
  write<T>(work: (rows: RowWriter) => Promise<T>): Promise<T>

  /** Every ARN that has a unit in the snapshot. */
  everything(): Promise<StoreChange>
  /** These load balancers now serve as stored: they become `active` (persisted). Unknown ARNs are ignored. */
  markApplied(loadBalancerArns: readonly string[]): Promise<void>
  /** No zone of the load balancer serves: it becomes `failed` with a reason that a person can read. */
  markFailed(loadBalancerArn: string, reason: string): Promise<void>
  /** Some, but not all zones serve: it becomes `active_impaired`. */
  markImpaired(loadBalancerArn: string, reason: string): Promise<void>
  /** Registrations that wait for the end of their deregistration delay, soonest first. */
  drainingTargets(): Promise<readonly DrainingTarget[]>
  /** Takes a draining target out of its group. Does nothing if it is gone or was registered again. */
  finishDeregistration(targetGroupArn: string, key: string): Promise<void>
  /** Ends after running units of work. May be called twice. */
  close(): Promise<void>
}

/** Rows by resource, in one consistent state. */
export interface RowReader {
  readonly loadBalancers: LoadBalancerReader
  readonly nodeAddresses: NodeAddressReader
  readonly listeners: ListenerReader
  readonly rules: RuleReader
  readonly targetGroups: TargetGroupReader
  readonly targets: TargetReader
  readonly attributes: AttributeReader
  readonly tags: TagReader
  readonly certificates: CertificateReader
  readonly trustStores: TrustStoreReader
  readonly networks: NetworkReader
  readonly zonalShifts: ZonalShiftReader
}

/** The same, to be changed; what was changed is seen at once by who reads in the same unit of work. */
export interface RowWriter extends RowReader {
  readonly loadBalancers: LoadBalancerWriter
  readonly nodeAddresses: NodeAddressWriter
  readonly listeners: ListenerWriter
  readonly rules: RuleWriter
  readonly targetGroups: TargetGroupWriter
  readonly targets: TargetWriter
  readonly attributes: AttributeWriter
  readonly tags: TagWriter
  readonly certificates: CertificateWriter
  readonly trustStores: TrustStoreWriter
  readonly networks: NetworkWriter
  readonly zonalShifts: ZonalShiftWriter
  readonly cookieKeys: CookieKeyWriter
}
