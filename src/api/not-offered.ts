// Operations of the API models that this program knows and does not offer: they answer with an error that names the
// operation. Explicit, so that an operation which AWS adds is noticed instead of slipping in here.

import { ELB_VERSION, ELBV2_VERSION } from './elb-models.ts'

/** Names by API version. */
export const notOffered: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [ELBV2_VERSION, new Set([])],
  [
    ELB_VERSION,
    new Set([
      'AddTags',
      'ApplySecurityGroupsToLoadBalancer',
      'AttachLoadBalancerToSubnets',
      'ConfigureHealthCheck',
      'CreateAppCookieStickinessPolicy',
      'CreateLBCookieStickinessPolicy',
      'CreateLoadBalancer',
      'CreateLoadBalancerListeners',
      'CreateLoadBalancerPolicy',
      'DeleteLoadBalancer',
      'DeleteLoadBalancerListeners',
      'DeleteLoadBalancerPolicy',
      'DeregisterInstancesFromLoadBalancer',
      'DescribeAccountLimits',
      'DescribeInstanceHealth',
      'DescribeLoadBalancerAttributes',
      'DescribeLoadBalancerPolicies',
      'DescribeLoadBalancerPolicyTypes',
      'DescribeLoadBalancers',
      'DescribeTags',
      'DetachLoadBalancerFromSubnets',
      'DisableAvailabilityZonesForLoadBalancer',
      'EnableAvailabilityZonesForLoadBalancer',
      'ModifyLoadBalancerAttributes',
      'RegisterInstancesWithLoadBalancer',
      'RemoveTags',
      'SetLoadBalancerListenerSSLCertificate',
      'SetLoadBalancerPoliciesForBackendServer',
      'SetLoadBalancerPoliciesOfListener',
    ]),
  ],
])
