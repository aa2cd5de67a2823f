// Rows of the SQLite store as one transaction sees them. Every look-up goes by an index.

import type { Kysely, Selectable } from 'kysely'
import { addressPool } from '../model/cidr.ts'
import type {
  CapacityReservation,
  Listener,
  LoadBalancer,
  LoadBalancerZone,
  Rule,
  Scope,
  Target,
  TargetGroup,
  TargetGroupUse,
} from '../model/resources.ts'
import { SqliteCertificateReader } from './certificate-rows.ts'
import {
  attributesOf,
  rulesOfListener,
  targetGroup,
  targetsOfGroup,
  usesOfTargetGroup,
  vpcOfNodeAddress,
} from './frequent-queries.ts'
import { SqliteNetworkReader } from './network-rows.ts'
import { listenerOf, loadBalancerOf, ruleOf, targetGroupOf, targetOf } from './row-mapping.ts'
import type { SecretBox } from './secret-box.ts'
import type { Page, PageOf, RowReader, Tag } from './store.ts'
import { SqliteTrustStoreReader } from './trust-store-rows.ts'
import { SqliteZonalShiftReader } from './zonal-shift-rows.ts'
import { DEFAULT_RULE_POSITION, type LoadBalancerTable, type Tables } from './tables.ts'

export class SqliteReader implements RowReader {
  protected readonly db: Kysely<Tables>
  /** Seals what must not lie readable in the database. */
  protected readonly secrets: SecretBox

  constructor(db: Kysely<Tables>, secrets: SecretBox) {
    this.db = db
    this.secrets = secrets
  }

  get certificates(): SqliteCertificateReader {
    return new SqliteCertificateReader(this.db, this.secrets)
  }

  get networks(): SqliteNetworkReader {
    return new SqliteNetworkReader(this.db)
  }

  get zonalShifts(): SqliteZonalShiftReader {
    return new SqliteZonalShiftReader(this.db)
  }

  get trustStores(): SqliteTrustStoreReader {
    return new SqliteTrustStoreReader(this.db)
  }

