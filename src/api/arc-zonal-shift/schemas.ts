// The API of zonal shifts (arc-zonal-shift 2022-10-30) in the form of AWS's SDK packages. Written here because the package
// of this service is not to be had everywhere that this program is installed; names, shapes and limits are those of
// AWS's API reference.

import type {
  StaticErrorSchema,
  StaticListSchema,
  StaticMapSchema,
  StaticOperationSchema,
  StaticStructureSchema,
} from '@smithy/types'
import type { ConstraintTable } from '../protocol/constraint-problems.ts'

const NAMESPACE = 'com.amazonaws.arczonalshift'
const TEXT = 0
const NUMBER = 1
const TIME = 4

type Schema = StaticStructureSchema[5][number]

/** A structure; the required members come first. */
function structure(
  name: string,
  members: Readonly<Record<string, Schema>>,
  required = 0,
): StaticStructureSchema {
  return [3, NAMESPACE, name, 0, Object.keys(members), Object.values(members), required]
}

function list(name: string, item: Schema): StaticListSchema {
  return [1, NAMESPACE, name, 0, item]
}

function operation(
  name: string,
  http: readonly [method: string, path: string, status: number],
  input: StaticStructureSchema,
  output: StaticStructureSchema,
): StaticOperationSchema {
  return [9, NAMESPACE, name, { http: [http[0], http[1], http[2]] }, () => input, () => output]
}

function error(name: string, status: number): StaticErrorSchema {
  return [-3, NAMESPACE, name, { httpError: status }, ['message'], [TEXT]]
}

const shiftMembers = {
  zonalShiftId: TEXT,
  resourceIdentifier: TEXT,
  awayFrom: TEXT,
  expiryTime: TIME,
  startTime: TIME,
  status: TEXT,
  comment: TEXT,
} satisfies Record<string, Schema>
const { status: _status, ...shiftInResource } = shiftMembers

const ZonalShift = structure('ZonalShift', shiftMembers, 7)
const ZonalShiftSummary = structure('ZonalShiftSummary', { ...shiftMembers, shiftType: TEXT }, 7)
const ZonalShiftInResource = structure(
  'ZonalShiftInResource',
  { appliedStatus: TEXT, ...shiftInResource, shiftType: TEXT },
  7,
)
const AppliedWeights: StaticMapSchema = [2, NAMESPACE, 'AppliedWeights', 0, TEXT, NUMBER]
const resourceMembers = {
  arn: TEXT,
  name: TEXT,
  appliedWeights: () => AppliedWeights,
  zonalShifts: () => list('ZonalShiftsInResource', () => ZonalShiftInResource),
  autoshifts: () => list('AutoshiftsInResource', TEXT),
  zonalAutoshiftStatus: TEXT,
} satisfies Record<string, Schema>
const ManagedResourceSummary = structure('ManagedResourceSummary', {
  availabilityZones: () => list('AvailabilityZones', TEXT),
  ...resourceMembers,
  practiceRunStatus: TEXT,
})
const nothing = structure('Unit', {})

