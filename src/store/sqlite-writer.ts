// Changes to rows of the SQLite store inside one transaction. Notes what the transaction changed for traffic: a load
// balancer's unit depends on its own rows, its listeners, rules and attributes; a target group's unit on its own rows,
// its registrations, and on where it is in use.

import { addressPool, numberToIpv4 } from '../model/cidr.ts'
import type {
  CapacityReservation,
  Listener,
  LoadBalancer,
  Rule,
  Target,
  TargetGroup,
} from '../model/resources.ts'
import { SqliteCertificateWriter } from './certificate-rows.ts'
import { SqliteReader } from './sqlite-reader.ts'
import type { RowWriter, Tag } from './store.ts'
import { DEFAULT_RULE_POSITION } from './tables.ts'

export class SqliteWriter extends SqliteReader implements RowWriter {
  /** What the transaction changed for traffic so far. */
  readonly change = { loadBalancers: new Set<string>(), targetGroups: new Set<string>() }

  override get certificates(): SqliteCertificateWriter {
    return new SqliteCertificateWriter(this.db, this.secrets)
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
    await this.#forget(arn)
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

  async insertListener(listener: Listener, defaultRule: Rule): Promise<void> {
    await this.db
      .insertInto('listeners')
      .values({
        arn: listener.arn,
        load_balancer_arn: listener.loadBalancerArn,
        protocol: listener.protocol,
        port: listener.port,
      })
      .execute()
    await this.insertRule(defaultRule)
  }

  async updateListener(arn: string, change: Partial<Pick<Listener, 'protocol' | 'port'>>): Promise<void> {
    const listener = await this.listener(arn)
    if (listener === undefined) return
    const { protocol, port } = { ...listener, ...change }
    await this.db.updateTable('listeners').set({ protocol, port }).where('arn', '=', arn).execute()
    this.change.loadBalancers.add(listener.loadBalancerArn)
  }

  async deleteListener(arn: string): Promise<void> {
    const listener = await this.listener(arn)
    if (listener === undefined) return
    const rules = await this.db.selectFrom('rules').select('arn').where('listener_arn', '=', arn).execute()
    for (const rule of rules) await this.deleteRule(rule.arn)
    await this.#forget(arn)
    await this.db.deleteFrom('listeners').where('arn', '=', arn).execute()
    this.change.loadBalancers.add(listener.loadBalancerArn)
  }

  async insertRule(rule: Rule): Promise<void> {
    await this.db
      .insertInto('rules')
      .values({
        arn: rule.arn,
        listener_arn: rule.listenerArn,
        load_balancer_arn: rule.loadBalancerArn,
        position: rule.priority ?? DEFAULT_RULE_POSITION,
        conditions: JSON.stringify(rule.conditions),
        actions: JSON.stringify(rule.actions),
      })
      .execute()
    await this.#linkTargetGroups(rule)
    this.change.loadBalancers.add(rule.loadBalancerArn)
  }

  async updateRule(arn: string, change: Partial<Pick<Rule, 'conditions' | 'actions'>>): Promise<void> {
    const rule = await this.rule(arn)
    if (rule === undefined) return
    const changed = { ...rule, ...change }
    await this.db
      .updateTable('rules')
      .set({ conditions: JSON.stringify(changed.conditions), actions: JSON.stringify(changed.actions) })
      .where('arn', '=', arn)
      .execute()
    if (change.actions !== undefined) {
      await this.#unlinkTargetGroups(arn)
      await this.#linkTargetGroups(changed)
    }
    this.change.loadBalancers.add(rule.loadBalancerArn)
  }

  async setPriorities(
    priorities: readonly { readonly arn: string; readonly priority: number }[],
  ): Promise<void> {
    // Out of the way first, so that rules can swap their places.
    for (const [index, { arn }] of priorities.entries()) {
      await this.db
        .updateTable('rules')
        .set({ position: -1 - index })
        .where('arn', '=', arn)
        .execute()
    }
    for (const { arn, priority } of priorities) {
      await this.db.updateTable('rules').set({ position: priority }).where('arn', '=', arn).execute()
      const rule = await this.rule(arn)
      if (rule !== undefined) this.change.loadBalancers.add(rule.loadBalancerArn)
    }
  }

  async deleteRule(arn: string): Promise<void> {
    const rule = await this.rule(arn)
    if (rule === undefined) return
    await this.#unlinkTargetGroups(arn)
    await this.#forget(arn)
    await this.db.deleteFrom('rules').where('arn', '=', arn).execute()
    this.change.loadBalancers.add(rule.loadBalancerArn)
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
    await this.#forget(arn)
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

  async #linkTargetGroups(rule: Rule): Promise<void> {
    const arns = new Set(
      rule.actions.flatMap((action) => [
        action.TargetGroupArn,
        ...(action.ForwardConfig?.TargetGroups ?? []).map((group) => group.TargetGroupArn),
      ]),
    )
    for (const arn of arns) {
      if (arn === undefined) continue
      await this.db
        .insertInto('rule_target_groups')
        .values({
          rule_arn: rule.arn,
          target_group_arn: arn,
          load_balancer_arn: rule.loadBalancerArn,
        })
        .execute()
      this.change.targetGroups.add(arn)
    }
  }

  async #unlinkTargetGroups(ruleArn: string): Promise<void> {
    const rows = await this.db
      .deleteFrom('rule_target_groups')
      .where('rule_arn', '=', ruleArn)
      .returning('target_group_arn')
      .execute()
    for (const row of rows) this.change.targetGroups.add(row.target_group_arn)
  }

  /** Deletes what hangs on a resource by its ARN alone. */
  async #forget(arn: string): Promise<void> {
    await this.db.deleteFrom('attributes').where('resource_arn', '=', arn).execute()
    await this.db.deleteFrom('tags').where('resource_arn', '=', arn).execute()
  }

  async #noteAttributes(resourceArn: string): Promise<void> {
    const listener = await this.listener(resourceArn)
    if (listener !== undefined) this.change.loadBalancers.add(listener.loadBalancerArn)
    else if (resourceArn.includes(':targetgroup/')) this.change.targetGroups.add(resourceArn)
    else this.change.loadBalancers.add(resourceArn)
  }
}
