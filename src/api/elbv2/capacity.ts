// Reservations of capacity: kept and told as AWS does. A node here always has the whole machine, so that a reservation
// is provisioned at once and changes nothing for traffic.

import type { DescribeCapacityReservationOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { CapacityReservation, LoadBalancer } from '../../model/resources.ts'
import type { ApiEnvironment } from '../environment.ts'
import { ApiError, validationError } from '../errors.ts'
import type { Elbv2Handlers } from '../operations.ts'
import { theLoadBalancer } from './resources.ts'

/** Smallest reservation for an Application Load Balancer. */
const UNITS_MIN = 100
/** How often a day a reservation may become smaller. */
const DECREASES_MAX = 2
const DAY_MS = 86_400_000

export function capacityHandlers({
  store,
  clock,
  settings,
}: ApiEnvironment): Pick<Elbv2Handlers, 'DescribeCapacityReservation' | 'ModifyCapacityReservation'> {
  return {
    async DescribeCapacityReservation(input) {
      return await store.read(async (rows) => {
        const loadBalancer = await theLoadBalancer(rows, input.LoadBalancerArn)
        return describe(
          loadBalancer,
          await rows.loadBalancers.capacityReservation(loadBalancer.arn),
          clock.date(),
        )
      })
    },

    async ModifyCapacityReservation(input) {
      const isReset = input.ResetCapacityReservation === true
      const units = isReset ? null : input.MinimumLoadBalancerCapacity?.CapacityUnits
      if (units === undefined || (isReset && input.MinimumLoadBalancerCapacity !== undefined)) {
        throw validationError(
          'Either a minimum load balancer capacity or the reset of the capacity reservation must be specified',
        )
      }
      const max = settings.quotas.capacityUnitsPerLoadBalancer
      if (units !== null && units < UNITS_MIN) {
        throw validationError(`The capacity units '${units}' must be at least '${UNITS_MIN}'`)
      }
      if (units !== null && units > max) {
        throw new ApiError(
          'CapacityUnitsLimitExceeded',
          `The maximum number of capacity units per load balancer is '${max}'`,
        )
      }
      return await store.write(async (rows) => {
        const loadBalancer = await theLoadBalancer(rows, input.LoadBalancerArn)
        const now = Math.floor(clock.date())
        const old = await rows.loadBalancers.capacityReservation(loadBalancer.arn)
        // A reservation that ends is no decrease.
        const isDecrease = units !== null && units < (old?.units ?? 0)
        const decreases = decreasesToday(old, now) + (isDecrease ? 1 : 0)
        if (decreases > DECREASES_MAX) {
          throw new ApiError(
            'CapacityDecreaseRequestLimitExceeded',
            `The capacity of a load balancer can be decreased '${DECREASES_MAX}' times per day`,
          )
        }
        const reservation = { units, modifiedAt: now, decreases }
        await rows.loadBalancers.setCapacityReservation(loadBalancer.arn, reservation)
        return describe(loadBalancer, reservation, now)
      })
    },
  }
}

function decreasesToday(reservation: CapacityReservation | undefined, now: number): number {
  if (reservation === undefined) return 0
  const isToday = Math.floor(reservation.modifiedAt / DAY_MS) === Math.floor(now / DAY_MS)
  return isToday ? reservation.decreases : 0
}

function describe(
  { zones }: LoadBalancer,
  reservation: CapacityReservation | undefined,
  now: number,
): DescribeCapacityReservationOutput {
  if (reservation === undefined) return { CapacityReservationState: [] }
  const { units, modifiedAt } = reservation
  const told = {
    LastModifiedTime: new Date(modifiedAt),
    DecreaseRequestsRemaining: DECREASES_MAX - decreasesToday(reservation, now),
  }
  if (units === null) return { ...told, CapacityReservationState: [] }
  return {
    ...told,
    MinimumLoadBalancerCapacity: { CapacityUnits: units },
    CapacityReservationState: zones.map(({ zone }) => ({
      State: { Code: 'provisioned' },
      AvailabilityZone: zone,
      EffectiveCapacityUnits: units / zones.length,
    })),
  }
}
