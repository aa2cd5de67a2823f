// A listener and its rules as traffic sees them: shapes of the API become what the workers compile.

import { responseHeaderValues, SERVER_ENABLED } from '../../model/listener-attributes.ts'
import type { Action, Listener, Rule, RuleCondition, RuleTransform } from '../../model/resources.ts'
import type {
  ActionUnit,
  ConditionUnit,
  DefaultRuleUnit,
  ListenerUnit,
  RewriteUnit,
  RuleUnit,
  TransformsUnit,
} from '../../snapshot/application-units.ts'

/** A listener with its rules, which come by ascending priority and end with the default rule. */
export function listenerUnit(listener: Listener, rules: readonly Rule[], portOffset: number): ListenerUnit {
  const compiled: RuleUnit[] = []
  let defaultRule: DefaultRuleUnit | undefined
  for (const { arn, priority, conditions, actions, transforms } of rules) {
    const unit = { arn, actions: actions.map(actionUnit) }
    if (priority === null) defaultRule = unit
    else {
      const rewriting = transforms.length === 0 ? {} : { transforms: transformsUnit(transforms) }
      compiled.push({ ...unit, priority, conditions: conditions.map(conditionUnit), ...rewriting })
    }
  }
  if (defaultRule === undefined) throw new Error(`Listener ${listener.arn} has no default rule`)
  return {
    arn: listener.arn,
    protocol: listener.protocol,
    port: listener.port,
    bindPort: listener.port + portOffset,
    rules: compiled,
    defaultRule,
  }
}

function transformsUnit(transforms: Rule['transforms']): TransformsUnit {
  const rewriteOf = (type: RuleTransform['Type']): RewriteUnit | null => {
    const transform = transforms.find(({ Type }) => Type === type)
    const [rewrite] = (transform?.HostHeaderRewriteConfig ?? transform?.UrlRewriteConfig)?.Rewrites ?? []
    if (rewrite?.Regex === undefined) return null
    return { expression: rewrite.Regex, replacement: rewrite.Replace ?? '' }
  }
  return { host: rewriteOf('host-header-rewrite'), url: rewriteOf('url-rewrite') }
}

/** An action as kept by the API: checked, and with the parts of a redirect filled in. */
function actionUnit({ Type, ForwardConfig, RedirectConfig, FixedResponseConfig }: Action): ActionUnit {
  if (Type === 'forward') {
    const { Enabled, DurationSeconds = 0 } = ForwardConfig?.TargetGroupStickinessConfig ?? {}
    return {
      type: 'forward',
      ...(Enabled === true ? { groupStickiness: { durationMs: DurationSeconds * 1000 } } : {}),
      targetGroups: (ForwardConfig?.TargetGroups ?? []).map(({ TargetGroupArn = '', Weight = 1 }) => ({
        arn: TargetGroupArn,
        weight: Weight,
      })),
    }
  }
  if (Type === 'redirect') {
    return {
      type: 'redirect',
      statusCode: RedirectConfig?.StatusCode === 'HTTP_301' ? 301 : 302,
      protocol: RedirectConfig?.Protocol ?? '#{protocol}',
      host: RedirectConfig?.Host ?? '#{host}',
      port: RedirectConfig?.Port ?? '#{port}',
      path: RedirectConfig?.Path ?? '/#{path}',
      query: RedirectConfig?.Query ?? '#{query}',
    }
  }
  if (Type === 'fixed-response') {
    const messageBody = FixedResponseConfig?.MessageBody ?? ''
    return {
      type: 'fixed-response',
      statusCode: Number(FixedResponseConfig?.StatusCode),
      // ALB-LSN Q35: a body without a type is plain text.
      contentType: FixedResponseConfig?.ContentType ?? (messageBody === '' ? null : 'text/plain'),
      messageBody,
    }
  }
  return { type: 'unoffered', name: Type ?? '' }
}

function conditionUnit(condition: RuleCondition): ConditionUnit {
  const { Field: field } = condition
  const expressions =
    condition.HostHeaderConfig?.RegexValues ??
    condition.PathPatternConfig?.RegexValues ??
    condition.HttpHeaderConfig?.RegexValues
  if (expressions !== undefined) {
    if (field === 'host-header') return { field: 'host-header-regex', expressions }
    if (field === 'path-pattern') return { field: 'path-pattern-regex', expressions }
    const headerName = condition.HttpHeaderConfig?.HttpHeaderName ?? ''
    return { field: 'http-header-regex', headerName, expressions }
  }
  if (field === 'host-header') return { field, values: condition.HostHeaderConfig?.Values ?? [] }
  if (field === 'path-pattern') return { field, values: condition.PathPatternConfig?.Values ?? [] }
  if (field === 'http-request-method') {
    return { field, values: condition.HttpRequestMethodConfig?.Values ?? [] }
  }
  if (field === 'source-ip') return { field, values: condition.SourceIpConfig?.Values ?? [] }
  if (field === 'http-header') {
    const { HttpHeaderName = '', Values = [] } = condition.HttpHeaderConfig ?? {}
    return { field, headerName: HttpHeaderName, values: Values }
  }
  if (field === 'query-string') {
    const pairs = condition.QueryStringConfig?.Values ?? []
    return { field, values: pairs.map(({ Key, Value = '' }) => ({ key: Key ?? null, value: Value })) }
  }
  throw new Error(`Condition field ${field} has no unit`)
}

/** What the attributes of a listener want of responses; nothing where they are as at first. */
export function responseHeaders(set: ReadonlyMap<string, string>): Pick<ListenerUnit, 'responseHeaders'> {
  const values = responseHeaderValues(set)
  const hasServer = set.get(SERVER_ENABLED) !== 'false'
  return values.length === 0 && hasServer ? {} : { responseHeaders: { hasServer, values } }
}