/** Operations and errors, as an SDK package exports them. */
export const schemas = {
  StartZonalShift: operation(
    'StartZonalShift',
    ['POST', '/zonalshifts', 201],
    structure(
      'StartZonalShiftRequest',
      { resourceIdentifier: TEXT, awayFrom: TEXT, expiresIn: TEXT, comment: TEXT },
      4,
    ),
    ZonalShift,
  ),
  UpdateZonalShift: operation(
    'UpdateZonalShift',
    ['PATCH', '/zonalshifts/{zonalShiftId}', 200],
    structure('UpdateZonalShiftRequest', { zonalShiftId: TEXT, comment: TEXT, expiresIn: TEXT }, 1),
    ZonalShift,
  ),
  CancelZonalShift: operation(
    'CancelZonalShift',
    ['DELETE', '/zonalshifts/{zonalShiftId}', 200],
    structure('CancelZonalShiftRequest', { zonalShiftId: TEXT }, 1),
    ZonalShift,
  ),
  ListZonalShifts: operation(
    'ListZonalShifts',
    ['GET', '/zonalshifts', 200],
    structure('ListZonalShiftsRequest', {
      nextToken: TEXT,
      status: TEXT,
      maxResults: NUMBER,
      resourceIdentifier: TEXT,
    }),
    structure('ListZonalShiftsResponse', {
      items: () => list('ZonalShiftSummaries', () => ZonalShiftSummary),
      nextToken: TEXT,
    }),
  ),
  ListManagedResources: operation(
    'ListManagedResources',
    ['GET', '/managedresources', 200],
    structure('ListManagedResourcesRequest', { nextToken: TEXT, maxResults: NUMBER }),
    structure('ListManagedResourcesResponse', {
      items: () => list('ManagedResourceSummaries', () => ManagedResourceSummary),
      nextToken: TEXT,
    }),
  ),
  GetManagedResource: operation(
    'GetManagedResource',
    ['GET', '/managedresources/{resourceIdentifier}', 200],
    structure('GetManagedResourceRequest', { resourceIdentifier: TEXT }, 1),
    structure('GetManagedResourceResponse', resourceMembers),
  ),
  // Autoshift and practice runs are known and not offered.
  StartPracticeRun: operation('StartPracticeRun', ['POST', '/practiceruns', 200], nothing, nothing),
  CancelPracticeRun: operation(
    'CancelPracticeRun',
    ['DELETE', '/practiceruns/{zonalShiftId}', 200],
    nothing,
    nothing,
  ),
  CreatePracticeRunConfiguration: operation(
    'CreatePracticeRunConfiguration',
    ['POST', '/configuration', 201],
    nothing,
    nothing,
  ),
  UpdatePracticeRunConfiguration: operation(
    'UpdatePracticeRunConfiguration',
    ['PATCH', '/configuration/{resourceIdentifier}', 200],
    nothing,
    nothing,
  ),
  DeletePracticeRunConfiguration: operation(
    'DeletePracticeRunConfiguration',
    ['DELETE', '/configuration/{resourceIdentifier}', 200],
    nothing,
    nothing,
  ),
  UpdateZonalAutoshiftConfiguration: operation(
    'UpdateZonalAutoshiftConfiguration',
    ['PUT', '/managedresources/{resourceIdentifier}', 200],
    nothing,
    nothing,
  ),
  ListAutoshifts: operation('ListAutoshifts', ['GET', '/autoshifts', 200], nothing, nothing),
  GetAutoshiftObserverNotificationStatus: operation(
    'GetAutoshiftObserverNotificationStatus',
    ['GET', '/autoshift-observer-notification', 200],
    nothing,
    nothing,
  ),
  UpdateAutoshiftObserverNotificationStatus: operation(
    'UpdateAutoshiftObserverNotificationStatus',
    ['PUT', '/autoshift-observer-notification', 200],
    nothing,
    nothing,
  ),
  AccessDeniedException: error('AccessDeniedException', 403),
  ConflictException: error('ConflictException', 409),
  InternalServerException: error('InternalServerException', 500),
  ResourceNotFoundException: error('ResourceNotFoundException', 404),
  ThrottlingException: error('ThrottlingException', 429),
  ValidationException: error('ValidationException', 400),
}

const COMMENT = { min: 0, max: 128 }
const IDENTIFIER = { min: 8, max: 1024 }
const SHIFT_ID = { min: 6, max: 36, pattern: /^[A-Za-z0-9-]+$/ }
const RESULTS = { min: 1, max: 100 }

export const constraints: ConstraintTable = {
  members: {
    'StartZonalShiftRequest.resourceIdentifier': IDENTIFIER,
    'StartZonalShiftRequest.awayFrom': { min: 0, max: 20 },
    'StartZonalShiftRequest.comment': COMMENT,
    'UpdateZonalShiftRequest.zonalShiftId': SHIFT_ID,
    'UpdateZonalShiftRequest.comment': COMMENT,
    'CancelZonalShiftRequest.zonalShiftId': SHIFT_ID,
    'ListZonalShiftsRequest.status': { values: ['ACTIVE', 'EXPIRED', 'CANCELED'] },
    'ListZonalShiftsRequest.maxResults': RESULTS,
    'ListZonalShiftsRequest.resourceIdentifier': IDENTIFIER,
    'ListManagedResourcesRequest.maxResults': RESULTS,
    'GetManagedResourceRequest.resourceIdentifier': IDENTIFIER,
  },
  items: {},
}