  async loadBalancer(arn: string): Promise<LoadBalancer | undefined> {
    const row = await this.db
      .selectFrom('load_balancers')
      .selectAll()
      .where('arn', '=', arn)
      .executeTakeFirst()
    return row && (await this.#withZones(row))
  }

  async loadBalancerByName(scope: Scope, name: string): Promise<LoadBalancer | undefined> {
    const row = await this.db
      .selectFrom('load_balancers')
      .selectAll()
      .where('account_id', '=', scope.accountId)
      .where('region', '=', scope.region)
      .where('name', '=', name)
      .executeTakeFirst()
    return row && (await this.#withZones(row))
  }

  async loadBalancers(scope: Scope, page: Page): Promise<PageOf<LoadBalancer>> {
    const rows = await this.db
      .selectFrom('load_balancers')
      .selectAll()
      .where('account_id', '=', scope.accountId)
      .where('region', '=', scope.region)
      .where('sequence', '>', page.after)
      .orderBy('sequence')
      .limit(page.limit + 1)
      .execute()
    const items = []
    for (const row of rows.slice(0, page.limit)) items.push(await this.#withZones(row))
    return { items, next: nextOf(rows, page, 'sequence') }
  }

  async loadBalancerCount(scope: Scope): Promise<number> {
    return await this.#count('load_balancers', { account_id: scope.accountId, region: scope.region })
  }

  async freeAddresses(pool: string): Promise<number> {
    const row = await this.db
      .selectFrom('address_pools')
      .select('used')
      .where('pool', '=', pool)
      .executeTakeFirst()
    return Math.max(0, (addressPool(pool)?.size ?? 0) - (row?.used ?? 0))
  }

  async capacityReservation(loadBalancerArn: string): Promise<CapacityReservation | undefined> {
    const row = await this.db
      .selectFrom('capacity_reservations')
      .selectAll()
      .where('load_balancer_arn', '=', loadBalancerArn)
      .executeTakeFirst()
    if (row === undefined) return undefined
    return { units: row.units, modifiedAt: row.modified_at, decreases: row.decreases }
  }

  async vpcOfNodeAddress(address: string): Promise<string | undefined> {
    const [row] = await vpcOfNodeAddress(this.db, address)
    return row?.vpc_id
  }

  async listener(arn: string): Promise<Listener | undefined> {
    const row = await this.db.selectFrom('listeners').selectAll().where('arn', '=', arn).executeTakeFirst()
    return row && listenerOf(row)
  }

  async listenerByPort(loadBalancerArn: string, port: number): Promise<Listener | undefined> {
    const row = await this.db
      .selectFrom('listeners')
      .selectAll()
      .where('load_balancer_arn', '=', loadBalancerArn)
      .where('port', '=', port)
      .executeTakeFirst()
    return row && listenerOf(row)
  }

  async listeners(loadBalancerArn: string, page: Page): Promise<PageOf<Listener>> {
    const rows = await this.db
      .selectFrom('listeners')
      .selectAll()
      .where('load_balancer_arn', '=', loadBalancerArn)
      .where('sequence', '>', page.after)
      .orderBy('sequence')
      .limit(page.limit + 1)
      .execute()
    return { items: rows.slice(0, page.limit).map(listenerOf), next: nextOf(rows, page, 'sequence') }
  }

  async listenerCount(loadBalancerArn: string): Promise<number> {
    return await this.#count('listeners', { load_balancer_arn: loadBalancerArn })
  }

  async listenerCertificates(listenerArn: string): Promise<readonly string[]> {
    const rows = await this.db
      .selectFrom('listener_certificates')
      .select('certificate_arn')
      .where('listener_arn', '=', listenerArn)
      .orderBy('sequence')
      .execute()
    return rows.map((row) => row.certificate_arn)
  }

  async certificateCountOf(loadBalancerArn: string): Promise<number> {
    const { count } = await this.db
      .selectFrom('listener_certificates')
      .select((select) => select.fn.count<number>('certificate_arn').distinct().as('count'))
      .where('load_balancer_arn', '=', loadBalancerArn)
      .executeTakeFirstOrThrow()
    return count
  }

  async loadBalancersOfCertificate(certificateArn: string): Promise<readonly string[]> {
    const rows = await this.db
      .selectFrom('listeners')
      .select('load_balancer_arn')
      .where('certificate_arn', '=', certificateArn)
      .union(
        this.db
          .selectFrom('listener_certificates')
          .select('load_balancer_arn')
          .where('certificate_arn', '=', certificateArn),
      )
      .execute()
    return rows.map((row) => row.load_balancer_arn)
  }

  async listenersOfTrustStore(trustStoreArn: string): Promise<readonly Listener[]> {
    const rows = await this.db
      .selectFrom('listeners')
      .selectAll()
      .where('trust_store_arn', '=', trustStoreArn)
      .orderBy('sequence')
      .execute()
    return rows.map(listenerOf)
  }

  async rule(arn: string): Promise<Rule | undefined> {
    const row = await this.db.selectFrom('rules').selectAll().where('arn', '=', arn).executeTakeFirst()
    return row && ruleOf(row)
  }

  async defaultRule(listenerArn: string): Promise<Rule | undefined> {
    return await this.ruleByPriority(listenerArn, DEFAULT_RULE_POSITION)
  }

  async ruleByPriority(listenerArn: string, priority: number): Promise<Rule | undefined> {
    const row = await this.db
      .selectFrom('rules')
      .selectAll()
      .where('listener_arn', '=', listenerArn)
      .where('position', '=', priority)
      .executeTakeFirst()
    return row && ruleOf(row)
  }

  async rules(listenerArn: string, page: Page): Promise<PageOf<Rule>> {
    const rows = await rulesOfListener(this.db, listenerArn, page.after, page.limit + 1)
    return { items: rows.slice(0, page.limit).map(ruleOf), next: nextOf(rows, page, 'position') }
  }

  async ruleCount(loadBalancerArn: string): Promise<number> {
    const { count } = await this.db
      .selectFrom('rules')
      .select((select) => select.fn.countAll<number>().as('count'))
      .where('load_balancer_arn', '=', loadBalancerArn)
      .where('position', '<', DEFAULT_RULE_POSITION)
      .executeTakeFirstOrThrow()
    return count
  }

  async clientSecret(ruleArn: string): Promise<string | undefined> {
    const row = await this.db
      .selectFrom('rules')
      .select('client_secret')
      .where('arn', '=', ruleArn)
      .executeTakeFirst()
    const sealed = row?.client_secret ?? null
    return sealed === null ? undefined : this.secrets.open(sealed)
  }

  async targetGroup(arn: string): Promise<TargetGroup | undefined> {
    const [row] = await targetGroup(this.db, arn)
    return row && targetGroupOf(row)
  }

  async targetGroupByName(scope: Scope, name: string): Promise<TargetGroup | undefined> {
    const row = await this.db
      .selectFrom('target_groups')
      .selectAll()
      .where('account_id', '=', scope.accountId)
      .where('region', '=', scope.region)
      .where('name', '=', name)
      .executeTakeFirst()
    return row && targetGroupOf(row)
  }

  async targetGroups(scope: Scope, page: Page): Promise<PageOf<TargetGroup>> {
    const rows = await this.db
      .selectFrom('target_groups')
      .selectAll()
      .where('account_id', '=', scope.accountId)
      .where('region', '=', scope.region)
      .where('sequence', '>', page.after)
      .orderBy('sequence')
      .limit(page.limit + 1)
      .execute()
    return { items: rows.slice(0, page.limit).map(targetGroupOf), next: nextOf(rows, page, 'sequence') }
  }

  async targetGroupCount(scope: Scope): Promise<number> {
    return await this.#count('target_groups', { account_id: scope.accountId, region: scope.region })
  }

  async targetGroupsOf(loadBalancerArn: string): Promise<readonly string[]> {
    const rows = await this.db
      .selectFrom('rule_target_groups')
      .select('target_group_arn')
      .distinct()
      .where('load_balancer_arn', '=', loadBalancerArn)
      .execute()
    return rows.map((row) => row.target_group_arn)
  }

  async targetGroupUse(arn: string): Promise<TargetGroupUse | undefined> {
    const [row] = await usesOfTargetGroup(this.db, arn)
    if (row === undefined) return undefined
    const zones = await this.zones(row.load_balancer_arn)
    return { loadBalancerArn: row.load_balancer_arn, zones: zones.map(({ zone }) => zone) }
  }

  async rulesOfTargetGroup(arn: string): Promise<readonly Rule[]> {
    const rows = await this.db
      .selectFrom('rules')
      .selectAll('rules')
      .innerJoin('rule_target_groups', 'rule_target_groups.rule_arn', 'rules.arn')
      .where('rule_target_groups.target_group_arn', '=', arn)
      .execute()
    return rows.map(ruleOf)
  }

  async target(targetGroupArn: string, id: string, port: number): Promise<Target | undefined> {
    const row = await this.db
      .selectFrom('targets')
      .selectAll()
      .where('target_group_arn', '=', targetGroupArn)
      .where('id', '=', id)
      .where('port', '=', port)
      .executeTakeFirst()
    return row && targetOf(row)
  }

  async targets(targetGroupArn: string): Promise<readonly Target[]> {
    return (await targetsOfGroup(this.db, targetGroupArn)).map(targetOf)
  }

  async targetCount(targetGroupArn: string): Promise<number> {
    return await this.#count('targets', { target_group_arn: targetGroupArn })
  }

  async targetCountOf(loadBalancerArn: string): Promise<number> {
    let count = 0
    for (const arn of await this.targetGroupsOf(loadBalancerArn)) count += await this.targetCount(arn)
    return count
  }

  async attributes(resourceArn: string): Promise<ReadonlyMap<string, string>> {
    const rows = await attributesOf(this.db, resourceArn)
    return new Map(rows.map(({ key, value }) => [key, value]))
  }

  async tags(resourceArn: string): Promise<readonly Tag[]> {
    const rows = await this.db
      .selectFrom('tags')
      .select(['key', 'value'])
      .where('resource_arn', '=', resourceArn)
      .orderBy('key')
      .execute()
    return rows.map(({ key, value }) => ({ key, value }))
  }

  async #withZones(row: Selectable<LoadBalancerTable>): Promise<LoadBalancer> {
    const groups = await this.db
      .selectFrom('load_balancer_security_groups')
      .select('security_group_id')
      .where('load_balancer_arn', '=', row.arn)
      .orderBy('position')
      .execute()
    return loadBalancerOf(
      row,
      await this.zones(row.arn),
      groups.map((group) => group.security_group_id),
    )
  }

  protected async zones(loadBalancerArn: string): Promise<LoadBalancerZone[]> {
    const rows = await this.db
      .selectFrom('load_balancer_zones')
      .select(['zone', 'subnet_id', 'address'])
      .where('load_balancer_arn', '=', loadBalancerArn)
      .orderBy('zone')
      .execute()
    return rows.map(({ zone, subnet_id: subnetId, address }) => ({ zone, subnetId, address }))
  }

  async #count(
    table: 'load_balancers' | 'listeners' | 'target_groups' | 'targets',
    where: Record<string, string>,
  ): Promise<number> {
    let query = this.db.selectFrom(table).select((select) => select.fn.countAll<number>().as('count'))
    for (const [column, value] of Object.entries(where)) {
      query = query.where(this.db.dynamic.ref(column), '=', value)
    }
    return (await query.executeTakeFirstOrThrow()).count
  }
}

/** Where the next page begins: queries ask for one row more than the page holds. */
function nextOf<K extends string>(rows: readonly Record<K, number>[], page: Page, key: K): number | null {
  return rows.length > page.limit ? (rows[page.limit - 1]?.[key] ?? null) : null
}
