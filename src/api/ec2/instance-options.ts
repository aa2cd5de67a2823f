// What RunInstances may be asked for beside an address: read, checked where a wrong value would be told on, and filled
// up with EC2's defaults.

import type { BlockDeviceMapping } from '@aws-sdk/client-ec2'
import type { InstanceItem, InstanceOptions, InstanceVolume } from '../../model/networks.ts'
import type { Scope } from '../../model/resources.ts'
import { ApiError } from '../errors.ts'
import type { Decoded } from '../operations.ts'
import type { Ec2Handlers } from './environment.ts'
import { newEc2Id } from './ids.ts'
import { ROOT_DEVICE } from './images.ts'
import { defaultCpuCredits, instanceType } from './instance-types.ts'

export type RunInput = Parameters<Ec2Handlers['RunInstances']>[0]

export const DEFAULT_TYPE = 't3.micro'

const USER_DATA_MAX = 16 * 1024
const ROOT_GIB = 8
const TYPES_WITH_IOPS = ['io1', 'io2', 'gp3']

/** A text, if it says anything: SDKs send empty ones for what nobody set. */
export function givenText(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

/** Options of one new instance: volumes have IDs of their own. */
export function instanceOptions(input: RunInput, call: Scope, mapsPublicIp: boolean): InstanceOptions {
  const type = givenText(input.InstanceType) ?? DEFAULT_TYPE
  const { MetadataOptions: metadata, IamInstanceProfile: profile } = input
  const own = {
    clientToken: givenText(input.ClientToken),
    keyName: givenText(input.KeyName),
    profileArn:
      profile?.Arn ?? (profile?.Name && `arn:aws:iam::${call.accountId}:instance-profile/${profile.Name}`),
    userData: checkUserData(givenText(input.UserData)),
    hasPublicAddress: input.NetworkInterfaces?.[0]?.AssociatePublicIpAddress ?? mapsPublicIp,
    isTerminationProtected: input.DisableApiTermination,
    isStopProtected: input.DisableApiStop,
    shutdownBehavior: givenText(input.InstanceInitiatedShutdownBehavior),
    isEbsOptimized: input.EbsOptimized,
    isMonitored: input.Monitoring?.Enabled,
    tenancy: givenText(input.Placement?.Tenancy),
    cpuCredits: givenText(input.CreditSpecification?.CpuCredits),
    autoRecovery: givenText(input.MaintenanceOptions?.AutoRecovery),
  }
  return {
    ...defaultOptions(type),
    ...given(own),
    metadata: changedMetadata(defaultOptions(type).metadata, metadata),
    volumes: newVolumes(input.BlockDeviceMappings ?? []),
  }
}

/** Those of an instance, with a root volume for one that the configuration names. */
export function optionsOf(instance: InstanceItem): InstanceOptions {
  if (instance.options !== undefined) return instance.options
  return {
    ...defaultOptions(instance.instanceType),
    volumes: [{ ...rootVolume(), id: instance.id.replace(/^i-/, 'vol-') }],
  }
}

/** Metadata options with those that are named changed. */
export function changedMetadata(
  old: InstanceOptions['metadata'],
  input: RunInput['MetadataOptions'],
): InstanceOptions['metadata'] {
  return {
    ...old,
    ...given({
      tokens: input?.HttpTokens,
      endpoint: input?.HttpEndpoint,
      hopLimit: input?.HttpPutResponseHopLimit,
      ipv6: input?.HttpProtocolIpv6,
      tags: input?.InstanceMetadataTags,
    }),
  }
}

/** `data` is base64, of no more than 16 KiB. */
export function checkUserData(data: string | undefined): string | undefined {
  if (data === undefined || Buffer.from(data, 'base64').length <= USER_DATA_MAX) return data
  throw new ApiError('InvalidParameterValue', `User data is limited to ${USER_DATA_MAX} bytes`)
}

/** Refuses a type that there cannot be. */
export function checkType(type: string): void {
  if (instanceType(type) !== undefined) return
  throw new ApiError('InvalidParameterValue', `Invalid value '${type}' for InstanceType.`)
}

function defaultOptions(type: string): InstanceOptions {
  return {
    clientToken: '',
    keyName: null,
    profileArn: null,
    userData: null,
    hasPublicAddress: true,
    isTerminationProtected: false,
    isStopProtected: false,
    shutdownBehavior: 'stop',
    isEbsOptimized: false,
    isMonitored: false,
    checksSource: true,
    tenancy: 'default',
    cpuCredits: defaultCpuCredits(type),
    autoRecovery: 'default',
    metadata: { tokens: 'optional', endpoint: 'enabled', hopLimit: 1, ipv6: 'disabled', tags: 'disabled' },
    volumes: [],
  }
}

/** The root volume, as it is named or by default, and the others that are named. */
function newVolumes(mappings: readonly Decoded<BlockDeviceMapping>[]): readonly InstanceVolume[] {
  const wanted = mappings.filter(
    ({ NoDevice, VirtualName }) => NoDevice === undefined && VirtualName === undefined,
  )
  const hasRoot = wanted.some(({ DeviceName }) => DeviceName === ROOT_DEVICE)
  return [...(hasRoot ? [] : [rootVolume()]), ...wanted.map(newVolume)]
}

function rootVolume(): InstanceVolume {
  return newVolume({ DeviceName: ROOT_DEVICE, Ebs: {} })
}

function newVolume({ DeviceName, Ebs: ebs }: Decoded<BlockDeviceMapping>): InstanceVolume {
  if (DeviceName === undefined || DeviceName === '') {
    throw new ApiError('MissingParameter', 'The request must contain the parameter deviceName')
  }
  const type = ebs?.VolumeType ?? 'gp3'
  const sizeGib = ebs?.VolumeSize ?? ROOT_GIB
  return {
    id: newEc2Id('vol'),
    device: DeviceName,
    sizeGib,
    type,
    iops: ebs?.Iops ?? defaultIops(type, sizeGib),
    throughput: ebs?.Throughput ?? (type === 'gp3' ? 125 : null),
    isEncrypted: ebs?.Encrypted ?? false,
    snapshotId: ebs?.SnapshotId ?? null,
    endsWithInstance: ebs?.DeleteOnTermination ?? true,
  }
}

/** gp2 has 3 for each GiB, and between 100 and 16,000; gp3 3000, whatever its size. */
export function defaultIops(type: string, sizeGib: number): number | null {
  if (type === 'gp2') return Math.min(16_000, Math.max(100, 3 * sizeGib))
  return TYPES_WITH_IOPS.includes(type) ? 3000 : null
}

/** The members that have a value. */
export function given<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never
}
