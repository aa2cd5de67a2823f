// Which requests get past the listener: the checks on a parsed head that need no rule and no target. The order is that
// in which faults win over each other.

import { type Failure, failures } from '../exchange/failure.ts'
import type { TrafficAttributes } from '../snapshot/application-units.ts'
import { Tier } from '../wire/classification.ts'
import { countItems } from '../wire/lists.ts'
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

/**
 * Settles which host a request is for, and says why the request is refused before routing, or `null`. The order is that
 * of what is known: what cannot be framed or read is never looked at further.
 */
export function refusal(head: RequestHead, traffic: AdmissionAttributes): Failure | null {
  head.settleHost(traffic.preserveHostHeader)
  // Nearly all requests: nothing odd, nothing that needs a look at single fields.
  if (head.isPlain && head.tier === Tier.compliant && head.hostField !== null && head.hostCount === 1) {
    return refusedMethod(head) ?? (head.isTargetValid ? null : failures.targetInvalid)
  }
  if (head.version >= 20) return failures.versionUnsupported
  const mode = traffic.desyncMitigationMode
  if (head.framingFault === 'unsupported-coding') return unsupportedCoding(head, mode)
  if (head.framingFault === 'untrusted') return failures.bodyLengthUnknown
  if (isBlocked(head.tier, mode)) return failures.desyncBlocked
  if (head.isLineBroken) return failures.malformedRequest
  return refusedMethod(head) ?? refusedAddress(head) ?? refusedForwarding(head)
}

/** What admission looks at in the attributes of a load balancer. */
export type AdmissionAttributes = Pick<TrafficAttributes, 'desyncMitigationMode' | 'preserveHostHeader'>

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

/** A request that does not say what it is for (RFC 9112 sections 3.2 and 3.3). */
function refusedAddress(head: RequestHead): Failure | null {
  if (!head.isTargetValid) return failures.targetInvalid
  if (!head.areHostsValid) return failures.hostInvalid
  return head.hostCount === 0 && head.version >= 11 ? failures.hostMissing : null
}

function refusedForwarding({ fields }: RequestHead): Failure | null {
  let count = 0
  for (let index = 0; index < fields.count; index++) {
    if (!fields.isNamed(index, 'x-forwarded-for')) continue
    count += countItems(fields.value(index), FORWARDED_ADDRESSES_MAX + 1)
    if (count > FORWARDED_ADDRESSES_MAX) return failures.tooManyForwardedAddresses
  }
  return null
}
