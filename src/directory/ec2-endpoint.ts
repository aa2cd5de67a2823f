// EC2 at the endpoint that the operator names: the calls by which networks are looked up there. Remembers nothing.

import { isIP } from 'node:net'
import type * as sdk from '@aws-sdk/client-ec2'
import type { DirectorySettings } from '../model/settings.ts'
import { clientOptions, endpointIn, lookupDeadline, unavailable } from './aws-endpoint.ts'
import type { Instance } from './directory.ts'
import { seenInstance, type SeenRegion, seenVpc, type SeenVpc, seenZone } from './seen-networks.ts'

/** Values that EC2 takes in one filter. */
const FILTER_VALUES_MAX = 200
/** Regions that have a client of their own at the same time. */
const CLIENTS_MAX = 40
const PAGE_SIZE = 1000

/** The SDK's module is large: it is loaded when the first thing is looked up. */
type Sdk = typeof sdk

interface RegionClient {
  readonly sdk: Sdk
  readonly client: sdk.EC2Client
}

/** Every method rejects with DirectoryUnavailable when the endpoint does not answer as EC2 does. */
export class Ec2Endpoint {
  readonly #url: string
  readonly #settings: DirectorySettings
  readonly #clients = new Map<string, sdk.EC2Client>()
  readonly #closing = new AbortController()

  constructor(url: string, settings: DirectorySettings) {
    this.#url = url
    this.#settings = settings
  }

