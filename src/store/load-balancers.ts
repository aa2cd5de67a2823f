// Load balancers as the rest of the program stores and finds them.

import type { CapacityReservation, LoadBalancer, LoadBalancerKind, Scope } from '../model/resources.ts'
import type { Page, PageOf } from './page.ts'

export interface LoadBalancerReader {
  find(arn: string): Promise<LoadBalancer | undefined>
  /** Each kind has names of its own. */
  findByName(scope: Scope, kind: LoadBalancerKind, name: string): Promise<LoadBalancer | undefined>
  /** Those of a kind, in order of creation. */
  list(scope: Scope, kind: LoadBalancerKind, page: Page): Promise<PageOf<LoadBalancer>>
  count(scope: Scope, kind: LoadBalancerKind): Promise<number>
  capacityReservation(arn: string): Promise<CapacityReservation | undefined>
  /** ARNs of those with a listener that has the certificate, as its default or in its list. */
  withCertificate(certificateArn: string): Promise<readonly string[]>
}

export interface LoadBalancerWriter extends LoadBalancerReader {
  insert(loadBalancer: LoadBalancer): Promise<void>
  update(
    arn: string,
    change: Partial<Pick<LoadBalancer, 'ipAddressType' | 'securityGroups' | 'zones' | 'state'>>,
  ): Promise<void>
  setCapacityReservation(arn: string, reservation: CapacityReservation): Promise<void>
  /** With its listeners, rules, zonal shifts, attributes, tags and addresses. Target groups stay. */
  delete(arn: string): Promise<void>
}
