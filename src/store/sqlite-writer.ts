// Changes to rows of the SQLite store inside one transaction. Notes what the transaction changed for traffic: a load
// balancer's unit depends on its own rows, its listeners, rules and attributes; a target group's unit on its own rows,
// its registrations, and on where it is in use.

import { addressPool } from '../model/cidr.ts'
import { numberToIpv4 } from '../model/ip.ts'
import type { CapacityReservation, LoadBalancer, Target, TargetGroup } from '../model/resources.ts'
import { SqliteCertificateWriter } from './certificate-rows.ts'
import { SqliteCookieKeyRows } from './cookie-key-rows.ts'
import { SqliteNetworkWriter } from './network-rows.ts'
import { SqliteListenerWriter } from './sqlite-listener-writer.ts'
import type { RowWriter, Tag } from './store.ts'
import { SqliteTrustStoreWriter } from './trust-store-rows.ts'
import { SqliteZonalShiftWriter } from './zonal-shift-rows.ts'

export class SqliteWriter extends SqliteListenerWriter implements RowWriter {
  override get certificates(): SqliteCertificateWriter {
    return new SqliteCertificateWriter(this.db, this.secrets, async (arn) => {
      for (const user of await this.loadBalancersOfCertificate(arn)) this.change.loadBalancers.add(user)
    })
  }

  override get networks(): SqliteNetworkWriter {
    return new SqliteNetworkWriter(this.db, this.change)
  }

  override get zonalShifts(): SqliteZonalShiftWriter {
    return new SqliteZonalShiftWriter(this.db, async (arn) => {
      this.change.loadBalancers.add(arn)
      for (const group of await this.targetGroupsOf(arn)) this.change.targetGroups.add(group)
    })
  }

  override get trustStores(): SqliteTrustStoreWriter {
    return new SqliteTrustStoreWriter(this.db, async (arn) => {
      for (const { loadBalancerArn } of await this.listenersOfTrustStore(arn)) {
        this.change.loadBalancers.add(loadBalancerArn)
      }
    })
  }

  get cookieKeys(): SqliteCookieKeyRows {
    return new SqliteCookieKeyRows(this.db, this.secrets)
  }

