// Rows of addresses that are given out, and of the pools that they come from.

import { addressPool } from '../../model/cidr.ts'
import { numberToIpv4 } from '../../model/ip.ts'
import type { NodeAddressWriter } from '../node-addresses.ts'
import { vpcOfNodeAddress } from './frequent-queries.ts'
import type { UnitOfWork } from './unit-of-work.ts'

export class NodeAddressRows implements NodeAddressWriter {
  readonly #work: UnitOfWork

  constructor(work: UnitOfWork) {
    this.#work = work
  }

  async free(pool: string): Promise<number> {
    const row = await this.#work.db
      .selectFrom('address_pools')
      .select('used')
      .where('pool', '=', pool)
      .executeTakeFirst()
    return Math.max(0, (addressPool(pool)?.size ?? 0) - (row?.used ?? 0))
  }

  async vpcOf(address: string): Promise<string | undefined> {
    const [row] = await vpcOfNodeAddress(this.#work.db, address)
    return row?.vpc_id
  }

  async allocate(pool: string, take?: (address: string) => Promise<boolean>): Promise<string | undefined> {
    const { db } = this.#work
    const block = addressPool(pool)
    if (block === undefined || (await this.free(pool)) === 0) return undefined
    await db
      .insertInto('address_pools')
      .values({ pool, next: 0, used: 0 })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    const { next } = await db
      .selectFrom('address_pools')
      .select('next')
      .where('pool', '=', pool)
      .executeTakeFirstOrThrow()
    // The next one after the last that was given out: an address that was just freed rests as long as possible.
    for (let step = 0; step < block.size; step++) {
      const offset = (next + step) % block.size
      const address = numberToIpv4(block.first + offset)
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('node_addresses')
        .values({ address, pool })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow()
      if (numInsertedOrUpdatedRows === 0n) continue
      if (take !== undefined && !(await take(address))) {
        await db.deleteFrom('node_addresses').where('address', '=', address).execute()
        continue
      }
      await db
        .updateTable('address_pools')
        .set((set) => ({ next: (offset + 1) % block.size, used: set('used', '+', 1) }))
        .where('pool', '=', pool)
        .execute()
      return address
    }
    return undefined
  }
}
