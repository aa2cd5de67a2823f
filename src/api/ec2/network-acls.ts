// The network ACL of each VPC, whose entries tools take under their care. They are kept and told; nothing is filtered
// by them, security groups decide who is let in.

import type { IcmpTypeCode, NetworkAcl, PortRange } from '@aws-sdk/client-ec2'
import type { Networks } from '../../directory/networks.ts'
import { parseCidr } from '../../model/ip.ts'
import type { NetworkAclEntry, NetworkAclItem } from '../../model/networks.ts'
import type { Scope } from '../../model/resources.ts'
import type { Tag } from '../../store/tags.ts'
import { ApiError } from '../errors.ts'
import { checkDryRun, type Ec2Environment, type Ec2Handlers } from './environment.ts'
import { filtered, named, paged } from './listing.ts'
import { tagList, tagsOf } from './tags.ts'

/** Of one direction. */
const ENTRIES_MAX = 40
const RULE_NUMBER_MAX = 32_766
/** The entry that every ACL ends with. */
const LAST_RULE_NUMBER = 32_767

interface Listed {
  readonly acl: NetworkAclItem
  readonly subnets: readonly string[]
  readonly tags: readonly Tag[]
}

interface EntryInput {
  readonly DryRun?: boolean | undefined
  readonly NetworkAclId: string
  readonly RuleNumber: number
  readonly Egress: boolean
  readonly Protocol: string
  readonly RuleAction: string
  readonly CidrBlock?: string | undefined
  readonly Ipv6CidrBlock?: string | undefined
  readonly PortRange?: PortRange | undefined
  readonly IcmpTypeCode?: IcmpTypeCode | undefined
}

export function networkAclHandlers({
  store,
  networks,
}: Ec2Environment): Pick<
  Ec2Handlers,
  'DescribeNetworkAcls' | 'CreateNetworkAclEntry' | 'ReplaceNetworkAclEntry' | 'DeleteNetworkAclEntry'
> {
  async function putEntry(input: EntryInput, region: string, isNew: boolean): Promise<void> {
    checkDryRun(input.DryRun)
    await networks.edit(async ({ put }) => {
      const acl = theAcl(networks, region, input.NetworkAclId)
      const entry = readEntry(input)
      const others = acl.entries.filter((each) => !isSame(each, entry.isEgress, entry.ruleNumber))
      const isThere = others.length < acl.entries.length
      if (isThere && isNew) {
        throw new ApiError(
          'NetworkAclEntryAlreadyExists',
          `The network acl entry identified by ${entry.ruleNumber} already exists.`,
        )
      }
      if (!isThere && !isNew) throw entryNotFound(entry.ruleNumber, acl.id)
      if (others.filter(({ isEgress }) => isEgress === entry.isEgress).length >= ENTRIES_MAX) {
        throw new ApiError('NetworkAclEntryLimitExceeded', 'The maximum number of entries has been reached.')
      }
      const entries = [...others, entry].toSorted((left, right) => left.ruleNumber - right.ruleNumber)
      put({ ...acl, entries })
    })
  }

  return {
    async DescribeNetworkAcls(input, call) {
      const acls = named(
        networks.list(call.region, 'network-acl'),
        input.NetworkAclIds,
        ({ id }) => id,
        aclNotFound,
      )
      const all = await store.read(async (rows) => {
        const listed: Listed[] = []
        for (const acl of acls) {
          const subnets = networks.list(call.region, 'subnet').filter(({ vpcId }) => vpcId === acl.vpcId)
          const tags = await tagsOf(rows, call, acl.id)
          listed.push({ acl, subnets: subnets.map(({ id }) => id), tags })
        }
        return listed
      })
      const { page, next } = paged(
        filtered(all, input.Filters, {
          'network-acl-id': ({ acl }) => [acl.id],
          'vpc-id': ({ acl }) => [acl.vpcId],
          default: () => ['true'],
          'association.subnet-id': ({ subnets }) => subnets,
          'association.network-acl-id': ({ acl }) => [acl.id],
          'owner-id': () => [call.accountId],
        }),
        input,
      )
      return { NetworkAcls: page.map((each) => describe(each, call)), ...next }
    },

    async CreateNetworkAclEntry(input, call) {
      await putEntry(input, call.region, true)
      return {}
    },
    async ReplaceNetworkAclEntry(input, call) {
      await putEntry(input, call.region, false)
      return {}
    },
    async DeleteNetworkAclEntry(input, call) {
      checkDryRun(input.DryRun)
      await networks.edit(async ({ put }) => {
        const acl = theAcl(networks, call.region, input.NetworkAclId)
        const entries = acl.entries.filter((each) => !isSame(each, input.Egress, input.RuleNumber))
        if (entries.length === acl.entries.length) throw entryNotFound(input.RuleNumber, acl.id)
        put({ ...acl, entries })
      })
      return {}
    },
  }
}

