// Constraints that the SDK's schemas leave out: lengths, ranges, patterns and enums of input members, keyed by
// structure and member as the schemas name them. Values are those of AWS's API reference; enums are the SDK's.

import * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Constraint, ConstraintTable } from '../protocol/constraint-problems.ts'

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

const members: Readonly<Record<string, Constraint>> = {
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

const items: Readonly<Record<string, Constraint>> = {
  'DescribeTargetHealthInput.Include': oneOf(sdk.DescribeTargetHealthInputIncludeEnum),
  'DescribeTrustStoresInput.Names': TRUST_STORE_NAME,
  'ModifyIpPoolsInput.RemoveIpamPools': oneOf(sdk.RemoveIpamPoolEnum),
  'RemoveTagsInput.TagKeys': TAG_KEY,
}

export const elbv2Constraints: ConstraintTable = { members, items }
