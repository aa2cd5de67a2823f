// Which requests get past the listener: the checks on a parsed head that need no rule and no target. The order is that
// in which faults win over each other.

import { type Failure, failures } from '../exchange/failure.ts'
import type { TrafficAttributes } from '../snapshot/application-units.ts'
import { Tier } from '../wire/classification.ts'
import type { RequestHead } from '../wire/request-head.ts'
import type { HeadFault } from '../wire/http1/request-reader.ts'

/** Addresses allowed in X-Forwarded-For (ALB-OBS-483). */
const FORWARDED_ADDRESSES_MAX = 30

const headFailures: Readonly<Record<HeadFault, Failure>> = {
  malformed: failures.malformedRequest,
  'request-line-too-long': failures.requestLineTooLong,
  'header-line-too-long': failures.headerLineTooLong,
  'headers-too-long': failures.headersTooLong,
}

/** The failure for a head that the reader refused. */
export function headFailure(fault: HeadFault): Failure {
  return headFailures[fault]
}

/** Why a request is refused before routing, or `null`. */
export function refusal(head: RequestHead, mode: TrafficAttributes['desyncMitigationMode']): Failure | null {
  // Nearly all requests: nothing odd, nothing that needs a look at single fields.
  if (head.isPlain && head.tier === Tier.compliant && head.host !== null) return refusedMethod(head)
  if (head.version >= 20) return failures.versionUnsupported
  if (head.framingFault === 'unsupported-coding') return unsupportedCoding(head, mode)
  if (head.framingFault === 'untrusted') return failures.bodyLengthUnknown
  if (isBlocked(head.tier, mode)) return failures.desyncBlocked
  if (head.host === null && head.authority === null && head.version >= 11) return failures.hostMissing
  return (
    refusedMethod(head) ?? (hasTooManyForwardedAddresses(head) ? failures.tooManyForwardedAddresses : null)
  )
}

/** 501 for codings that exist; others are a threat, except where threats are only watched (ALB-OBS OQ-10). */
function unsupportedCoding(head: RequestHead, mode: TrafficAttributes['desyncMitigationMode']): Failure {
  return isBlocked(head.tier, mode) ? failures.desyncBlocked : failures.transferCodingUnsupported
}

/** The lowest class that each mode blocks (ALB-LB-268 … 279). */
const blockedFrom: Readonly<Record<TrafficAttributes['desyncMitigationMode'], number>> = {
  monitor: Tier.severe + 1,
  defensive: Tier.severe,
  strictest: Tier.acceptable,
}

function isBlocked(tier: Tier, mode: TrafficAttributes['desyncMitigationMode']): boolean {
  return tier >= blockedFrom[mode]
}

function refusedMethod(head: RequestHead): Failure | null {
  if (head.method === 'TRACE') return failures.traceMethod
  if (head.method === 'CONNECT') return failures.connectMethod
  return null
}

function hasTooManyForwardedAddresses(head: RequestHead): boolean {
  let count = 0
  for (const value of head.fields.all('x-forwarded-for')) {
    for (const address of value.split(',')) if (address.trim() !== '') count++
  }
  return count > FORWARDED_ADDRESSES_MAX
}
