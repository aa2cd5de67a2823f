// What all rows of one unit of work share, and two questions that many of them ask.

import type { Kysely } from 'kysely'
import type { ChangeNotes } from '../changes.ts'
import type { Page } from '../page.ts'
import type { SecretBox } from '../secret-box.ts'
import type { RowWriter } from '../store.ts'
import type { Tables } from './tables.ts'

export interface UnitOfWork {
  /** The transaction. */
  readonly db: Kysely<Tables>
  /** Seals what must not lie readable in the database. */
  readonly secrets: SecretBox
  /** What is changed for those who follow the feed. */
  readonly changes: ChangeNotes
  /** Rows of other resources, in the same unit of work. */
  readonly rows: RowWriter
}

/** Where the next page begins: queries ask for one row more than the page holds. */
export function nextOf<K extends string>(
  rows: readonly Record<K, number>[],
  page: Page,
  key: K,
): number | null {
  return rows.length > page.limit ? (rows[page.limit - 1]?.[key] ?? null) : null
}

/** Rows of a table with these values. */
export async function countOf(
  db: Kysely<Tables>,
  table: 'load_balancers' | 'listeners' | 'target_groups' | 'targets' | 'trust_stores',
  values: Readonly<Record<string, string>>,
): Promise<number> {
  let query = db.selectFrom(table).select((select) => select.fn.countAll().as('count'))
  for (const [column, value] of Object.entries(values)) {
    query = query.where(db.dynamic.ref(column), '=', value)
  }
  return Number((await query.executeTakeFirstOrThrow()).count)
}

/** Deletes what hangs on a resource by its ARN alone. */
export async function forget(db: Kysely<Tables>, arn: string): Promise<void> {
  await db.deleteFrom('attributes').where('resource_arn', '=', arn).execute()
  await db.deleteFrom('tags').where('resource_arn', '=', arn).execute()
}
