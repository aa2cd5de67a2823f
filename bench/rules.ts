// The hundred rules of the rule cases: conditions of every kind, none of which is met but the last rule's. Written once
// and turned into each load balancer's own form.

import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2'

/** One rule: all conditions must be met. */
export interface BenchRule {
  readonly path?: string
  readonly host?: string
  readonly method?: string
  readonly header?: string
  readonly query?: string
  readonly source?: string
}

/** What the requests of the rule cases carry, so that every kind of condition has something to look at. */
export const RULE_REQUEST = {
  path: '/small?version=none',
  headers: { 'X-Version': 'none', Cookie: 'session=0123456789abcdef', Accept: '*/*' },
} as const

const LAST: BenchRule = { path: '/small', method: 'GET' }

/** `count` rules in order of priority, of which the last one is met. */
export function benchRules(count: number): BenchRule[] {
  const rules: BenchRule[] = []
  for (let index = 1; index < count; index++) rules.push(unmet(index))
  rules.push(LAST)
  return rules
}

function unmet(index: number): BenchRule {
  switch (index % 7) {
    case 0:
      return { path: `/api/v${index}/*` }
    case 1:
      return { host: `*.h${index}.example.com` }
    case 2:
      return { header: `v${index}*` }
    case 3:
      return { query: `v${index}` }
    case 4:
      return { source: `10.${index}.0.0/16` }
    case 5:
      return { path: `/small/*/img${index}.?pg`, method: 'GET' }
    default:
      return { method: 'POST', path: '/small*', host: `h${index}.example.com` }
  }
}

/** Conditions of CreateRule. */
export function awsConditions(rule: BenchRule): RuleCondition[] {
  const conditions: RuleCondition[] = []
  if (rule.path !== undefined)
    conditions.push({ Field: 'path-pattern', PathPatternConfig: { Values: [rule.path] } })
  if (rule.host !== undefined)
    conditions.push({ Field: 'host-header', HostHeaderConfig: { Values: [rule.host] } })
  if (rule.method !== undefined)
    conditions.push({ Field: 'http-request-method', HttpRequestMethodConfig: { Values: [rule.method] } })
  if (rule.header !== undefined)
    conditions.push({
      Field: 'http-header',
      HttpHeaderConfig: { HttpHeaderName: 'X-Version', Values: [rule.header] },
    })
  if (rule.query !== undefined)
    conditions.push({
      Field: 'query-string',
      QueryStringConfig: { Values: [{ Key: 'version', Value: rule.query }] },
    })
  if (rule.source !== undefined)
    conditions.push({ Field: 'source-ip', SourceIpConfig: { Values: [rule.source] } })
  return conditions
}

/** The condition of a use_backend line. */
export function haproxyCondition(rule: BenchRule): string {
  const tests: string[] = []
  if (rule.path !== undefined) tests.push(`{ path -m reg ${patternToRegExp(rule.path)} }`)
  if (rule.host !== undefined)
    tests.push(`{ req.hdr(host),field(1,:) -m reg -i ${patternToRegExp(rule.host)} }`)
  if (rule.method !== undefined) tests.push(`{ method ${rule.method} }`)
  if (rule.header !== undefined)
    tests.push(`{ req.hdr(X-Version) -m reg -i ${patternToRegExp(rule.header)} }`)
  if (rule.query !== undefined) tests.push(`{ url_param(version) -m str ${rule.query} }`)
  if (rule.source !== undefined) tests.push(`{ src ${rule.source} }`)
  return tests.join(' ')
}

/** Left side of a line in nginx's map over `$request_method|$host|$uri|$http_x_version|$arg_version|$remote_addr`. */
export function nginxPattern(rule: BenchRule): string {
  const source =
    rule.source === undefined ? '[^|]*' : `${rule.source.split('.').slice(0, 2).join('\\.')}\\..*`
  const parts = [
    rule.method ?? '[^|]*',
    mapPart(rule.host),
    mapPart(rule.path),
    mapPart(rule.header),
    mapPart(rule.query),
    source,
  ]
  return `~^${parts.join('\\|')}$`
}

function patternToRegExp(pattern: string): string {
  return `^${pattern.replace(/[.+]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`
}

function mapPart(pattern: string | undefined): string {
  return pattern === undefined ? '[^|]*' : patternToRegExp(pattern).slice(1, -1)
}
