// What is asked and changed of an instance by itself: attributes, credits, metadata options, monitoring.

import type { InstanceAttribute, InstanceAttributeName } from '@aws-sdk/client-ec2'
import type { Networks } from '../../directory/networks.ts'
import type { InstanceItem, InstanceOptions } from '../../model/networks.ts'
import { ApiError } from '../errors.ts'
import type { Call } from '../operations.ts'
import { checkDryRun, type Ec2Environment, type Ec2Handlers } from './environment.ts'
import { ROOT_DEVICE } from './images.ts'
import { describeMetadata, devicesOf, groupsOf } from './instance-descriptions.ts'
import { changedMetadata, checkType, checkUserData, given, optionsOf } from './instance-options.ts'
import { instanceType } from './instance-types.ts'
import { instanceNotFound } from './instances.ts'
import { filtered, named, paged } from './listing.ts'
import { groupsFor } from './run-input.ts'
import { theSubnet } from './subnets.ts'

type Change = Parameters<Ec2Handlers['ModifyInstanceAttribute']>[0]

export function instanceAttributeHandlers({
  networks,
}: Ec2Environment): Pick<
  Ec2Handlers,
  | 'DescribeInstanceAttribute'
  | 'ModifyInstanceAttribute'
  | 'DescribeInstanceCreditSpecifications'
  | 'ModifyInstanceCreditSpecification'
  | 'ModifyInstanceMetadataOptions'
  | 'ModifyInstanceMaintenanceOptions'
  | 'MonitorInstances'
  | 'UnmonitorInstances'
> {
  async function change(
    call: Call,
    id: string,
    changed: (instance: InstanceItem) => Partial<InstanceOptions>,
  ): Promise<InstanceOptions> {
    return await networks.edit(async ({ put }) => {
      const instance = theInstance(networks, call.region, id)
      const options = { ...optionsOf(instance), ...changed(instance) }
      put({ ...instance, options })
      return options
    })
  }

  async function monitor(call: Call, ids: readonly string[], isMonitored: boolean) {
    for (const id of ids) theInstance(networks, call.region, id)
    for (const id of ids) await change(call, id, () => ({ isMonitored }))
    const State = isMonitored ? ('enabled' as const) : ('disabled' as const)
    return { InstanceMonitorings: ids.map((InstanceId) => ({ InstanceId, Monitoring: { State } })) }
  }

  return {
    async DescribeInstanceAttribute(input, call) {
      checkDryRun(input.DryRun)
      const instance = theInstance(networks, call.region, input.InstanceId)
      return { InstanceId: instance.id, ...describeAttribute(input.Attribute, instance, call, networks) }
    },

    async ModifyInstanceAttribute(input, call) {
      checkDryRun(input.DryRun)
      await networks.edit(async ({ put }) => {
        put(changedInstance(theInstance(networks, call.region, input.InstanceId), input, networks))
      })
      return {}
    },

    /** Of burstable instances alone, as in EC2. */
    async DescribeInstanceCreditSpecifications(input, call) {
      const all = named(networks.instances(call.region), input.InstanceIds, ({ id }) => id, instanceNotFound)
      const shown = filtered(
        all.filter(isBurstable).map((instance) => ({ instance, tags: [] })),
        input.Filters,
        { 'instance-id': ({ instance }) => [instance.id] },
      )
      const { page, next } = paged(shown, input)
      return {
        InstanceCreditSpecifications: page.map(({ instance }) => ({
          InstanceId: instance.id,
          CpuCredits: optionsOf(instance).cpuCredits,
        })),
        ...next,
      }
    },

    async ModifyInstanceCreditSpecification(input, call) {
      checkDryRun(input.DryRun)
      const changes = input.InstanceCreditSpecifications.map(({ InstanceId: id, CpuCredits: cpuCredits }) => {
        const instance = theInstance(networks, call.region, id ?? '')
        if (!isBurstable(instance) || (cpuCredits !== 'standard' && cpuCredits !== 'unlimited')) {
          throw new ApiError('InvalidParameterValue', `'${cpuCredits}' is not valid for '${instance.id}'`)
        }
        return { id: instance.id, cpuCredits }
      })
      for (const { id, cpuCredits } of changes) await change(call, id, () => ({ cpuCredits }))
      return {
        SuccessfulInstanceCreditSpecifications: changes.map(({ id }) => ({ InstanceId: id })),
        UnsuccessfulInstanceCreditSpecifications: [],
      }
    },

    async ModifyInstanceMetadataOptions(input, call) {
      checkDryRun(input.DryRun)
      const { metadata } = await change(call, input.InstanceId, (instance) => ({
        metadata: changedMetadata(optionsOf(instance).metadata, input),
      }))
      return { InstanceId: input.InstanceId, InstanceMetadataOptions: describeMetadata(metadata) }
    },

    async ModifyInstanceMaintenanceOptions(input, call) {
      checkDryRun(input.DryRun)
      const { autoRecovery } = await change(call, input.InstanceId, () =>
        given({ autoRecovery: input.AutoRecovery }),
      )
      return { InstanceId: input.InstanceId, AutoRecovery: autoRecovery as 'default' }
    },

    async MonitorInstances(input, call) {
      checkDryRun(input.DryRun)
      return await monitor(call, input.InstanceIds, true)
    },

    async UnmonitorInstances(input, call) {
      checkDryRun(input.DryRun)
      return await monitor(call, input.InstanceIds, false)
    },
  }
}

