// Images. None is here, since no instance is started, and so every image ID is as good as another: RunInstances takes
// it, and whoever asks for it by ID is told what tools need to know. Searches find the images that most stacks look for.

import type { Image } from '@aws-sdk/client-ec2'
import { createHash } from 'node:crypto'
import type { Ec2Environment, Ec2Handlers } from './environment.ts'
import { ApiError } from '../errors.ts'
import { filtered, type FilterFields, named, paged } from './listing.ts'

interface ImageFacts {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly ownerId: string
  readonly ownerAlias: string | null
  readonly architecture: 'x86_64' | 'arm64'
  readonly createdAt: string
  readonly tags: []
}

/** Of Amazon's own images; Ubuntu's say `/dev/sda1`, and there is no image to look into. */
export const ROOT_DEVICE = '/dev/xvda'

const AMAZON = { ownerId: '137112412989', ownerAlias: 'amazon' }
/** Ubuntu's publisher has no alias. */
const CANONICAL = { ownerId: '099720109477', ownerAlias: null }
const DEBIAN = { ownerId: '136693071363', ownerAlias: null }

const SEARCHED = [
  image('al2023-ami-2023.6.20250115.0-kernel-6.1-x86_64', 'Amazon Linux 2023 AMI', AMAZON, '2025-01-15'),
  image('al2023-ami-2023.6.20250115.0-kernel-6.1-arm64', 'Amazon Linux 2023 AMI', AMAZON, '2025-01-15'),
  image('amzn2-ami-hvm-2.0.20250116.0-x86_64-gp2', 'Amazon Linux 2 AMI', AMAZON, '2025-01-16'),
  image('amzn2-ami-hvm-2.0.20250116.0-arm64-gp2', 'Amazon Linux 2 AMI', AMAZON, '2025-01-16'),
  ...['jammy-22.04', 'noble-24.04'].flatMap((release) =>
    ['amd64', 'arm64'].map((architecture) =>
      image(
        `ubuntu/images/hvm-ssd${release.startsWith('noble') ? '-gp3' : ''}/ubuntu-${release}-${architecture}-server-20250115`,
        `Canonical, Ubuntu, ${release.slice(-5)} LTS`,
        CANONICAL,
        '2025-01-15',
      ),
    ),
  ),
  image('debian-12-amd64-20250115-1993', 'Debian 12', DEBIAN, '2025-01-15'),
  image('debian-12-arm64-20250115-1993', 'Debian 12', DEBIAN, '2025-01-15'),
]

function image(
  name: string,
  description: string,
  owner: Pick<ImageFacts, 'ownerId' | 'ownerAlias'>,
  day: string,
): ImageFacts {
  return {
    id: `ami-0${createHash('sha256').update(name).digest('hex').slice(0, 16)}`,
    name,
    description,
    ...owner,
    architecture: name.includes('arm64') ? 'arm64' : 'x86_64',
    createdAt: `${day}T00:00:00.000Z`,
    tags: [],
  }
}

export function imageHandlers({ networks }: Ec2Environment): Pick<Ec2Handlers, 'DescribeImages'> {
  return {
    async DescribeImages(input, call) {
      const used = networks.instances(call.region).map(({ imageId }) => imageId)
      const asked = input.ImageIds ?? []
      const all = [...SEARCHED]
      for (const id of new Set([...used, ...asked])) {
        if (!/^ami-[0-9A-Za-z]+$/.test(id)) throw malformed(id)
        if (!all.some((each) => each.id === id)) all.push(unknown(id))
      }
      const owners = (input.Owners ?? []).map((owner) => (owner === 'self' ? call.accountId : owner))
      const owned = named(all, asked, ({ id }) => id, malformed).filter(
        ({ ownerId, ownerAlias }) =>
          owners.length === 0 || owners.includes(ownerId) || owners.includes(ownerAlias ?? ''),
      )
      const { page, next } = paged(filtered(owned, input.Filters, imageFields), input)
      return { Images: page.map(describe), ...next }
    },
  }
}

/** An image of which nothing but its ID is known. */
function unknown(id: string): ImageFacts {
  return { ...image(id, '', AMAZON, '2025-01-01'), id }
}

function malformed(id: string): ApiError {
  return new ApiError('InvalidAMIID.Malformed', `Invalid id: "${id}" (expecting "ami-...")`)
}

const imageFields: FilterFields<ImageFacts> = {
  'image-id': ({ id }) => [id],
  name: ({ name }) => [name],
  description: ({ description }) => [description],
  architecture: ({ architecture }) => [architecture],
  'owner-id': ({ ownerId }) => [ownerId],
  'owner-alias': ({ ownerAlias }) => (ownerAlias === null ? [] : [ownerAlias]),
  'image-type': () => ['machine'],
  'is-public': () => ['true'],
  state: () => ['available'],
  'virtualization-type': () => ['hvm'],
  hypervisor: () => ['xen'],
  'ena-support': () => ['true'],
  'root-device-name': () => [ROOT_DEVICE],
  'root-device-type': () => ['ebs'],
  'block-device-mapping.device-name': () => [ROOT_DEVICE],
  'block-device-mapping.volume-type': () => ['gp3'],
  'creation-date': ({ createdAt }) => [createdAt],
}

function describe(facts: ImageFacts): Image {
  const { id, name, architecture } = facts
  return {
    ImageId: id,
    Name: name,
    Description: facts.description,
    ImageLocation: `${facts.ownerAlias ?? facts.ownerId}/${name}`,
    ImageType: 'machine',
    State: 'available',
    Public: true,
    OwnerId: facts.ownerId,
    ...(facts.ownerAlias === null ? {} : { ImageOwnerAlias: facts.ownerAlias }),
    Architecture: architecture,
    VirtualizationType: 'hvm',
    Hypervisor: 'xen',
    EnaSupport: true,
    SriovNetSupport: 'simple',
    PlatformDetails: 'Linux/UNIX',
    UsageOperation: 'RunInstances',
    RootDeviceName: ROOT_DEVICE,
    RootDeviceType: 'ebs',
    BlockDeviceMappings: [
      {
        DeviceName: ROOT_DEVICE,
        Ebs: {
          SnapshotId: id.replace(/^ami-/, 'snap-'),
          VolumeSize: 8,
          VolumeType: 'gp3',
          DeleteOnTermination: true,
          Encrypted: false,
        },
      },
    ],
    ProductCodes: [],
    CreationDate: facts.createdAt,
    Tags: [],
    BootMode: 'uefi-preferred',
  }
}
