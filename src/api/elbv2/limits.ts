// Quotas as DescribeAccountLimits tells them (ALB-OBS-545 … 558, OQ-70 there). They are enforced where resources are made.

import { fixedQuotas, type Quotas } from '../../model/quotas.ts'
import type { ApiEnvironment } from '../environment.ts'
import type { Elbv2Handlers } from '../operations.ts'
import { nextMarker, pageOf, slicePage } from '../pagination.ts'

function accountLimits(quotas: Quotas): readonly (readonly [name: string, max: number])[] {
  return [
    ['application-load-balancers', quotas.loadBalancers],
    ['listeners-per-application-load-balancer', quotas.listenersPerLoadBalancer],
    ['rules-per-application-load-balancer', quotas.rulesPerLoadBalancer],
    ['condition-values-per-alb-rule', fixedQuotas.conditionValuesPerRule],
    ['condition-wildcards-per-alb-rule', fixedQuotas.conditionWildcardsPerRule],
    ['certificates-per-application-load-balancer', quotas.certificatesPerLoadBalancer],
    ['target-groups', quotas.targetGroups],
    ['target-groups-per-application-load-balancer', fixedQuotas.targetGroupsPerLoadBalancer],
    ['target-groups-per-action-on-application-load-balancer', fixedQuotas.targetGroupsPerAction],
    ['targets-per-target-group', quotas.targetsPerTargetGroup],
    ['targets-per-application-load-balancer', quotas.targetsPerLoadBalancer],
    ['target-id-registrations-per-application-load-balancer', quotas.targetsPerLoadBalancer],
    ...otherTypes,
  ]
}

/** Load balancers that cannot be made here; clients expect the names nevertheless. */
const otherTypes: readonly (readonly [name: string, max: number])[] = [
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

export function limitHandlers({ settings }: ApiEnvironment): Pick<Elbv2Handlers, 'DescribeAccountLimits'> {
  return {
    async DescribeAccountLimits(input) {
      const { items, next } = slicePage(accountLimits(settings.quotas), pageOf('limits', input))
      return {
        Limits: items.map(([Name, max]) => ({ Name, Max: String(max) })),
        ...nextMarker('limits', next),
      }
    },
  }
}
