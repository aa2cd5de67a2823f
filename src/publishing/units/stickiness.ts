// Sticky sessions of a target group, from its attributes to what workers get.

import { effectiveAttributes, targetGroupAttributes } from '../../model/attributes.ts'
import type { TargetGroupUnit } from '../../snapshot/target-group-units.ts'

/** `set`: the attributes that were set. Empty where sticky sessions are off. */
export function stickinessOf(set: ReadonlyMap<string, string>): Pick<TargetGroupUnit, 'stickiness'> {
  if (set.get('stickiness.enabled') !== 'true') return {}
  const values = effectiveAttributes(targetGroupAttributes, set)
  const durationMs = (type: string): number =>
    Number(values.get(`stickiness.${type}.duration_seconds`)) * 1000
  if (values.get('stickiness.type') !== 'app_cookie') {
    return { stickiness: { type: 'lb_cookie', durationMs: durationMs('lb_cookie') } }
  }
  const cookieName = values.get('stickiness.app_cookie.cookie_name') ?? ''
  return { stickiness: { type: 'app_cookie', durationMs: durationMs('app_cookie'), cookieName } }
}
