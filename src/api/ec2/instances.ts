// The instance registry behind EC2's calls: an instance is an entry with an address, by which targets can be named.
// Nothing is started or stopped; the states are those of AWS.

import type { Instance, InstanceStateName } from '@aws-sdk/client-ec2'
import { isIPv4 } from 'node:net'
import type { Networks } from '../../directory/networks.ts'
import type { InstanceItem, SubnetItem } from '../../model/networks.ts'
import type { Scope } from '../../model/resources.ts'
import type { Tag } from '../../store/tags.ts'
import { ApiError } from '../errors.ts'
import type { Call } from '../operations.ts'
import { checkDryRun, groupNotFound, type Ec2Environment, type Ec2Handlers } from './environment.ts'
import { freeAddresses } from './free-addresses.ts'
import { newEc2Id } from './ids.ts'
import { filtered, type FilterFields, named, paged } from './listing.ts'
import { theSubnet } from './subnets.ts'
import { putNewTags, specifiedTags, tagList, tagsOf } from './tags.ts'

const INSTANCES_MAX = 1000

const STATE_CODES: Readonly<Record<string, number>> = {
  pending: 0,
  running: 16,
  terminated: 48,
  stopped: 80,
}

interface Listed {
  readonly instance: InstanceItem
  readonly tags: readonly Tag[]
}

export function instanceHandlers({
  store,
  networks,
  clock,
}: Ec2Environment): Pick<
  Ec2Handlers,
  | 'RunInstances'
  | 'StartInstances'
  | 'StopInstances'
  | 'TerminateInstances'
  | 'DescribeInstances'
  | 'DescribeInstanceStatus'
> {
  async function listed(call: Call, ids: readonly string[] | undefined): Promise<readonly Listed[]> {
    const instances = named(networks.instances(call.region), ids, ({ id }) => id, instanceNotFound)
    return await store.read(async (rows) => {
      const all: Listed[] = []
      for (const instance of instances) all.push({ instance, tags: await tagsOf(rows, call, instance.id) })
      return all
    })
  }

  /** Changes the state of instances; gives what each was and is. */
  async function change(
    call: Call,
    ids: readonly string[],
    state: InstanceItem['state'],
  ): Promise<{ InstanceId: string; PreviousState: object; CurrentState: object }[]> {
    const instances = await networks.edit(async ({ put }) => {
      const all = named(networks.instances(call.region), ids, ({ id }) => id, instanceNotFound)
      for (const instance of all) {
        if (instance.state === 'terminated' && state !== 'terminated') {
          throw new ApiError(
            'IncorrectInstanceState',
            `The instance '${instance.id}' is not in a state from which it can be ${state}.`,
          )
        }
        put({ ...instance, state })
      }
      return all
    })
    return instances.map((instance) => ({
      InstanceId: instance.id,
      PreviousState: stateOutput(instance.state),
      CurrentState: stateOutput(state),
    }))
  }

  return {
    async RunInstances(input, call) {
      checkDryRun(input.DryRun)
      const count = input.MaxCount
      if (count < 1 || input.MinCount > count || count > INSTANCES_MAX) {
        throw new ApiError('InvalidParameterValue', `Value (${count}) for parameter maxCount is invalid.`)
      }
      if (input.PrivateIpAddress !== undefined && (count > 1 || !isIPv4(input.PrivateIpAddress))) {
        throw new ApiError(
          'InvalidParameterValue',
          `Value (${input.PrivateIpAddress}) for parameter privateIpAddress is invalid.`,
        )
      }
      const subnetId = input.SubnetId ?? networks.there.subnets[0]?.id ?? ''
      const tags = specifiedTags(input.TagSpecifications, 'instance')
      const made = await networks.edit(async ({ put }, rows) => {
        const subnet = theSubnet(networks, call.region, subnetId)
        const securityGroups = groupsFor(networks, subnet, input.SecurityGroupIds)
        const nextAddress = freeAddresses(networks, subnet, input.PrivateIpAddress)
        const instances: InstanceItem[] = []
        for (let index = 0; index < count; index++) {
          const instance: InstanceItem = {
            kind: 'instance',
            region: call.region,
            id: newEc2Id('i'),
            subnetId,
            zone: subnet.zone,
            address: nextAddress(),
            state: 'running',
            securityGroups,
            imageId: input.ImageId ?? 'ami-00000000000000000',
            instanceType: input.InstanceType ?? 't3.micro',
            launchedAt: Math.floor(clock.date()),
          }
          put(instance)
          await putNewTags(rows, call, instance.id, tags)
          instances.push(instance)
        }
        return instances
      })
      return {
        ReservationId: newEc2Id('r'),
        OwnerId: call.accountId,
        Groups: [],
        Instances: made.map((instance) => ({
          ...describe({ instance, tags }, call, networks),
          State: stateOutput('pending'),
        })),
      }
    },
    async StartInstances(input, call) {
      checkDryRun(input.DryRun)
      return { StartingInstances: await change(call, input.InstanceIds, 'running') }
    },
    async StopInstances(input, call) {
      checkDryRun(input.DryRun)
      return { StoppingInstances: await change(call, input.InstanceIds, 'stopped') }
    },
    async TerminateInstances(input, call) {
      checkDryRun(input.DryRun)
      return { TerminatingInstances: await change(call, input.InstanceIds, 'terminated') }
    },

    async DescribeInstances(input, call) {
      const all = filtered(await listed(call, input.InstanceIds), input.Filters, fieldsOf(call, networks))
      const { page, next } = paged(all, input)
      return {
        Reservations: page.map((each) => ({
          ReservationId: each.instance.id.replace(/^i-/, 'r-'),
          OwnerId: call.accountId,
          Groups: [],
          Instances: [describe(each, call, networks)],
        })),
        ...next,
      }
    },

    async DescribeInstanceStatus(input, call) {
      const all = filtered(await listed(call, input.InstanceIds), input.Filters, fieldsOf(call, networks))
      const shown = all.filter(
        ({ instance }) => input.IncludeAllInstances === true || instance.state === 'running',
      )
      const { page, next } = paged(shown, input)
      const passed = { Status: 'ok' as const, Details: [] }
      return {
        InstanceStatuses: page.map(({ instance }) => ({
          InstanceId: instance.id,
          AvailabilityZone: `${call.region}${instance.zone}`,
          InstanceState: stateOutput(instance.state),
          InstanceStatus: passed,
          SystemStatus: passed,
          Events: [],
        })),
        ...next,
      }
    },
  }
}

