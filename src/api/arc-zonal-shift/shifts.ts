// Start, update, cancel and list zonal shifts (ALB-LB-432 … 454; decisions OQ-65 … 68 there).

import { randomUUID } from 'node:crypto'
import { effectiveAttributes, targetGroupAttributes } from '../../model/attributes.ts'
import type { LoadBalancer, Scope } from '../../model/resources.ts'
import { zoneId } from '../../model/zone-ids.ts'
import { statusOfShift, type ZonalShift, type ZonalShiftStatus } from '../../model/zonal-shifts.ts'
import type { RowReader } from '../../store/store.ts'
import type { ApiEnvironment } from '../environment.ts'
import { ApiError } from '../errors.ts'
import type { Call } from '../operations.ts'
import { pageOf } from './pages.ts'

const MINUTE_MS = 60_000
/** ALB-LB-443. */
const MINUTES_MAX = 72 * 60

export interface ShiftOutput {
  readonly zonalShiftId: string
  readonly resourceIdentifier: string
  readonly awayFrom: string
  readonly startTime: Date
  readonly expiryTime: Date
  readonly comment: string
  readonly status: ZonalShiftStatus
}

interface StartInput {
  readonly resourceIdentifier: string
  readonly awayFrom: string
  readonly expiresIn: string
  readonly comment: string
}

interface UpdateInput {
  readonly zonalShiftId: string
  readonly expiresIn?: string
  readonly comment?: string
}

interface ListInput {
  readonly nextToken?: string
  readonly maxResults?: number
  readonly status?: ZonalShiftStatus
  readonly resourceIdentifier?: string
}

export function shiftHandlers({ store, clock }: ApiEnvironment) {
  /** The end of a shift that lasts so long from now on (ALB-LB OQ-66). */
  function expiryOf(expiresIn: string): number {
    const [, count = '0', unit] = /^([1-9]\d{0,4})([mh])$/.exec(expiresIn) ?? []
    const minutes = Number(count) * (unit === 'h' ? 60 : 1)
    if (minutes >= 1 && minutes <= MINUTES_MAX) {
      return Math.ceil(clock.date() + clock.realMs(minutes * MINUTE_MS))
    }
    throw invalid('InvalidExpiresIn', `The value '${expiresIn}' of expiresIn must be from 1m to 72h`)
  }

  /** The shift of that ID, which has to be active. */
  async function activeShift(rows: RowReader, call: Call, id: string): Promise<ZonalShift> {
    const shift = await rows.zonalShifts.shift(call, id)
    if (shift === undefined) throw notFound(`The zonal shift '${id}' was not found`)
    const status = statusOfShift(shift, clock.date())
    if (status === 'ACTIVE') return shift
    throw new ApiError('ConflictException', `The zonal shift '${id}' is not active: it is ${status}`, {
      reason: 'ZonalShiftStatusNotActive',
      zonalShiftId: id,
    })
  }

  /** A load balancer has one active shift at most. */
  async function checkNoShift(rows: RowReader, { arn }: LoadBalancer): Promise<void> {
    const other = await rows.zonalShifts.activeOf(arn, clock.date())
    if (other === undefined) return
    throw new ApiError('ConflictException', `There is an active zonal shift '${other.id}' for '${arn}'`, {
      reason: 'ZonalShiftAlreadyExists',
      zonalShiftId: other.id,
    })
  }

  function outputOf(shift: ZonalShift): ShiftOutput {
    return {
      zonalShiftId: shift.id,
      resourceIdentifier: shift.loadBalancerArn,
      awayFrom: zoneId(shift.awayFrom),
      startTime: new Date(shift.startedAt),
      expiryTime: new Date(shift.expiresAt),
      comment: shift.comment,
      status: statusOfShift(shift, clock.date()),
    }
  }

  return {
    async StartZonalShift(input: StartInput, call: Call): Promise<ShiftOutput> {
      const { resourceIdentifier, awayFrom, expiresIn, comment } = input
      const expiresAt = expiryOf(expiresIn)
      return await store.write(async (rows) => {
        const loadBalancer = await theResource(rows, call, resourceIdentifier)
        await checkCrossZone(rows, loadBalancer)
        const zone = zoneNamed(loadBalancer, awayFrom)
        await checkNoShift(rows, loadBalancer)
        const { accountId, region } = call
        const shift: ZonalShift = {
          accountId,
          region,
          id: randomUUID(),
          loadBalancerArn: loadBalancer.arn,
          awayFrom: zone,
          comment,
          startedAt: Math.floor(clock.date()),
          expiresAt,
          isCanceled: false,
        }
        await rows.zonalShifts.put(shift)
        return outputOf(shift)
      })
    },

    async UpdateZonalShift(
      { zonalShiftId, expiresIn, comment }: UpdateInput,
      call: Call,
    ): Promise<ShiftOutput> {
      const change = {
        ...(expiresIn === undefined ? {} : { expiresAt: expiryOf(expiresIn) }),
        ...(comment === undefined ? {} : { comment }),
      }
      return await store.write(async (rows) => {
        const changed = { ...(await activeShift(rows, call, zonalShiftId)), ...change }
        await rows.zonalShifts.put(changed)
        return outputOf(changed)
      })
    },

    async CancelZonalShift(
      { zonalShiftId }: { readonly zonalShiftId: string },
      call: Call,
    ): Promise<ShiftOutput> {
      return await store.write(async (rows) => {
        const canceled = { ...(await activeShift(rows, call, zonalShiftId)), isCanceled: true }
        await rows.zonalShifts.put(canceled)
        return outputOf(canceled)
      })
    },

    async ListZonalShifts(input: ListInput, call: Call): Promise<object> {
      const { status, resourceIdentifier } = input
      const shifts = await store.read(async (rows) => await rows.zonalShifts.shifts(call))
      const outputs = shifts
        .map(outputOf)
        .filter((output) => status === undefined || output.status === status)
        .filter(
          (output) => resourceIdentifier === undefined || output.resourceIdentifier === resourceIdentifier,
        )
      const { items, ...next } = pageOf(outputs, input, ({ zonalShiftId }) => zonalShiftId)
      return { items: items.map((item) => ({ ...item, shiftType: 'ZONAL_SHIFT' })), ...next }
    },
  }
}

