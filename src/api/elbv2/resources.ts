// Looking up the resources that a call names, with AWS's errors where one is missing or the name is no ARN.

import { isArn, type ResourceKind } from '../../model/arns.ts'
import type { Listener, LoadBalancer, Rule, TargetGroup } from '../../model/resources.ts'
import type { TrustStore } from '../../model/trust-stores.ts'
import type { RowReader } from '../../store/store.ts'
import { ApiError, validationError } from '../errors.ts'

const kindNames: Readonly<Record<ResourceKind, string>> = {
  'load-balancer': 'load balancer',
  listener: 'listener',
  rule: 'listener rule',
  'target-group': 'target group',
  'trust-store': 'trust store',
}

const notFound: Readonly<Record<ResourceKind, { readonly code: string; readonly message: string }>> = {
  'load-balancer': { code: 'LoadBalancerNotFound', message: 'One or more load balancers not found' },
  listener: { code: 'ListenerNotFound', message: 'One or more listeners not found' },
  rule: { code: 'RuleNotFound', message: 'One or more rules not found' },
  'target-group': { code: 'TargetGroupNotFound', message: 'One or more target groups not found' },
  'trust-store': { code: 'TrustStoreNotFound', message: 'One or more trust stores not found' },
}

/** Refuses what has not the form of an ARN of that kind. */
export function checkArn(kind: ResourceKind, arn: string): void {
  if (!isArn(kind, arn)) throw validationError(`'${arn}' is not a valid ${kindNames[kind]} ARN`)
}

export function notFoundError(kind: ResourceKind): ApiError {
  return new ApiError(notFound[kind].code, notFound[kind].message)
}

export async function theLoadBalancer(rows: RowReader, arn: string): Promise<LoadBalancer> {
  return await found('load-balancer', arn, async () => await rows.loadBalancers.find(arn))
}

export async function theListener(rows: RowReader, arn: string): Promise<Listener> {
  return await found('listener', arn, async () => await rows.listeners.find(arn))
}

export async function theRule(rows: RowReader, arn: string): Promise<Rule> {
  return await found('rule', arn, async () => await rows.rules.find(arn))
}

export async function theTargetGroup(rows: RowReader, arn: string): Promise<TargetGroup> {
  return await found('target-group', arn, async () => await rows.targetGroups.find(arn))
}

export async function theTrustStore(rows: RowReader, arn: string): Promise<TrustStore> {
  return await found('trust-store', arn, async () => await rows.trustStores.trustStore(arn))
}

async function found<T>(kind: ResourceKind, arn: string, lookUp: () => Promise<T | undefined>): Promise<T> {
  checkArn(kind, arn)
  const resource = await lookUp()
  if (resource === undefined) throw notFoundError(kind)
  return resource
}

/** Refuses a list of which a call cannot describe so many. */
export function checkListLength(what: string, list: readonly unknown[] | undefined, max: number): void {
  if (list !== undefined && list.length > max) {
    throw validationError(`You cannot describe more than '${max}' ${what} at a time`)
  }
}
