// Rules of listeners, the default ones among them, as the rest of the program stores and finds them.

import type { Rule } from '../model/resources.ts'
import type { Page, PageOf } from './page.ts'

export interface RuleReader {
  find(arn: string): Promise<Rule | undefined>
  findByPriority(listenerArn: string, priority: number): Promise<Rule | undefined>
  defaultOf(listenerArn: string): Promise<Rule | undefined>
  /** Rules of a listener by ascending priority, the default rule last. `after` is a place in that order. */
  list(listenerArn: string, page: Page): Promise<PageOf<Rule>>
  /** Rules of a load balancer without the default rules. */
  count(loadBalancerArn: string): Promise<number>
  /** The `ClientSecret` of the rule's authenticate-oidc action; undefined for a rule without one. */
  clientSecret(arn: string): Promise<string | undefined>
  /** Rules that name the group. */
  withTargetGroup(targetGroupArn: string): Promise<readonly Rule[]>
}

export interface RuleWriter extends RuleReader {
  insert(rule: Rule): Promise<void>
  /** An authenticate-oidc action without a `ClientSecret` keeps the one that the rule has. */
  update(arn: string, change: Partial<Pick<Rule, 'conditions' | 'actions' | 'transforms'>>): Promise<void>
  /** Sets all priorities at once; the caller has checked that they are free afterwards. */
  setPriorities(priorities: readonly { readonly arn: string; readonly priority: number }[]): Promise<void>
  delete(arn: string): Promise<void>
}
