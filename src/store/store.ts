// The store of resources as the API and the control process see it: transactions over rows, and a feed of what
// committed transactions changed for traffic. Knows nothing of how or where rows are kept.

import type {
  CapacityReservation,
  Listener,
  LoadBalancer,
  Rule,
  Scope,
  Target,
  TargetGroup,
  TargetGroupUse,
} from '../model/resources.ts'
import type { CertificateReader, CertificateWriter } from './certificates.ts'
import type { NetworkReader, NetworkWriter } from './networks.ts'
import type { ZonalShiftReader, ZonalShiftWriter } from './zonal-shifts.ts'
import type { CookieKeyRows } from './cookie-key-rows.ts'
import type { TrustStoreReader, TrustStoreWriter } from './trust-stores.ts'

export interface Store {
  /** Runs `work` on one consistent state. */
  read<T>(work: (rows: RowReader) => Promise<T>): Promise<T>
  /**
   * Runs `work` in a transaction: everything it wrote is kept when it resolves, and nothing when it throws. When the
   * promise resolves the change is on disk and listeners of `onChange` were told.
   */
  write<T>(work: (rows: RowWriter) => Promise<T>): Promise<T>
  /** Called after each commit that changed something for traffic; returns the function that ends it. */
  onChange(listener: (change: StoreChange) => void): () => void

  /** Every ARN that has a unit in the snapshot. */
  everything(): Promise<StoreChange>
  /** These load balancers now serve as stored: they become `active` (persisted). Unknown ARNs are ignored. */
  markApplied(loadBalancerArns: readonly string[]): Promise<void>
  /** No zone of the load balancer serves: it becomes `failed` with a reason that a person can read. */
  markFailed(loadBalancerArn: string, reason: string): Promise<void>
  /** Some, but not all zones serve: it becomes `active_impaired`. */
  markImpaired(loadBalancerArn: string, reason: string): Promise<void>
  /** Registrations that wait for the end of their deregistration delay, soonest first. */
  drainingTargets(): Promise<readonly DrainingTarget[]>
  /** Takes a draining target out of its group. Does nothing if it is gone or was registered again. */
  finishDeregistration(targetGroupArn: string, key: string): Promise<void>
  /** Ends after running transactions. May be called twice. */
  close(): Promise<void>
}

/** ARNs whose units have to be built again; a named resource that no longer exists was deleted. */
export interface StoreChange {
  readonly loadBalancers: ReadonlySet<string>
  readonly targetGroups: ReadonlySet<string>
}

export interface DrainingTarget {
  readonly targetGroupArn: string
  /** `targetKey` of the registration. */
  readonly key: string
  /** Date in milliseconds since 1970. */
  readonly drainsUntil: number
}

/** A part of a list in order of creation: rows after `after`, at most `limit`. */
export interface Page {
  /** `sequence` of the last row of the page before; 0 for the first page. */
  readonly after: number
  readonly limit: number
}

/** `next` is the `after` of the following page, or null at the end. */
export interface PageOf<T> {
  readonly items: readonly T[]
  readonly next: number | null
}

export interface Tag {
  readonly key: string
  readonly value: string
}

export interface RowReader {
  readonly certificates: CertificateReader
  readonly trustStores: TrustStoreReader
  readonly networks: NetworkReader
  readonly zonalShifts: ZonalShiftReader

  loadBalancer(arn: string): Promise<LoadBalancer | undefined>
  loadBalancerByName(scope: Scope, name: string): Promise<LoadBalancer | undefined>
  loadBalancers(scope: Scope, page: Page): Promise<PageOf<LoadBalancer>>
  loadBalancerCount(scope: Scope): Promise<number>
  /** Addresses of the pool (a CIDR block) that no node has. */
  freeAddresses(pool: string): Promise<number>

  capacityReservation(loadBalancerArn: string): Promise<CapacityReservation | undefined>
  /** VPC of the load balancer that has the address on one of its nodes, or undefined where none has. */
  vpcOfNodeAddress(address: string): Promise<string | undefined>

  listener(arn: string): Promise<Listener | undefined>
  listenerByPort(loadBalancerArn: string, port: number): Promise<Listener | undefined>
  listeners(loadBalancerArn: string, page: Page): Promise<PageOf<Listener>>
  listenerCount(loadBalancerArn: string): Promise<number>
  /** ARNs of the certificate list of a listener, in order of addition; the default certificate is not of it. */
  listenerCertificates(listenerArn: string): Promise<readonly string[]>
  /** Different certificates in the lists of a load balancer's listeners. */
  certificateCountOf(loadBalancerArn: string): Promise<number>
  /** Load balancers with a listener that has the certificate, as its default or in its list. */
  loadBalancersOfCertificate(certificateArn: string): Promise<readonly string[]>
  /** Listeners that verify clients with the trust store. */
  listenersOfTrustStore(trustStoreArn: string): Promise<readonly Listener[]>

