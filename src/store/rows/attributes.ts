// Rows of attributes that were set.

import type { AttributeWriter } from '../attributes.ts'
import { attributesOf } from './frequent-queries.ts'
import type { UnitOfWork } from './unit-of-work.ts'

export class AttributeRows implements AttributeWriter {
  readonly #work: UnitOfWork

  constructor(work: UnitOfWork) {
    this.#work = work
  }

  async of(resourceArn: string): Promise<ReadonlyMap<string, string>> {
    const rows = await attributesOf(this.#work.db, resourceArn)
    return new Map(rows.map(({ key, value }) => [key, value]))
  }

  async set(resourceArn: string, attributes: ReadonlyMap<string, string>): Promise<void> {
    for (const [key, value] of attributes) {
      await this.#work.db
        .insertInto('attributes')
        .values({ resource_arn: resourceArn, key, value })
        .onConflict((conflict) => conflict.columns(['resource_arn', 'key']).doUpdateSet({ value }))
        .execute()
    }
    await this.#note(resourceArn)
  }

  async #note(resourceArn: string): Promise<void> {
    const { changes, rows } = this.#work
    const listener = await rows.listeners.find(resourceArn)
    if (listener !== undefined) changes.loadBalancers.add(listener.loadBalancerArn)
    else if (resourceArn.includes(':targetgroup/')) changes.targetGroups.add(resourceArn)
    else changes.loadBalancers.add(resourceArn)
  }
}
