// What can be shifted: load balancers, with their zones and what is shifted now.

import type { LoadBalancer } from '../../model/resources.ts'
import { zoneId } from '../../model/zone-ids.ts'
import { allOf } from '../../store/page.ts'
import type { ApiEnvironment } from '../environment.ts'
import type { Call } from '../operations.ts'
import { pageOf } from './pages.ts'
import { theResource } from './shifts.ts'

export function managedResourceHandlers({ store, zonalShifts }: ApiEnvironment) {
  function describe({ arn, name, zones }: LoadBalancer) {
    const shift = zonalShifts.activeOf(arn)
    return {
      arn,
      name,
      appliedWeights: Object.fromEntries(
        zones.map(({ zone }) => [zoneId(zone), zone === shift?.awayFrom ? 0 : 1]),
      ),
      zonalShifts:
        shift === undefined
          ? []
          : [
              {
                appliedStatus: 'APPLIED',
                zonalShiftId: shift.id,
                resourceIdentifier: arn,
                awayFrom: zoneId(shift.awayFrom),
                startTime: new Date(shift.startedAt),
                expiryTime: new Date(shift.expiresAt),
                comment: shift.comment,
                shiftType: 'ZONAL_SHIFT',
              },
            ],
      autoshifts: [],
      zonalAutoshiftStatus: 'DISABLED',
    }
  }

  return {
    async GetManagedResource(input: { readonly resourceIdentifier: string }, call: Call): Promise<object> {
      return describe(
        await store.read(async (rows) => await theResource(rows, call, input.resourceIdentifier)),
      )
    },

    async ListManagedResources(
      input: { readonly nextToken?: string; readonly maxResults?: number },
      call: Call,
    ): Promise<object> {
      const all = await store.read(
        async (rows) => await allOf(async (page) => await rows.loadBalancers.list(call, 'application', page)),
      )
      const { items, ...next } = pageOf(all, input, ({ arn }) => arn)
      return {
        items: items.map((loadBalancer) => ({
          ...describe(loadBalancer),
          availabilityZones: loadBalancer.zones.map(({ zone }) => zoneId(zone)),
          practiceRunStatus: 'DISABLED',
        })),
        ...next,
      }
    },
  }
}