function theAcl(networks: Networks, region: string, id: string): NetworkAclItem {
  const acl = networks.find(region, 'network-acl', id)
  if (acl === undefined) throw aclNotFound(id)
  return acl
}

function aclNotFound(id: string): ApiError {
  return new ApiError('InvalidNetworkAclID.NotFound', `The networkAcl ID '${id}' does not exist`)
}

function entryNotFound(ruleNumber: number, aclId: string): ApiError {
  return new ApiError(
    'InvalidNetworkAclEntry.NotFound',
    `The network acl entry identified by ${ruleNumber} does not exist in network acl ${aclId}`,
  )
}

function isSame(entry: NetworkAclEntry, isEgress: boolean, ruleNumber: number): boolean {
  return entry.isEgress === isEgress && entry.ruleNumber === ruleNumber
}

function readEntry(input: EntryInput): NetworkAclEntry {
  const { RuleNumber: ruleNumber, Protocol: protocol, PortRange: ports, IcmpTypeCode: icmp } = input
  const cidr = input.CidrBlock ?? input.Ipv6CidrBlock ?? ''
  const isValid =
    ruleNumber >= 1 &&
    ruleNumber <= RULE_NUMBER_MAX &&
    /^(?:-1|\d{1,3})$/.test(protocol) &&
    parseCidr(cidr) !== null &&
    (input.RuleAction === 'allow' || input.RuleAction === 'deny')
  if (!isValid) {
    throw new ApiError(
      'InvalidParameterValue',
      `Rule ${ruleNumber} with protocol '${protocol}', block '${cidr}' and action '${input.RuleAction}' is not valid`,
    )
  }
  return {
    isEgress: input.Egress,
    ruleNumber,
    protocol,
    action: input.RuleAction === 'deny' ? 'deny' : 'allow',
    cidr,
    ports: ports === undefined ? null : { from: ports.From ?? 0, to: ports.To ?? 0 },
    icmp: icmp === undefined ? null : { type: icmp.Type ?? -1, code: icmp.Code ?? -1 },
  }
}

function describe({ acl, subnets, tags }: Listed, scope: Scope): NetworkAcl {
  const last = [false, true].map((isEgress) => ({
    isEgress,
    ruleNumber: LAST_RULE_NUMBER,
    protocol: '-1',
    action: 'deny' as const,
    cidr: '0.0.0.0/0',
    ports: null,
    icmp: null,
  }))
  return {
    NetworkAclId: acl.id,
    VpcId: acl.vpcId,
    OwnerId: scope.accountId,
    IsDefault: true,
    Associations: subnets.map((id) => ({
      NetworkAclAssociationId: id.replace(/^subnet-/, 'aclassoc-'),
      NetworkAclId: acl.id,
      SubnetId: id,
    })),
    Entries: [...acl.entries, ...last].map(
      ({ isEgress, ruleNumber, protocol, action, cidr, ports, icmp }) => ({
        Egress: isEgress,
        RuleNumber: ruleNumber,
        Protocol: protocol,
        RuleAction: action,
        ...(cidr.includes(':') ? { Ipv6CidrBlock: cidr } : { CidrBlock: cidr }),
        ...(ports === null ? {} : { PortRange: { From: ports.from, To: ports.to } }),
        ...(icmp === null ? {} : { IcmpTypeCode: { Type: icmp.type, Code: icmp.code } }),
      }),
    ),
    Tags: tagList(tags),
  }
}
