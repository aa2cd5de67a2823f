// Quotas of an account (ALB-OBS-545 … 558, OQ-70 there), enforced where resources are made and told by
// DescribeAccountLimits.

import type { Elbv2Handlers } from '../operations.ts'
import { nextMarker, pageOf, slicePage } from '../pagination.ts'

export const quotas = {
  loadBalancers: 50,
  listenersPerLoadBalancer: 50,
  rulesPerLoadBalancer: 100,
  conditionValuesPerRule: 5,
  conditionWildcardsPerRule: 5,
  targetGroups: 3000,
  targetGroupsPerLoadBalancer: 100,
  targetGroupsPerAction: 5,
  targetsPerTargetGroup: 1000,
  targetsPerLoadBalancer: 1000,
  tagsPerResource: 50,
  securityGroupsPerLoadBalancer: 5,
  freeAddressesPerSubnet: 8,
} as const

const accountLimits: readonly (readonly [name: string, max: number])[] = [
  ['application-load-balancers', quotas.loadBalancers],
  ['listeners-per-application-load-balancer', quotas.listenersPerLoadBalancer],
  ['rules-per-application-load-balancer', quotas.rulesPerLoadBalancer],
  ['condition-values-per-alb-rule', quotas.conditionValuesPerRule],
  ['condition-wildcards-per-alb-rule', quotas.conditionWildcardsPerRule],
  ['certificates-per-application-load-balancer', 25],
  ['target-groups', quotas.targetGroups],
  ['target-groups-per-application-load-balancer', quotas.targetGroupsPerLoadBalancer],
  ['target-groups-per-action-on-application-load-balancer', quotas.targetGroupsPerAction],
  ['targets-per-target-group', quotas.targetsPerTargetGroup],
  ['targets-per-application-load-balancer', quotas.targetsPerLoadBalancer],
  ['target-id-registrations-per-application-load-balancer', quotas.targetsPerLoadBalancer],
  ['network-load-balancers', 50],
  ['listeners-per-network-load-balancer', 50],
  ['targets-per-network-load-balancer', 3000],
  ['targets-per-availability-zone-per-network-load-balancer', 500],
  ['certificates-per-network-load-balancer', 25],
  ['target-groups-per-action-on-network-load-balancer', 1],
  ['gateway-load-balancers', 100],
  ['gateway-load-balancers-per-vpc', 100],
  ['geneve-target-groups', 100],
  ['targets-per-availability-zone-per-gateway-load-balancer', 300],
]

export function limitHandlers(): Pick<Elbv2Handlers, 'DescribeAccountLimits'> {
  return {
    async DescribeAccountLimits(input) {
      const { items, next } = slicePage(accountLimits, pageOf('limits', input))
      return {
        Limits: items.map(([Name, max]) => ({ Name, Max: String(max) })),
        ...nextMarker('limits', next),
      }
    },
  }
}
