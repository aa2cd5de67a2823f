// Rows of tags.

import type { Tag, TagWriter } from '../tags.ts'
import type { UnitOfWork } from './unit-of-work.ts'

export class TagRows implements TagWriter {
  readonly #work: UnitOfWork

  constructor(work: UnitOfWork) {
    this.#work = work
  }

  async of(resourceArn: string): Promise<readonly Tag[]> {
    const rows = await this.#work.db
      .selectFrom('tags')
      .select(['key', 'value'])
      .where('resource_arn', '=', resourceArn)
      .orderBy('key')
      .execute()
    return rows.map(({ key, value }) => ({ key, value }))
  }

  async put(resourceArn: string, tags: readonly Tag[]): Promise<void> {
    for (const { key, value } of tags) {
      await this.#work.db
        .insertInto('tags')
        .values({ resource_arn: resourceArn, key, value })
        .onConflict((conflict) => conflict.columns(['resource_arn', 'key']).doUpdateSet({ value }))
        .execute()
    }
  }

  async remove(resourceArn: string, keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return
    await this.#work.db
      .deleteFrom('tags')
      .where('resource_arn', '=', resourceArn)
      .where('key', 'in', [...keys])
      .execute()
  }
}
