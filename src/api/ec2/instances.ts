// The instance registry behind EC2's calls: an instance is an entry with an address, by which targets can be named.
// Nothing is started or stopped; the states are those of AWS.

import type { Networks } from '../../directory/networks.ts'
import type { InstanceItem } from '../../model/networks.ts'
import type { Scope } from '../../model/resources.ts'
import type { RowReader, RowWriter } from '../../store/store.ts'
import { deregister } from '../load-balancing/deregistration.ts'
import { ApiError } from '../errors.ts'
import type { Call } from '../operations.ts'
import { checkDryRun, type Ec2Environment, type Ec2Handlers } from './environment.ts'
import { freeAddresses } from './free-addresses.ts'
import { interfaceIdOf, newEc2Id } from './ids.ts'
import {
  describeInstance,
  instanceFields,
  type ListedInstance,
  stateOutput,
} from './instance-descriptions.ts'
import { DEFAULT_TYPE, givenText, instanceOptions, optionsOf } from './instance-options.ts'
import { filtered, named, paged } from './listing.ts'
import { addressFor, checkRun, groupsFor, subnetFor } from './run-input.ts'
import { forgetTags, putNewTags, specifiedTags, tagsOf } from './tags.ts'

/** How long EC2 tells of an instance that was terminated. */
const TERMINATED_MS = 3_600_000

export function instanceHandlers(
  environment: Ec2Environment,
): Pick<
  Ec2Handlers,
  | 'RunInstances'
  | 'StartInstances'
  | 'StopInstances'
  | 'TerminateInstances'
  | 'DescribeInstances'
  | 'DescribeInstanceStatus'
