// Instances as EC2 describes them, and the names of filters for them.

import type { Instance, InstanceNetworkInterface, InstanceStateName } from '@aws-sdk/client-ec2'
import type { Networks } from '../../directory/networks.ts'
import type { InstanceItem, InstanceOptions } from '../../model/networks.ts'
import type { Scope } from '../../model/resources.ts'
import type { Tag } from '../../store/tags.ts'
import { privateDnsName, publicDnsName } from './host-names.ts'
import { ROOT_DEVICE } from './images.ts'
import { interfaceIdOf } from './ids.ts'
import { optionsOf } from './instance-options.ts'
import { instanceType, threadsPerCore } from './instance-types.ts'
import { publicAssociation } from './interfaces.ts'
import type { FilterFields } from './listing.ts'
import { tagList } from './tags.ts'

export interface ListedInstance {
  readonly instance: InstanceItem
  readonly tags: readonly Tag[]
}

const STATE_CODES: Readonly<Record<string, number>> = {
  pending: 0,
  running: 16,
  terminated: 48,
  stopped: 80,
}

export function stateOutput(name: InstanceStateName): { Code: number; Name: InstanceStateName } {
  return { Code: STATE_CODES[name] ?? 0, Name: name }
}

export function instanceFields(scope: Scope, networks: Networks): FilterFields<ListedInstance> {
  const publicIp = ({ instance }: ListedInstance): string[] =>
    optionsOf(instance).hasPublicAddress ? [instance.address] : []
  return {
    'instance-id': ({ instance }) => [instance.id],
    'instance-state-name': ({ instance }) => [instance.state],
    'instance-state-code': ({ instance }) => [String(STATE_CODES[instance.state])],
    'instance-type': ({ instance }) => [instance.instanceType],
    'image-id': ({ instance }) => [instance.imageId],
    'key-name': ({ instance }) => [optionsOf(instance).keyName ?? ''],
    'client-token': ({ instance }) => [optionsOf(instance).clientToken],
    'private-ip-address': ({ instance }) => [instance.address],
    'private-dns-name': ({ instance }) => [privateDnsName(scope.region, instance.address)],
    'ip-address': publicIp,
    'dns-name': (each) => publicIp(each).map((address) => publicDnsName(scope.region, address)),
    'network-interface.addresses.private-ip-address': ({ instance }) => [instance.address],
    'network-interface.network-interface-id': ({ instance }) => [interfaceIdOf(instance)],
    'subnet-id': ({ instance }) => [instance.subnetId],
    'vpc-id': ({ instance }) => [networks.vpcIdOfSubnet(scope.region, instance.subnetId)],
    'availability-zone': ({ instance }) => [`${scope.region}${instance.zone}`],
    'instance.group-id': ({ instance }) => instance.securityGroups,
    'instance.group-name': ({ instance }) =>
      instance.securityGroups.map((id) => networks.securityGroup(scope.region, id)?.name ?? id),
    'owner-id': () => [scope.accountId],
  }
}

export function describeInstance(
  { instance, tags }: ListedInstance,
  scope: Scope,
  networks: Networks,
): Instance {
  const options = optionsOf(instance)
  const isGone = instance.state === 'terminated'
  const type = instanceType(instance.instanceType)
  return {
    InstanceId: instance.id,
    ImageId: instance.imageId,
    InstanceType: instance.instanceType as 't3.micro',
    State: stateOutput(instance.state),
    StateTransitionReason: instance.state === 'running' ? '' : 'User initiated',
    ...(instance.state === 'running' ? {} : { StateReason: USER_INITIATED }),
    LaunchTime: new Date(instance.launchedAt),
    Placement: {
      AvailabilityZone: `${scope.region}${instance.zone}`,
      GroupName: '',
      Tenancy: options.tenancy as 'default',
    },
    Monitoring: { State: options.isMonitored ? 'enabled' : 'disabled' },
    ...(isGone ? { PrivateDnsName: '', PublicDnsName: '' } : networkOf(instance, options, scope, networks)),
    BlockDeviceMappings: isGone ? [] : devicesOf(instance, options),
    RootDeviceName: ROOT_DEVICE,
    RootDeviceType: 'ebs',
    ...(options.keyName === null ? {} : { KeyName: options.keyName }),
    ...(options.profileArn === null ? {} : { IamInstanceProfile: { Arn: options.profileArn } }),
    ClientToken: options.clientToken,
    EbsOptimized: options.isEbsOptimized,
    EnaSupport: true,
    ProductCodes: [],
    Architecture: type?.architecture ?? 'x86_64',
    VirtualizationType: 'hvm',
    Hypervisor: 'xen',
    PlatformDetails: 'Linux/UNIX',
    UsageOperation: 'RunInstances',
    AmiLaunchIndex: 0,
    ...(type === undefined
      ? {}
      : {
          CpuOptions: {
            CoreCount: Math.ceil(type.vcpus / threadsPerCore(type)),
            ThreadsPerCore: threadsPerCore(type),
          },
        }),
    MetadataOptions: describeMetadata(options.metadata),
    MaintenanceOptions: { AutoRecovery: options.autoRecovery as 'default' },
    CapacityReservationSpecification: { CapacityReservationPreference: 'open' },
    EnclaveOptions: { Enabled: false },
    HibernationOptions: { Configured: false },
    PrivateDnsNameOptions: {
      HostnameType: 'ip-name',
      EnableResourceNameDnsARecord: false,
      EnableResourceNameDnsAAAARecord: false,
    },
    Tags: tagList(tags),
  }
}

