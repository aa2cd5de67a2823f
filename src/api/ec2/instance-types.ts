// Types of instances. What a type is follows from its name (family, generation, size), as AWS makes them; what is
// asked for by name is known if the name has that form, and lists have the families that most use.

import type { InstanceTypeInfo } from '@aws-sdk/client-ec2'
import type { Networks } from '../../directory/networks.ts'
import { ApiError } from '../errors.ts'
import type { Ec2Environment, Ec2Handlers } from './environment.ts'
import { filtered, type FilterFields, paged } from './listing.ts'

interface InstanceTypeFacts {
  readonly name: string
  readonly vcpus: number
  readonly memoryMib: number
  readonly architecture: 'x86_64' | 'arm64'
  readonly isBurstable: boolean
  readonly isBareMetal: boolean
  readonly isCurrent: boolean
  readonly interfacesMax: number
  readonly addressesPerInterface: number
}

/** Default of `CpuCredits`, and how many vCPUs the smallest sizes have, differ for the oldest burstable family. */
const OLDEST_BURSTABLE = 't2'

const BURSTABLE_GIB: Readonly<Record<string, number>> = {
  nano: 0.5,
  micro: 1,
  small: 2,
  medium: 4,
  large: 8,
  xlarge: 16,
  '2xlarge': 32,
}
/** Memory by vCPU; other series have as much as the general ones. */
const GIB_PER_VCPU: Readonly<Record<string, number>> = { c: 2, m: 4, r: 8, x: 16, z: 8, i: 8, d: 8 }
const METAL_VCPUS = 96

const LISTED: readonly { readonly families: readonly string[]; readonly sizes: readonly string[] }[] = [
  { families: ['t2', 't3', 't3a', 't4g'], sizes: Object.keys(BURSTABLE_GIB) },
  {
    families: ['m5', 'c5', 'r5', 'm6i', 'c6i', 'r6i', 'm7i', 'c7i', 'r7i'],
    sizes: ['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge', '16xlarge', '24xlarge', 'metal'],
  },
  {
    families: ['m6g', 'c6g', 'r6g', 'm7g', 'c7g', 'r7g'],
    sizes: ['medium', 'large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge', '16xlarge', 'metal'],
  },
]

/** What a type is; undefined for a name that no type can have. */
export function instanceType(name: string): InstanceTypeFacts | undefined {
  const [, series = '', generation = '', flags = '', size = ''] =
    /^([a-z]{1,4})(\d)([a-z]{0,4}(?:-[a-z]+)?)\.(nano|micro|small|medium|large|(?:[1-9]\d{0,2})?xlarge|metal)$/.exec(
      name,
    ) ?? []
  if (series === '' || size === '') return undefined
  const isBurstable = series === 't'
  const burstableGib = BURSTABLE_GIB[size]
  if (isBurstable && burstableGib === undefined) return undefined
  const vcpus = vcpusOf(series + generation, size, isBurstable)
  if (vcpus === undefined) return undefined
  const gib = isBurstable ? (burstableGib ?? 0) : vcpus * (GIB_PER_VCPU[series.charAt(0)] ?? 4)
  return {
    name,
    vcpus,
    memoryMib: gib * 1024,
    architecture: flags.includes('g') || series === 'a' ? 'arm64' : 'x86_64',
    isBurstable,
    isBareMetal: size === 'metal',
    isCurrent: Number(generation) > (isBurstable ? 1 : 4),
    interfacesMax: Math.min(15, vcpus < 2 ? 2 : vcpus + 1),
    addressesPerInterface: Math.min(50, vcpus <= 2 ? 10 : vcpus * 4),
  }
}

function vcpusOf(family: string, size: string, isBurstable: boolean): number | undefined {
  if (size === 'metal') return METAL_VCPUS
  if (size.endsWith('xlarge')) return 4 * Number(size.slice(0, -'xlarge'.length) || '1')
  if (size === 'large') return 2
  if (isBurstable) return family === OLDEST_BURSTABLE && size !== 'medium' ? 1 : 2
  return size === 'medium' || size === 'small' ? 1 : undefined
}

/** How a burstable type spends credits where nobody says it. */
export function defaultCpuCredits(type: string): 'standard' | 'unlimited' {
  const isOther = instanceType(type)?.isBurstable === true && !type.startsWith(`${OLDEST_BURSTABLE}.`)
  return isOther ? 'unlimited' : 'standard'
}

export function instanceTypeHandlers({
  networks,
}: Ec2Environment): Pick<Ec2Handlers, 'DescribeInstanceTypes' | 'DescribeInstanceTypeOfferings'> {
  return {
    async DescribeInstanceTypes(input) {
      const names = input.InstanceTypes ?? []
      const { page, next } = paged(filtered(tagged(typesNamed(names)), input.Filters, typeFields), input)
      return { InstanceTypes: page.map(describe), ...next }
    },

    /** Every type is in every zone. */
    async DescribeInstanceTypeOfferings(input, call) {
      const locationType = input.LocationType ?? 'region'
      const all = locationsOf(networks, locationType, call.region).flatMap((location) =>
        typesNamed([]).map(({ name }) => ({ name, location, tags: [] })),
      )
      const { page, next } = paged(
        filtered(all, input.Filters, {
          'instance-type': ({ name }) => [name],
          location: ({ location }) => [location],
        }),
        input,
      )
      return {
        InstanceTypeOfferings: page.map(({ name, location }) => ({
          InstanceType: name as 't3.micro',
          LocationType: locationType,
          Location: location,
        })),
        ...next,
      }
    },
  }
}

