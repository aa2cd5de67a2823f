// Amazon Resource Names of load balancing resources and the IDs in them. Knows their form, not whether they exist.

import { randomBytes, randomInt } from 'node:crypto'
import type { LoadBalancerKind, Scope } from './resources.ts'

/** Kinds of resources that ELBv2 gives an ARN; its load balancers are of the kind `application`. */
export type ResourceKind = 'load-balancer' | 'listener' | 'rule' | 'target-group' | 'trust-store'

/** New ones have 16 digits; the guide's examples have 17, and name nothing, but are no mistake of form (ALB-LSN-397). */
const ID = '[0-9a-f]{8,32}'
const NAME = '[A-Za-z0-9-]{1,32}'
const PREFIX = '^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\\d{12}:'

const APPLICATION = 'app/'

/** ALB-LB-092, 097, 100, ALB-SEC-077; rules as decided in ALB-LSN Q13. */
const patterns: Readonly<Record<ResourceKind, RegExp>> = {
  'load-balancer': new RegExp(`${PREFIX}loadbalancer/app/${NAME}/${ID}$`),
  listener: new RegExp(`${PREFIX}listener/app/${NAME}/${ID}/${ID}$`),
  rule: new RegExp(`${PREFIX}listener-rule/app/${NAME}/${ID}/${ID}/${ID}$`),
  'target-group': new RegExp(`${PREFIX}targetgroup/${NAME}/${ID}$`),
  'trust-store': new RegExp(`${PREFIX}truststore/${NAME}/${ID}$`),
}

/** Whether the text has the form of an ARN of that kind. */
export function isArn(kind: ResourceKind, text: string): boolean {
  return patterns[kind].test(text)
}

/** The kind of resource that an ARN names, or undefined if it is none of ours. */
export function arnKind(text: string): ResourceKind | undefined {
  return (Object.keys(patterns) as ResourceKind[]).find((kind) => isArn(kind, text))
}

/** A new ID of 16 lower-case hex digits. */
export function newId(): string {
  return randomBytes(8).toString('hex')
}

/** The decimal part of a DNS name. */
export function newDnsNumber(): string {
  return String(randomInt(100_000_000, 2_147_483_647))
}

export function loadBalancerArn(scope: Scope, name: string, id: string): string {
  return `${arnPrefix(scope)}loadbalancer/app/${name}/${id}`
}

/** Ones of the API before ELBv2 have no ID: their name is theirs alone in the Region of an account. */
export function classicLoadBalancerArn(scope: Scope, name: string): string {
  return `${arnPrefix(scope)}loadbalancer/${name}`
}

/** The kind of a load balancer, by its ARN. */
export function loadBalancerKind(arn: string): LoadBalancerKind {
  return loadBalancerId(arn).startsWith(APPLICATION) ? 'application' : 'classic'
}

export function targetGroupArn(scope: Scope, name: string, id: string): string {
  return `${arnPrefix(scope)}targetgroup/${name}/${id}`
}

export function trustStoreArn(scope: Scope, name: string, id: string): string {
  return `${arnPrefix(scope)}truststore/${name}/${id}`
}

/** ARN of a listener: the load balancer's with the listener's ID behind it. */
export function listenerArn(ofLoadBalancer: string, id: string): string {
  return `${ofLoadBalancer.replace(':loadbalancer/', ':listener/')}/${id}`
}

/** ARN of a rule: the listener's with the rule's ID behind it. */
export function ruleArn(ofListener: string, id: string): string {
  return `${ofListener.replace(':listener/', ':listener-rule/')}/${id}`
}

/** ID of a load balancer as logs and metrics show it: `app/NAME/ID`, or `NAME` for a classic one. */
export function loadBalancerId(arn: string): string {
  return arn.slice(arn.indexOf(':loadbalancer/') + ':loadbalancer/'.length)
}

/** The name in such an ID. */
export function loadBalancerName(id: string): string {
  return id.startsWith(APPLICATION) ? id.slice(APPLICATION.length, id.lastIndexOf('/')) : id
}

function arnPrefix({ accountId, region }: Scope): string {
  return `arn:${partition(region)}:elasticloadbalancing:${region}:${accountId}:`
}

/** The part of AWS that a Region is in, as ARNs name it. */
export function partition(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}
