// VPCs: made with what AWS makes along with them (a main route table, a network ACL, a default security group),
// described, changed, deleted.

import type { Vpc } from '@aws-sdk/client-ec2'
import { newNetworkAcl, ruleForAll } from '../../directory/given-networks.ts'
import type { Networks } from '../../directory/networks.ts'
import { blockText, ipv4Block } from '../../model/cidr.ts'
import {
  EVERY_IPV4,
  EVERY_IPV6,
  type NetworkItem,
  type SecurityGroupRule,
  type VpcItem,
} from '../../model/networks.ts'
import type { Scope } from '../../model/resources.ts'
import type { Tag } from '../../store/tags.ts'
import { ApiError } from '../errors.ts'
import { checkDryRun, type Ec2Environment, type Ec2Handlers, notDeletable } from './environment.ts'
import { newEc2Id } from './ids.ts'
import { newVpcIpv6Cidr } from './ipv6-blocks.ts'
import { filtered, named, paged } from './listing.ts'
import { forgetTags, putNewTags, specifiedTags, tagList, tagsOf } from './tags.ts'

/** Per Region. AWS raises its 5 on request. */
const VPCS_MAX = 100

interface Listed {
  readonly vpc: VpcItem
  readonly tags: readonly Tag[]
}

export function vpcHandlers({
  store,
  networks,
}: Ec2Environment): Pick<
  Ec2Handlers,
  'CreateVpc' | 'DeleteVpc' | 'DescribeVpcs' | 'DescribeVpcAttribute' | 'ModifyVpcAttribute'
> {
  return {
    async CreateVpc(input, call) {
      checkDryRun(input.DryRun)
      const cidr = readVpcCidr(input.CidrBlock)
      const tags = specifiedTags(input.TagSpecifications, 'vpc')
      const { region } = call
      return await networks.edit(async ({ put }, rows) => {
        if (networks.list(region, 'vpc').length >= VPCS_MAX) {
          throw new ApiError('VpcLimitExceeded', 'The maximum number of VPCs has been reached.')
        }
        const vpc: VpcItem = {
          kind: 'vpc',
          region,
          id: newEc2Id('vpc'),
          cidr,
          ipv6Cidr: input.AmazonProvidedIpv6CidrBlock === true ? newVpcIpv6Cidr() : null,
          isDefault: false,
          tenancy: input.InstanceTenancy === 'dedicated' ? 'dedicated' : 'default',
          hasDnsSupport: true,
          hasDnsHostnames: false,
          hasUsageMetrics: false,
        }
        for (const item of [vpc, ...companions(vpc)]) put(item)
        await putNewTags(rows, call, vpc.id, tags)
        return { Vpc: { ...describe({ vpc, tags }, call), State: 'pending' as const } }
      })
    },

    async DeleteVpc(input, call) {
      checkDryRun(input.DryRun)
      await networks.edit(async ({ remove }, rows) => {
        const vpc = theVpc(networks, call.region, input.VpcId)
        if (networks.isGiven(vpc)) throw notDeletable(vpc)
        const own = companionsOf(networks, vpc)
        const others = itemsIn(networks, vpc).filter((item) => !own.includes(item))
        if (others.length > 0 || (await rows.networks.loadBalancersInVpc(call.region, vpc.id)).length > 0) {
          throw new ApiError(
            'DependencyViolation',
            `The vpc '${vpc.id}' has dependencies and cannot be deleted.`,
          )
        }
        for (const item of [vpc, ...own]) {
          remove(item)
          await forgetTags(rows, call, item.id)
        }
      })
      return {}
    },

    async DescribeVpcs(input, call) {
      const vpcs = named(networks.list(call.region, 'vpc'), input.VpcIds, ({ id }) => id, vpcNotFound)
      const all = await store.read(async (rows) => {
        const listed: Listed[] = []
        for (const vpc of vpcs) listed.push({ vpc, tags: await tagsOf(rows, call, vpc.id) })
        return listed
      })
      const { page, next } = paged(
        filtered(all, input.Filters, {
          'vpc-id': ({ vpc }) => [vpc.id],
          cidr: ({ vpc }) => [vpc.cidr],
          cidrBlock: ({ vpc }) => [vpc.cidr],
          'cidr-block-association.cidr-block': ({ vpc }) => [vpc.cidr],
          'ipv6-cidr-block-association.ipv6-cidr-block': ({ vpc }) =>
            vpc.ipv6Cidr === null ? [] : [vpc.ipv6Cidr],
          'cidr-block-association.association-id': ({ vpc }) => [associationId(vpc)],
          'cidr-block-association.state': () => ['associated'],
          'ipv6-cidr-block-association.association-id': ({ vpc }) =>
            vpc.ipv6Cidr === null ? [] : [ipv6AssociationId(vpc)],
          'ipv6-cidr-block-association.state': ({ vpc }) => (vpc.ipv6Cidr === null ? [] : ['associated']),
          'dhcp-options-id': () => [DHCP_OPTIONS],
          'is-default': ({ vpc }) => [String(vpc.isDefault)],
          isDefault: ({ vpc }) => [String(vpc.isDefault)],
          state: () => ['available'],
          'owner-id': () => [call.accountId],
        }),
        input,
      )
      return { Vpcs: page.map((each) => describe(each, call)), ...next }
    },

    async DescribeVpcAttribute(input, call) {
      const { id: VpcId, ...vpc } = theVpc(networks, call.region, input.VpcId)
      switch (input.Attribute) {
        case 'enableDnsHostnames':
          return { VpcId, EnableDnsHostnames: { Value: vpc.hasDnsHostnames } }
        case 'enableDnsSupport':
          return { VpcId, EnableDnsSupport: { Value: vpc.hasDnsSupport } }
        case 'enableNetworkAddressUsageMetrics':
          return { VpcId, EnableNetworkAddressUsageMetrics: { Value: vpc.hasUsageMetrics } }
      }
    },

    async ModifyVpcAttribute(input, call) {
      await networks.edit(async ({ put }) => {
        const vpc = theVpc(networks, call.region, input.VpcId)
        put({
          ...vpc,
          hasDnsSupport: input.EnableDnsSupport?.Value ?? vpc.hasDnsSupport,
          hasDnsHostnames: input.EnableDnsHostnames?.Value ?? vpc.hasDnsHostnames,
          hasUsageMetrics: input.EnableNetworkAddressUsageMetrics?.Value ?? vpc.hasUsageMetrics,
        })
      })
      return {}
    },
  }
}

