// Rows of registrations of targets.

import type { Target } from '../../model/resources.ts'
import type { TargetWriter } from '../targets.ts'
import { targetsOfGroup } from './frequent-queries.ts'
import { targetOf } from './row-mapping.ts'
import { countOf, type UnitOfWork } from './unit-of-work.ts'

export class TargetRows implements TargetWriter {
  readonly #work: UnitOfWork

  constructor(work: UnitOfWork) {
    this.#work = work
  }

  async find(targetGroupArn: string, id: string, port: number): Promise<Target | undefined> {
    const row = await this.#work.db
      .selectFrom('targets')
      .selectAll()
      .where('target_group_arn', '=', targetGroupArn)
      .where('id', '=', id)
      .where('port', '=', port)
      .executeTakeFirst()
    return row && targetOf(row)
  }

  async list(targetGroupArn: string): Promise<readonly Target[]> {
    return (await targetsOfGroup(this.#work.db, targetGroupArn)).map(targetOf)
  }

  async count(targetGroupArn: string): Promise<number> {
    return await countOf(this.#work.db, 'targets', { target_group_arn: targetGroupArn })
  }

  async countOfLoadBalancer(loadBalancerArn: string): Promise<number> {
    const { rows } = this.#work
    let count = 0
    for (const arn of await rows.targetGroups.ofLoadBalancer(loadBalancerArn)) count += await this.count(arn)
    return count
  }

  async put(target: Target): Promise<void> {
    const { address, zone, drainsUntil } = target
    await this.#work.db
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
    this.#work.changes.targetGroups.add(target.targetGroupArn)
  }

  async remove(targetGroupArn: string, id: string, port: number): Promise<void> {
    await this.#work.db
      .deleteFrom('targets')
      .where('target_group_arn', '=', targetGroupArn)
      .where('id', '=', id)
      .where('port', '=', port)
      .execute()
    this.#work.changes.targetGroups.add(targetGroupArn)
  }
}
