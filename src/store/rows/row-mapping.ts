// Rows of the tables as resources. No queries.

import type { Selectable } from 'kysely'
import type {
  AddressTargetGroup,
  Listener,
  LoadBalancer,
  LoadBalancerZone,
  MutualAuthentication,
  Rule,
  Target,
  TargetGroup,
} from '../../model/resources.ts'
import {
  DEFAULT_RULE_POSITION,
  type LoadBalancerTable,
  type TargetGroupTable,
  type Tables,
} from './tables.ts'

export function loadBalancerOf(
  row: Selectable<LoadBalancerTable>,
  zones: readonly LoadBalancerZone[],
  securityGroups: readonly string[],
): LoadBalancer {
  return {
    arn: row.arn,
    accountId: row.account_id,
    region: row.region,
    kind: row.kind as LoadBalancer['kind'],
    name: row.name,
    scheme: row.scheme as LoadBalancer['scheme'],
    vpcId: row.vpc_id,
    ipAddressType: row.ip_address_type as LoadBalancer['ipAddressType'],
    dnsName: row.dns_name,
    createdAt: row.created_at,
    state: { code: row.state_code as LoadBalancer['state']['code'], reason: row.state_reason },
    securityGroups,
    zones,
  }
}

export function listenerOf(row: Selectable<Tables['listeners']>): Listener {
  return {
    arn: row.arn,
    loadBalancerArn: row.load_balancer_arn,
    protocol: row.protocol as Listener['protocol'],
    port: row.port,
    tls:
      row.ssl_policy === null || row.certificate_arn === null || row.mutual_authentication === null
        ? null
        : {
            sslPolicy: row.ssl_policy,
            certificateArn: row.certificate_arn,
            mutualAuthentication: JSON.parse(row.mutual_authentication) as MutualAuthentication,
          },
  }
}

/** The columns of an HTTPS listener's own settings; all null for HTTP. */
export function tlsColumns(
  tls: Listener['tls'],
): Pick<
  Selectable<Tables['listeners']>,
  'ssl_policy' | 'certificate_arn' | 'mutual_authentication' | 'trust_store_arn'
> {
  const mutual = tls?.mutualAuthentication
  return {
    ssl_policy: tls?.sslPolicy ?? null,
    certificate_arn: tls?.certificateArn ?? null,
    mutual_authentication: mutual === undefined ? null : JSON.stringify(mutual),
    trust_store_arn: mutual?.mode === 'verify' ? mutual.trustStoreArn : null,
  }
}

export function ruleOf(row: Selectable<Tables['rules']>): Rule {
  return {
    arn: row.arn,
    listenerArn: row.listener_arn,
    loadBalancerArn: row.load_balancer_arn,
    priority: row.position === DEFAULT_RULE_POSITION ? null : row.position,
    conditions: JSON.parse(row.conditions) as Rule['conditions'],
    actions: JSON.parse(row.actions) as Rule['actions'],
    transforms: JSON.parse(row.transforms) as Rule['transforms'],
  }
}

export function targetGroupOf(row: Selectable<TargetGroupTable>): TargetGroup {
  const group = {
    arn: row.arn,
    accountId: row.account_id,
    region: row.region,
    name: row.name,
    ipAddressType: row.ip_address_type as TargetGroup['ipAddressType'],
    healthCheck: healthCheckOf(row.health_check),
    createdAt: row.created_at,
  }
  const targetType = row.target_type as TargetGroup['targetType']
  if (targetType === 'lambda') return { ...group, targetType }
  return {
    ...group,
    targetType,
    protocol: row.protocol as AddressTargetGroup['protocol'],
    protocolVersion: row.protocol_version as AddressTargetGroup['protocolVersion'],
    port: row.port,
    vpcId: row.vpc_id,
  }
}

/** Rows that were written before health checks could be off do not say that they are on. */
function healthCheckOf(json: string): TargetGroup['healthCheck'] {
  return { enabled: true, ...(JSON.parse(json) as Omit<TargetGroup['healthCheck'], 'enabled'>) }
}

export function targetOf(row: Selectable<Tables['targets']>): Target {
  return {
    targetGroupArn: row.target_group_arn,
    id: row.id,
    port: row.port,
    address: row.address,
    zone: row.zone,
    drainsUntil: row.drains_until,
  }
}