const DHCP_OPTIONS = 'dopt-00000000000000000'

export function theVpc(networks: Networks, region: string, id: string): VpcItem {
  const vpc = networks.find(region, 'vpc', id)
  if (vpc === undefined) throw vpcNotFound(id)
  return vpc
}

function vpcNotFound(id: string): ApiError {
  return new ApiError('InvalidVpcID.NotFound', `The vpc ID '${id}' does not exist`)
}

/** A new group lets everything out, of the families that its VPC has. */
export function outboundAtFirst({ isDefault, ipv6Cidr }: VpcItem): readonly SecurityGroupRule[] {
  const ipv4 = ruleForAll(newEc2Id('sgr'), true, { type: 'ipv4', cidr: EVERY_IPV4 })
  // In the default VPC targets may be this machine's own, which has IPv6.
  if (!isDefault && ipv6Cidr === null) return [ipv4]
  return [ipv4, ruleForAll(newEc2Id('sgr'), true, { type: 'ipv6', cidr: EVERY_IPV6 })]
}

/** What AWS makes with a VPC. The default group admits its own members. */
function companions(vpc: VpcItem): readonly NetworkItem[] {
  const { region, id: vpcId } = vpc
  const groupId = newEc2Id('sg')
  return [
    {
      kind: 'route-table',
      region,
      id: newEc2Id('rtb'),
      vpcId,
      routes: [],
      associations: [{ id: newEc2Id('rtbassoc'), subnetId: null }],
    },
    newNetworkAcl({ region, id: newEc2Id('acl'), vpcId }),
    {
      kind: 'security-group',
      region,
      id: groupId,
      vpcId,
      name: 'default',
      description: 'default VPC security group',
      rules: [ruleForAll(newEc2Id('sgr'), false, { type: 'group', groupId }), ...outboundAtFirst(vpc)],
    },
  ]
}

/** What was made with the VPC and goes with it. */
function companionsOf(networks: Networks, vpc: VpcItem): readonly NetworkItem[] {
  return itemsIn(networks, vpc).filter(
    (item) =>
      item.kind === 'network-acl' ||
      (item.kind === 'route-table' && item.associations.some(({ subnetId }) => subnetId === null)) ||
      (item.kind === 'security-group' && item.name === 'default'),
  )
}

function itemsIn(networks: Networks, { region, id }: VpcItem): readonly NetworkItem[] {
  return [
    ...networks.list(region, 'subnet'),
    ...networks.list(region, 'internet-gateway'),
    ...networks.list(region, 'route-table'),
    ...networks.list(region, 'network-acl'),
    ...networks.list(region, 'security-group'),
  ].filter(({ vpcId }) => vpcId === id)
}

/** A block of 16 to 28 bits, in its canonical form. */
function readVpcCidr(text: string | undefined): string {
  if (text === undefined) {
    throw new ApiError('MissingParameter', 'The request must contain the parameter cidrBlock')
  }
  const block = ipv4Block(text)
  if (block === undefined) {
    throw new ApiError(
      'InvalidParameterValue',
      `Value (${text}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
    )
  }
  if (block.prefix < 16 || block.prefix > 28) {
    throw new ApiError('InvalidVpc.Range', `The CIDR '${text}' is invalid.`)
  }
  return blockText(block)
}

function associationId({ id }: VpcItem): string {
  return id.replace(/^vpc-/, 'vpc-cidr-assoc-')
}

function ipv6AssociationId({ id }: VpcItem): string {
  return id.replace(/^vpc-/, 'vpc-cidr-assoc-6')
}

function describe({ vpc, tags }: Listed, scope: Scope): Vpc {
  const { id, cidr, ipv6Cidr } = vpc
  return {
    VpcId: id,
    OwnerId: scope.accountId,
    CidrBlock: cidr,
    CidrBlockAssociationSet: [
      {
        AssociationId: associationId(vpc),
        CidrBlock: cidr,
        CidrBlockState: { State: 'associated' as const },
      },
    ],
    Ipv6CidrBlockAssociationSet:
      ipv6Cidr === null
        ? []
        : [
            {
              AssociationId: ipv6AssociationId(vpc),
              Ipv6CidrBlock: ipv6Cidr,
              Ipv6CidrBlockState: { State: 'associated' as const },
              Ipv6Pool: 'Amazon',
              IpSource: 'amazon' as const,
              NetworkBorderGroup: scope.region,
            },
          ],
    DhcpOptionsId: DHCP_OPTIONS,
    InstanceTenancy: vpc.tenancy,
    IsDefault: vpc.isDefault,
    State: 'available' as const,
    Tags: tagList(tags),
  }
}