> {
  const { store, networks, clock } = environment

  function isForgotten({ terminatedAt }: InstanceItem): boolean {
    return terminatedAt !== undefined && clock.date() - terminatedAt > TERMINATED_MS
  }

  async function listed(call: Call, ids: readonly string[] | undefined): Promise<readonly ListedInstance[]> {
    const told = networks.instances(call.region).filter((instance) => !isForgotten(instance))
    const instances = named(told, ids, ({ id }) => id, instanceNotFound)
    return await store.read(async (rows) => await withTags(rows, call, instances))
  }

  /** Changes the state of instances; gives what each was and is. */
  async function change(
    call: Call,
    ids: readonly string[],
    state: InstanceItem['state'],
  ): Promise<{ InstanceId: string; PreviousState: object; CurrentState: object }[]> {
    const instances = await networks.edit(async ({ put }, rows) => {
      const all = named(networks.instances(call.region), ids, ({ id }) => id, instanceNotFound)
      for (const instance of all) {
        checkChange(instance, state)
        if (state !== 'terminated') put({ ...instance, state })
        else {
          put({ ...instance, state, terminatedAt: instance.terminatedAt ?? Math.floor(clock.date()) })
          await leaveGroups(rows, clock, instance)
        }
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
      checkRun(input)
      const tags = specifiedTags(input.TagSpecifications, 'instance')
      const volumeTags = specifiedTags(input.TagSpecifications, 'volume')
      const interfaceTags = specifiedTags(input.TagSpecifications, 'network-interface')
      const made = await networks.edit(async ({ put, remove }, rows) => {
        const before = madeBefore(networks, call.region, input.ClientToken)
        if (before.length > 0) return await withTags(rows, call, before)
        for (const old of networks.instances(call.region).filter(isForgotten)) {
          if (!networks.isGiven(old)) remove(old)
          for (const id of taggedIds(old)) await forgetTags(rows, call, id)
        }
        const subnet = subnetFor(networks, call.region, input)
        const groups = input.SecurityGroupIds ?? input.NetworkInterfaces?.[0]?.Groups
        const securityGroups = groupsFor(networks, subnet, groups)
        const nextAddress = freeAddresses(networks, subnet, addressFor(input))
        const instances: ListedInstance[] = []
        for (let index = 0; index < input.MaxCount; index++) {
          const instance: InstanceItem = {
            kind: 'instance',
            region: call.region,
            id: newEc2Id('i'),
            subnetId: subnet.id,
            zone: subnet.zone,
            address: nextAddress(),
            state: 'running',
            securityGroups,
            imageId: givenText(input.ImageId) ?? 'ami-00000000000000000',
            instanceType: givenText(input.InstanceType) ?? DEFAULT_TYPE,
            launchedAt: Math.floor(clock.date()),
            options: instanceOptions(input, call, subnet.mapsPublicIp),
          }
          put(instance)
          await putNewTags(rows, call, instance.id, tags)
          await putNewTags(rows, call, interfaceIdOf(instance), interfaceTags)
          for (const { id } of optionsOf(instance).volumes) await putNewTags(rows, call, id, volumeTags)
          instances.push({ instance, tags })
        }
        return instances
      })
      return {
        ReservationId: newEc2Id('r'),
        OwnerId: call.accountId,
        Groups: [],
        Instances: made.map((each) => ({
          ...describeInstance(each, call, networks),
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
    /** They leave the target groups that they are registered in, with the delay of a call to deregister them. */
    async TerminateInstances(input, call) {
      checkDryRun(input.DryRun)
      return { TerminatingInstances: await change(call, input.InstanceIds, 'terminated') }
    },

    async DescribeInstances(input, call) {
      const all = filtered(
        await listed(call, input.InstanceIds),
        input.Filters,
        instanceFields(call, networks),
      )
      const { page, next } = paged(all, input)
      return {
        Reservations: page.map((each) => ({
          ReservationId: each.instance.id.replace(/^i-/, 'r-'),
          OwnerId: call.accountId,
          Groups: [],
          Instances: [describeInstance(each, call, networks)],
        })),
        ...next,
      }
    },

    async DescribeInstanceStatus(input, call) {
      const all = filtered(
        await listed(call, input.InstanceIds),
        input.Filters,
        instanceFields(call, networks),
      )
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

export function instanceNotFound(id: string): ApiError {
  return new ApiError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`)
}

/** Registrations by other IDs or in other Regions are of something else: given instances have one ID in all Regions. */
async function leaveGroups(
  rows: RowWriter,
  clock: Ec2Environment['clock'],
  { region, id }: InstanceItem,
): Promise<void> {
  for (const arn of await rows.networks.targetGroupsOf([id])) {
    const group = await rows.targetGroups.find(arn)
    if (group === undefined || group.region !== region || group.targetType !== 'instance') continue
    const own = (await rows.targets.list(arn)).filter((target) => target.id === id)
    await deregister(rows, clock, group, own)
  }
}

/** What a call with the same token made, of which nothing is made again. */
function madeBefore(networks: Networks, region: string, token: string | undefined): readonly InstanceItem[] {
  if (token === undefined || token === '') return []
  return networks.instances(region).filter(({ options }) => options?.clientToken === token)
}

async function withTags(
  rows: RowReader,
  scope: Scope,
  instances: readonly InstanceItem[],
): Promise<readonly ListedInstance[]> {
  const all: ListedInstance[] = []
  for (const instance of instances) all.push({ instance, tags: await tagsOf(rows, scope, instance.id) })
  return all
}

/** IDs of an instance and of what is made and ends with it. */
function taggedIds(instance: InstanceItem): readonly string[] {
  return [instance.id, interfaceIdOf(instance), ...optionsOf(instance).volumes.map(({ id }) => id)]
}

/** Refuses what the state of an instance, or its protection, does not allow. */
function checkChange(instance: InstanceItem, state: InstanceItem['state']): void {
  const { isStopProtected, isTerminationProtected } = optionsOf(instance)
  if (instance.state === 'terminated' && state !== 'terminated') {
    throw new ApiError(
      'IncorrectInstanceState',
      `The instance '${instance.id}' is not in a state from which it can be ${state}.`,
    )
  }
  if (state === 'stopped' && isStopProtected) throw isProtected(instance, state, 'disableApiStop')
  if (state === 'terminated' && isTerminationProtected) {
    throw isProtected(instance, state, 'disableApiTermination')
  }
}

function isProtected({ id }: InstanceItem, what: string, attribute: string): ApiError {
  return new ApiError(
    'OperationNotPermitted',
    `The instance '${id}' may not be ${what}. Modify its '${attribute}' instance attribute and try again.`,
  )
}
