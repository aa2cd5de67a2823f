// Volumes: each belongs to an instance and is there as long as the instance is. Nothing is stored in them.

import type { Volume, VolumeModification, VolumeType } from '@aws-sdk/client-ec2'
import type { InstanceVolume } from '../../model/networks.ts'
import type { Tag } from '../../store/tags.ts'
import { ApiError } from '../errors.ts'
import type { Call } from '../operations.ts'
import { checkDryRun, type Ec2Environment, type Ec2Handlers } from './environment.ts'
import { defaultIops, given, optionsOf } from './instance-options.ts'
import { filtered, named, paged } from './listing.ts'
import { tagList, tagsOf } from './tags.ts'
import { type AttachedVolume, volumesIn } from './volumes-there.ts'

export function volumeHandlers({
  store,
  networks,
}: Ec2Environment): Pick<
  Ec2Handlers,
  'DescribeVolumes' | 'DescribeVolumeStatus' | 'ModifyVolume' | 'DescribeVolumesModifications'
> {
  return {
    async DescribeVolumes(input, call) {
      const volumes = named(volumesIn(networks, call.region), input.VolumeIds, idOf, volumeNotFound)
      const listed = await store.read(async (rows) => {
        const all: (AttachedVolume & { readonly tags: readonly Tag[] })[] = []
        for (const each of volumes) all.push({ ...each, tags: await tagsOf(rows, call, each.volume.id) })
        return all
      })
      const shown = filtered(listed, input.Filters, {
        'volume-id': ({ volume }) => [volume.id],
        'volume-type': ({ volume }) => [volume.type],
        size: ({ volume }) => [String(volume.sizeGib)],
        encrypted: ({ volume }) => [String(volume.isEncrypted)],
        status: () => ['in-use'],
        'snapshot-id': ({ volume }) => (volume.snapshotId === null ? [] : [volume.snapshotId]),
        'availability-zone': ({ instance }) => [`${call.region}${instance.zone}`],
        'attachment.instance-id': ({ instance }) => [instance.id],
        'attachment.device': ({ volume }) => [volume.device],
        'attachment.status': () => ['attached'],
        'attachment.delete-on-termination': ({ volume }) => [String(volume.endsWithInstance)],
      })
      const { page, next } = paged(shown, input)
      return { Volumes: page.map((each) => describe(each, each.tags, call)), ...next }
    },

    async DescribeVolumeStatus(input, call) {
      const volumes = named(volumesIn(networks, call.region), input.VolumeIds, idOf, volumeNotFound)
      const { page, next } = paged(
        filtered(
          volumes.map((each) => ({ ...each, tags: [] })),
          input.Filters,
          { 'volume-status.status': () => ['ok'] },
        ),
        input,
      )
      return {
        VolumeStatuses: page.map(({ volume, instance }) => ({
          VolumeId: volume.id,
          AvailabilityZone: `${call.region}${instance.zone}`,
          VolumeStatus: { Status: 'ok' as const, Details: [] },
          Actions: [],
          Events: [],
        })),
        ...next,
      }
    },

    async ModifyVolume(input, call) {
      checkDryRun(input.DryRun)
      const { before, after } = await networks.edit(async ({ put }) => {
        const [found] = named(volumesIn(networks, call.region), [input.VolumeId], idOf, volumeNotFound)
        if (found === undefined) throw volumeNotFound(input.VolumeId)
        const { volume, instance } = found
        const changed = changedVolume(volume, input)
        const options = optionsOf(instance)
        const volumes = options.volumes.map((each) => (each.id === changed.id ? changed : each))
        put({ ...instance, options: { ...options, volumes } })
        return { before: volume, after: changed }
      })
      return { VolumeModification: modification(before, after) }
    },

    /** A change is done when it is answered: volumes that were asked for are as they are. */
    async DescribeVolumesModifications(input, call) {
      const volumes = named(volumesIn(networks, call.region), input.VolumeIds, idOf, volumeNotFound)
      const shown = filtered(
        volumes.map((each) => ({ ...each, tags: [] })),
        input.Filters,
        { 'volume-id': ({ volume }) => [volume.id], 'modification-state': () => ['completed'] },
      )
      const { page, next } = paged(shown, input)
      return { VolumesModifications: page.map(({ volume }) => modification(volume, volume)), ...next }
    },
  }
}

function idOf({ volume }: AttachedVolume): string {
  return volume.id
}

function volumeNotFound(id: string): ApiError {
  return new ApiError('InvalidVolume.NotFound', `The volume '${id}' does not exist.`)
}

function changedVolume(
  volume: InstanceVolume,
  input: Parameters<Ec2Handlers['ModifyVolume']>[0],
): InstanceVolume {
  const { Size: sizeGib = volume.sizeGib, VolumeType: type = volume.type } = input
  if (sizeGib < volume.sizeGib) {
    throw new ApiError('InvalidParameterValue', 'New size cannot be smaller than existing size')
  }
  const isSame = type === volume.type && type !== 'gp2'
  return {
    ...volume,
    sizeGib,
    type,
    iops: isSame ? volume.iops : defaultIops(type, sizeGib),
    throughput: type === 'gp3' ? (volume.throughput ?? 125) : null,
    ...given({ iops: input.Iops, throughput: input.Throughput }),
  }
}

function modification(before: InstanceVolume, after: InstanceVolume): VolumeModification {
  return {
    VolumeId: after.id,
    ModificationState: 'completed',
    Progress: 100,
    OriginalSize: before.sizeGib,
    OriginalVolumeType: before.type as VolumeType,
    TargetSize: after.sizeGib,
    TargetVolumeType: after.type as VolumeType,
    ...given({
      OriginalIops: before.iops ?? undefined,
      OriginalThroughput: before.throughput ?? undefined,
      TargetIops: after.iops ?? undefined,
      TargetThroughput: after.throughput ?? undefined,
    }),
  }
}

function describe({ volume, instance }: AttachedVolume, tags: readonly Tag[], call: Call): Volume {
  const madeAt = new Date(instance.launchedAt)
  return {
    VolumeId: volume.id,
    VolumeType: volume.type as VolumeType,
    Size: volume.sizeGib,
    ...given({ Iops: volume.iops ?? undefined, Throughput: volume.throughput ?? undefined }),
    SnapshotId: volume.snapshotId ?? '',
    Encrypted: volume.isEncrypted,
    State: 'in-use',
    MultiAttachEnabled: false,
    AvailabilityZone: `${call.region}${instance.zone}`,
    CreateTime: madeAt,
    Attachments: [
      {
        InstanceId: instance.id,
        VolumeId: volume.id,
        Device: volume.device,
        State: 'attached',
        AttachTime: madeAt,
        DeleteOnTermination: volume.endsWithInstance,
      },
    ],
    Tags: tagList(tags),
  }
}
