// Rules of security groups: added, taken away, described, changed.

import type { IpPermission, SecurityGroupRuleRequest, TagSpecification } from '@aws-sdk/client-ec2'
import type { SecurityGroupItem, SecurityGroupRule } from '../../model/networks.ts'
import { ApiError } from '../errors.ts'
import type { Call, Decoded } from '../operations.ts'
import { checkDryRun, type Ec2Environment, type Ec2Handlers } from './environment.ts'
import { newEc2Id } from './ids.ts'
import { filtered, named, paged } from './listing.ts'
import { isSameRule, type NewRule, ruleOutput, rulesOf, ruleText } from './permissions.ts'
import { theGroup } from './security-groups.ts'
import { forgetTags, putNewTags, specifiedTags, tagsOf } from './tags.ts'

/** Rules of one direction that a group may have. */
const RULES_MAX = 60

interface RuleInput {
  readonly DryRun?: boolean | undefined
  readonly GroupId?: string | undefined
  readonly GroupName?: string | undefined
  readonly SecurityGroupRuleIds?: readonly string[] | undefined
  readonly IpPermissions?: Decoded<IpPermission[]> | undefined
  readonly IpProtocol?: string | undefined
  readonly FromPort?: number | undefined
  readonly ToPort?: number | undefined
  readonly CidrIp?: string | undefined
  readonly TagSpecifications?: Decoded<TagSpecification[]> | undefined
}

interface Added {
  readonly Return: true
  readonly SecurityGroupRules: ReturnType<typeof ruleOutput>[]
}

export function groupRuleHandlers({
  store,
  networks,
}: Ec2Environment): Pick<
  Ec2Handlers,
  | 'AuthorizeSecurityGroupIngress'
  | 'AuthorizeSecurityGroupEgress'
  | 'RevokeSecurityGroupIngress'
  | 'RevokeSecurityGroupEgress'
  | 'DescribeSecurityGroupRules'
  | 'ModifySecurityGroupRules'
