// Which volumes there are: those of instances that have not ended.

import type { Networks } from '../../directory/networks.ts'
import type { InstanceItem, InstanceVolume } from '../../model/networks.ts'
import { optionsOf } from './instance-options.ts'

export interface AttachedVolume {
  readonly volume: InstanceVolume
  readonly instance: InstanceItem
}

export function volumesIn(networks: Networks, region: string): readonly AttachedVolume[] {
  return networks
    .instances(region)
    .filter(({ state }) => state !== 'terminated')
    .flatMap((instance) => optionsOf(instance).volumes.map((volume) => ({ volume, instance })))
}
