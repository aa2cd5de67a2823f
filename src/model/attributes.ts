// The attributes of load balancers and target groups: their keys, initial values and what a value may be. The checks
// of one value against its own limits are here; how attributes depend on each other is up to the API.

/** One attribute key. `initial` is what Describe shows until somebody sets it. */
export interface AttributeDefinition {
  readonly key: string
  readonly initial: string
  readonly limit: AttributeLimit
}

export type AttributeLimit =
  | { readonly type: 'one-of'; readonly values: readonly string[] }
  /** A whole number in plain decimal digits, or one of the words of `or`. */
  | { readonly type: 'integer'; readonly min: number; readonly max: number; readonly or?: readonly string[] }
  | { readonly type: 'text'; readonly lengthMax: number }
  /** `words` say what the pattern takes. */
  | { readonly type: 'pattern'; readonly pattern: RegExp; readonly lengthMax: number; readonly words: string }

export const BOOLEAN: AttributeLimit = { type: 'one-of', values: ['true', 'false'] }
const TEXT: AttributeLimit = { type: 'text', lengthMax: 1024 }
const COOKIE_SECONDS: AttributeLimit = { type: 'integer', min: 1, max: 604_800 }
/** Most targets a group may have, and so the highest sensible count. */
const TARGETS_MAX = 1000

/** ALB-LB-155 … 182 and OQ-13 there. */
export const loadBalancerAttributes: readonly AttributeDefinition[] = [
  { key: 'access_logs.s3.enabled', initial: 'false', limit: BOOLEAN },
  { key: 'access_logs.s3.bucket', initial: '', limit: TEXT },
  { key: 'access_logs.s3.prefix', initial: '', limit: TEXT },
  { key: 'client_keep_alive.seconds', initial: '3600', limit: { type: 'integer', min: 60, max: 604_800 } },
  { key: 'connection_logs.s3.enabled', initial: 'false', limit: BOOLEAN },
  { key: 'connection_logs.s3.bucket', initial: '', limit: TEXT },
  { key: 'connection_logs.s3.prefix', initial: '', limit: TEXT },
  { key: 'deletion_protection.enabled', initial: 'false', limit: BOOLEAN },
  { key: 'health_check_logs.s3.enabled', initial: 'false', limit: BOOLEAN },
  { key: 'health_check_logs.s3.bucket', initial: '', limit: TEXT },
  { key: 'health_check_logs.s3.prefix', initial: '', limit: TEXT },
  { key: 'idle_timeout.timeout_seconds', initial: '60', limit: { type: 'integer', min: 1, max: 4000 } },
  { key: 'ipv6.deny_all_igw_traffic', initial: 'false', limit: BOOLEAN },
  { key: 'load_balancing.cross_zone.enabled', initial: 'true', limit: BOOLEAN },
  {
    key: 'routing.http.desync_mitigation_mode',
    initial: 'defensive',
    limit: { type: 'one-of', values: ['monitor', 'defensive', 'strictest'] },
  },
  { key: 'routing.http.drop_invalid_header_fields.enabled', initial: 'false', limit: BOOLEAN },
  { key: 'routing.http.preserve_host_header.enabled', initial: 'false', limit: BOOLEAN },
  { key: 'routing.http.x_amzn_tls_version_and_cipher_suite.enabled', initial: 'false', limit: BOOLEAN },
  { key: 'routing.http.xff_client_port.enabled', initial: 'false', limit: BOOLEAN },
  {
    key: 'routing.http.xff_header_processing.mode',
    initial: 'append',
    limit: { type: 'one-of', values: ['append', 'preserve', 'remove'] },
  },
  { key: 'routing.http2.enabled', initial: 'true', limit: BOOLEAN },
  { key: 'waf.fail_open.enabled', initial: 'false', limit: BOOLEAN },
  { key: 'zonal_shift.config.enabled', initial: 'false', limit: BOOLEAN },
]

/** Types of stickiness of Network and Gateway Load Balancers. */
export const foreignStickinessTypes: readonly string[] = [
  'source_ip',
  'source_ip_dest_ip',
  'source_ip_dest_ip_proto',
]

