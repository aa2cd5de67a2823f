// Constraints that the SDK's schemas leave out: lengths, ranges, patterns and enums of input members, keyed by
// structure and member as the schemas name them. Values are those of AWS's API reference; enums are the SDK's.

import * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'

export interface Constraint {
  readonly min?: number
  readonly max?: number
  readonly pattern?: RegExp
  readonly values?: readonly string[]
}

const PAGE_SIZE: Constraint = { min: 1, max: 400 }
const PORT: Constraint = { min: 1, max: 65_535 }
const PRIORITY: Constraint = { min: 1, max: 50_000 }
const AT_LEAST_ONE: Constraint = { min: 1 }
const TAG_TEXT = /^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$/u
const TAG_KEY: Constraint = { min: 1, max: 128, pattern: TAG_TEXT }
const ATTRIBUTE_KEY: Constraint = { max: 256, pattern: /^[a-zA-Z0-9._]+$/ }
const TRUST_STORE_NAME: Constraint = { min: 1, max: 32, pattern: /^([a-zA-Z0-9]+-)*[a-zA-Z0-9]+$/ }
const INTERVAL: Constraint = { min: 5, max: 300 }
const TIMEOUT: Constraint = { min: 2, max: 120 }
const THRESHOLD: Constraint = { min: 2, max: 10 }
const PATH: Constraint = { min: 1, max: 1024 }

function oneOf(values: Readonly<Record<string, string>>): Constraint {
  return { values: Object.values(values) }
}