  async insertLoadBalancer(loadBalancer: LoadBalancer): Promise<void> {
    await this.db
      .insertInto('load_balancers')
      .values({
        arn: loadBalancer.arn,
        account_id: loadBalancer.accountId,
        region: loadBalancer.region,
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
    this.change.loadBalancers.add(loadBalancer.arn)
  }

  async updateLoadBalancer(
    arn: string,
    change: Partial<Pick<LoadBalancer, 'ipAddressType' | 'securityGroups' | 'zones' | 'state'>>,
  ): Promise<void> {
    if (change.ipAddressType !== undefined || change.state !== undefined) {
      await this.db
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
      await this.#releaseAddresses(arn, kept)
      await this.#putZones(arn, change.zones)
      // Whether a target gets traffic depends on the enabled zones.
      for (const group of await this.targetGroupsOf(arn)) this.change.targetGroups.add(group)
    }
    if (change.securityGroups !== undefined) await this.#putSecurityGroups(arn, change.securityGroups)
    this.change.loadBalancers.add(arn)
  }

  async setCapacityReservation(loadBalancerArn: string, reservation: CapacityReservation): Promise<void> {
    const { units, modifiedAt, decreases } = reservation
    const values = { units, modified_at: modifiedAt, decreases }
    await this.db
      .insertInto('capacity_reservations')
      .values({ load_balancer_arn: loadBalancerArn, ...values })
      .onConflict((conflict) => conflict.column('load_balancer_arn').doUpdateSet(values))
      .execute()
  }

  async deleteLoadBalancer(arn: string): Promise<void> {
    for (const group of await this.targetGroupsOf(arn)) this.change.targetGroups.add(group)
    const listeners = await this.db
      .selectFrom('listeners')
      .select('arn')
      .where('load_balancer_arn', '=', arn)
      .execute()
    for (const listener of listeners) await this.deleteListener(listener.arn)
    await this.#releaseAddresses(arn, new Set())
    await this.db.deleteFrom('zonal_shifts').where('load_balancer_arn', '=', arn).execute()
    await this.forget(arn)
    await this.db.deleteFrom('load_balancers').where('arn', '=', arn).execute()
    this.change.loadBalancers.add(arn)
  }

  async allocateAddress(pool: string): Promise<string | undefined> {
    const block = addressPool(pool)
    if (block === undefined || (await this.freeAddresses(pool)) === 0) return undefined
    await this.db
      .insertInto('address_pools')
      .values({ pool, next: 0, used: 0 })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    const { next } = await this.db
      .selectFrom('address_pools')
      .select('next')
      .where('pool', '=', pool)
      .executeTakeFirstOrThrow()
    // The next one after the last that was given out: an address that was just freed rests as long as possible.
    for (let step = 0; step < block.size; step++) {
      const offset = (next + step) % block.size
      const address = numberToIpv4(block.first + offset)
      const { numInsertedOrUpdatedRows } = await this.db
        .insertInto('node_addresses')
        .values({ address, pool })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow()
      if (numInsertedOrUpdatedRows === 0n) continue
      await this.db
        .updateTable('address_pools')
        .set((set) => ({ next: (offset + 1) % block.size, used: set('used', '+', 1) }))
        .where('pool', '=', pool)
        .execute()
      return address
    }
    return undefined
  }

  async insertTargetGroup(targetGroup: TargetGroup): Promise<void> {
    // What a function has not, and no column may be without.
    const ofFunction = { protocol: '', protocolVersion: '', port: 0, vpcId: '' }
    const { protocol, protocolVersion, port, vpcId } =
      targetGroup.targetType === 'lambda' ? ofFunction : targetGroup
    await this.db
      .insertInto('target_groups')
      .values({
        arn: targetGroup.arn,
        account_id: targetGroup.accountId,
        region: targetGroup.region,
        name: targetGroup.name,
        protocol,
        protocol_version: protocolVersion,
        port,
        vpc_id: vpcId,
        target_type: targetGroup.targetType,
        ip_address_type: targetGroup.ipAddressType,
        health_check: JSON.stringify(targetGroup.healthCheck),
        created_at: targetGroup.createdAt,
      })
      .execute()
    this.change.targetGroups.add(targetGroup.arn)
  }

  async updateHealthCheck(arn: string, healthCheck: TargetGroup['healthCheck']): Promise<void> {
    await this.db
      .updateTable('target_groups')
      .set({ health_check: JSON.stringify(healthCheck) })
      .where('arn', '=', arn)
      .execute()
    this.change.targetGroups.add(arn)
  }

  async deleteTargetGroup(arn: string): Promise<void> {
    await this.forget(arn)
    await this.db.deleteFrom('target_groups').where('arn', '=', arn).execute()
    this.change.targetGroups.add(arn)
  }

  async putTarget(target: Target): Promise<void> {
    const { address, zone, drainsUntil } = target
    await this.db
      .insertInto('targets')
      .values({
        target_group_arn: target.targetGroupArn,
        id: target.id,
        port: target.port,
        address,
        zone,
        drains_until: drainsUntil,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['target_group_arn', 'id', 'port'])
          .doUpdateSet({ address, zone, drains_until: drainsUntil }),
      )
      .execute()
    this.change.targetGroups.add(target.targetGroupArn)
  }

  async removeTarget(targetGroupArn: string, id: string, port: number): Promise<void> {
    await this.db
      .deleteFrom('targets')
      .where('target_group_arn', '=', targetGroupArn)
      .where('id', '=', id)
      .where('port', '=', port)
      .execute()
    this.change.targetGroups.add(targetGroupArn)
  }

  async setAttributes(resourceArn: string, attributes: ReadonlyMap<string, string>): Promise<void> {
    for (const [key, value] of attributes) {
      await this.db
        .insertInto('attributes')
        .values({ resource_arn: resourceArn, key, value })
        .onConflict((conflict) => conflict.columns(['resource_arn', 'key']).doUpdateSet({ value }))
        .execute()
    }
    await this.#noteAttributes(resourceArn)
  }

  async putTags(resourceArn: string, tags: readonly Tag[]): Promise<void> {
    for (const { key, value } of tags) {
      await this.db
        .insertInto('tags')
        .values({ resource_arn: resourceArn, key, value })
        .onConflict((conflict) => conflict.columns(['resource_arn', 'key']).doUpdateSet({ value }))
        .execute()
    }
  }

  async removeTags(resourceArn: string, keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return
    await this.db
      .deleteFrom('tags')
      .where('resource_arn', '=', resourceArn)
      .where('key', 'in', [...keys])
      .execute()
  }

  async #putZones(arn: string, zones: LoadBalancer['zones']): Promise<void> {
    await this.db.deleteFrom('load_balancer_zones').where('load_balancer_arn', '=', arn).execute()
    for (const { zone, subnetId, address } of zones) {
      await this.db
        .insertInto('load_balancer_zones')
        .values({ load_balancer_arn: arn, zone, subnet_id: subnetId, address })
        .execute()
    }
  }

  async #putSecurityGroups(arn: string, ids: readonly string[]): Promise<void> {
    await this.db.deleteFrom('load_balancer_security_groups').where('load_balancer_arn', '=', arn).execute()
    for (const [position, id] of ids.entries()) {
      await this.db
        .insertInto('load_balancer_security_groups')
        .values({ load_balancer_arn: arn, position, security_group_id: id })
        .execute()
    }
  }

  /** Gives back the addresses of a load balancer's nodes but those to keep, and forgets their zones. */
  async #releaseAddresses(arn: string, kept: ReadonlySet<string>): Promise<void> {
    for (const { zone, address } of await this.zones(arn)) {
      if (kept.has(address)) continue
      await this.db
        .deleteFrom('load_balancer_zones')
        .where('load_balancer_arn', '=', arn)
        .where('zone', '=', zone)
        .execute()
      const row = await this.db
        .deleteFrom('node_addresses')
        .where('address', '=', address)
        .returning('pool')
        .executeTakeFirst()
      if (row === undefined) continue
      await this.db
        .updateTable('address_pools')
        .set((set) => ({ used: set('used', '-', 1) }))
        .where('pool', '=', row.pool)
        .execute()
    }
  }

  async #noteAttributes(resourceArn: string): Promise<void> {
    const listener = await this.listener(resourceArn)
    if (listener !== undefined) this.change.loadBalancers.add(listener.loadBalancerArn)
    else if (resourceArn.includes(':targetgroup/')) this.change.targetGroups.add(resourceArn)
    else this.change.loadBalancers.add(resourceArn)
  }
}