  /** Zones and default VPC. Something that is no EC2 and answers nevertheless has no zones. */
  async region(region: string): Promise<SeenRegion> {
    return await this.#ask(region, async ({ sdk: ec2, client }, deadline) => {
      const [{ AvailabilityZones = [] }, { Vpcs = [] }] = await Promise.all([
        client.send(new ec2.DescribeAvailabilityZonesCommand({}), deadline),
        client.send(new ec2.DescribeVpcsCommand({ Filters: filter('is-default', ['true']) }), deadline),
      ])
      if (AvailabilityZones.length === 0) throw new Error(`it names no zones of ${region}, as EC2 would`)
      return { zones: AvailabilityZones.map(seenZone), defaultVpcId: Vpcs[0]?.VpcId ?? null }
    })
  }

  /** The VPC with its subnets, security groups and internet gateway; undefined if there is none. */
  async vpc(region: string, id: string): Promise<SeenVpc | undefined> {
    return await this.#ask(region, async ({ sdk: ec2, client }, deadline) => {
      const inVpc = { Filters: filter('vpc-id', [id]) }
      const config = { client, pageSize: PAGE_SIZE }
      const attached = { Filters: filter('attachment.vpc-id', [id]) }
      const [{ Vpcs = [] }, subnets, groups, { InternetGateways = [] }] = await Promise.all([
        client.send(new ec2.DescribeVpcsCommand(inVpc), deadline),
        all(ec2.paginateDescribeSubnets(config, inVpc, deadline), ({ Subnets }) => Subnets),
        all(
          ec2.paginateDescribeSecurityGroups(config, inVpc, deadline),
          ({ SecurityGroups }) => SecurityGroups,
        ),
        client.send(new ec2.DescribeInternetGatewaysCommand(attached), deadline),
      ])
      const [vpc] = Vpcs
      return vpc && seenVpc(vpc, subnets, groups, InternetGateways.length > 0)
    })
  }

  /** VPC of a subnet or security group. */
  async vpcIdOf(region: string, kind: 'subnet' | 'security group', id: string): Promise<string | undefined> {
    return await this.#ask(region, async ({ sdk: ec2, client }, deadline) => {
      if (kind === 'subnet') {
        const command = new ec2.DescribeSubnetsCommand({ Filters: filter('subnet-id', [id]) })
        return (await client.send(command, deadline)).Subnets?.[0]?.VpcId
      }
      const command = new ec2.DescribeSecurityGroupsCommand({ Filters: filter('group-id', [id]) })
      return (await client.send(command, deadline)).SecurityGroups?.[0]?.VpcId
    })
  }

  /** Those of the instances that are there. */
  async instances(region: string, ids: readonly string[]): Promise<readonly Instance[]> {
    return await this.#ask(region, async ({ sdk: ec2, client }, deadline) => {
      const found: Instance[] = []
      for (let start = 0; start < ids.length; start += FILTER_VALUES_MAX) {
        const Filters = filter('instance-id', ids.slice(start, start + FILTER_VALUES_MAX))
        const reservations = await all(
          ec2.paginateDescribeInstances({ client, pageSize: PAGE_SIZE }, { Filters }, deadline),
          ({ Reservations }) => Reservations,
        )
        for (const { Instances = [] } of reservations) {
          found.push(...Instances.flatMap((instance) => seenInstance(instance) ?? []))
        }
      }
      return found
    })
  }

  /** Private addresses of the running instances and the network interfaces that have a security group. */
  async addressesInGroup(region: string, groupId: string): Promise<readonly string[]> {
    return await this.#ask(region, async ({ sdk: ec2, client }, deadline) => {
      const config = { client, pageSize: PAGE_SIZE }
      const [reservations, interfaces] = await Promise.all([
        all(
          ec2.paginateDescribeInstances(
            config,
            { Filters: filter('instance.group-id', [groupId]) },
            deadline,
          ),
          ({ Reservations }) => Reservations,
        ),
        all(
          ec2.paginateDescribeNetworkInterfaces(config, { Filters: filter('group-id', [groupId]) }, deadline),
          ({ NetworkInterfaces }) => NetworkInterfaces,
        ),
      ])
      const running = reservations
        .flatMap(({ Instances = [] }) => Instances)
        .filter(({ State }) => State?.Name === 'running')
        .flatMap(({ PrivateIpAddress }) => PrivateIpAddress ?? [])
      const attached = interfaces.flatMap(({ PrivateIpAddresses = [], Ipv6Addresses = [] }) => [
        ...PrivateIpAddresses.flatMap(({ PrivateIpAddress }) => PrivateIpAddress ?? []),
        ...Ipv6Addresses.flatMap(({ Ipv6Address }) => Ipv6Address ?? []),
      ])
      // What is no address would fail where it is used.
      return [...new Set([...running, ...attached])].filter((address) => isIP(address) !== 0).toSorted()
    })
  }

  /** Ends what is being asked, too. */
  close(): void {
    this.#closing.abort()
    this.#forgetClients()
  }

  async #ask<T>(
    region: string,
    work: (client: RegionClient, deadline: ReturnType<typeof lookupDeadline>) => Promise<T>,
  ): Promise<T> {
    try {
      const ec2 = await import('@aws-sdk/client-ec2')
      return await work(
        { sdk: ec2, client: this.#clientFor(ec2, region) },
        lookupDeadline(this.#closing.signal),
      )
    } catch (error) {
      throw unavailable('EC2', endpointIn(this.#url, region), error)
    }
  }

  #clientFor(ec2: Sdk, region: string): sdk.EC2Client {
    const known = this.#clients.get(region)
    if (known !== undefined) return known
    if (this.#clients.size === CLIENTS_MAX) this.#forgetClients()
    const client = new ec2.EC2Client(clientOptions(this.#url, region, this.#settings))
    this.#clients.set(region, client)
    return client
  }

  #forgetClients(): void {
    for (const client of this.#clients.values()) client.destroy()
    this.#clients.clear()
  }
}

function filter(Name: string, Values: readonly string[]): sdk.Filter[] {
  return [{ Name, Values: [...Values] }]
}

/** The items of all pages. */
async function all<Page, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
): Promise<readonly Item[]> {
  const items: Item[] = []
  for await (const page of pages) items.push(...(itemsOf(page) ?? []))
  return items
}
