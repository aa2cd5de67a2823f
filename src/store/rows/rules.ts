// Rows of rules, and of which target groups they name.

import type { Rule } from '../../model/resources.ts'
import type { Page, PageOf } from '../page.ts'
import type { RuleWriter } from '../rules.ts'
import { rulesOfListener } from './frequent-queries.ts'
import { ruleOf } from './row-mapping.ts'
import { DEFAULT_RULE_POSITION } from './tables.ts'
import { forget, nextOf, type UnitOfWork } from './unit-of-work.ts'

export class RuleRows implements RuleWriter {
  readonly #work: UnitOfWork

  constructor(work: UnitOfWork) {
    this.#work = work
  }

  async find(arn: string): Promise<Rule | undefined> {
    const row = await this.#work.db.selectFrom('rules').selectAll().where('arn', '=', arn).executeTakeFirst()
    return row && ruleOf(row)
  }

  async findByPriority(listenerArn: string, priority: number): Promise<Rule | undefined> {
    const row = await this.#work.db
      .selectFrom('rules')
      .selectAll()
      .where('listener_arn', '=', listenerArn)
      .where('position', '=', priority)
      .executeTakeFirst()
    return row && ruleOf(row)
  }

  async defaultOf(listenerArn: string): Promise<Rule | undefined> {
    return await this.findByPriority(listenerArn, DEFAULT_RULE_POSITION)
  }

  async list(listenerArn: string, page: Page): Promise<PageOf<Rule>> {
    const rows = await rulesOfListener(this.#work.db, listenerArn, page.after, page.limit + 1)
    return { items: rows.slice(0, page.limit).map(ruleOf), next: nextOf(rows, page, 'position') }
  }

  async count(loadBalancerArn: string): Promise<number> {
    const { count } = await this.#work.db
      .selectFrom('rules')
      .select((select) => select.fn.countAll().as('count'))
      .where('load_balancer_arn', '=', loadBalancerArn)
      .where('position', '<', DEFAULT_RULE_POSITION)
      .executeTakeFirstOrThrow()
    return Number(count)
  }

  async clientSecret(arn: string): Promise<string | undefined> {
    const row = await this.#work.db
      .selectFrom('rules')
      .select('client_secret')
      .where('arn', '=', arn)
      .executeTakeFirst()
    const sealed = row?.client_secret ?? null
    return sealed === null ? undefined : this.#work.secrets.open(sealed)
  }

  async withTargetGroup(targetGroupArn: string): Promise<readonly Rule[]> {
    const rows = await this.#work.db
      .selectFrom('rules')
      .selectAll('rules')
      .innerJoin('rule_target_groups', 'rule_target_groups.rule_arn', 'rules.arn')
      .where('rule_target_groups.target_group_arn', '=', targetGroupArn)
      .execute()
    return rows.map(ruleOf)
  }

  async insert(rule: Rule): Promise<void> {
    await this.#work.db
      .insertInto('rules')
      .values({
        arn: rule.arn,
        listener_arn: rule.listenerArn,
        load_balancer_arn: rule.loadBalancerArn,
        position: rule.priority ?? DEFAULT_RULE_POSITION,
        conditions: JSON.stringify(rule.conditions),
        transforms: JSON.stringify(rule.transforms),
        ...this.#actionColumns(rule.actions, null),
      })
      .execute()
    await this.#linkTargetGroups(rule)
    this.#work.changes.loadBalancers.add(rule.loadBalancerArn)
  }

  async update(
    arn: string,
    change: Partial<Pick<Rule, 'conditions' | 'actions' | 'transforms'>>,
  ): Promise<void> {
    const { db, changes } = this.#work
    const row = await db.selectFrom('rules').selectAll().where('arn', '=', arn).executeTakeFirst()
    if (row === undefined) return
    const rule = ruleOf(row)
    const changed = { ...rule, ...change }
    await db
      .updateTable('rules')
      .set({
        conditions: JSON.stringify(changed.conditions),
        transforms: JSON.stringify(changed.transforms),
        ...this.#actionColumns(changed.actions, row.client_secret),
      })
      .where('arn', '=', arn)
      .execute()
    if (change.actions !== undefined) {
      await this.#unlinkTargetGroups(arn)
      await this.#linkTargetGroups(changed)
    }
    changes.loadBalancers.add(rule.loadBalancerArn)
  }

  async setPriorities(
    priorities: readonly { readonly arn: string; readonly priority: number }[],
  ): Promise<void> {
    const { db, changes } = this.#work
    // Out of the way first, so that rules can swap their places.
    for (const [index, { arn }] of priorities.entries()) {
      await db
        .updateTable('rules')
        .set({ position: -1 - index })
        .where('arn', '=', arn)
        .execute()
    }
    for (const { arn, priority } of priorities) {
      await db.updateTable('rules').set({ position: priority }).where('arn', '=', arn).execute()
      const rule = await this.find(arn)
      if (rule !== undefined) changes.loadBalancers.add(rule.loadBalancerArn)
    }
  }

  async delete(arn: string): Promise<void> {
    const { db, changes } = this.#work
    const rule = await this.find(arn)
    if (rule === undefined) return
    await this.#unlinkTargetGroups(arn)
    await forget(db, arn)
    await db.deleteFrom('rules').where('arn', '=', arn).execute()
    changes.loadBalancers.add(rule.loadBalancerArn)
  }

  /** Takes the client secret out of the actions, which everybody may read, and seals it. */
  #actionColumns(
    actions: Rule['actions'],
    oldSecret: string | null,
  ): { actions: string; client_secret: string | null } {
    let sealed: string | null = null
    const open = actions.map((action) => {
      if (action.AuthenticateOidcConfig === undefined) return action
      const { ClientSecret: secret, ...config } = action.AuthenticateOidcConfig
      sealed = secret === undefined ? oldSecret : this.#work.secrets.seal(secret)
      return { ...action, AuthenticateOidcConfig: config }
    })
    return { actions: JSON.stringify(open), client_secret: sealed }
  }

  async #linkTargetGroups(rule: Rule): Promise<void> {
    const { db, changes } = this.#work
    const arns = new Set(
      rule.actions.flatMap((action) => [
        action.TargetGroupArn,
        ...(action.ForwardConfig?.TargetGroups ?? []).map((group) => group.TargetGroupArn),
      ]),
    )
    for (const arn of arns) {
      if (arn === undefined) continue
      await db
        .insertInto('rule_target_groups')
        .values({ rule_arn: rule.arn, target_group_arn: arn, load_balancer_arn: rule.loadBalancerArn })
        .execute()
      changes.targetGroups.add(arn)
    }
  }

  async #unlinkTargetGroups(ruleArn: string): Promise<void> {
    const rows = await this.#work.db
      .deleteFrom('rule_target_groups')
      .where('rule_arn', '=', ruleArn)
      .returning('target_group_arn')
      .execute()
    for (const row of rows) this.#work.changes.targetGroups.add(row.target_group_arn)
  }
}