/** The load balancer of an ARN. */
export async function theResource(rows: RowReader, scope: Scope, arn: string): Promise<LoadBalancer> {
  const found = await rows.loadBalancers.find(arn)
  if (found !== undefined && found.accountId === scope.accountId && found.region === scope.region)
    return found
  throw notFound(`The resource '${arn}' was not found`)
}

/** Name of the zone of the load balancer that is meant, which may be said by its ID too. */
function zoneNamed({ arn, zones }: LoadBalancer, awayFrom: string): string {
  const found = zones.find(({ zone }) => zone === awayFrom || zoneId(zone) === awayFrom)
  if (found !== undefined) return found.zone
  throw invalid('InvalidAz', `The Availability Zone '${awayFrom}' is not one of '${arn}'`)
}

/** ALB-LB-435 and OQ-65: unless the load balancer says that it copes with it, no group may be cross-zone. */
async function checkCrossZone(rows: RowReader, { arn }: LoadBalancer): Promise<void> {
  if ((await rows.attributes.of(arn)).get('zonal_shift.config.enabled') === 'true') return
  for (const group of await rows.targetGroups.ofLoadBalancer(arn)) {
    const attributes = effectiveAttributes(targetGroupAttributes, await rows.attributes.of(group))
    if (attributes.get('load_balancing.cross_zone.enabled') === 'false') continue
    throw invalid(
      'InvalidResourceIdentifier',
      `Zonal shift is not supported for '${arn}' while cross-zone load balancing is on for target group '${group}': turn it off, or set the load balancer attribute 'zonal_shift.config.enabled' to 'true'`,
    )
  }
}

function invalid(reason: string, message: string): ApiError {
  return new ApiError('ValidationException', message, { reason })
}

function notFound(message: string): ApiError {
  return new ApiError('ResourceNotFoundException', message)
}