/** ALB-TG-075 … 089 and OQ-14 there: groups of type `instance` and `ip`. */
export const targetGroupAttributes: readonly AttributeDefinition[] = [
  {
    key: 'deregistration_delay.timeout_seconds',
    initial: '300',
    limit: { type: 'integer', min: 0, max: 3600 },
  },
  {
    key: 'load_balancing.algorithm.type',
    initial: 'round_robin',
    limit: { type: 'one-of', values: ['round_robin', 'least_outstanding_requests', 'weighted_random'] },
  },
  {
    key: 'load_balancing.algorithm.anomaly_mitigation',
    initial: 'off',
    limit: { type: 'one-of', values: ['on', 'off'] },
  },
  {
    key: 'load_balancing.cross_zone.enabled',
    initial: 'use_load_balancer_configuration',
    limit: { type: 'one-of', values: ['true', 'false', 'use_load_balancer_configuration'] },
  },
  {
    key: 'slow_start.duration_seconds',
    initial: '0',
    limit: { type: 'integer', min: 30, max: 900, or: ['0'] },
  },
  { key: 'stickiness.enabled', initial: 'false', limit: BOOLEAN },
  {
    key: 'stickiness.type',
    initial: 'lb_cookie',
    limit: { type: 'one-of', values: ['lb_cookie', 'app_cookie'] },
  },
  { key: 'stickiness.lb_cookie.duration_seconds', initial: '86400', limit: COOKIE_SECONDS },
  { key: 'stickiness.app_cookie.duration_seconds', initial: '86400', limit: COOKIE_SECONDS },
  { key: 'stickiness.app_cookie.cookie_name', initial: '', limit: { type: 'text', lengthMax: 256 } },
  {
    key: 'target_group_health.dns_failover.minimum_healthy_targets.count',
    initial: '1',
    limit: { type: 'integer', min: 1, max: TARGETS_MAX, or: ['off'] },
  },
  {
    key: 'target_group_health.dns_failover.minimum_healthy_targets.percentage',
    initial: 'off',
    limit: { type: 'integer', min: 1, max: 100, or: ['off'] },
  },
  {
    key: 'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count',
    initial: '1',
    limit: { type: 'integer', min: 1, max: TARGETS_MAX },
  },
  {
    key: 'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage',
    initial: 'off',
    limit: { type: 'integer', min: 1, max: 100, or: ['off'] },
  },
]

/** ALB-TG-090 and OQ-14 there: groups of a Lambda function. */
export const functionGroupAttributes: readonly AttributeDefinition[] = [
  { key: 'lambda.multi_value_headers.enabled', initial: 'false', limit: BOOLEAN },
]

/** Attribute keys of Network Load Balancers: known, but not supported for ours. */
export const foreignLoadBalancerAttributes: readonly string[] = [
  'dns_record.client_routing_policy',
  'secondary_ips.auto_assigned.per_subnet',
]

/** Attribute keys of groups of Network and Gateway Load Balancers: known, but not supported for ours. */
export const foreignTargetGroupAttributes: readonly string[] = [
  'deregistration_delay.connection_termination.enabled',
  'preserve_client_ip.enabled',
  'proxy_protocol_v2.enabled',
  'target_failover.on_deregistration',
  'target_failover.on_unhealthy',
  'target_health_state.unhealthy.connection_termination.enabled',
  'target_health_state.unhealthy.draining_interval_seconds',
]

/** What is wrong with a value, as a sentence, or undefined if it is allowed. */
export function attributeProblem({ key, limit }: AttributeDefinition, value: string): string | undefined {
  if (limit.type === 'one-of') {
    if (limit.values.includes(value)) return undefined
    return `'${key}' value '${value}' must be one of '[${limit.values.join(', ')}]'`
  }
  if (limit.type === 'text') {
    if (value.length <= limit.lengthMax) return undefined
    return `'${key}' value must not be longer than '${limit.lengthMax}' characters`
  }
  if (limit.type === 'pattern') {
    if (value.length <= limit.lengthMax && limit.pattern.test(value)) return undefined
    return `'${key}' value '${value}' must be ${limit.words}, not longer than '${limit.lengthMax}' characters`
  }
  if (limit.or?.includes(value)) return undefined
  if (/^(0|[1-9]\d{0,8})$/.test(value) && Number(value) >= limit.min && Number(value) <= limit.max) {
    return undefined
  }
  const words = limit.or === undefined ? '' : ` or one of '[${limit.or.join(', ')}]'`
  return `'${key}' value '${value}' must be between '${limit.min}-${limit.max}' inclusive${words}`
}

/** The values in force: what was set, and the initial value of every other key, in order of the table. */
export function effectiveAttributes(
  definitions: readonly AttributeDefinition[],
  set: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  return new Map(definitions.map(({ key, initial }) => [key, set.get(key) ?? initial]))
}
