// Rows of trust stores.

import type { Selectable } from 'kysely'
import type { Scope } from '../../model/resources.ts'
import type { RevocationList, TrustStore } from '../../model/trust-stores.ts'
import type { Page, PageOf } from '../page.ts'
import type { TrustStoreWriter } from '../trust-stores.ts'
import type { Tables } from './tables.ts'
import { countOf, nextOf, type UnitOfWork } from './unit-of-work.ts'

const FACTS = ['sequence', 'arn', 'account_id', 'region', 'name', 'ca_certificates', 'created_at'] as const

export class TrustStoreRows implements TrustStoreWriter {
  readonly #work: UnitOfWork

  constructor(work: UnitOfWork) {
    this.#work = work
  }

  async trustStore(arn: string): Promise<TrustStore | undefined> {
    const row = await this.#work.db
      .selectFrom('trust_stores')
      .select(FACTS)
      .where('arn', '=', arn)
      .executeTakeFirst()
    return row && trustStoreOf(row)
  }

  async trustStoreByName(scope: Scope, name: string): Promise<TrustStore | undefined> {
    const row = await this.#work.db
      .selectFrom('trust_stores')
      .select(FACTS)
      .where('account_id', '=', scope.accountId)
      .where('region', '=', scope.region)
      .where('name', '=', name)
      .executeTakeFirst()
    return row && trustStoreOf(row)
  }

  async trustStores(scope: Scope, page: Page): Promise<PageOf<TrustStore>> {
    const rows = await this.#work.db
      .selectFrom('trust_stores')
      .select(FACTS)
      .where('account_id', '=', scope.accountId)
      .where('region', '=', scope.region)
      .where('sequence', '>', page.after)
      .orderBy('sequence')
      .limit(page.limit + 1)
      .execute()
    return { items: rows.slice(0, page.limit).map(trustStoreOf), next: nextOf(rows, page, 'sequence') }
  }

  async trustStoreCount({ accountId, region }: Scope): Promise<number> {
    return await countOf(this.#work.db, 'trust_stores', { account_id: accountId, region })
  }

  async bundle(arn: string): Promise<string | undefined> {
    const row = await this.#work.db
      .selectFrom('trust_stores')
      .select('bundle')
      .where('arn', '=', arn)
      .executeTakeFirst()
    return row?.bundle
  }

  async revocationLists(arn: string): Promise<readonly RevocationList[]> {
    return await this.#work.db
      .selectFrom('revocation_lists')
      .select(['id', 'entries'])
      .where('trust_store_arn', '=', arn)
      .orderBy('id')
      .execute()
  }

  async revocationContent(arn: string, id: number): Promise<string | undefined> {
    const row = await this.#work.db
      .selectFrom('revocation_lists')
      .select('content')
      .where('trust_store_arn', '=', arn)
      .where('id', '=', id)
      .executeTakeFirst()
    return row?.content
  }

  async insertTrustStore(trustStore: TrustStore, bundle: string): Promise<void> {
    await this.#work.db
      .insertInto('trust_stores')
      .values({
        arn: trustStore.arn,
        account_id: trustStore.accountId,
        region: trustStore.region,
        name: trustStore.name,
        ca_certificates: trustStore.caCertificates,
        created_at: trustStore.createdAt,
        bundle,
        last_revocation_id: 0,
      })
      .execute()
  }

  async replaceBundle(arn: string, caCertificates: number, bundle: string): Promise<void> {
    await this.#work.db
      .updateTable('trust_stores')
      .set({ ca_certificates: caCertificates, bundle })
      .where('arn', '=', arn)
      .execute()
    await this.#changed(arn)
  }

  async deleteTrustStore(arn: string): Promise<void> {
    await this.#work.db.deleteFrom('tags').where('resource_arn', '=', arn).execute()
    await this.#work.db.deleteFrom('trust_stores').where('arn', '=', arn).execute()
  }

  async addRevocationList(arn: string, entries: number, content: string): Promise<number> {
    const { last_revocation_id: id } = await this.#work.db
      .updateTable('trust_stores')
      .set((set) => ({ last_revocation_id: set('last_revocation_id', '+', 1) }))
      .where('arn', '=', arn)
      .returning('last_revocation_id')
      .executeTakeFirstOrThrow()
    await this.#work.db
      .insertInto('revocation_lists')
      .values({ trust_store_arn: arn, id, entries, content })
      .execute()
    await this.#changed(arn)
    return id
  }

  async removeRevocationList(arn: string, id: number): Promise<void> {
    await this.#work.db
      .deleteFrom('revocation_lists')
      .where('trust_store_arn', '=', arn)
      .where('id', '=', id)
      .execute()
    await this.#changed(arn)
  }

  /** Notes who verifies clients with the trust store, which is not the same any more. */
  async #changed(arn: string): Promise<void> {
    const { changes, rows } = this.#work
    for (const { loadBalancerArn } of await rows.listeners.withTrustStore(arn)) {
      changes.loadBalancers.add(loadBalancerArn)
    }
  }
}

function trustStoreOf(row: Pick<Selectable<Tables['trust_stores']>, (typeof FACTS)[number]>): TrustStore {
  return {
    arn: row.arn,
    accountId: row.account_id,
    region: row.region,
    name: row.name,
    caCertificates: row.ca_certificates,
    createdAt: row.created_at,
  }
}
