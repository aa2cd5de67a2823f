// Target groups as the rest of the program stores and finds them.

import type { Scope, TargetGroup, TargetGroupUse } from '../model/resources.ts'
import type { Page, PageOf } from './page.ts'

export interface TargetGroupReader {
  find(arn: string): Promise<TargetGroup | undefined>
  findByName(scope: Scope, name: string): Promise<TargetGroup | undefined>
  /** In order of creation. */
  list(scope: Scope, page: Page): Promise<PageOf<TargetGroup>>
  count(scope: Scope): Promise<number>
  /** ARNs of the groups that rules of the load balancer name. */
  ofLoadBalancer(loadBalancerArn: string): Promise<readonly string[]>
  /** The load balancer that uses the group, or undefined while no rule names it. */
  use(arn: string): Promise<TargetGroupUse | undefined>
}

export interface TargetGroupWriter extends TargetGroupReader {
  insert(targetGroup: TargetGroup): Promise<void>
  updateHealthCheck(arn: string, healthCheck: TargetGroup['healthCheck']): Promise<void>
  /** With its registrations, attributes and tags. */
  delete(arn: string): Promise<void>
}
