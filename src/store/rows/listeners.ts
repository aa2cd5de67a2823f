// Rows of listeners and of their certificate lists.

import type { Listener, Rule } from '../../model/resources.ts'
import type { ListenerWriter } from '../listeners.ts'
import type { Page, PageOf } from '../page.ts'
import { listenerOf, tlsColumns } from './row-mapping.ts'
import { countOf, forget, nextOf, type UnitOfWork } from './unit-of-work.ts'

export class ListenerRows implements ListenerWriter {
  readonly #work: UnitOfWork

  constructor(work: UnitOfWork) {
    this.#work = work
  }

  async find(arn: string): Promise<Listener | undefined> {
    const row = await this.#work.db
      .selectFrom('listeners')
      .selectAll()
      .where('arn', '=', arn)
      .executeTakeFirst()
    return row && listenerOf(row)
  }

  async findByPort(loadBalancerArn: string, port: number): Promise<Listener | undefined> {
    const row = await this.#work.db
      .selectFrom('listeners')
      .selectAll()
      .where('load_balancer_arn', '=', loadBalancerArn)
      .where('port', '=', port)
      .executeTakeFirst()
    return row && listenerOf(row)
  }

  async list(loadBalancerArn: string, page: Page): Promise<PageOf<Listener>> {
    const rows = await this.#work.db
      .selectFrom('listeners')
      .selectAll()
      .where('load_balancer_arn', '=', loadBalancerArn)
      .where('sequence', '>', page.after)
      .orderBy('sequence')
      .limit(page.limit + 1)
      .execute()
    return { items: rows.slice(0, page.limit).map(listenerOf), next: nextOf(rows, page, 'sequence') }
  }

  async count(loadBalancerArn: string): Promise<number> {
    return await countOf(this.#work.db, 'listeners', { load_balancer_arn: loadBalancerArn })
  }

  async certificates(arn: string): Promise<readonly string[]> {
    const rows = await this.#work.db
      .selectFrom('listener_certificates')
      .select('certificate_arn')
      .where('listener_arn', '=', arn)
      .orderBy('sequence')
      .execute()
    return rows.map((row) => row.certificate_arn)
  }

  async certificateCount(loadBalancerArn: string): Promise<number> {
    const { count } = await this.#work.db
      .selectFrom('listener_certificates')
      .select((select) => select.fn.count('certificate_arn').distinct().as('count'))
      .where('load_balancer_arn', '=', loadBalancerArn)
      .executeTakeFirstOrThrow()
    return Number(count)
  }

  async withTrustStore(trustStoreArn: string): Promise<readonly Listener[]> {
    const rows = await this.#work.db
      .selectFrom('listeners')
      .selectAll()
      .where('trust_store_arn', '=', trustStoreArn)
      .orderBy('sequence')
      .execute()
    return rows.map(listenerOf)
  }

  async insert(listener: Listener, defaultRule: Rule): Promise<void> {
    await this.#work.db
      .insertInto('listeners')
      .values({
        arn: listener.arn,
        load_balancer_arn: listener.loadBalancerArn,
        protocol: listener.protocol,
        port: listener.port,
        ...tlsColumns(listener.tls),
      })
      .execute()
    await this.#work.rows.rules.insert(defaultRule)
  }

  async update(arn: string, change: Partial<Pick<Listener, 'protocol' | 'port' | 'tls'>>): Promise<void> {
    const { db, changes } = this.#work
    const listener = await this.find(arn)
    if (listener === undefined) return
    const { protocol, port, tls } = { ...listener, ...change }
    await db
      .updateTable('listeners')
      .set({ protocol, port, ...tlsColumns(tls) })
      .where('arn', '=', arn)
      .execute()
    if (tls === null) {
      await db.deleteFrom('listener_certificates').where('listener_arn', '=', arn).execute()
    }
    changes.loadBalancers.add(listener.loadBalancerArn)
    // The policy of TLS to targets, and so that of their health checks, follows from the listener's.
    if (tls?.sslPolicy === listener.tls?.sslPolicy) return
    const groups = await db
      .selectFrom('rules')
      .innerJoin('rule_target_groups', 'rule_target_groups.rule_arn', 'rules.arn')
      .select('target_group_arn')
      .where('rules.listener_arn', '=', arn)
      .execute()
    for (const group of groups) changes.targetGroups.add(group.target_group_arn)
  }

  async addCertificate(arn: string, certificateArn: string): Promise<void> {
    const listener = await this.find(arn)
    if (listener === undefined) return
    await this.#work.db
      .insertInto('listener_certificates')
      .values({
        listener_arn: arn,
        load_balancer_arn: listener.loadBalancerArn,
        certificate_arn: certificateArn,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    this.#work.changes.loadBalancers.add(listener.loadBalancerArn)
  }

  async removeCertificate(arn: string, certificateArn: string): Promise<void> {
    const row = await this.#work.db
      .deleteFrom('listener_certificates')
      .where('listener_arn', '=', arn)
      .where('certificate_arn', '=', certificateArn)
      .returning('load_balancer_arn')
      .executeTakeFirst()
    if (row !== undefined) this.#work.changes.loadBalancers.add(row.load_balancer_arn)
  }

  async delete(arn: string): Promise<void> {
    const { db, changes, rows } = this.#work
    const listener = await this.find(arn)
    if (listener === undefined) return
    const rules = await db.selectFrom('rules').select('arn').where('listener_arn', '=', arn).execute()
    for (const rule of rules) await rows.rules.delete(rule.arn)
    await forget(db, arn)
    await db.deleteFrom('listeners').where('arn', '=', arn).execute()
    changes.loadBalancers.add(listener.loadBalancerArn)
  }
}
