// All rows of one unit of work, by resource.

import type { Kysely } from 'kysely'
import { ChangeNotes } from '../changes.ts'
import type { SecretBox } from '../secret-box.ts'
import type { RowWriter } from '../store.ts'
import { AttributeRows } from './attributes.ts'
import { CertificateRows } from './certificates.ts'
import { CookieKeyRows } from './cookie-keys.ts'
import { ListenerRows } from './listeners.ts'
import { LoadBalancerRows } from './load-balancers.ts'
import { NetworkRows } from './networks.ts'
import { NodeAddressRows } from './node-addresses.ts'
import { RuleRows } from './rules.ts'
import type { Tables } from './tables.ts'
import { TagRows } from './tags.ts'
import { TargetGroupRows } from './target-groups.ts'
import { TargetRows } from './targets.ts'
import { TrustStoreRows } from './trust-stores.ts'
import type { UnitOfWork } from './unit-of-work.ts'
import { ZonalShiftRows } from './zonal-shifts.ts'

export class Rows implements RowWriter {
  /** What was changed so far. */
  readonly changes = new ChangeNotes()
  readonly loadBalancers: LoadBalancerRows
  readonly nodeAddresses: NodeAddressRows
  readonly listeners: ListenerRows
  readonly rules: RuleRows
  readonly targetGroups: TargetGroupRows
  readonly targets: TargetRows
  readonly attributes: AttributeRows
  readonly tags: TagRows
  readonly certificates: CertificateRows
  readonly trustStores: TrustStoreRows
  readonly networks: NetworkRows
  readonly zonalShifts: ZonalShiftRows
  readonly cookieKeys: CookieKeyRows

  /** `db` is the transaction. */
  constructor(db: Kysely<Tables>, secrets: SecretBox) {
    const work: UnitOfWork = { db, secrets, changes: this.changes, rows: this }
    this.loadBalancers = new LoadBalancerRows(work)
    this.nodeAddresses = new NodeAddressRows(work)
    this.listeners = new ListenerRows(work)
    this.rules = new RuleRows(work)
    this.targetGroups = new TargetGroupRows(work)
    this.targets = new TargetRows(work)
    this.attributes = new AttributeRows(work)
    this.tags = new TagRows(work)
    this.certificates = new CertificateRows(work)
    this.trustStores = new TrustStoreRows(work)
    this.networks = new NetworkRows(work)
    this.zonalShifts = new ZonalShiftRows(work)
    this.cookieKeys = new CookieKeyRows(work)
  }
}