  rule(arn: string): Promise<Rule | undefined>
  defaultRule(listenerArn: string): Promise<Rule | undefined>
  ruleByPriority(listenerArn: string, priority: number): Promise<Rule | undefined>
  /** Rules of a listener by ascending priority, the default rule last. `after` is a place in that order. */
  rules(listenerArn: string, page: Page): Promise<PageOf<Rule>>
  /** Rules of a load balancer without the default rules. */
  ruleCount(loadBalancerArn: string): Promise<number>
  /** The `ClientSecret` of the rule's authenticate-oidc action; undefined for a rule without one. */
  clientSecret(ruleArn: string): Promise<string | undefined>

  targetGroup(arn: string): Promise<TargetGroup | undefined>
  targetGroupByName(scope: Scope, name: string): Promise<TargetGroup | undefined>
  targetGroups(scope: Scope, page: Page): Promise<PageOf<TargetGroup>>
  targetGroupCount(scope: Scope): Promise<number>
  /** Groups that rules of the load balancer name. */
  targetGroupsOf(loadBalancerArn: string): Promise<readonly string[]>
  /** The load balancer that uses the group, or undefined while no rule names it. */
  targetGroupUse(arn: string): Promise<TargetGroupUse | undefined>
  /** Rules that name the group. */
  rulesOfTargetGroup(arn: string): Promise<readonly Rule[]>

  target(targetGroupArn: string, id: string, port: number): Promise<Target | undefined>
  /** In order of registration, draining ones included. */
  targets(targetGroupArn: string): Promise<readonly Target[]>
  targetCount(targetGroupArn: string): Promise<number>
  /** Registrations in all groups that the load balancer uses. */
  targetCountOf(loadBalancerArn: string): Promise<number>

  /** Attributes that were set; defaults are not stored. */
  attributes(resourceArn: string): Promise<ReadonlyMap<string, string>>
  /** In order of key. */
  tags(resourceArn: string): Promise<readonly Tag[]>
}

export interface RowWriter extends RowReader {
  readonly certificates: CertificateWriter
  readonly trustStores: TrustStoreWriter
  readonly networks: NetworkWriter
  readonly zonalShifts: ZonalShiftWriter
  readonly cookieKeys: CookieKeyRows

  insertLoadBalancer(loadBalancer: LoadBalancer): Promise<void>
  updateLoadBalancer(
    arn: string,
    change: Partial<Pick<LoadBalancer, 'ipAddressType' | 'securityGroups' | 'zones' | 'state'>>,
  ): Promise<void>
  setCapacityReservation(loadBalancerArn: string, reservation: CapacityReservation): Promise<void>
  /** With its listeners, rules, attributes, tags and addresses. Target groups stay. */
  deleteLoadBalancer(arn: string): Promise<void>
  /** A free address of the pool (a CIDR block), or undefined when none is left. Reserved by the row that names it. */
  allocateAddress(pool: string): Promise<string | undefined>

  insertListener(listener: Listener, defaultRule: Rule): Promise<void>
  /** A listener that becomes an HTTP listener loses its certificate list. */
  updateListener(arn: string, change: Partial<Pick<Listener, 'protocol' | 'port' | 'tls'>>): Promise<void>
  /** Does nothing for a certificate that is in the list. */
  addListenerCertificate(listenerArn: string, certificateArn: string): Promise<void>
  removeListenerCertificate(listenerArn: string, certificateArn: string): Promise<void>
  /** With its certificate list, its rules and their tags. */
  deleteListener(arn: string): Promise<void>

  insertRule(rule: Rule): Promise<void>
  /** An authenticate-oidc action without a `ClientSecret` keeps the one that the rule has. */
  updateRule(arn: string, change: Partial<Pick<Rule, 'conditions' | 'actions' | 'transforms'>>): Promise<void>
  /** Sets all priorities at once; the caller has checked that they are free afterwards. */
  setPriorities(priorities: readonly { readonly arn: string; readonly priority: number }[]): Promise<void>
  deleteRule(arn: string): Promise<void>

  insertTargetGroup(targetGroup: TargetGroup): Promise<void>
  updateHealthCheck(arn: string, healthCheck: TargetGroup['healthCheck']): Promise<void>
  /** With its registrations, attributes and tags. */
  deleteTargetGroup(arn: string): Promise<void>

  /** Registers, or registers again; a repeated registration keeps its place and stops draining. */
  putTarget(target: Target): Promise<void>
  removeTarget(targetGroupArn: string, id: string, port: number): Promise<void>

  /** Adds or replaces. */
  setAttributes(resourceArn: string, attributes: ReadonlyMap<string, string>): Promise<void>
  putTags(resourceArn: string, tags: readonly Tag[]): Promise<void>
  removeTags(resourceArn: string, keys: readonly string[]): Promise<void>
}
