// Rows of zonal shifts.

import type { Selectable } from 'kysely'
import type { Scope } from '../../model/resources.ts'
import type { ZonalShift } from '../../model/zonal-shifts.ts'
import type { ZonalShiftWriter } from '../zonal-shifts.ts'
import type { Tables } from './tables.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/** Shifts of one load balancer that are remembered. */
const KEPT_MAX = 100

export class ZonalShiftRows implements ZonalShiftWriter {
  readonly #work: UnitOfWork

  constructor(work: UnitOfWork) {
    this.#work = work
  }

  async shift({ accountId, region }: Scope, id: string): Promise<ZonalShift | undefined> {
    const row = await this.#work.db
      .selectFrom('zonal_shifts')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    if (row === undefined || row.account_id !== accountId || row.region !== region) return undefined
    return shiftOf(row)
  }

  async shifts({ accountId, region }: Scope): Promise<readonly ZonalShift[]> {
    const rows = await this.#work.db
      .selectFrom('zonal_shifts')
      .selectAll()
      .where('account_id', '=', accountId)
      .where('region', '=', region)
      .orderBy('sequence', 'desc')
      .execute()
    return rows.map(shiftOf)
  }

  async activeAt(date: number): Promise<readonly ZonalShift[]> {
    const rows = await this.#work.db
      .selectFrom('zonal_shifts')
      .selectAll()
      .where('is_canceled', '=', 0)
      .where('expires_at', '>', date)
      .execute()
    return rows.map(shiftOf)
  }

  async activeOf(loadBalancerArn: string, date: number): Promise<ZonalShift | undefined> {
    const row = await this.#work.db
      .selectFrom('zonal_shifts')
      .selectAll()
      .where('load_balancer_arn', '=', loadBalancerArn)
      .where('is_canceled', '=', 0)
      .where('expires_at', '>', date)
      .executeTakeFirst()
    return row && shiftOf(row)
  }

  async put(shift: ZonalShift): Promise<void> {
    const values = {
      id: shift.id,
      account_id: shift.accountId,
      region: shift.region,
      load_balancer_arn: shift.loadBalancerArn,
      away_from: shift.awayFrom,
      comment: shift.comment,
      started_at: shift.startedAt,
      expires_at: shift.expiresAt,
      is_canceled: Number(shift.isCanceled),
    }
    await this.#work.db
      .insertInto('zonal_shifts')
      .values(values)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
      .execute()
    const kept = this.#work.db
      .selectFrom('zonal_shifts')
      .select('sequence')
      .where('load_balancer_arn', '=', shift.loadBalancerArn)
      .orderBy('sequence', 'desc')
      .limit(KEPT_MAX)
    await this.#work.db
      .deleteFrom('zonal_shifts')
      .where('load_balancer_arn', '=', shift.loadBalancerArn)
      .where('sequence', 'not in', kept)
      .execute()
    await this.#note(shift)
  }

  /** Notes whose traffic goes elsewhere. */
  async #note(shift: ZonalShift): Promise<void> {
    const { changes, rows } = this.#work
    changes.zonalShifts.push(shift)
    changes.loadBalancers.add(shift.loadBalancerArn)
    for (const group of await rows.targetGroups.ofLoadBalancer(shift.loadBalancerArn)) {
      changes.targetGroups.add(group)
    }
  }
}

function shiftOf(row: Selectable<Tables['zonal_shifts']>): ZonalShift {
  return {
    id: row.id,
    accountId: row.account_id,
    region: row.region,
    loadBalancerArn: row.load_balancer_arn,
    awayFrom: row.away_from,
    comment: row.comment,
    startedAt: row.started_at,
    expiresAt: row.expires_at,
    isCanceled: row.is_canceled === 1,
  }
}
