// Security groups: made, described, deleted. Their rules are in a file of their own.

import type { SecurityGroup } from '@aws-sdk/client-ec2'
import type { Networks } from '../../directory/networks.ts'
import { type RulePeer, type SecurityGroupItem } from '../../model/networks.ts'
import type { Scope } from '../../model/resources.ts'
import type { RowReader } from '../../store/store.ts'
import type { Tag } from '../../store/tags.ts'
import { ApiError } from '../errors.ts'
import { checkDryRun, groupNotFound, type Ec2Environment, type Ec2Handlers } from './environment.ts'
import { newEc2Id } from './ids.ts'
import { filtered, type FilterFields, named, paged } from './listing.ts'
import { permissionsOf } from './permissions.ts'
import { ec2Arn, forgetTags, putNewTags, specifiedTags, tagList, tagsOf } from './tags.ts'
import { outboundAtFirst, theVpc } from './vpcs.ts'

/** Per Region, AWS's quota. */
const GROUPS_MAX = 2500

interface Listed {
  readonly group: SecurityGroupItem
  readonly tags: readonly Tag[]
}

export function securityGroupHandlers({
  store,
  networks,
}: Ec2Environment): Pick<
  Ec2Handlers,
  'CreateSecurityGroup' | 'DeleteSecurityGroup' | 'DescribeSecurityGroups'
> {
  return {
    async CreateSecurityGroup(input, call) {
      checkDryRun(input.DryRun)
      const { GroupName: name, Description: description } = input
      checkText('groupName', name)
      checkText('groupDescription', description)
      const tags = specifiedTags(input.TagSpecifications, 'security-group')
      return await networks.edit(async ({ put }, rows) => {
        const vpc = theVpc(networks, call.region, input.VpcId ?? networks.there.vpcId)
        const { id: vpcId } = vpc
        const all = networks.securityGroups(call.region)
        if (all.some((each) => each.name === name && each.vpcId === vpcId)) {
          throw new ApiError(
            'InvalidGroup.Duplicate',
            `The security group '${name}' already exists for VPC '${vpcId}'`,
          )
        }
        if (all.length >= GROUPS_MAX) {
          throw new ApiError(
            'SecurityGroupLimitExceeded',
            'The maximum number of security groups has been reached.',
          )
        }
        const group: SecurityGroupItem = {
          kind: 'security-group',
          region: call.region,
          id: newEc2Id('sg'),
          vpcId,
          name,
          description,
          rules: outboundAtFirst(vpc),
        }
        put(group)
        await putNewTags(rows, call, group.id, tags)
        return { GroupId: group.id, SecurityGroupArn: ec2Arn(call, group.id), Tags: tagList(tags) }
      })
    },

    async DeleteSecurityGroup(input, call) {
      checkDryRun(input.DryRun)
      return await networks.edit(async ({ remove }, rows) => {
        const group = theGroup(networks, call.region, input)
        if (networks.isGiven(group) || group.name === 'default') {
          throw new ApiError(
            'CannotDelete',
            `the specified group: "${group.id}" name: "${group.name}" cannot be deleted by a user`,
          )
        }
        if (await isInUse(rows, networks, group)) {
          throw new ApiError('DependencyViolation', `resource ${group.id} has a dependent object`)
        }
        remove(group)
        for (const { id } of [group, ...group.rules]) await forgetTags(rows, call, id)
        return { Return: true, GroupId: group.id }
      })
    },

    async DescribeSecurityGroups(input, call) {
      const all = networks.securityGroups(call.region)
      const byId = named(all, input.GroupIds, ({ id }) => id, groupNotFound)
      const byName = named(byId, input.GroupNames, ({ name }) => name, groupNotFound)
      const listed = await store.read(async (rows) => {
        const groups: Listed[] = []
        for (const group of byName) groups.push({ group, tags: await tagsOf(rows, call, group.id) })
        return groups
      })
      const { page, next } = paged(filtered(listed, input.Filters, fieldsOf(call)), input)
      return { SecurityGroups: page.map((each) => describe(each, call)), ...next }
    },
  }
}

