// Rows of the keys for cookies of sticky sessions. Keys are sealed on the way in.

import type { Kysely } from 'kysely'
import type { CookieKey } from '../model/cookie-key.ts'
import type { SecretBox } from './secret-box.ts'
import type { Tables } from './tables.ts'

export interface CookieKeyRows {
  /** The oldest first. */
  all(): Promise<readonly CookieKey[]>
  insert(key: CookieKey): Promise<void>
  /** Forgets every key with a smaller ID. */
  deleteBefore(id: number): Promise<void>
}

export class SqliteCookieKeyRows implements CookieKeyRows {
  readonly #db: Kysely<Tables>
  readonly #secrets: SecretBox

  constructor(db: Kysely<Tables>, secrets: SecretBox) {
    this.#db = db
    this.#secrets = secrets
  }

  async all(): Promise<readonly CookieKey[]> {
    const rows = await this.#db.selectFrom('cookie_keys').selectAll().orderBy('id').execute()
    return rows.map(({ id, secret, used_from }) => ({
      id,
      secret: this.#secrets.open(secret),
      usedFrom: used_from,
    }))
  }

  async insert({ id, secret, usedFrom }: CookieKey): Promise<void> {
    await this.#db
      .insertInto('cookie_keys')
      .values({ id, secret: this.#secrets.seal(secret), used_from: usedFrom })
      .execute()
  }

  async deleteBefore(id: number): Promise<void> {
    await this.#db.deleteFrom('cookie_keys').where('id', '<', id).execute()
  }
}
