// An SDK client for the API of the program, and what its built-in directory has.

import type { TestContext } from 'node:test'
import { ACM } from '@aws-sdk/client-acm'
import {
  ElasticLoadBalancingV2,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'

export const VPC = 'vpc-0598c7d356EXAMPLE'
/** In the zones a and b. */
export const SUBNETS: readonly string[] = ['subnet-0e3f5cac72EXAMPLE', 'subnet-081ec835f3EXAMPLE']
/** In the zone c. */
export const SUBNET_C = 'subnet-0c92d4b61aEXAMPLE'

/** Where any client of the SDK finds the program, and the keys that it takes. */
export function clientSettings(endpoint: string): {
  readonly region: string
  readonly endpoint: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
} {
  return {
    region: 'us-east-2',
    endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  }
}

/** Clients of load balancing and of certificates, until the test ends. */
export function loadBalancingAndCertificates(
  t: TestContext,
  endpoint: string,
): { readonly elb: ElasticLoadBalancingV2; readonly acm: ACM } {
  const elb = new ElasticLoadBalancingV2(clientSettings(endpoint))
  const acm = new ACM(clientSettings(endpoint))
  t.after(() => {
    elb.destroy()
    acm.destroy()
  })
  return { elb, acm }
}

/** A client that sends every call once, so that the caller knows which calls were answered. */
export function apiClient(endpoint: string): ElasticLoadBalancingV2Client {
  return new ElasticLoadBalancingV2Client({ ...clientSettings(endpoint), maxAttempts: 1 })
}
