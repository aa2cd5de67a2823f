// The tables of the store as Kysely types. JSON columns hold shapes that are only ever read and replaced whole;
// everything that is looked up has a column and an index.

import type { Generated } from 'kysely'

export interface Tables {
  network_items: { sequence: Generated<number>; region: string; id: string; item: string }
  zonal_shifts: {
    sequence: Generated<number>
    id: string
    account_id: string
    region: string
    load_balancer_arn: string
    away_from: string
    comment: string
    started_at: number
    expires_at: number
    is_canceled: number
  }
  load_balancers: LoadBalancerTable
  load_balancer_zones: { load_balancer_arn: string; zone: string; subnet_id: string; address: string }
  load_balancer_security_groups: { load_balancer_arn: string; position: number; security_group_id: string }
  address_pools: { pool: string; next: number; used: number }
  node_addresses: { address: string; pool: string }
  capacity_reservations: {
    load_balancer_arn: string
    units: number | null
    modified_at: number
    decreases: number
  }
  listeners: {
    sequence: Generated<number>
    arn: string
    load_balancer_arn: string
    protocol: string
    port: number
    ssl_policy: string | null
    certificate_arn: string | null
    mutual_authentication: string | null
    trust_store_arn: string | null
  }
  listener_certificates: {
    sequence: Generated<number>
    listener_arn: string
    load_balancer_arn: string
    certificate_arn: string
  }
  rules: {
    arn: string
    listener_arn: string
    load_balancer_arn: string
    position: number
    conditions: string
    actions: string
    transforms: string
    client_secret: string | null
  }
  rule_target_groups: { rule_arn: string; target_group_arn: string; load_balancer_arn: string }
  target_groups: TargetGroupTable
  targets: {
    sequence: Generated<number>
    target_group_arn: string
    id: string
    port: number
    address: string
    zone: string
    drains_until: number | null
  }
  attributes: { resource_arn: string; key: string; value: string }
  tags: { resource_arn: string; key: string; value: string }
  certificates: {
    sequence: Generated<number>
    arn: string
    account_id: string
    region: string
    created_at: number
    issued_at: number
    facts: string
    request: string | null
    idempotency_token: string | null
    certificate: string
    chain: string | null
    private_key: string
  }
  server_certificates: {
    arn: string
    account_id: string
    name: string
    path: string
    id: string
    uploaded_at: number
    facts: string
    certificate: string
    chain: string | null
    private_key: string
  }
  trust_stores: {
    sequence: Generated<number>
    arn: string
    account_id: string
    region: string
    name: string
    ca_certificates: number
    created_at: number
    bundle: string
    last_revocation_id: number
  }
  revocation_lists: { trust_store_arn: string; id: number; entries: number; content: string }
  cookie_keys: { id: number; secret: string; used_from: number }
  certificate_authorities: { name: string; certificate: string; private_key: string }
}

export interface LoadBalancerTable {
  sequence: Generated<number>
  arn: string
  account_id: string
  region: string
  kind: string
  name: string
  scheme: string
  vpc_id: string
  ip_address_type: string
  dns_name: string
  created_at: number
  state_code: string
  state_reason: string | null
}

export interface TargetGroupTable {
  sequence: Generated<number>
  arn: string
  account_id: string
  region: string
  name: string
  protocol: string
  protocol_version: string
  port: number
  vpc_id: string
  target_type: string
  ip_address_type: string
  health_check: string
  created_at: number
}

/** `rules.position` of the default rule: behind every priority. */
export const DEFAULT_RULE_POSITION = 1_000_000