/** One that is there and not at its end. */
function theInstance(networks: Networks, region: string, id: string): InstanceItem {
  const instance = networks.instance(region, id)
  if (instance === undefined) throw instanceNotFound(id)
  return instance
}

function isBurstable(instance: InstanceItem): boolean {
  return instance.state !== 'terminated' && instanceType(instance.instanceType)?.isBurstable === true
}

function describeAttribute(
  name: InstanceAttributeName,
  instance: InstanceItem,
  call: Call,
  networks: Networks,
): InstanceAttribute {
  const options = optionsOf(instance)
  switch (name) {
    case 'instanceType':
      return { InstanceType: { Value: instance.instanceType } }
    case 'userData':
      return { UserData: options.userData === null ? {} : { Value: options.userData } }
    case 'disableApiTermination':
      return { DisableApiTermination: { Value: options.isTerminationProtected } }
    case 'disableApiStop':
      return { DisableApiStop: { Value: options.isStopProtected } }
    case 'instanceInitiatedShutdownBehavior':
      return { InstanceInitiatedShutdownBehavior: { Value: options.shutdownBehavior } }
    case 'rootDeviceName':
      return { RootDeviceName: { Value: ROOT_DEVICE } }
    case 'blockDeviceMapping':
      return { BlockDeviceMappings: devicesOf(instance, options) }
    case 'sourceDestCheck':
      return { SourceDestCheck: { Value: options.checksSource } }
    case 'groupSet':
      return { Groups: groupsOf(instance, call, networks) }
    case 'ebsOptimized':
      return { EbsOptimized: { Value: options.isEbsOptimized } }
    case 'enaSupport':
      return { EnaSupport: { Value: true } }
    case 'enclaveOptions':
      return { EnclaveOptions: { Enabled: false } }
    case 'productCodes':
      return { ProductCodes: [] }
    case 'sriovNetSupport':
      return { SriovNetSupport: { Value: 'simple' } }
    case 'kernel':
      return { KernelId: {} }
    case 'ramdisk':
      return { RamdiskId: {} }
    default:
      throw new ApiError(
        'InvalidParameterValue',
        `Value (${String(name)}) for parameter attribute is invalid.`,
      )
  }
}

/** A call names an attribute with its value, or has a member for it; either is one change. */
function changedInstance(instance: InstanceItem, input: Change, networks: Networks): InstanceItem {
  const { region, subnetId } = instance
  const flag = (name: InstanceAttributeName, member: { readonly Value?: boolean | undefined } | undefined) =>
    member?.Value ?? (input.Attribute === name ? input.Value === 'true' : undefined)
  const text = (name: InstanceAttributeName, member: { readonly Value?: string | undefined } | undefined) =>
    member?.Value ?? (input.Attribute === name ? input.Value : undefined)
  const type = text('instanceType', input.InstanceType)
  const data = input.UserData?.Value
  const userData = text('userData', data && { Value: Buffer.from(data).toString('base64') })
  if (type !== undefined || userData !== undefined) checkStopped(instance)
  if (type !== undefined) checkType(type)
  const options = optionsOf(instance)
  const ends = new Map(
    (input.BlockDeviceMappings ?? []).map(({ DeviceName, Ebs }) => [DeviceName, Ebs?.DeleteOnTermination]),
  )
  return {
    ...instance,
    ...given({
      instanceType: type,
      securityGroups:
        input.Groups && groupsFor(networks, theSubnet(networks, region, subnetId), input.Groups),
    }),
    options: {
      ...options,
      ...given({
        userData: checkUserData(userData),
        isTerminationProtected: flag('disableApiTermination', input.DisableApiTermination),
        isStopProtected: flag('disableApiStop', input.DisableApiStop),
        shutdownBehavior: text('instanceInitiatedShutdownBehavior', input.InstanceInitiatedShutdownBehavior),
        isEbsOptimized: flag('ebsOptimized', input.EbsOptimized),
        checksSource: flag('sourceDestCheck', input.SourceDestCheck),
      }),
      volumes: options.volumes.map((volume) => ({
        ...volume,
        endsWithInstance: ends.get(volume.device) ?? volume.endsWithInstance,
      })),
    },
  }
}

function checkStopped({ id, state }: InstanceItem): void {
  if (state === 'stopped') return
  throw new ApiError('IncorrectInstanceState', `The instance '${id}' is not in the 'stopped' state.`)
}