function instanceNotFound(id: string): ApiError {
  return new ApiError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`)
}

function stateOutput(name: InstanceStateName): { Code: number; Name: InstanceStateName } {
  return { Code: STATE_CODES[name] ?? 0, Name: name }
}

/** The groups that are named, or the default one of the VPC. */
function groupsFor(
  networks: Networks,
  { region, vpcId }: SubnetItem,
  ids: readonly string[] | undefined,
): readonly string[] {
  if (ids === undefined || ids.length === 0) {
    const group = networks.defaultGroup(region, vpcId)
    return group === undefined ? [] : [group.id]
  }
  for (const id of ids) {
    const group = networks.securityGroup(region, id)
    if (group === undefined) throw groupNotFound(id)
    if (group.vpcId === vpcId) continue
    throw new ApiError(
      'InvalidParameter',
      `Security group ${id} and subnet of VPC ${vpcId} belong to different networks.`,
    )
  }
  return ids
}

function fieldsOf(scope: Scope, networks: Networks): FilterFields<Listed> {
  return {
    'instance-id': ({ instance }) => [instance.id],
    'instance-state-name': ({ instance }) => [instance.state],
    'instance-state-code': ({ instance }) => [String(STATE_CODES[instance.state])],
    'instance-type': ({ instance }) => [instance.instanceType],
    'image-id': ({ instance }) => [instance.imageId],
    'private-ip-address': ({ instance }) => [instance.address],
    'subnet-id': ({ instance }) => [instance.subnetId],
    'vpc-id': ({ instance }) => [networks.vpcIdOfSubnet(scope.region, instance.subnetId)],
    'availability-zone': ({ instance }) => [`${scope.region}${instance.zone}`],
    'instance.group-id': ({ instance }) => instance.securityGroups,
    'owner-id': () => [scope.accountId],
  }
}

function describe({ instance, tags }: Listed, scope: Scope, networks: Networks): Instance {
  return {
    InstanceId: instance.id,
    ImageId: instance.imageId,
    InstanceType: instance.instanceType as 't3.micro',
    State: stateOutput(instance.state),
    StateTransitionReason: '',
    LaunchTime: new Date(instance.launchedAt),
    Placement: { AvailabilityZone: `${scope.region}${instance.zone}`, GroupName: '', Tenancy: 'default' },
    Monitoring: { State: 'disabled' },
    SubnetId: instance.subnetId,
    VpcId: networks.vpcIdOfSubnet(scope.region, instance.subnetId),
    PrivateIpAddress: instance.address,
    PrivateDnsName: `ip-${instance.address.replaceAll('.', '-')}.${scope.region}.compute.internal`,
    PublicDnsName: '',
    SecurityGroups: instance.securityGroups.map((id) => ({
      GroupId: id,
      GroupName: networks.securityGroup(scope.region, id)?.name ?? id,
    })),
    BlockDeviceMappings: [],
    NetworkInterfaces: [],
    ProductCodes: [],
    SourceDestCheck: true,
    Architecture: 'x86_64',
    RootDeviceType: 'ebs',
    VirtualizationType: 'hvm',
    Hypervisor: 'xen',
    AmiLaunchIndex: 0,
    Tags: tagList(tags),
  }
}
