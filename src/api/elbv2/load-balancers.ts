// Load balancers: create, describe, delete, and what can be set on them beside attributes.

import type { LoadBalancer as LoadBalancerOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { loadBalancerArn, newDnsNumber, newId } from '../../model/arns.ts'
import type { LoadBalancer, Scope } from '../../model/resources.ts'
import type { RowReader } from '../../store/store.ts'
import type { ApiEnvironment } from '../environment.ts'
import { ApiError, validationError } from '../errors.ts'
import { invalidConfiguration } from '../load-balancing/errors.ts'
import { hostedZoneId } from '../load-balancing/hosted-zones.ts'
import { nameProblem } from '../load-balancing/names.ts'
import {
  allocateZones,
  checkIpAddressType,
  chooseNetwork,
  chooseSecurityGroups,
  zoneTypeOfLoadBalancer,
} from '../load-balancing/network.ts'
import { addTags, checkTags } from '../load-balancing/tags.ts'
import type { Elbv2Handlers } from '../operations.ts'
import { nextMarker, pageOf, slicePage } from '../pagination.ts'
import { checkArn, checkListLength, notFoundError, theLoadBalancer } from './resources.ts'

/** Most names or ARNs that Describe takes. */
const NAMED_MAX = 20

export function loadBalancerHandlers(
  environment: ApiEnvironment,
): Pick<
  Elbv2Handlers,
  | 'CreateLoadBalancer'
  | 'DescribeLoadBalancers'
  | 'DeleteLoadBalancer'
  | 'SetIpAddressType'
  | 'SetSubnets'
  | 'SetSecurityGroups'
  | 'ModifyIpPools'
> {
  const { store, directory, settings, clock } = environment
  const { quotas } = settings
  return {
    async CreateLoadBalancer(input, call) {
      checkName(input.Name)
      if (input.Type !== undefined && input.Type !== 'application') {
        throw invalidConfiguration(`Load balancers of type '${input.Type}' are not supported`)
      }
      refuseOtherTypes(input)
      if (input.CustomerOwnedIpv4Pool !== undefined) {
        throw invalidConfiguration(
          `Customer-owned address pool '${input.CustomerOwnedIpv4Pool}' is not found: there are no Outposts`,
        )
      }
      if (input.IpamPools?.Ipv4IpamPoolId !== undefined) throw unknownPool(input.IpamPools.Ipv4IpamPoolId)
      const scheme = input.Scheme ?? 'internet-facing'
      return await store.write(async (rows) => {
        const network = await chooseNetwork(directory, rows, call.region, input)
        if (scheme === 'internet-facing' && !network.vpc.hasInternetGateway) {
          throw new ApiError('InvalidSubnet', `VPC ${network.vpc.id} has no internet gateway`)
        }
        const ipAddressType = checkIpAddressType(input.IpAddressType ?? 'ipv4', network.subnets, scheme)
        const securityGroups = await chooseSecurityGroups(
          directory,
          call.region,
          network.vpc,
          input.SecurityGroups,
        )
        checkTags(input.Tags)
        const existing = await rows.loadBalancers.findByName(call, 'application', input.Name)
        if (existing !== undefined) {
          const subnets = network.subnets.map(({ id }) => id)
          const isSame =
            existing.scheme === scheme &&
            existing.ipAddressType === ipAddressType &&
            sameSet(existing.securityGroups, securityGroups) &&
            sameSet(
              existing.zones.map(({ subnetId }) => subnetId),
              subnets,
            )
          if (isSame) return { LoadBalancers: [describe(existing)] }
          throw new ApiError(
            'DuplicateLoadBalancerName',
            `A load balancer with the same name '${input.Name}' exists, but with different settings`,
          )
        }
        if ((await rows.loadBalancers.count(call, 'application')) >= quotas.loadBalancers) {
          throw new ApiError(
            'TooManyLoadBalancers',
            `The maximum number of load balancers, '${quotas.loadBalancers}', has been reached`,
          )
        }
        const prefix = scheme === 'internal' ? 'internal-' : ''
        const loadBalancer: LoadBalancer = {
          kind: 'application',
          accountId: call.accountId,
          region: call.region,
          arn: loadBalancerArn(call, input.Name, newId()),
          name: input.Name,
          scheme,
          vpcId: network.vpc.id,
          ipAddressType,
          dnsName: `${prefix}${input.Name}-${newDnsNumber()}.${call.region}.${settings.dnsSuffix}`,
          createdAt: Math.floor(clock.date()),
          state: { code: 'provisioning', reason: null },
          securityGroups,
          zones: await allocateZones(rows, network.subnets, [], environment.takeAddress),
        }
        await rows.loadBalancers.insert(loadBalancer)
        // ALB-LB-162: the one attribute whose initial value depends on the scheme.
        if (scheme === 'internal') {
          await rows.attributes.set(loadBalancer.arn, new Map([['ipv6.deny_all_igw_traffic', 'true']]))
        }
        await addTags(rows, loadBalancer.arn, input.Tags)
        return { LoadBalancers: [describe(loadBalancer)] }
      })
    },

    async DescribeLoadBalancers(input, call) {
      const { Names: names, LoadBalancerArns: arns } = input
      if (names !== undefined && names.length > 0 && arns !== undefined && arns.length > 0) {
        throw validationError(
          'Load balancer names and load balancer ARNs cannot be specified at the same time',
        )
      }
      checkListLength('load balancers', names ?? arns, NAMED_MAX)
      const page = pageOf('load-balancers', input)
      return await store.read(async (rows) => {
        const named = await namedLoadBalancers(rows, call, names, arns)
        const { items, next } = named
          ? slicePage(named, page)
          : await rows.loadBalancers.list(call, 'application', page)
        return { LoadBalancers: items.map(describe), ...nextMarker('load-balancers', next) }
      })
    },

    async DeleteLoadBalancer(input) {
      const arn = input.LoadBalancerArn
      checkArn('load-balancer', arn)
      await store.write(async (rows) => {
        // ALB-LB OQ-29: what is not there counts as deleted.
        if ((await rows.loadBalancers.find(arn)) === undefined) return
        if ((await rows.attributes.of(arn)).get('deletion_protection.enabled') === 'true') {
          throw new ApiError(
            'OperationNotPermitted',
            `Load balancer '${arn}' cannot be deleted because deletion protection is enabled`,
          )
        }
        await rows.loadBalancers.delete(arn)
      })
      return {}
    },

    async SetIpAddressType(input, call) {
      return await store.write(async (rows) => {
        const loadBalancer = await theLoadBalancer(rows, input.LoadBalancerArn)
        const subnets = []
        for (const { subnetId } of loadBalancer.zones) {
          const subnet = await directory.subnet(call.region, subnetId)
          if (subnet !== undefined) subnets.push(subnet)
        }
        const ipAddressType = checkIpAddressType(input.IpAddressType, subnets, loadBalancer.scheme)
        if (ipAddressType === 'ipv4') await checkNoIpv6Groups(rows, loadBalancer.arn)
        await rows.loadBalancers.update(loadBalancer.arn, { ipAddressType })
        return { IpAddressType: ipAddressType }
      })
    },

    async SetSubnets(input, call) {
      refuseOtherTypes(input)
      return await store.write(async (rows) => {
        const loadBalancer = await theLoadBalancer(rows, input.LoadBalancerArn)
        const network = await chooseNetwork(directory, rows, call.region, input, loadBalancer.zones)
        if (network.vpc.id !== loadBalancer.vpcId) {
          throw invalidConfiguration(
            `The subnets must be in VPC '${loadBalancer.vpcId}' of the load balancer`,
          )
        }
        if (network.zoneType !== (await zoneTypeOfLoadBalancer(directory, loadBalancer))) {
          throw invalidConfiguration('The subnets must be in zones of the type that the load balancer is in')
        }
        const ipAddressType = checkIpAddressType(
          input.IpAddressType ?? loadBalancer.ipAddressType,
          network.subnets,
          loadBalancer.scheme,
        )
        if (ipAddressType === 'ipv4') await checkNoIpv6Groups(rows, loadBalancer.arn)
        const zones = await allocateZones(rows, network.subnets, loadBalancer.zones, environment.takeAddress)
        await rows.loadBalancers.update(loadBalancer.arn, { zones, ipAddressType })
        return {
          AvailabilityZones: describe({ ...loadBalancer, zones }).AvailabilityZones,
          IpAddressType: ipAddressType,
        }
      })
    },

    async SetSecurityGroups(input, call) {
      refuseOtherTypes(input)
      return await store.write(async (rows) => {
        const loadBalancer = await theLoadBalancer(rows, input.LoadBalancerArn)
        if (input.SecurityGroups.length === 0) {
          throw validationError('At least one security group must be specified')
        }
        const vpc = await directory.vpc(call.region, loadBalancer.vpcId)
        if (vpc === undefined) throw invalidConfiguration(`The VPC ID '${loadBalancer.vpcId}' is not found`)
        const securityGroups = await chooseSecurityGroups(directory, call.region, vpc, input.SecurityGroups)
        await rows.loadBalancers.update(loadBalancer.arn, { securityGroups })
        return { SecurityGroupIds: [...securityGroups] }
      })
    },

    async ModifyIpPools(input) {
      const pool = input.IpamPools?.Ipv4IpamPoolId
      if (pool === undefined && (input.RemoveIpamPools ?? []).length === 0) {
        throw validationError('Either an IPAM pool or an IPAM pool to remove must be specified')
      }
      return await store.read(async (rows) => {
        await theLoadBalancer(rows, input.LoadBalancerArn)
        if (pool !== undefined) throw unknownPool(pool)
        // No load balancer has a pool, so there is none to be removed.
        return { IpamPools: {} }
      })
    },
  }
}

function describe(loadBalancer: LoadBalancer): LoadBalancerOutput {
  const { code, reason } = loadBalancer.state
  return {
    LoadBalancerArn: loadBalancer.arn,
    DNSName: loadBalancer.dnsName,
    CanonicalHostedZoneId: hostedZoneId(loadBalancer.region),
    CreatedTime: new Date(loadBalancer.createdAt),
    LoadBalancerName: loadBalancer.name,
    Scheme: loadBalancer.scheme,
    VpcId: loadBalancer.vpcId,
    State: reason === null ? { Code: code } : { Code: code, Reason: reason },
    Type: 'application',
    AvailabilityZones: loadBalancer.zones.map(({ zone, subnetId }) => ({
      ZoneName: zone,
      SubnetId: subnetId,
      LoadBalancerAddresses: [],
    })),
    SecurityGroups: [...loadBalancer.securityGroups],
    IpAddressType: loadBalancer.ipAddressType,
  }
}

async function namedLoadBalancers(
  rows: RowReader,
  call: Scope,
  names: readonly string[] | undefined,
  arns: readonly string[] | undefined,
): Promise<LoadBalancer[] | undefined> {
  const isNamed = (names?.length ?? 0) + (arns?.length ?? 0) > 0
  if (!isNamed) return undefined
  const found = new Map<string, LoadBalancer>()
  for (const arn of arns ?? []) {
    const loadBalancer = await theLoadBalancer(rows, arn)
    found.set(loadBalancer.arn, loadBalancer)
  }
  for (const name of names ?? []) {
    const loadBalancer = await rows.loadBalancers.findByName(call, 'application', name)
    if (loadBalancer === undefined) {
      throw new ApiError(notFoundError('load-balancer').code, `Load balancers '[${name}]' not found`)
    }
    found.set(loadBalancer.arn, loadBalancer)
  }
  return [...found.values()]
}

/** ALB-LB-336 … 339. */
function checkName(name: string): void {
  const problem = nameProblem(name)
  if (problem !== undefined) throw validationError(`The load balancer name '${name}' ${problem}`)
  if (name.startsWith('internal-')) {
    throw validationError(`The load balancer name '${name}' cannot begin with 'internal-'`)
  }
}

/** Members that only Network Load Balancers have; what they are by default may be said of any. */
function refuseOtherTypes(input: {
  readonly EnablePrefixForIpv6SourceNat?: string | undefined
  readonly EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic?: string | undefined
}): void {
  const names = [
    input.EnablePrefixForIpv6SourceNat === 'on' ? 'EnablePrefixForIpv6SourceNat' : undefined,
    input.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic === undefined
      ? undefined
      : 'EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic',
  ]
  const name = names.find((candidate) => candidate !== undefined)
  if (name !== undefined)
    throw invalidConfiguration(`${name} is not supported for load balancers with type 'application'`)
}

/** ALB-LB OQ-57: groups with IPv6 targets need a dualstack load balancer. */
async function checkNoIpv6Groups(rows: RowReader, arn: string): Promise<void> {
  for (const groupArn of await rows.targetGroups.ofLoadBalancer(arn)) {
    const group = await rows.targetGroups.find(groupArn)
    if (group?.ipAddressType === 'ipv6') {
      throw invalidConfiguration(
        `The load balancer must be dualstack while it uses the IPv6 target group '${groupArn}'`,
      )
    }
  }
}

function unknownPool(id: string): ApiError {
  return invalidConfiguration(`The IPAM pool '${id}' is not found`)
}

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && new Set(left).isSubsetOf(new Set(right))
}
