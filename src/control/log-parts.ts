// The parts of the control process that bring logs to where they belong.

import { AuditTrail } from '../delivery/audit-trail.ts'
import { Delivery, type DeliveryOptions } from '../delivery/delivery.ts'
import type { ControlSettings } from '../model/settings.ts'

type LogParts = Pick<DeliveryOptions, 'clock' | 'tell' | 'reportError'>

export function deliveryOf(settings: ControlSettings, parts: LogParts): Delivery {
  const { spoolFolder, logRoot, logRetentionMs: retentionMs } = settings
  return new Delivery({ spoolFolder, logRoot, retentionMs, ...parts })
}

/** Null: calls are not recorded. */
export function auditOf(
  { auditBucket: bucket, auditFolder: spoolFolder, logRoot }: ControlSettings,
  parts: LogParts,
): AuditTrail | null {
  return bucket === null ? null : new AuditTrail({ spoolFolder, logRoot, bucket, ...parts })
}