/** By `Structure.Member`. */
export const constraints: Readonly<Record<string, Constraint>> = {
  'AddTagsInput.Tags': AT_LEAST_ONE,
  'CreateListenerInput.Tags': AT_LEAST_ONE,
  'CreateLoadBalancerInput.Tags': AT_LEAST_ONE,
  'CreateRuleInput.Tags': AT_LEAST_ONE,
  'CreateTargetGroupInput.Tags': AT_LEAST_ONE,
  'CreateTrustStoreInput.Tags': AT_LEAST_ONE,
  'Tag.Key': TAG_KEY,
  'Tag.Value': { min: 0, max: 256, pattern: TAG_TEXT },
  'CreateListenerInput.Port': PORT,
  'CreateTargetGroupInput.Port': PORT,
  'CreateTargetGroupInput.TargetControlPort': PORT,
  'TargetDescription.Port': PORT,
  'ModifyListenerInput.Port': PORT,
  'Action.Order': PRIORITY,
  'CreateRuleInput.Priority': PRIORITY,
  'RulePriorityPair.Priority': PRIORITY,
  'RedirectActionConfig.Protocol': { pattern: /^(HTTPS?|#\{protocol\})$/ },
  'RedirectActionConfig.Host': { min: 1, max: 128 },
  'RedirectActionConfig.Path': { min: 1, max: 128 },
  'RedirectActionConfig.Query': { min: 0, max: 128 },
  'FixedResponseActionConfig.MessageBody': { min: 0, max: 1024 },
  'FixedResponseActionConfig.StatusCode': { pattern: /^(2|4|5)\d\d$/ },
  'FixedResponseActionConfig.ContentType': { min: 0, max: 32 },
  'CreateLoadBalancerInput.CustomerOwnedIpv4Pool': { max: 256, pattern: /^(ipv4pool-coip-)[a-zA-Z0-9]+$/ },
  'IpamPools.Ipv4IpamPoolId': { max: 1000, pattern: /^(ipam-pool-)[a-zA-Z0-9]+$/ },
  'RuleCondition.Field': { max: 64 },
  'CreateTargetGroupInput.HealthCheckPath': PATH,
  'ModifyTargetGroupInput.HealthCheckPath': PATH,
  'CreateTargetGroupInput.HealthCheckIntervalSeconds': INTERVAL,
  'ModifyTargetGroupInput.HealthCheckIntervalSeconds': INTERVAL,
  'CreateTargetGroupInput.HealthCheckTimeoutSeconds': TIMEOUT,
  'ModifyTargetGroupInput.HealthCheckTimeoutSeconds': TIMEOUT,
  'CreateTargetGroupInput.HealthyThresholdCount': THRESHOLD,
  'CreateTargetGroupInput.UnhealthyThresholdCount': THRESHOLD,
  'ModifyTargetGroupInput.HealthyThresholdCount': THRESHOLD,
  'ModifyTargetGroupInput.UnhealthyThresholdCount': THRESHOLD,
  'CreateTrustStoreInput.Name': TRUST_STORE_NAME,
  'TargetDescription.QuicServerId': { min: 1, max: 256 },
  'DescribeAccountLimitsInput.PageSize': PAGE_SIZE,
  'DescribeListenerCertificatesInput.PageSize': PAGE_SIZE,
  'DescribeListenersInput.PageSize': PAGE_SIZE,
  'DescribeLoadBalancersInput.PageSize': PAGE_SIZE,
  'DescribeRulesInput.PageSize': PAGE_SIZE,
  'DescribeSSLPoliciesInput.PageSize': PAGE_SIZE,
  'DescribeTargetGroupsInput.PageSize': PAGE_SIZE,
  'DescribeTrustStoreAssociationsInput.PageSize': PAGE_SIZE,
  'DescribeTrustStoreRevocationsInput.PageSize': PAGE_SIZE,
  'DescribeTrustStoresInput.PageSize': PAGE_SIZE,
  'ListenerAttribute.Key': ATTRIBUTE_KEY,
  'LoadBalancerAttribute.Key': ATTRIBUTE_KEY,
  'TargetGroupAttribute.Key': ATTRIBUTE_KEY,
  'ModifyLoadBalancerAttributesInput.Attributes': { max: 20 },
  'LoadBalancerAttribute.Value': { max: 1024 },
  'RevocationContent.RevocationType': oneOf(sdk.RevocationType),
  'CreateListenerInput.Protocol': oneOf(sdk.ProtocolEnum),
  'CreateTargetGroupInput.Protocol': oneOf(sdk.ProtocolEnum),
  'CreateTargetGroupInput.HealthCheckProtocol': oneOf(sdk.ProtocolEnum),
  'ModifyListenerInput.Protocol': oneOf(sdk.ProtocolEnum),
  'ModifyTargetGroupInput.HealthCheckProtocol': oneOf(sdk.ProtocolEnum),
  'Action.Type': oneOf(sdk.ActionTypeEnum),
  'AuthenticateOidcActionConfig.OnUnauthenticatedRequest': oneOf(
    sdk.AuthenticateOidcActionConditionalBehaviorEnum,
  ),
  'AuthenticateCognitoActionConfig.OnUnauthenticatedRequest': oneOf(
    sdk.AuthenticateCognitoActionConditionalBehaviorEnum,
  ),
  'RedirectActionConfig.StatusCode': oneOf(sdk.RedirectActionStatusCodeEnum),
  'JwtValidationActionAdditionalClaim.Format': oneOf(sdk.JwtValidationActionAdditionalClaimFormatEnum),
  'MutualAuthenticationAttributes.TrustStoreAssociationStatus': oneOf(sdk.TrustStoreAssociationStatusEnum),
  'MutualAuthenticationAttributes.AdvertiseTrustStoreCaNames': oneOf(sdk.AdvertiseTrustStoreCaNamesEnum),
  'CreateLoadBalancerInput.Scheme': oneOf(sdk.LoadBalancerSchemeEnum),
  'CreateLoadBalancerInput.Type': oneOf(sdk.LoadBalancerTypeEnum),
  'DescribeSSLPoliciesInput.LoadBalancerType': oneOf(sdk.LoadBalancerTypeEnum),
  'CreateLoadBalancerInput.IpAddressType': oneOf(sdk.IpAddressType),
  'SetIpAddressTypeInput.IpAddressType': oneOf(sdk.IpAddressType),
  'SetSubnetsInput.IpAddressType': oneOf(sdk.IpAddressType),
  'CreateLoadBalancerInput.EnablePrefixForIpv6SourceNat': oneOf(sdk.EnablePrefixForIpv6SourceNatEnum),
  'SetSubnetsInput.EnablePrefixForIpv6SourceNat': oneOf(sdk.EnablePrefixForIpv6SourceNatEnum),
  'RuleTransform.Type': oneOf(sdk.TransformTypeEnum),
  'CreateTargetGroupInput.TargetType': oneOf(sdk.TargetTypeEnum),
  'CreateTargetGroupInput.IpAddressType': oneOf(sdk.TargetGroupIpAddressTypeEnum),
  'SetSecurityGroupsInput.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic': oneOf(
    sdk.EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnum,
  ),
}

/** Of each item of a list, by the name of the list. */
export const listConstraints: Readonly<Record<string, Constraint>> = {
  TagKeys: TAG_KEY,
  TrustStoreNames: TRUST_STORE_NAME,
  ListOfDescribeTargetHealthIncludeOptions: oneOf(sdk.DescribeTargetHealthInputIncludeEnum),
  RemoveIpamPools: oneOf(sdk.RemoveIpamPoolEnum),
}

/** What is wrong with a member, each as a sentence in AWS's words. */
export function constraintProblems(
  structure: string,
  member: string,
  value: unknown,
  path: string,
): readonly string[] {
  return problems(constraints[`${structure}.${member}`], value, path)
}

/** What is wrong with an item of a list. */
export function listConstraintProblems(list: string, value: unknown, path: string): readonly string[] {
  return problems(listConstraints[list], value, path)
}

function problems(constraint: Constraint | undefined, value: unknown, path: string): readonly string[] {
  if (constraint === undefined) return []
  const found: string[] = []
  const fail = (rule: string): void => {
    found.push(`Value '${shown(value)}' at '${path}' failed to satisfy constraint: Member must ${rule}`)
  }
  const { min, max, pattern, values } = constraint
  const what = typeof value === 'number' ? 'value' : 'length'
  const size = sizeOf(value)
  if (min !== undefined && size < min) fail(`have ${what} greater than or equal to ${min}`)
  if (max !== undefined && size > max) fail(`have ${what} less than or equal to ${max}`)
  if (pattern !== undefined && !pattern.test(String(value))) {
    fail(`satisfy regular expression pattern: ${pattern.source}`)
  }
  if (values !== undefined && !values.includes(String(value))) {
    fail(`satisfy enum value set: [${values.join(', ')}]`)
  }
  return found
}

/** The number itself, items of a list, or characters of a text (not UTF-16 units). */
function sizeOf(value: unknown): number {
  if (typeof value === 'number') return value
  if (Array.isArray(value)) return value.length
  return Array.from(String(value)).length
}

function shown(value: unknown): string {
  const text = Array.isArray(value)
    ? `[${value.map((item) => JSON.stringify(item)).join(', ')}]`
    : String(value)
  return text.length > 300 ? `${text.slice(0, 300)}...` : text
}