const USER_INITIATED = {
  Code: 'Client.UserInitiatedShutdown',
  Message: 'Client.UserInitiatedShutdown: User initiated shutdown',
}

export function describeMetadata(
  metadata: InstanceOptions['metadata'],
): NonNullable<Instance['MetadataOptions']> {
  return {
    State: 'applied',
    HttpTokens: metadata.tokens as 'optional',
    HttpEndpoint: metadata.endpoint as 'enabled',
    HttpPutResponseHopLimit: metadata.hopLimit,
    HttpProtocolIpv6: metadata.ipv6 as 'disabled',
    InstanceMetadataTags: metadata.tags as 'disabled',
  }
}

export function devicesOf(
  { launchedAt }: InstanceItem,
  { volumes }: InstanceOptions,
): NonNullable<Instance['BlockDeviceMappings']> {
  return volumes.map(({ id, device, endsWithInstance }) => ({
    DeviceName: device,
    Ebs: {
      VolumeId: id,
      Status: 'attached',
      AttachTime: new Date(launchedAt),
      DeleteOnTermination: endsWithInstance,
    },
  }))
}

export function groupsOf(
  { securityGroups }: InstanceItem,
  scope: Scope,
  networks: Networks,
): { GroupId: string; GroupName: string }[] {
  return securityGroups.map((id) => ({
    GroupId: id,
    GroupName: networks.securityGroup(scope.region, id)?.name ?? id,
  }))
}

/** What an instance has as long as it is there. */
function networkOf(
  instance: InstanceItem,
  options: InstanceOptions,
  scope: Scope,
  networks: Networks,
): Partial<Instance> {
  const { address, ipv6Address, subnetId } = instance
  const PrivateDnsName = privateDnsName(scope.region, address)
  const association = options.hasPublicAddress
    ? publicAssociation(scope.region, address, 'amazon')
    : undefined
  const own = {
    SubnetId: subnetId,
    VpcId: networks.vpcIdOfSubnet(scope.region, subnetId),
    PrivateIpAddress: address,
    PrivateDnsName,
    SourceDestCheck: options.checksSource,
  }
  const Association = association === undefined ? {} : { Association: association }
  const networkInterface: InstanceNetworkInterface = {
    ...own,
    ...Association,
    NetworkInterfaceId: interfaceIdOf(instance),
    InterfaceType: 'interface',
    Status: 'in-use',
    OwnerId: scope.accountId,
    Description: '',
    PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: address, PrivateDnsName, ...Association }],
    Ipv6Addresses: ipv6Address === undefined ? [] : [{ Ipv6Address: ipv6Address }],
    Groups: groupsOf(instance, scope, networks),
    Attachment: {
      AttachmentId: interfaceIdOf(instance).replace(/^eni-/, 'eni-attach-'),
      AttachTime: new Date(instance.launchedAt),
      DeleteOnTermination: true,
      DeviceIndex: 0,
      NetworkCardIndex: 0,
      Status: 'attached',
    },
  }
  return {
    ...own,
    ...(ipv6Address === undefined ? {} : { Ipv6Address: ipv6Address }),
    ...(association === undefined ? {} : { PublicIpAddress: association.PublicIp }),
    PublicDnsName: association?.PublicDnsName ?? '',
    SecurityGroups: groupsOf(instance, scope, networks),
    NetworkInterfaces: [networkInterface],
  }
}