> {
  function newRules(
    permissions: Decoded<IpPermission[]>,
    { region }: Call,
    isEgress: boolean,
  ): readonly NewRule[] {
    if (permissions.length === 0) {
      throw new ApiError('MissingParameter', 'The request must contain the parameter ipPermissions')
    }
    return rulesOf(permissions, isEgress, (id) => networks.securityGroup(region, id) !== undefined)
  }

  async function authorize(input: RuleInput, call: Call, isEgress: boolean): Promise<Added> {
    checkDryRun(input.DryRun)
    const tags = specifiedTags(input.TagSpecifications, 'security-group-rule')
    return await networks.edit(async ({ put }, rows) => {
      const group = theGroup(networks, call.region, input)
      const added = newRules(permissionsIn(input), call, isEgress).map((rule) => ({
        ...rule,
        id: newEc2Id('sgr'),
      }))
      for (const rule of added) {
        if (!group.rules.some((present) => isSameRule(present, rule))) continue
        throw new ApiError(
          'InvalidPermission.Duplicate',
          `the specified rule "${ruleText(rule)}" already exists`,
        )
      }
      const rules = [...group.rules, ...added]
      if (rules.filter((rule) => rule.isEgress === isEgress).length > RULES_MAX) {
        throw new ApiError(
          'RulesPerSecurityGroupLimitExceeded',
          'The maximum number of rules per security group has been reached.',
        )
      }
      put({ ...group, rules })
      for (const { id } of added) await putNewTags(rows, call, id, tags)
      return {
        Return: true,
        SecurityGroupRules: added.map((rule) => ruleOutput(group.id, rule, call, tags)),
      }
    })
  }

  async function revoke(input: RuleInput, call: Call, isEgress: boolean): Promise<void> {
    checkDryRun(input.DryRun)
    await networks.edit(async ({ put }, rows) => {
      const group = theGroup(networks, call.region, input)
      const ids = input.SecurityGroupRuleIds ?? []
      for (const id of ids) theRule(group, id)
      const unwanted = ids.length > 0 ? [] : newRules(permissionsIn(input), call, isEgress)
      for (const rule of unwanted) {
        if (group.rules.some((present) => isSameRule(present, rule))) continue
        throw new ApiError(
          'InvalidPermission.NotFound',
          'The specified rule does not exist in this security group.',
        )
      }
      const rules = group.rules.filter(
        (rule) => !ids.includes(rule.id) && !unwanted.some((each) => isSameRule(rule, each)),
      )
      put({ ...group, rules })
      for (const { id } of group.rules) {
        if (!rules.some((rule) => rule.id === id)) await forgetTags(rows, call, id)
      }
    })
  }

  return {
    async AuthorizeSecurityGroupIngress(input, call) {
      return await authorize(input, call, false)
    },
    async AuthorizeSecurityGroupEgress(input, call) {
      return await authorize(input, call, true)
    },
    async RevokeSecurityGroupIngress(input, call) {
      await revoke(input, call, false)
      return { Return: true }
    },
    async RevokeSecurityGroupEgress(input, call) {
      await revoke(input, call, true)
      return { Return: true }
    },

    async DescribeSecurityGroupRules(input, call) {
      const groups = networks.securityGroups(call.region)
      const all = await store.read(async (rows) => {
        const found = []
        for (const group of groups) {
          for (const rule of group.rules) found.push({ group, rule, tags: await tagsOf(rows, call, rule.id) })
        }
        return found
      })
      const byId = named(all, input.SecurityGroupRuleIds, ({ rule }) => rule.id, ruleNotFound)
      const { page, next } = paged(
        filtered(byId, input.Filters, {
          'group-id': ({ group }) => [group.id],
          'security-group-rule-id': ({ rule }) => [rule.id],
        }),
        input,
      )
      return {
        SecurityGroupRules: page.map(({ group, rule, tags }) => ruleOutput(group.id, rule, call, tags)),
        ...next,
      }
    },

    async ModifySecurityGroupRules(input, call) {
      checkDryRun(input.DryRun)
      await networks.edit(async ({ put }) => {
        const group = theGroup(networks, call.region, input)
        let rules = group.rules
        for (const { SecurityGroupRuleId: id, SecurityGroupRule: wanted } of input.SecurityGroupRules) {
          const present = theRule(group, id)
          const [changed] = newRules([permissionOf(wanted)], call, present.isEgress)
          if (changed === undefined) continue
          const replacement = { ...changed, id, description: wanted?.Description ?? null }
          rules = rules.map((rule) => (rule.id === id ? replacement : rule))
        }
        put({ ...group, rules })
      })
      return { Return: true }
    },
  }
}

function theRule(group: SecurityGroupItem, id: string): SecurityGroupRule {
  const rule = group.rules.find((each) => each.id === id)
  if (rule === undefined) throw ruleNotFound(id)
  return rule
}

function ruleNotFound(id: string): ApiError {
  return new ApiError(
    'InvalidSecurityGroupRuleId.NotFound',
    `The security group rule ID '${id}' does not exist`,
  )
}

/** Permissions, or the single one that the older parameters make. */
function permissionsIn(input: RuleInput): Decoded<IpPermission[]> {
  if (input.IpPermissions !== undefined || input.IpProtocol === undefined) return input.IpPermissions ?? []
  return [
    {
      IpProtocol: input.IpProtocol,
      ...(input.FromPort === undefined ? {} : { FromPort: input.FromPort }),
      ...(input.ToPort === undefined ? {} : { ToPort: input.ToPort }),
      ...(input.CidrIp === undefined ? {} : { IpRanges: [{ CidrIp: input.CidrIp }] }),
    },
  ]
}

function permissionOf(rule: Decoded<SecurityGroupRuleRequest> | undefined): Decoded<IpPermission> {
  return {
    ...(rule?.IpProtocol === undefined ? {} : { IpProtocol: rule.IpProtocol }),
    ...(rule?.FromPort === undefined ? {} : { FromPort: rule.FromPort }),
    ...(rule?.ToPort === undefined ? {} : { ToPort: rule.ToPort }),
    ...(rule?.CidrIpv4 === undefined ? {} : { IpRanges: [{ CidrIp: rule.CidrIpv4 }] }),
    ...(rule?.CidrIpv6 === undefined ? {} : { Ipv6Ranges: [{ CidrIpv6: rule.CidrIpv6 }] }),
    ...(rule?.ReferencedGroupId === undefined
      ? {}
      : { UserIdGroupPairs: [{ GroupId: rule.ReferencedGroupId }] }),
  }
}
