// DescribeSSLPolicies: the predefined security policies.

import type { SslPolicy as SslPolicyOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { sslPolicies, type SslPolicy } from '../../model/ssl-policies.ts'
import type { Elbv2Handlers } from '../operations.ts'
import { nextMarker, pageOf, slicePage } from '../pagination.ts'
import { sslPolicyNotFound } from './tls-settings.ts'

export function sslPolicyHandlers(): Pick<Elbv2Handlers, 'DescribeSSLPolicies'> {
  return {
    async DescribeSSLPolicies(input) {
      const page = pageOf('SSL policies', input)
      const { Names: names = [], LoadBalancerType: type } = input
      const named = names.map((name) => {
        const policy = sslPolicies.get(name)
        if (policy === undefined) throw sslPolicyNotFound(name)
        return policy
      })
      const wanted = (names.length > 0 ? [...new Set(named)] : [...sslPolicies.values()]).filter(
        (policy) => type === undefined || supportedTypes(policy).includes(type),
      )
      const { items, next } = slicePage(wanted, page)
      return { SslPolicies: items.map(describe), ...nextMarker('SSL policies', next) }
    },
  }
}

function describe(policy: SslPolicy): SslPolicyOutput {
  return {
    Name: policy.name,
    SslProtocols: [...policy.protocols],
    Ciphers: policy.ciphers.map((name, index) => ({ Name: name, Priority: index + 1 })),
    SupportedLoadBalancerTypes: supportedTypes(policy),
  }
}

/** Network Load Balancers take all but the two oldest policies, which AWS keeps for the others alone. */
function supportedTypes({ name }: SslPolicy): string[] {
  const isOld = name === 'ELBSecurityPolicy-2015-05' || name === 'ELBSecurityPolicy-TLS-1-0-2015-04'
  return isOld ? ['application'] : ['application', 'network']
}
