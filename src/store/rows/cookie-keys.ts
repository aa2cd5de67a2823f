// Rows of the keys for cookies of sticky sessions. Keys are sealed on the way in.

import type { CookieKey } from '../../model/cookie-key.ts'
import type { CookieKeyWriter } from '../cookie-keys.ts'
import type { UnitOfWork } from './unit-of-work.ts'

export class CookieKeyRows implements CookieKeyWriter {
  readonly #work: UnitOfWork

  constructor(work: UnitOfWork) {
    this.#work = work
  }

  async all(): Promise<readonly CookieKey[]> {
    const rows = await this.#work.db.selectFrom('cookie_keys').selectAll().orderBy('id').execute()
    return rows.map(({ id, secret, used_from }) => ({
      id,
      secret: this.#work.secrets.open(secret),
      usedFrom: used_from,
    }))
  }

  async insert({ id, secret, usedFrom }: CookieKey): Promise<void> {
    await this.#work.db
      .insertInto('cookie_keys')
      .values({ id, secret: this.#work.secrets.seal(secret), used_from: usedFrom })
      .execute()
  }

  async deleteBefore(id: number): Promise<void> {
    await this.#work.db.deleteFrom('cookie_keys').where('id', '<', id).execute()
  }
}
