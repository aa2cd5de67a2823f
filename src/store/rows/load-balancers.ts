// Rows of load balancers. A load balancer's unit depends on its own rows, its listeners, rules and attributes.

import type { Selectable } from 'kysely'
import type { CapacityReservation, LoadBalancer, LoadBalancerKind, Scope } from '../../model/resources.ts'
import type { LoadBalancerWriter } from '../load-balancers.ts'
import type { Page, PageOf } from '../page.ts'
import { loadBalancerOf } from './row-mapping.ts'
import type { LoadBalancerTable } from './tables.ts'
import { countOf, forget, nextOf, type UnitOfWork } from './unit-of-work.ts'
import { releaseNodes, zonesOf } from './zones.ts'

export class LoadBalancerRows implements LoadBalancerWriter {
  readonly #work: UnitOfWork

  constructor(work: UnitOfWork) {
    this.#work = work
  }

  async find(arn: string): Promise<LoadBalancer | undefined> {
    const row = await this.#work.db
      .selectFrom('load_balancers')
      .selectAll()
      .where('arn', '=', arn)
      .executeTakeFirst()
    return row && (await this.#whole(row))
  }

  async findByName(scope: Scope, kind: LoadBalancerKind, name: string): Promise<LoadBalancer | undefined> {
    const row = await this.#work.db
      .selectFrom('load_balancers')
      .selectAll()
      .where('account_id', '=', scope.accountId)
      .where('region', '=', scope.region)
      .where('kind', '=', kind)
      .where('name', '=', name)
      .executeTakeFirst()
    return row && (await this.#whole(row))
  }

  async list(scope: Scope, kind: LoadBalancerKind, page: Page): Promise<PageOf<LoadBalancer>> {
    const rows = await this.#work.db
      .selectFrom('load_balancers')
      .selectAll()
      .where('account_id', '=', scope.accountId)
      .where('region', '=', scope.region)
      .where('kind', '=', kind)
      .where('sequence', '>', page.after)
      .orderBy('sequence')
      .limit(page.limit + 1)
      .execute()
    const items = []
    for (const row of rows.slice(0, page.limit)) items.push(await this.#whole(row))
    return { items, next: nextOf(rows, page, 'sequence') }
  }

  async count({ accountId, region }: Scope, kind: LoadBalancerKind): Promise<number> {
    return await countOf(this.#work.db, 'load_balancers', { account_id: accountId, region, kind })
  }

  async capacityReservation(arn: string): Promise<CapacityReservation | undefined> {
    const row = await this.#work.db
      .selectFrom('capacity_reservations')
      .selectAll()
      .where('load_balancer_arn', '=', arn)
      .executeTakeFirst()
    if (row === undefined) return undefined
    return { units: row.units, modifiedAt: row.modified_at, decreases: row.decreases }
  }

  async withCertificate(certificateArn: string): Promise<readonly string[]> {
    const { db } = this.#work
    const rows = await db
      .selectFrom('listeners')
      .select('load_balancer_arn')
      .where('certificate_arn', '=', certificateArn)
      .union(
        db
          .selectFrom('listener_certificates')
          .select('load_balancer_arn')
          .where('certificate_arn', '=', certificateArn),
      )
      .execute()
    return rows.map((row) => row.load_balancer_arn)
  }

  async insert(loadBalancer: LoadBalancer): Promise<void> {
    await this.#work.db
      .insertInto('load_balancers')
      .values({
        arn: loadBalancer.arn,
        account_id: loadBalancer.accountId,
        region: loadBalancer.region,
        kind: loadBalancer.kind,
        name: loadBalancer.name,
        scheme: loadBalancer.scheme,
        vpc_id: loadBalancer.vpcId,
        ip_address_type: loadBalancer.ipAddressType,
        dns_name: loadBalancer.dnsName,
        created_at: loadBalancer.createdAt,
        state_code: loadBalancer.state.code,
        state_reason: loadBalancer.state.reason,
      })
      .execute()
    await this.#putZones(loadBalancer.arn, loadBalancer.zones)
    await this.#putSecurityGroups(loadBalancer.arn, loadBalancer.securityGroups)
    this.#work.changes.loadBalancers.add(loadBalancer.arn)
  }

  async update(
    arn: string,
    change: Partial<Pick<LoadBalancer, 'ipAddressType' | 'securityGroups' | 'zones' | 'state'>>,
  ): Promise<void> {
    const { db, changes, rows } = this.#work
    if (change.ipAddressType !== undefined || change.state !== undefined) {
      await db
        .updateTable('load_balancers')
        .set({
          ...(change.ipAddressType === undefined ? {} : { ip_address_type: change.ipAddressType }),
          ...(change.state === undefined
            ? {}
            : { state_code: change.state.code, state_reason: change.state.reason }),
        })
        .where('arn', '=', arn)
        .execute()
    }
    if (change.zones !== undefined) {
      const kept = new Set(change.zones.map(({ address }) => address))
      await releaseNodes(db, arn, kept)
      await this.#putZones(arn, change.zones)
      // Whether a target gets traffic depends on the enabled zones.
      for (const group of await rows.targetGroups.ofLoadBalancer(arn)) changes.targetGroups.add(group)
    }
    if (change.securityGroups !== undefined) await this.#putSecurityGroups(arn, change.securityGroups)
    changes.loadBalancers.add(arn)
  }

  async setCapacityReservation(arn: string, reservation: CapacityReservation): Promise<void> {
    const { units, modifiedAt, decreases } = reservation
    const values = { units, modified_at: modifiedAt, decreases }
    await this.#work.db
      .insertInto('capacity_reservations')
      .values({ load_balancer_arn: arn, ...values })
      .onConflict((conflict) => conflict.column('load_balancer_arn').doUpdateSet(values))
      .execute()
  }

  async delete(arn: string): Promise<void> {
    const { db, changes, rows } = this.#work
    for (const group of await rows.targetGroups.ofLoadBalancer(arn)) changes.targetGroups.add(group)
    const listeners = await db
      .selectFrom('listeners')
      .select('arn')
      .where('load_balancer_arn', '=', arn)
      .execute()
    for (const listener of listeners) await rows.listeners.delete(listener.arn)
    await releaseNodes(db, arn, new Set())
    await db.deleteFrom('zonal_shifts').where('load_balancer_arn', '=', arn).execute()
    await forget(db, arn)
    await db.deleteFrom('load_balancers').where('arn', '=', arn).execute()
    changes.loadBalancers.add(arn)
  }

  async #whole(row: Selectable<LoadBalancerTable>): Promise<LoadBalancer> {
    const groups = await this.#work.db
      .selectFrom('load_balancer_security_groups')
      .select('security_group_id')
      .where('load_balancer_arn', '=', row.arn)
      .orderBy('position')
      .execute()
    return loadBalancerOf(
      row,
      await zonesOf(this.#work.db, row.arn),
      groups.map((group) => group.security_group_id),
    )
  }

  async #putZones(arn: string, zones: LoadBalancer['zones']): Promise<void> {
    const { db } = this.#work
    await db.deleteFrom('load_balancer_zones').where('load_balancer_arn', '=', arn).execute()
    for (const { zone, subnetId, address } of zones) {
      await db
        .insertInto('load_balancer_zones')
        .values({ load_balancer_arn: arn, zone, subnet_id: subnetId, address })
        .execute()
    }
  }

  async #putSecurityGroups(arn: string, ids: readonly string[]): Promise<void> {
    const { db } = this.#work
    await db.deleteFrom('load_balancer_security_groups').where('load_balancer_arn', '=', arn).execute()
    for (const [position, id] of ids.entries()) {
      await db
        .insertInto('load_balancer_security_groups')
        .values({ load_balancer_arn: arn, position, security_group_id: id })
        .execute()
    }
  }
}
