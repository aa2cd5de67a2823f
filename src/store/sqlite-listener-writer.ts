// Changes to listeners and rules inside one transaction, and what they change for traffic.

import type { Listener, Rule } from '../model/resources.ts'
import { ruleOf, tlsColumns } from './row-mapping.ts'
import { SqliteReader } from './sqlite-reader.ts'
import { DEFAULT_RULE_POSITION } from './tables.ts'

export class SqliteListenerWriter extends SqliteReader {
  /** What the transaction changed for traffic so far. */
  readonly change = { loadBalancers: new Set<string>(), targetGroups: new Set<string>() }

  async insertListener(listener: Listener, defaultRule: Rule): Promise<void> {
    await this.db
      .insertInto('listeners')
      .values({
        arn: listener.arn,
        load_balancer_arn: listener.loadBalancerArn,
        protocol: listener.protocol,
        port: listener.port,
        ...tlsColumns(listener.tls),
      })
      .execute()
    await this.insertRule(defaultRule)
  }

  async updateListener(
    arn: string,
    change: Partial<Pick<Listener, 'protocol' | 'port' | 'tls'>>,
  ): Promise<void> {
    const listener = await this.listener(arn)
    if (listener === undefined) return
    const { protocol, port, tls } = { ...listener, ...change }
    await this.db
      .updateTable('listeners')
      .set({ protocol, port, ...tlsColumns(tls) })
      .where('arn', '=', arn)
      .execute()
    if (tls === null) {
      await this.db.deleteFrom('listener_certificates').where('listener_arn', '=', arn).execute()
    }
    this.change.loadBalancers.add(listener.loadBalancerArn)
  }

  async addListenerCertificate(listenerArn: string, certificateArn: string): Promise<void> {
    const listener = await this.listener(listenerArn)
    if (listener === undefined) return
    await this.db
      .insertInto('listener_certificates')
      .values({
        listener_arn: listenerArn,
        load_balancer_arn: listener.loadBalancerArn,
        certificate_arn: certificateArn,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    this.change.loadBalancers.add(listener.loadBalancerArn)
  }

  async removeListenerCertificate(listenerArn: string, certificateArn: string): Promise<void> {
    const row = await this.db
      .deleteFrom('listener_certificates')
      .where('listener_arn', '=', listenerArn)
      .where('certificate_arn', '=', certificateArn)
      .returning('load_balancer_arn')
      .executeTakeFirst()
    if (row !== undefined) this.change.loadBalancers.add(row.load_balancer_arn)
  }

  async deleteListener(arn: string): Promise<void> {
    const listener = await this.listener(arn)
    if (listener === undefined) return
    const rules = await this.db.selectFrom('rules').select('arn').where('listener_arn', '=', arn).execute()
    for (const rule of rules) await this.deleteRule(rule.arn)
    await this.forget(arn)
    await this.db.deleteFrom('listeners').where('arn', '=', arn).execute()
    this.change.loadBalancers.add(listener.loadBalancerArn)
  }

  async insertRule(rule: Rule): Promise<void> {
    await this.db
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
    this.change.loadBalancers.add(rule.loadBalancerArn)
  }

  async updateRule(
    arn: string,
    change: Partial<Pick<Rule, 'conditions' | 'actions' | 'transforms'>>,
  ): Promise<void> {
    const row = await this.db.selectFrom('rules').selectAll().where('arn', '=', arn).executeTakeFirst()
    if (row === undefined) return
    const rule = ruleOf(row)
    const changed = { ...rule, ...change }
    await this.db
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
    this.change.loadBalancers.add(rule.loadBalancerArn)
  }

  async setPriorities(
    priorities: readonly { readonly arn: string; readonly priority: number }[],
  ): Promise<void> {
    // Out of the way first, so that rules can swap their places.
    for (const [index, { arn }] of priorities.entries()) {
      await this.db
        .updateTable('rules')
        .set({ position: -1 - index })
        .where('arn', '=', arn)
        .execute()
    }
    for (const { arn, priority } of priorities) {
      await this.db.updateTable('rules').set({ position: priority }).where('arn', '=', arn).execute()
      const rule = await this.rule(arn)
      if (rule !== undefined) this.change.loadBalancers.add(rule.loadBalancerArn)
    }
  }

  async deleteRule(arn: string): Promise<void> {
    const rule = await this.rule(arn)
    if (rule === undefined) return
    await this.#unlinkTargetGroups(arn)
    await this.forget(arn)
    await this.db.deleteFrom('rules').where('arn', '=', arn).execute()
    this.change.loadBalancers.add(rule.loadBalancerArn)
  }

  /** Deletes what hangs on a resource by its ARN alone. */
  protected async forget(arn: string): Promise<void> {
    await this.db.deleteFrom('attributes').where('resource_arn', '=', arn).execute()
    await this.db.deleteFrom('tags').where('resource_arn', '=', arn).execute()
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
      sealed = secret === undefined ? oldSecret : this.secrets.seal(secret)
      return { ...action, AuthenticateOidcConfig: config }
    })
    return { actions: JSON.stringify(open), client_secret: sealed }
  }

  async #linkTargetGroups(rule: Rule): Promise<void> {
    const arns = new Set(
      rule.actions.flatMap((action) => [
        action.TargetGroupArn,
        ...(action.ForwardConfig?.TargetGroups ?? []).map((group) => group.TargetGroupArn),
      ]),
    )
    for (const arn of arns) {
      if (arn === undefined) continue
      await this.db
        .insertInto('rule_target_groups')
        .values({
          rule_arn: rule.arn,
          target_group_arn: arn,
          load_balancer_arn: rule.loadBalancerArn,
        })
        .execute()
      this.change.targetGroups.add(arn)
    }
  }

  async #unlinkTargetGroups(ruleArn: string): Promise<void> {
    const rows = await this.db
      .deleteFrom('rule_target_groups')
      .where('rule_arn', '=', ruleArn)
      .returning('target_group_arn')
      .execute()
    for (const row of rows) this.change.targetGroups.add(row.target_group_arn)
  }
}