/** The group that a call names by ID, or by name in the default VPC. */
export function theGroup(
  networks: Networks,
  region: string,
  {
    GroupId: id,
    GroupName: name,
  }: { readonly GroupId?: string | undefined; readonly GroupName?: string | undefined },
): SecurityGroupItem {
  if (id === undefined && name === undefined) {
    throw new ApiError('MissingParameter', 'The request must contain the parameter groupName or groupId')
  }
  const found =
    id === undefined
      ? networks
          .securityGroups(region)
          .find((group) => group.name === name && group.vpcId === networks.there.vpcId)
      : networks.securityGroup(region, id)
  if (found === undefined) throw groupNotFound(id ?? name ?? '')
  return found
}

/** By another group's rules, an instance or a load balancer. */
async function isInUse(
  rows: RowReader,
  networks: Networks,
  { region, id }: SecurityGroupItem,
): Promise<boolean> {
  const isNamed = networks
    .securityGroups(region)
    .some((group) => group.id !== id && group.rules.some(({ peer }) => isGroup(peer, id)))
  const isWorn = networks
    .instances(region)
    .some(({ state, securityGroups }) => state !== 'terminated' && securityGroups.includes(id))
  return isNamed || isWorn || (await rows.networks.loadBalancersInGroups(region, [id])).length > 0
}

function isGroup(peer: RulePeer, id: string): boolean {
  return peer.type === 'group' && peer.groupId === id
}

function describe({ group, tags }: Listed, scope: Scope): SecurityGroup {
  return {
    GroupId: group.id,
    GroupName: group.name,
    Description: group.description,
    OwnerId: scope.accountId,
    VpcId: group.vpcId,
    SecurityGroupArn: ec2Arn(scope, group.id),
    IpPermissions: permissionsOf(group, false, scope),
    IpPermissionsEgress: permissionsOf(group, true, scope),
    Tags: tagList(tags),
  }
}

function fieldsOf(scope: Scope): FilterFields<Listed> {
  const ingress = ({ group }: Listed): SecurityGroupItem['rules'] =>
    group.rules.filter((rule) => !rule.isEgress)
  const cidrs =
    (type: RulePeer['type']) =>
    (each: Listed): string[] =>
      ingress(each).flatMap(({ peer }) => (peer.type === type && peer.type !== 'group' ? [peer.cidr] : []))
  return {
    'group-id': ({ group }) => [group.id],
    'group-name': ({ group }) => [group.name],
    'vpc-id': ({ group }) => [group.vpcId],
    description: ({ group }) => [group.description],
    'owner-id': () => [scope.accountId],
    'ip-permission.protocol': (each) => ingress(each).map(({ protocol }) => protocol),
    'ip-permission.from-port': (each) => ingress(each).map(({ fromPort }) => String(fromPort)),
    'ip-permission.to-port': (each) => ingress(each).map(({ toPort }) => String(toPort)),
    'ip-permission.cidr': cidrs('ipv4'),
    'ip-permission.ipv6-cidr': cidrs('ipv6'),
    'ip-permission.group-id': (each) =>
      ingress(each).flatMap(({ peer }) => (peer.type === 'group' ? [peer.groupId] : [])),
  }
}

/** Names and descriptions: up to 255 characters of those that EC2 lists. */
function checkText(parameter: string, text: string | undefined): asserts text is string {
  if (text === undefined) {
    throw new ApiError('MissingParameter', `The request must contain the parameter ${parameter}`)
  }
  const isValid = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/.test(text)
  const isReserved = parameter === 'groupName' && (text.startsWith('sg-') || text.toLowerCase() === 'default')
  if (isValid && !isReserved) return
  throw new ApiError(
    'InvalidParameterValue',
    `Value (${text.slice(0, 255)}) for parameter ${parameter} is invalid.`,
  )
}
