// An SDK client for the API of the program, and what its built-in directory has.

import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'

export const VPC = 'vpc-0598c7d356EXAMPLE'
/** In the zones a and b. */
export const SUBNETS: readonly string[] = ['subnet-0e3f5cac72EXAMPLE', 'subnet-081ec835f3EXAMPLE']
/** In the zone c. */
export const SUBNET_C = 'subnet-0c92d4b61aEXAMPLE'

/** A client that sends every call once, so that the caller knows which calls were answered. */
export function apiClient(endpoint: string): ElasticLoadBalancingV2Client {
  return new ElasticLoadBalancingV2Client({
    region: 'us-east-2',
    endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
}
