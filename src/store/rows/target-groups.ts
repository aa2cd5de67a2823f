// Rows of target groups. A target group's unit depends on its own rows, its registrations, and on where it is in use.

import type { Scope, TargetGroup, TargetGroupUse } from '../../model/resources.ts'
import type { Page, PageOf } from '../page.ts'
import type { TargetGroupWriter } from '../target-groups.ts'
import { targetGroup, usesOfTargetGroup } from './frequent-queries.ts'
import { targetGroupOf } from './row-mapping.ts'
import { countOf, forget, nextOf, type UnitOfWork } from './unit-of-work.ts'
import { zonesOf } from './zones.ts'

export class TargetGroupRows implements TargetGroupWriter {
  readonly #work: UnitOfWork

  constructor(work: UnitOfWork) {
    this.#work = work
  }

  async find(arn: string): Promise<TargetGroup | undefined> {
    const [row] = await targetGroup(this.#work.db, arn)
    return row && targetGroupOf(row)
  }

  async findByName(scope: Scope, name: string): Promise<TargetGroup | undefined> {
    const row = await this.#work.db
      .selectFrom('target_groups')
      .selectAll()
      .where('account_id', '=', scope.accountId)
      .where('region', '=', scope.region)
      .where('name', '=', name)
      .executeTakeFirst()
    return row && targetGroupOf(row)
  }

  async list(scope: Scope, page: Page): Promise<PageOf<TargetGroup>> {
    const rows = await this.#work.db
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

  async count({ accountId, region }: Scope): Promise<number> {
    return await countOf(this.#work.db, 'target_groups', { account_id: accountId, region })
  }

  async ofLoadBalancer(loadBalancerArn: string): Promise<readonly string[]> {
    const rows = await this.#work.db
      .selectFrom('rule_target_groups')
      .select('target_group_arn')
      .distinct()
      .where('load_balancer_arn', '=', loadBalancerArn)
      .execute()
    return rows.map((row) => row.target_group_arn)
  }

  async use(arn: string): Promise<TargetGroupUse | undefined> {
    const [row] = await usesOfTargetGroup(this.#work.db, arn)
    if (row === undefined) return undefined
    const zones = await zonesOf(this.#work.db, row.load_balancer_arn)
    return { loadBalancerArn: row.load_balancer_arn, zones: zones.map(({ zone }) => zone) }
  }

  async insert(group: TargetGroup): Promise<void> {
    // What a function has not, and no column may be without.
    const ofFunction = { protocol: '', protocolVersion: '', port: 0, vpcId: '' }
    const { protocol, protocolVersion, port, vpcId } = group.targetType === 'lambda' ? ofFunction : group
    await this.#work.db
      .insertInto('target_groups')
      .values({
        arn: group.arn,
        account_id: group.accountId,
        region: group.region,
        name: group.name,
        protocol,
        protocol_version: protocolVersion,
        port,
        vpc_id: vpcId,
        target_type: group.targetType,
        ip_address_type: group.ipAddressType,
        health_check: JSON.stringify(group.healthCheck),
        created_at: group.createdAt,
      })
      .execute()
    this.#work.changes.targetGroups.add(group.arn)
  }

  async updateHealthCheck(arn: string, healthCheck: TargetGroup['healthCheck']): Promise<void> {
    await this.#work.db
      .updateTable('target_groups')
      .set({ health_check: JSON.stringify(healthCheck) })
      .where('arn', '=', arn)
      .execute()
    this.#work.changes.targetGroups.add(arn)
  }

  async delete(arn: string): Promise<void> {
    const { db, changes } = this.#work
    await forget(db, arn)
    await db.deleteFrom('target_groups').where('arn', '=', arn).execute()
    changes.targetGroups.add(arn)
  }
}