function typesNamed(names: readonly string[]): readonly InstanceTypeFacts[] {
  const wanted =
    names.length > 0
      ? [...new Set(names)]
      : LISTED.flatMap(({ families, sizes }) =>
          families.flatMap((family) => sizes.map((size) => `${family}.${size}`)),
        )
  const unknown = names.filter((name) => instanceType(name) === undefined)
  if (unknown.length > 0) {
    throw new ApiError(
      'InvalidInstanceType',
      `The following supplied instance types do not exist: [${unknown.join(', ')}]`,
    )
  }
  return wanted.flatMap((name) => instanceType(name) ?? [])
}

function locationsOf(networks: Networks, type: string, region: string): readonly string[] {
  if (type === 'region') return [region]
  const letters = Object.keys(networks.there.zonePools).toSorted()
  if (type === 'availability-zone') return letters.map((letter) => `${region}${letter}`)
  throw new ApiError('InvalidParameterValue', `Invalid value '${type}' for locationType`)
}

function tagged(types: readonly InstanceTypeFacts[]): (InstanceTypeFacts & { readonly tags: [] })[] {
  return types.map((type) => ({ ...type, tags: [] }))
}

const typeFields: FilterFields<InstanceTypeFacts & { readonly tags: [] }> = {
  'instance-type': ({ name }) => [name],
  'vcpu-info.default-vcpus': ({ vcpus }) => [String(vcpus)],
  'memory-info.size-in-mib': ({ memoryMib }) => [String(memoryMib)],
  'processor-info.supported-architecture': ({ architecture }) => [architecture],
  'burstable-performance-supported': ({ isBurstable }) => [String(isBurstable)],
  'bare-metal': ({ isBareMetal }) => [String(isBareMetal)],
  'current-generation': ({ isCurrent }) => [String(isCurrent)],
  'free-tier-eligible': ({ name }) => [String(name === 't2.micro' || name === 't3.micro')],
  'instance-storage-supported': () => ['false'],
  'supported-root-device-type': () => ['ebs'],
  'supported-usage-class': () => ['on-demand', 'spot'],
  'supported-virtualization-type': () => ['hvm'],
}

function describe(type: InstanceTypeFacts): InstanceTypeInfo {
  return {
    InstanceType: type.name as 't3.micro',
    CurrentGeneration: type.isCurrent,
    FreeTierEligible: type.name === 't2.micro' || type.name === 't3.micro',
    SupportedUsageClasses: ['on-demand', 'spot'],
    SupportedRootDeviceTypes: ['ebs'],
    SupportedVirtualizationTypes: ['hvm'],
    BareMetal: type.isBareMetal,
    ...(type.isBareMetal ? {} : { Hypervisor: 'nitro' as const }),
    ProcessorInfo: { SupportedArchitectures: [type.architecture] },
    VCpuInfo: {
      DefaultVCpus: type.vcpus,
      DefaultCores: Math.ceil(type.vcpus / threadsPerCore(type)),
      DefaultThreadsPerCore: threadsPerCore(type),
    },
    MemoryInfo: { SizeInMiB: type.memoryMib },
    InstanceStorageSupported: false,
    EbsInfo: {
      EbsOptimizedSupport: 'default',
      EncryptionSupport: 'supported',
      NvmeSupport: 'required',
    },
    NetworkInfo: {
      NetworkPerformance: 'Up to 5 Gigabit',
      MaximumNetworkInterfaces: type.interfacesMax,
      MaximumNetworkCards: 1,
      DefaultNetworkCardIndex: 0,
      Ipv4AddressesPerInterface: type.addressesPerInterface,
      Ipv6AddressesPerInterface: type.addressesPerInterface,
      Ipv6Supported: true,
      EnaSupport: 'required',
      EfaSupported: false,
      EncryptionInTransitSupported: false,
    },
    PlacementGroupInfo: { SupportedStrategies: ['partition', 'spread'] },
    HibernationSupported: false,
    BurstablePerformanceSupported: type.isBurstable,
    DedicatedHostsSupported: false,
    AutoRecoverySupported: !type.isBareMetal,
    SupportedBootModes: ['legacy-bios', 'uefi'],
  }
}

/** Processors of the ARM families, and the smallest of the oldest, run one thread on a core. */
export function threadsPerCore({
  architecture,
  vcpus,
}: Pick<InstanceTypeFacts, 'architecture' | 'vcpus'>): 1 | 2 {
  return architecture === 'arm64' || vcpus === 1 ? 1 : 2
}
