// Rules of security groups between EC2's two forms: permissions, which gather all peers of one protocol and port range,
// and single rules.

import type { IpPermission, SecurityGroupRule as RuleOutput } from '@aws-sdk/client-ec2'
import { parseCidr } from '../../model/ip.ts'
import type { RulePeer, SecurityGroupItem, SecurityGroupRule } from '../../model/networks.ts'
import type { Scope } from '../../model/resources.ts'
import { ApiError } from '../errors.ts'
import type { Decoded } from '../operations.ts'
import { groupNotFound } from './environment.ts'
import type { Tag } from '../../store/tags.ts'
import { ec2Arn, tagList } from './tags.ts'

/** What tells rules of a group apart; the rest is description. */
export type RuleKey = Pick<SecurityGroupRule, 'isEgress' | 'protocol' | 'fromPort' | 'toPort' | 'peer'>
export type NewRule = Omit<SecurityGroupRule, 'id'>

/** Protocols that EC2 knows by name, by their numbers. */
const PROTOCOL_NAMES: Readonly<Record<string, string>> = {
  '1': 'icmp',
  '6': 'tcp',
  '17': 'udp',
  '58': 'icmpv6',
}
const PORT_MAX = 65_535

/** The single rules of permissions, checked. */
export function rulesOf(
  permissions: Decoded<IpPermission[]>,
  isEgress: boolean,
  groupExists: (id: string) => boolean,
): readonly NewRule[] {
  return permissions.flatMap((permission) => {
    const ports = readPorts(permission)
    return readPeers(permission, groupExists).map((peer) => ({ isEgress, ...ports, ...peer }))
  })
}

/** Rules of one direction, gathered by protocol and ports. */
export function permissionsOf(group: SecurityGroupItem, isEgress: boolean, scope: Scope): IpPermission[] {
  const rules = group.rules.filter((rule) => rule.isEgress === isEgress)
  const gathered = Map.groupBy(rules, ({ protocol, fromPort, toPort }) => `${protocol} ${fromPort} ${toPort}`)
  return [...gathered.values()].map((same) => ({
    ...portsOf(same[0]),
    IpRanges: same.flatMap(({ peer, description }) =>
      peer.type === 'ipv4' ? [{ CidrIp: peer.cidr, ...described(description) }] : [],
    ),
    Ipv6Ranges: same.flatMap(({ peer, description }) =>
      peer.type === 'ipv6' ? [{ CidrIpv6: peer.cidr, ...described(description) }] : [],
    ),
    UserIdGroupPairs: same.flatMap(({ peer, description }) =>
      peer.type === 'group'
        ? [{ GroupId: peer.groupId, UserId: scope.accountId, ...described(description) }]
        : [],
    ),
    PrefixListIds: [],
  }))
}

/** A single rule as EC2 describes it. */
export function ruleOutput(
  groupId: string,
  rule: SecurityGroupRule,
  scope: Scope,
  tags: readonly Tag[],
): RuleOutput {
  const { id, isEgress, protocol, fromPort, toPort, peer, description } = rule
  return {
    SecurityGroupRuleId: id,
    SecurityGroupRuleArn: ec2Arn(scope, id),
    GroupId: groupId,
    GroupOwnerId: scope.accountId,
    IsEgress: isEgress,
    IpProtocol: protocol,
    FromPort: fromPort,
    ToPort: toPort,
    ...peerOutput(peer, scope),
    ...described(description),
    Tags: tagList(tags),
  }
}

export function isSameRule(one: RuleKey, other: RuleKey): boolean {
  return one.isEgress === other.isEgress && ruleText(one) === ruleText(other)
}

/** A rule in the words of EC2's errors. */
export function ruleText({ protocol, fromPort, toPort, peer }: RuleKey): string {
  const ports = fromPort === -1 ? '' : `, from port: ${fromPort}, to port: ${toPort}`
  const name = protocol === '-1' ? 'ALL' : protocol.toUpperCase()
  return `peer: ${peer.type === 'group' ? peer.groupId : peer.cidr}, ${name}${ports}, ALLOW`
}

function peerOutput(peer: RulePeer, scope: Scope): Partial<RuleOutput> {
  if (peer.type !== 'group') {
    return peer.type === 'ipv4' ? { CidrIpv4: peer.cidr } : { CidrIpv6: peer.cidr }
  }
  return { ReferencedGroupInfo: { GroupId: peer.groupId, UserId: scope.accountId } }
}

function described(description: string | null): { Description?: string } {
  return description === null ? {} : { Description: description }
}

function portsOf(rule: SecurityGroupRule | undefined): IpPermission {
  if (rule === undefined || rule.protocol === '-1') return { IpProtocol: '-1' }
  return { IpProtocol: rule.protocol, FromPort: rule.fromPort, ToPort: rule.toPort }
}

function readPorts({
  IpProtocol: given,
  FromPort: from = -1,
  ToPort: to = -1,
}: Decoded<IpPermission>): Pick<NewRule, 'protocol' | 'fromPort' | 'toPort'> {
  if (given === undefined) {
    throw new ApiError('MissingParameter', 'The request must contain the parameter ipProtocol')
  }
  const protocol = PROTOCOL_NAMES[given] ?? given.toLowerCase()
  const isNamed = Object.values(PROTOCOL_NAMES).includes(protocol)
  if (protocol !== '-1' && !isNamed && !(/^\d{1,3}$/.test(protocol) && Number(protocol) <= 255)) {
    throw new ApiError('InvalidParameterValue', `Invalid value '${given}' for IP protocol. Unknown protocol.`)
  }
  // For all protocols, and for those without ports, a range means nothing.
  if (!isNamed) return { protocol, fromPort: -1, toPort: -1 }
  if (protocol.startsWith('icmp')) return { protocol, fromPort: from, toPort: to }
  if (from === -1 && to === -1) return { protocol, fromPort: 0, toPort: PORT_MAX }
  if (from < 0 || to > PORT_MAX || from > to) {
    throw new ApiError('InvalidParameterValue', `Invalid value for portRange: ${from} to ${to} is no range.`)
  }
  return { protocol, fromPort: from, toPort: to }
}

function readPeers(
  permission: Decoded<IpPermission>,
  groupExists: (id: string) => boolean,
): readonly Pick<NewRule, 'peer' | 'description'>[] {
  if ((permission.PrefixListIds ?? []).length > 0) {
    throw new ApiError(
      'InvalidPrefixListID.NotFound',
      'There are no prefix lists here; name their address blocks',
    )
  }
  const peers: readonly Pick<NewRule, 'peer' | 'description'>[] = [
    ...(permission.IpRanges ?? []).map(({ CidrIp, Description = null }) => ({
      peer: cidrPeer('ipv4', CidrIp),
      description: Description,
    })),
    ...(permission.Ipv6Ranges ?? []).map(({ CidrIpv6, Description = null }) => ({
      peer: cidrPeer('ipv6', CidrIpv6),
      description: Description,
    })),
    ...(permission.UserIdGroupPairs ?? []).map(({ GroupId: groupId = '', Description = null }) => {
      if (!groupExists(groupId)) throw groupNotFound(groupId)
      return { peer: { type: 'group', groupId } as const, description: Description }
    }),
  ]
  if (peers.length > 0) return peers
  throw new ApiError('MissingParameter', 'Source group ID or CIDR block must be specified')
}

function cidrPeer(type: 'ipv4' | 'ipv6', cidr = ''): RulePeer {
  if (parseCidr(cidr)?.family === (type === 'ipv4' ? 4 : 6)) return { type, cidr }
  throw new ApiError('InvalidParameterValue', `CIDR block ${cidr} is malformed`)
}
